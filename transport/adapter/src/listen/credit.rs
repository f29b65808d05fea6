//! One incoming credit: its document, its receipt, and the file that names both.
use crate::exchange::Exchanged;
use crate::failure::Failure;
use crate::iso::{self, Message};
use crate::proof::{Kept, Patience, is_not_found, is_passing, keep};
use crate::references::References;
use crate::route::Routes;
use crate::store::{Store, write_beside};
use causeway_fx::Currency;
use causeway_message::charges::{Charge, Charges};
use causeway_message::document::{Document, SALT_BYTES};
use causeway_message::event::{Event, Role};
use causeway_message::exchange::Exchange;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::ids::hex;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::time::Timestamp;
use causeway_message::{Digest, InstructionId, ParticipantId, Status, Uetr, digest};
use causeway_transport::Client;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

/// A credit as the feed tells it.
#[derive(Debug, Clone)]
pub struct Credit {
    number: u64,
    time: Timestamp,
    entry: u64,
    place: u32,
    /// What arrived: ISO 4217 number, and minor units.
    currency: u16,
    amount: u64,
    /// How it became that, if the debtor paid in another currency.
    exchange: Option<Exchange>,
    /// Nothing of the payment is left to come. Only then is there a receipt of it.
    whole: bool,
    record: Instruction,
    clearing_ref: Option<String>,
    reason: Option<String>,
    charges: Option<Charges>,
}

/// A document that is stored. Several credits may come with the same.
#[derive(Debug, Clone)]
pub struct Received {
    path: PathBuf,
    salt: [u8; SALT_BYTES],
    message: Option<Arc<Message>>,
}

/// A credit as it is stored and printed.
#[derive(Debug, Clone, Serialize)]
pub struct Stored {
    /// `credit`, to tell it from other lines.
    pub event: &'static str,
    /// Its number in the bank's feed.
    pub number: u64,
    /// When it settled.
    pub time: String,
    /// Who paid.
    pub debtor: String,
    /// Its id.
    pub debtor_id: u32,
    /// Currency.
    pub currency: String,
    /// Minor units.
    pub amount: u64,
    /// The amount with the digits of its currency.
    pub amount_text: String,
    /// Minor units of the whole payment, of which a part may have been released; of one out of another currency, what
    /// arrived.
    pub payment_amount: u64,
    /// Business reference.
    pub uetr: String,
    /// The payment's id.
    pub instruction_id: String,
    /// Between banks on their own account.
    pub interbank: bool,
    /// Reference in a clearing system.
    pub clearing_ref: Option<String>,
    /// Name of the record's kind.
    pub kind: &'static str,
    /// What was paid in another currency, and the rates it arrived at.
    pub exchange: Option<Exchanged>,
    /// Log index of the payment's entry.
    pub entry: u64,
    /// Its place there.
    pub place: u32,
    /// Id of the message in the document, if that can be read.
    pub message_id: Option<String>,
    /// How the payment is named there.
    pub references: References,
    /// Of a return: the id of the own payment that comes back.
    pub original: Option<String>,
    /// Of a return: why.
    pub reason: Option<String>,
    /// Who bears charges, where that goes with the payment.
    pub charge_bearer: Option<&'static str>,
    /// The charges taken so far, where they go with the payment.
    pub charges: Vec<ChargeTaken>,
    /// Where the document is, unless the payment has none or it was erased.
    pub document: Option<String>,
    /// With the document's text it gives the digest in the record.
    pub salt: Option<String>,
    /// Where the receipt is, unless the node has none any more.
    pub receipt: Option<String>,
}

/// One charge that was taken on the way.
#[derive(Debug, Clone, Serialize)]
pub struct ChargeTaken {
    /// Currency.
    pub currency: String,
    /// Minor units.
    pub amount: u64,
    /// The amount with the digits of its currency.
    pub amount_text: String,
    /// BIC of who took it.
    pub agent: String,
}

