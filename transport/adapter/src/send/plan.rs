//! From a message to the instructions that it orders on this hop.
use super::dates::BusinessDates;
use super::refusal::Refusal;
use super::{charges, returned};
use crate::failure::Failure;
use crate::iso::{Amount, Extractor, Kind, Message, Rule, SettlementMethod, Transaction, conversion};
use crate::references::References;
use crate::route::Routes;
use crate::secret_id::{self, BankSecret, Ids};
use crate::store::{Intent, Intents, Store, random};
use causeway_message::digest::Digest;
use causeway_message::document::Document;
use causeway_message::extension::is_reference;
use causeway_message::ids::hex;
use causeway_message::limits::DOCUMENT_BYTES_MAX;
use causeway_message::record::{Instruction, Kind as RecordKind, flags};
use causeway_message::{InstructionId, ParticipantId, Uetr};
use causeway_transport::profile::PastValueDate;
use std::collections::{BTreeMap, BTreeSet};

/// What every message is mapped with.
#[derive(Debug)]
pub struct Rules<'a> {
    /// Who is who.
    pub routes: &'a Routes,
    /// The bank's secret.
    pub secret: &'a BankSecret,
    /// What was received, and what was asked.
    pub store: &'a Store,
    /// Whether charges go with payments: a ledger under the first version of its rules takes none.
    pub charges: bool,
    /// What to do with dates that have passed.
    pub past_value_date: PastValueDate,
    /// Today in UTC, in days since 2000-01-01: the business date of currencies that never had a day.
    pub today: u16,
    /// Where the days of currencies stand.
    pub dates: &'a BusinessDates,
}

/// A message that can be sent.
#[derive(Debug, Default)]
pub struct Plan {
    /// One for each transaction, in order.
    pub intents: Vec<Intent>,
    /// Those of them that were never sent before.
    pub fresh: Vec<Intent>,
    /// The documents of these.
    pub documents: Vec<(Digest, Document)>,
}

/// Why there is no plan.
#[derive(Debug)]
pub enum Unplanned {
    /// The message is refused.
    Refused(Vec<Refusal>),
    /// It could not be planned now.
    Failed(Failure),
}

impl From<Refusal> for Unplanned {
    fn from(refusal: Refusal) -> Unplanned {
        Unplanned::Refused(vec![refusal])
    }
}

impl From<Failure> for Unplanned {
    fn from(failure: Failure) -> Unplanned {
        Unplanned::Failed(failure)
    }
}

/// Maps a message. What was sent before is sent again as it was.
///
/// # Errors
/// Every reason found; the message is then not sent at all.
pub fn plan(rules: &Rules<'_>, intents: &Intents, file: &str, message: &Message) -> Result<Plan, Unplanned> {
    whole(message)?;
    let mut refusals = Vec::new();
    let mut ordered = Vec::new();
    for one in &message.transactions {
        match intent(rules, intents, file, message, one) {
            Ok(intent) => ordered.push(intent),
            Err(Unplanned::Refused(found)) => refusals.extend(found),
            Err(failed) => return Err(failed),
        }
    }
    for one in &ordered {
        let sent = intents.get(one.record.id());
        if sent.is_some_and(|sent| !sent.orders_the_same(one)) {
            let kind = message.message_type.kind;
            let element = if kind == Kind::PaymentReturn {
                "RtrId"
            } else {
                "PmtId"
            };
            refusals.push(Refusal::transaction(
                kind,
                one.transaction,
                element,
                "DU01",
                SENT_BEFORE,
            ));
        }
    }
    if !refusals.is_empty() {
        return Err(Unplanned::Refused(refusals));
    }
    let mut plan = Plan::default();
    let records: Vec<Instruction> = ordered.iter().map(|one| one.record).collect();
    let documents = documents(message, &records, intents)?;
    for mut one in ordered {
        if let Some(sent) = intents.get(one.record.id()) {
            plan.intents.push(sent.clone());
            continue;
        }
        let (digest, salt) = documents.of.get(&one.transaction).copied().unwrap_or_default();
        one.record.document_digest = digest;
        one.salt = hex(&salt);
        plan.intents.push(one.clone());
        plan.fresh.push(one);
    }
    plan.documents = documents.all;
    Ok(plan)
}

/// Under the same references nothing else is ordered.
pub(super) const SENT_BEFORE: &str =
    "was sent before under the same references with another order: nothing is sent";

/// The instruction of one transaction, without its document.
fn intent(
    rules: &Rules<'_>,
    intents: &Intents,
    file: &str,
    message: &Message,
    one: &Transaction,
) -> Result<Intent, Unplanned> {
    let ids = secret_id::derive(rules.secret, message, one);
    let sent = intents.get(InstructionId(ids.instruction_id));
    let mut record = record(rules, message, one, ids, sent)?;
    if let Some(returned) = &one.returned {
        record = returned::record(rules, record, one, returned, sent)?;
    }
    let charges = if rules.charges {
        charges::of(message.message_type.kind, one)?
    } else {
        None
    };
    let reason = one
        .returned
        .as_ref()
        .and_then(|returned| returned.reason.as_ref());
    Ok(Intent {
        record,
        salt: String::new(),
        clearing_ref: clearing_ref(one).map(str::to_owned),
        charges: charges.map(|bytes| hex(&bytes)),
        reason: reason.and_then(|reason| reason.code.clone()),
        file: file.to_owned(),
        message_type: message.message_type.to_string(),
        message_id: message.message_id.clone(),
        transaction: one.index,
        references: References::of(message, one),
        case: None,
        about: None,
    })
}

/// What speaks against the message as a whole.
fn whole(message: &Message) -> Result<(), Refusal> {
    if message.is_announcement() {
        let element = if message.settlement_method == SettlementMethod::Cove {
            "GrpHdr/SttlmInf/SttlmMtd"
        } else {
            "AppHdr/BizSvc"
        };
        let text = "the message announces a settlement that another message orders: it is not sent";
        return Err(Refusal::message(element, None, text));
    }
    match message
        .warnings
        .iter()
        .find(|one| one.rule == Rule::TransactionCount)
    {
        Some(warning) => Err(Refusal::message(
            &warning.element,
            Some("AM18"),
            &*warning.message,
        )),
        None => Ok(()),
    }
}

/// The record of one transaction, without its document. That the date has passed says nothing against what was sent
/// before.
fn record(
    rules: &Rules<'_>,
    message: &Message,
    one: &Transaction,
    ids: Ids,
    sent: Option<&Intent>,
) -> Result<Instruction, Refusal> {
    let (debtor, creditor) = (one.settlement_debtor(), one.settlement_creditor());
    let kind = message.message_type.kind;
    let refuse = |element: &str, code, text| Refusal::transaction(kind, one.index, element, code, text);
    if rules.routes.participant(debtor) != Some(rules.routes.own()) {
        let element = if one.instructing_agent.is_some() {
            "InstgAgt"
        } else {
            "DbtrAgt"
        };
        let own = rules.routes.name(rules.routes.own());
        let text = format!("{debtor} pays on this hop, and that is not this bank ({own})");
        return Err(refuse(element, "RC03", text));
    }
    let Some(to) = rules.routes.participant(creditor) else {
        let element = if one.instructed_agent.is_some() {
            "InstdAgt"
        } else {
            "CdtrAgt"
        };
        let text = format!(
            "{creditor} is no participant: neither a name in the directory nor in [agents] as {:?}",
            creditor.key()
        );
        return Err(refuse(element, "RC04", text));
    };
    let value_date = match value_date(rules, one) {
        Err(text) if sent.is_none() => return Err(refuse("IntrBkSttlmDt", "DT01", text)),
        known => known.unwrap_or(0),
    };
    if kind == Kind::CustomerCreditTransfer
        && sent.is_none()
        && let Some(fault) = conversion::fault(one)
    {
        return Err(refuse(fault.element, fault.code, fault.text));
    }
    let interbank = if kind == Kind::InstitutionCreditTransfer {
        flags::INTERBANK
    } else {
        0
    };
    let payment = Instruction {
        flags: interbank.into(),
        value_date: value_date.into(),
        ..Instruction::payment(
            InstructionId(ids.instruction_id),
            Uetr(ids.uetr),
            rules.routes.own(),
            to,
            one.amount.currency.numeric,
            one.amount.minor,
        )
    };
    // What was sent as it stood stays that.
    let asked = kind == Kind::CustomerCreditTransfer
        && conversion::is_asked(one)
        && sent.is_none_or(Intent::converts);
    Ok(match conversion::ordered_elsewhere(one) {
        Some(ordered) if asked => converted(payment, ordered),
        _ => payment,
    })
}