/// An amount with the digits of its currency, and the currency.
pub fn amount_text(amount: u64, currency: u16) -> (String, String) {
    match Currency::from_numeric(currency) {
        Some(known) => {
            let text = causeway_fx::format_minor(i128::from(amount), known.minor_units);
            (text, known.alpha().to_owned())
        }
        // The ledger admits no such currency; its units are then all that can be said.
        None => (amount.to_string(), format!("{currency:03}")),
    }
}

impl Credit {
    /// The credit that an event tells of, if it does.
    pub fn of(number: u64, time: Timestamp, event: &Event<'_>) -> Option<Credit> {
        let (record, extensions, exchange) = match event.exchange() {
            Some((exchange, record, extensions)) => (record, extensions, Some(exchange)),
            None => {
                let (record, extensions) = event.payment()?;
                (record, extensions, None)
            }
        };
        // Of a trade, a lock or a request the creditor is told too, and gets nothing by it.
        let kind = Kind::from_number(record.kind)?;
        let (currency, amount) = match (&exchange, kind) {
            (Some(_), Kind::FxPayment) => (record.counter_currency, event.head.counter_amount),
            (None, kind) if kind.pays() => (record.currency, event.head.amount),
            _ => return None,
        };
        let (currency, amount) = (currency.get(), amount.get());
        // A part of a conditional payment that is released is paid as much as the last one is.
        let whole = match event.status()? {
            Status::Settled => true,
            Status::SetAside if amount > 0 => false,
            _ => return None,
        };
        if event.role() != Some(Role::Creditor) {
            return None;
        }
        let text = |kind| {
            let bytes = extension::find(extensions, kind)?;
            Some(String::from_utf8_lossy(bytes).into_owned())
        };
        let charges = extension::find(extensions, ExtensionType::Charges);
        Some(Credit {
            number,
            time,
            entry: event.head.origin_entry.get(),
            place: u32::from(event.head.origin_ordinal.get()),
            currency,
            amount,
            exchange,
            whole,
            record: *record,
            clearing_ref: text(ExtensionType::ClearingReference),
            reason: text(ExtensionType::Reason),
            charges: charges.and_then(|bytes| Charges::read(bytes).ok()),
        })
    }

    /// Who paid.
    pub fn debtor(&self) -> ParticipantId {
        ParticipantId(self.record.debtor.get())
    }

    /// The digest of the document; none if the payment has none.
    pub fn digest(&self) -> Option<Digest> {
        Some(self.record.document_digest).filter(|digest| *digest != digest::ZERO)
    }

    /// Minor units of the payment in the currency that arrives, of which this may be a part.
    fn whole_amount(&self) -> u64 {
        if self.exchange.is_some() {
            self.amount
        } else {
            self.record.amount.get()
        }
    }

    /// Whether a receipt says what the feed says. That of an exchange names what the debtor paid.
    fn is_proven(&self, kept: &Kept) -> bool {
        let amount = self.exchange.is_some() || kept.facts.amount == self.amount;
        kept.facts.status == Status::Settled && amount
    }

    /// The own payment that comes back, if this is a return.
    fn returned(&self) -> Option<InstructionId> {
        (self.record.kind == Kind::Return as u8).then_some(InstructionId(self.record.related))
    }

    /// How its message names it: by the transaction with its UETR; one without a UETR must be the only one of its
    /// amount, else nothing but the message is known.
    fn references(&self, message: &Message) -> References {
        let all = &message.transactions;
        let mut by_uetr = all.iter().filter(|one| one.uetr == Some(self.record.uetr));
        let mut by_amount = all.iter().filter(|one| {
            let amount = (one.amount.minor, one.amount.currency.numeric);
            one.uetr.is_none() && amount == (self.whole_amount(), self.currency)
        });
        let found = match (by_uetr.next(), by_amount.next(), by_amount.next()) {
            (Some(one), _, _) | (None, Some(one), None) => References::of(message, one),
            _ => References {
                message_id: Some(message.message_id.clone()),
                message_type: Some(message.message_type.to_string()),
                created: Some(message.created.clone()),
                ..References::default()
            },
        };
        References {
            uetr: Some(Uetr(self.record.uetr).to_string()),
            ..found
        }
    }