/// What a payment is, if the ledger is to convert: what arrives is fixed, and what the debtor ordered is the most that
/// is paid.
fn converted(payment: Instruction, ordered: &Amount) -> Instruction {
    Instruction {
        kind: RecordKind::FxPayment as u8,
        flags: (payment.flags.get() | flags::FIXED_TARGET).into(),
        amount: ordered.minor.into(),
        currency: ordered.currency.numeric.into(),
        counter_amount: payment.amount,
        counter_currency: payment.currency,
        ..payment
    }
}

/// The value date; zero leaves it to the day of settlement.
fn value_date(rules: &Rules<'_>, one: &Transaction) -> Result<u16, String> {
    let Some(date) = one.settlement_date else {
        return Ok(0);
    };
    let days = date.days_since_2000();
    let currency = one.amount.currency;
    let today = rules.dates.date(currency.numeric).unwrap_or(rules.today);
    if days == today || (days > today && rules.dates.is_ahead(currency.numeric, days)) {
        return Ok(days);
    }
    if days > today {
        return Err(format!(
            "{date} lies ahead, and the node has no business day of {} on it",
            currency.alpha()
        ));
    }
    match rules.past_value_date {
        PastValueDate::Today => Ok(0),
        PastValueDate::Refuse => Err(format!(
            "{date} has passed, and adapter.past_value_date = \"refuse\""
        )),
    }
}

/// What of `ClrSysRef` fits an extension; the document says it in any case.
fn clearing_ref(one: &Transaction) -> Option<&str> {
    one.clearing_ref
        .as_deref()
        .filter(|text| is_reference(text.as_bytes()))
}

/// The documents of a message, and which transaction goes with which.
#[derive(Default)]
struct Documents {
    all: Vec<(Digest, Document)>,
    of: BTreeMap<usize, (Digest, [u8; causeway_message::document::SALT_BYTES])>,
}

/// One document for each creditor, with what that creditor is paid and nothing else.
fn documents(message: &Message, records: &[Instruction], intents: &Intents) -> Result<Documents, Unplanned> {
    let mut by_creditor: BTreeMap<ParticipantId, Vec<usize>> = BTreeMap::new();
    for (one, record) in message.transactions.iter().zip(records) {
        if intents.get(record.id()).is_none() {
            let creditor = ParticipantId(record.creditor.get());
            by_creditor.entry(creditor).or_default().push(one.index);
        }
    }
    let mut documents = Documents::default();
    let mut groups: Vec<Vec<usize>> = by_creditor.into_values().collect();
    if groups.is_empty() {
        return Ok(documents);
    }
    let place = message.message_type.kind.place();
    let indivisible = |text: String| Refusal::message(place, Some("NARR"), text);
    let extractor = Extractor::new(message).map_err(|found| indivisible(found.to_string()))?;
    while let Some(mut group) = groups.pop() {
        let keep: BTreeSet<usize> = group.iter().copied().collect();
        let text = extractor
            .part(&keep)
            .map_err(|found| indivisible(found.to_string()))?;
        if text.len() > DOCUMENT_BYTES_MAX {
            if group.len() < 2 {
                let rule = format!("a document of one transaction has at most {DOCUMENT_BYTES_MAX} bytes");
                return Err(indivisible(rule).into());
            }
            groups.push(group.split_off(group.len() / 2));
            groups.push(group);
            continue;
        }
        let document = Document {
            salt: random()?,
            text: text.into_bytes().into(),
        };
        let digest = document.digest();
        documents
            .of
            .extend(keep.into_iter().map(|index| (index, (digest, document.salt))));
        documents.all.push((digest, document));
    }
    Ok(documents)
}