    /// Fetches and stores the receipt, then the credit itself. Waits for the node.
    ///
    /// # Errors
    /// When what the node sends does not hold, or the store fails.
    pub async fn store(
        self,
        client: &Client,
        store: &Store,
        routes: &Routes,
        document: Option<Received>,
        patience: &mut Patience,
    ) -> Result<Stored, Failure> {
        let kept = if self.whole {
            keep(client, store, self.debtor(), &self.record, patience).await?
        } else {
            None
        };
        if let Some(kept) = &kept
            && !self.is_proven(kept)
        {
            let text = "the receipt does not say what the feed says";
            return Err(Failure::Io(format!("{}: {text}", self.record.id())));
        }
        let (amount_text, currency) = amount_text(self.amount, self.currency);
        let message = document.as_ref().and_then(|found| found.message.as_deref());
        let references = message.map_or_else(References::default, |message| self.references(message));
        let original = self.returned().map(|id| id.to_string());
        let stored = Stored {
            event: "credit",
            number: self.number,
            time: self.time.to_text(),
            debtor_id: self.record.debtor.get(),
            debtor: routes.name(self.debtor()),
            currency,
            amount: self.amount,
            amount_text,
            payment_amount: self.whole_amount(),
            uetr: Uetr(self.record.uetr).to_string(),
            instruction_id: self.record.id().to_string(),
            interbank: self.record.flags.get() & flags::INTERBANK != 0,
            clearing_ref: self.clearing_ref,
            kind: Kind::from_number(self.record.kind).map_or("", Kind::name),
            exchange: self
                .exchange
                .as_ref()
                .map(|exchange| Exchanged::of(exchange, routes)),
            entry: self.entry,
            place: self.place,
            message_id: message.map(|message| message.message_id.clone()),
            references,
            original,
            reason: self.reason,
            charge_bearer: self.charges.as_ref().map(|charges| charges.bearer.code()),
            charges: self
                .charges
                .iter()
                .flat_map(|charges| &charges.taken)
                .map(taken)
                .collect(),
            salt: document.as_ref().map(|found| hex(&found.salt)),
            document: document.map(|found| found.path.display().to_string()),
            receipt: kept.map(|kept| kept.path.display().to_string()),
        };
        let mut json = serde_json::to_vec_pretty(&stored).map_err(|error| Failure::Io(error.to_string()))?;
        json.push(b'\n');
        write_beside(store.credit(self.number), json).await?;
        Ok(stored)
    }

    /// Fetches and stores the document; none if it was erased. Waits for the node.
    ///
    /// # Errors
    /// When what the node sends does not have the digest, or the store fails.
    pub async fn document(
        &self,
        client: &Client,
        store: &Store,
        patience: &mut Patience,
    ) -> Result<Option<Received>, Failure> {
        let digest = self.record.document_digest;
        loop {
            match client.document(self.entry, self.place, &digest).await {
                Ok(Document { salt, text }) => {
                    let path = store.document(&digest);
                    let message = message_of(&text).map(Arc::new);
                    // Under the name of its digest stands nothing else.
                    write_beside(path.clone(), text.to_vec()).await?;
                    return Ok(Some(Received { path, salt, message }));
                }
                Err(error) if is_not_found(&error) => return Ok(None),
                Err(error) if is_passing(&error) && patience.wait().await => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn message_of(text: &[u8]) -> Option<Message> {
    iso::parse(text).ok()?.into_iter().next()
}

fn taken(charge: &Charge) -> ChargeTaken {
    let (amount_text, currency) = amount_text(charge.amount, charge.currency);
    ChargeTaken {
        currency,
        amount: charge.amount,
        amount_text,
        agent: String::from_utf8_lossy(&charge.agent).trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::trade::tests::exchange_event;
    use super::*;
    use causeway_message::event::{EventHead, EventKind};
    use zerocopy::IntoBytes;

    fn read(role: Role, status: Status, amount: u64) -> Option<(u64, bool)> {
        let (id, uetr) = (InstructionId([1; 16]), Uetr([2; 16]));
        let payment = Instruction::payment(id, uetr, ParticipantId(1), ParticipantId(2), 978, 100);
        let record = Instruction {
            kind: Kind::Conditional as u8,
            ..payment
        };
        let head = EventHead {
            kind: EventKind::Payment as u8,
            role: role as u8,
            status: (status as u16).into(),
            body_len: 128.into(),
            origin_ordinal: 0.into(),
            origin_entry: 7.into(),
            amount: amount.into(),
            counter_amount: 0.into(),
        };
        let event = Event {
            head: &head,
            body: record.as_bytes(),
        };
        Credit::of(1, Timestamp(0), &event).map(|credit| (credit.amount, credit.whole))
    }

    #[test]
    fn of_an_exchange_what_arrived_is_the_credit_and_of_the_rest_nothing_is() {
        let roles = [Role::Debtor, Role::Creditor, Role::Provider];
        let read = |kind, role| {
            let (head, body) = exchange_event(kind, role);
            let event = Event {
                head: &head,
                body: &body,
            };
            let credit = Credit::of(1, Timestamp(0), &event)?;
            Some((
                credit.currency,
                credit.amount,
                credit.whole_amount(),
                credit.whole,
            ))
        };
        let arrived = Some((840, 10_852, 10_852, true));
        assert_eq!(
            roles.map(|role| read(Kind::FxPayment, role)),
            [None, arrived, None]
        );
        assert_eq!(roles.map(|role| read(Kind::QuoteLock, role)), [None; 3]);
        let (mut head, body) = exchange_event(Kind::FxPayment, Role::Creditor);
        let record = body.get(body.len() - size_of::<Instruction>()..).unwrap();
        head.kind = EventKind::Payment as u8;
        head.body_len = (record.len() as u16).into();
        let wait = Event {
            head: &head,
            body: record,
        };
        assert!(
            Credit::of(1, Timestamp(0), &wait).is_none(),
            "what waits is no credit"
        );
    }

    #[test]
    fn an_exchange_names_its_transaction_by_what_arrived() {
        let (head, body) = exchange_event(Kind::FxPayment, Role::Creditor);
        let event = Event {
            head: &head,
            body: &body,
        };
        let credit = Credit::of(1, Timestamp(0), &event).unwrap();
        let text = include_str!("../../tests/fixtures/pacs008_conversions.xml");
        let message = message_of(text.replace(UETR_OF_ASKED, "").as_bytes()).unwrap();
        let found = credit.references(&message);
        assert_eq!(found.end_to_end_id.as_deref(), Some("FX-ASKED"));
    }

    const UETR_OF_ASKED: &str = "<UETR>b2000000-0000-4000-8000-000000000002</UETR>";

    #[test]
    fn each_part_of_a_conditional_payment_that_is_released_is_a_credit() {
        assert_eq!(read(Role::Creditor, Status::SetAside, 0), None);
        assert_eq!(read(Role::Creditor, Status::SetAside, 60), Some((60, false)));
        assert_eq!(read(Role::Creditor, Status::Settled, 40), Some((40, true)));
        assert_eq!(read(Role::Creditor, Status::GivenBack, 0), None);
        for role in [Role::Debtor, Role::Approver] {
            assert_eq!(read(role, Status::SetAside, 60), None);
            assert_eq!(read(role, Status::Settled, 40), None);
        }
    }
}
