//! What the feed tells of trades, payment versus payment, of exchanges, and of requests to withdraw one side of a trade.
//! Other systems have no message for these: they are told in the adapter's own form.
use super::credit::amount_text;
use super::line::Notice;
use super::question::Recall;
use super::told::{ExchangeLine, Trade, Withdrawal};
use crate::clock::date_of;
use crate::exchange::Exchanged;
use crate::failure::Failure;
use crate::route::Routes;
use crate::store::Store;
use crate::trade::reference_text;
use causeway_message::event::{Event, Role};
use causeway_message::exchange::Exchange;
use causeway_message::record::{Instruction, Kind};
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status, Uetr};

/// One side of a trade and what became of it.
#[derive(Debug, Clone)]
pub struct Told {
    number: u64,
    time: Timestamp,
    role: Role,
    status: Status,
    record: Instruction,
    /// What moved, if it settled: what the submitter paid and what it got.
    moved: (u64, u64),
    /// What it came to, if it is an exchange.
    exchange: Option<Exchange>,
}

impl Told {
    /// What an event says, if it is about a trade or an exchange.
    pub fn of(number: u64, time: Timestamp, event: &Event<'_>) -> Option<Told> {
        let (record, exchange) = match event.exchange() {
            Some((exchange, record, _)) => (record, Some(exchange)),
            None => (event.payment()?.0, None),
        };
        if exchange.is_none() && record.kind != Kind::Pvp as u8 {
            return None;
        }
        Some(Told {
            number,
            time,
            role: event.role()?,
            status: event.status()?,
            record: *record,
            moved: (event.head.amount.get(), event.head.counter_amount.get()),
            exchange,
        })
    }

    /// Who is on the other side: the counterparty of a trade; of an exchange who pays, or who is paid.
    pub fn other(&self) -> ParticipantId {
        ParticipantId(match self.role {
            Role::Debtor => self.record.creditor.get(),
            _ => self.record.debtor.get(),
        })
    }

    /// Keeps what an own payment came to, durably but for the name in its directory.
    ///
    /// # Errors
    /// When the store fails.
    pub fn store(&self, store: &Store, routes: &Routes) -> Result<(), Failure> {
        match &self.exchange {
            Some(exchange) if self.role == Role::Debtor && self.record.kind == Kind::FxPayment as u8 => {
                store.keep_exchange(self.record.id(), &Exchanged::of(exchange, routes))
            }
            _ => Ok(()),
        }
    }

    /// As it is printed.
    pub fn notice(self, routes: &Routes) -> Notice {
        match &self.exchange {
            Some(exchange) => {
                let exchange = Exchanged::of(exchange, routes);
                Notice::Exchange(Box::new(self.exchanged(exchange, routes)))
            }
            None => Notice::Trade(Box::new(self.trade(routes))),
        }
    }

    fn exchanged(&self, exchange: Exchanged, routes: &Routes) -> ExchangeLine {
        ExchangeLine {
            event: if self.record.kind == Kind::QuoteLock as u8 {
                "quote_lock"
            } else {
                "exchange"
            },
            number: self.number,
            time: self.time.to_text(),
            role: match self.role {
                Role::Debtor => "debtor",
                Role::Creditor => "creditor",
                _ => "provider",
            },
            status: self.status.name(),
            meaning: self.status.meaning(),
            debtor: routes.name(ParticipantId(self.record.debtor.get())),
            creditor: routes.name(ParticipantId(self.record.creditor.get())),
            uetr: Uetr(self.record.uetr).to_string(),
            instruction_id: self.record.id().to_string(),
            exchange,
        }
    }

    fn trade(&self, routes: &Routes) -> Trade {
        let own = self.role == Role::Debtor;
        // What settled may differ from what was signed, where both sides admit a tolerance.
        let (pays, gets) = match self.moved {
            (0, 0) => (self.record.amount.get(), self.record.counter_amount.get()),
            moved => moved,
        };
        let (pays_text, pays_currency) = amount_text(pays, self.record.currency.get());
        let (gets_text, gets_currency) = amount_text(gets, self.record.counter_currency.get());
        Trade {
            event: if own { "trade" } else { "alleged_trade" },
            number: self.number,
            time: self.time.to_text(),
            status: self.status.name(),
            meaning: self.status.meaning(),
            bank: routes.name(self.other()),
            pays_currency,
            pays,
            pays_text,
            gets_currency,
            gets,
            gets_text,
            value_date: date_of(Timestamp::midnight(u64::from(self.record.value_date.get()))).to_string(),
            reference: reference_text(&self.record.related),
            uetr: Uetr(self.record.uetr).to_string(),
            instruction_id: self.record.id().to_string(),
        }
    }
}

/// A request of one party of a trade to withdraw its side, or what became of it.
pub fn withdrawal(recall: &Recall, routes: &Routes) -> Notice {
    let record = recall.record();
    let (amount_text, currency) = amount_text(record.amount.get(), record.currency.get());
    Notice::Withdrawal(Box::new(Withdrawal {
        event: if recall.is_answer() {
            "withdrawal_answer"
        } else {
            "withdrawal_question"
        },
        number: recall.number(),
        time: recall.time().to_text(),
        status: recall.status().name(),
        meaning: recall.status().meaning(),
        bank: routes.name(recall.other()),
        currency,
        amount: record.amount.get(),
        amount_text,
        instruction_id: record.id().to_string(),
        original: recall.original().to_string(),
    }))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::references::References;
    use crate::store::Question;
    use causeway_message::InstructionId;
    use causeway_message::event::{EventHead, EventKind};
    use causeway_message::exchange::{Hop, Priced, Reference};
    use causeway_message::wire::DirectoryLine;
    use zerocopy::IntoBytes;

    fn head(kind: EventKind, role: Role, status: Status, body: &[u8], moved: (u64, u64)) -> EventHead {
        EventHead {
            kind: kind as u8,
            role: role as u8,
            status: (status as u16).into(),
            body_len: (body.len() as u16).into(),
            origin_ordinal: 0.into(),
            origin_entry: 7.into(),
            amount: moved.0.into(),
            counter_amount: moved.1.into(),
        }
    }

    /// An exchange of 100.00 EUR for 108.52 USD.
    pub fn exchange_event(kind: Kind, role: Role) -> (EventHead, Vec<u8>) {
        let priced = |rate| Priced {
            rate,
            scale: 6,
            base_is_from: true,
        };
        let hop = Hop {
            provider: ParticipantId(3),
            from: (978, 10_000),
            to: (840, 10_852),
            quote: 8_193,
            priced: priced(1_085_250),
            remainder: 500_000,
            reference: Some(Reference {
                priced: priced(1_086_000),
                time: 60,
                source: *b"ECB\0\0\0\0\0\0\0\0\0\0\0\0\0",
                spread: 8,
            }),
        };
        let exchange = Exchange {
            fixed_target: true,
            fee: 25,
            lock: 0,
            hops: [hop].into_iter().collect(),
        };
        let (id, uetr) = (InstructionId([1; 16]), Uetr([2; 16]));
        let record = Instruction {
            kind: kind as u8,
            counter_currency: 840.into(),
            counter_amount: 10_852.into(),
            ..Instruction::payment(id, uetr, ParticipantId(1), ParticipantId(2), 978, 10_100)
        };
        let mut body = Vec::new();
        exchange.write(&mut body);
        body.extend_from_slice(record.as_bytes());
        let moved = (10_025, 10_852);
        (
            head(EventKind::Exchange, role, Status::Settled, &body, moved),
            body,
        )
    }

    fn routes() -> Routes {
        let names = ["OPERATOR", "ALFADEFF", "BETAFRPP", "GAMMJPJT"];
        let line = |(id, name): (usize, &&str)| DirectoryLine {
            participant: ParticipantId(id as u32),
            roles: 1,
            suspended: false,
            name: (*name).to_owned(),
        };
        let lines: Vec<DirectoryLine> = names.iter().enumerate().map(line).collect();
        Routes::of(ParticipantId(1), &lines)
    }

    fn json(notice: &Notice) -> serde_json::Value {
        serde_json::to_value(notice).unwrap()
    }

    #[test]
    fn an_exchange_is_told_with_its_rates_to_whom_it_concerns() {
        for (role, name) in [
            (Role::Debtor, "debtor"),
            (Role::Creditor, "creditor"),
            (Role::Provider, "provider"),
        ] {
            let (head, body) = exchange_event(Kind::FxPayment, role);
            let event = Event {
                head: &head,
                body: &body,
            };
            let told = Told::of(9, Timestamp(0), &event).unwrap().notice(&routes());
            let line = json(&told);
            assert_eq!(
                (&line["event"], &line["role"]),
                (&"exchange".into(), &name.into())
            );
            assert_eq!((told.number(), &line["debtor"]), (9, &"ALFADEFF".into()));
            let exchange = &line["exchange"];
            assert_eq!(exchange["paid_text"], "100.25");
            assert_eq!(exchange["received_text"], "108.52");
            assert_eq!(exchange["fee"], 25);
            let hop = &exchange["hops"][0];
            assert_eq!(hop["rate"], "1 EUR = 1.085250 USD");
            assert_eq!(hop["reference"]["rate"], "1 EUR = 1.086000 USD");
            assert_eq!(hop["reference"]["source"], "ECB");
            assert_eq!(
                (&hop["provider"], &hop["quote"]),
                (&"GAMMJPJT".into(), &8_193.into())
            );
        }
        let (head, body) = exchange_event(Kind::QuoteLock, Role::Provider);
        let event = Event {
            head: &head,
            body: &body,
        };
        let told = Told::of(9, Timestamp(0), &event).unwrap().notice(&routes());
        assert_eq!(json(&told)["event"], "quote_lock");
        // A block that cannot be read says nothing, and stops nothing.
        for len in 0..body.len() {
            let event = Event {
                head: &head,
                body: &body[..len],
            };
            assert!(Told::of(9, Timestamp(0), &event).is_none(), "cut at {len}");
        }
    }

    #[test]
    fn a_trade_is_told_as_a_trade_of_ones_own_or_as_alleged() {
        let (id, uetr) = (InstructionId([1; 16]), Uetr([2; 16]));
        let told = |role, status, parties: (u32, u32), moved| {
            let record = Instruction {
                related: crate::trade::reference("DEAL-7"),
                ..Instruction::pvp(
                    id,
                    uetr,
                    (ParticipantId(parties.0), ParticipantId(parties.1)),
                    (840, 11_000),
                    (978, 10_000),
                    9_557,
                )
            };
            let head = head(EventKind::Payment, role, status, record.as_bytes(), moved);
            let event = Event {
                head: &head,
                body: record.as_bytes(),
            };
            json(&Told::of(4, Timestamp(0), &event).unwrap().notice(&routes()))
        };
        let own = told(Role::Debtor, Status::Matched, (1, 2), (0, 0));
        assert_eq!(
            (&own["event"], &own["status"], &own["bank"]),
            (&"trade".into(), &"matched".into(), &"BETAFRPP".into())
        );
        assert_eq!(
            (&own["pays_text"], &own["gets_text"]),
            (&"110.00".into(), &"100.00".into())
        );
        assert_eq!(
            (&own["value_date"], &own["reference"]),
            (&"2026-03-02".into(), &"DEAL-7".into())
        );
        let settled = told(Role::Debtor, Status::Settled, (1, 2), (11_000, 9_999));
        assert_eq!(settled["gets_text"], "99.99", "within a tolerance");
        for status in [Status::Alleged, Status::Withdrawn, Status::Expired] {
            let line = told(Role::Creditor, status, (2, 1), (0, 0));
            assert_eq!(
                (&line["event"], &line["bank"], &line["status"]),
                (&"alleged_trade".into(), &"BETAFRPP".into(), &status.name().into())
            );
        }
    }

    #[test]
    fn a_request_is_about_a_trade_unless_the_store_knows_the_payment() {
        use super::super::question::Known;
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let record = |debtor, creditor, original| Instruction {
            kind: Kind::Cancel as u8,
            related: [original; 16],
            ..Instruction::payment(
                InstructionId([9; 16]),
                Uetr([2; 16]),
                ParticipantId(debtor),
                ParticipantId(creditor),
                840,
                11_000,
            )
        };
        let recall = |role, record: &Instruction| {
            let status = Status::CancellationPending;
            let head = head(EventKind::Payment, role, status, record.as_bytes(), (0, 0));
            let event = Event {
                head: &head,
                body: record.as_bytes(),
            };
            assert!(Told::of(1, Timestamp(0), &event).is_none());
            Recall::of(1, Timestamp(0), &event).unwrap()
        };
        let about = |recall: &Recall| {
            let known = Known::read(&store, std::slice::from_ref(recall)).unwrap();
            recall.is_about_trade(&store, &known).unwrap()
        };
        let asked = record(2, 1, 5);
        let question = recall(Role::Creditor, &asked);
        assert_eq!(about(&question), None, "the node is to be asked");
        let credit = |payer: u32| {
            format!(
                "{{\"debtor_id\":{payer},\"currency\":\"USD\",\"amount\":11000,\"instruction_id\":\"{}\",\
                 \"uetr\":\"{}\",\"original\":\"{}\"}}",
                InstructionId([5; 16]),
                Uetr([2; 16]),
                InstructionId([6; 16])
            )
        };
        std::fs::write(store.credit(1), credit(3)).unwrap();
        assert_eq!(about(&question), None, "another bank paid under the same id");
        std::fs::write(store.credit(1), credit(2)).unwrap();
        assert_eq!(about(&question), Some(false), "also a return is a payment");
        std::fs::remove_file(store.credit(1)).unwrap();
        let kept = Question {
            number: 1,
            time: String::new(),
            status: Status::CancellationPending.name().to_owned(),
            record: asked,
            references: References::default(),
        };
        store.keep_question(&kept).unwrap();
        assert_eq!(about(&question), Some(false), "it was asked as about a payment");
        let line = json(&withdrawal(&question, &routes()));
        assert_eq!(
            (&line["event"], &line["bank"], &line["status"]),
            (
                &"withdrawal_question".into(),
                &"BETAFRPP".into(),
                &"cancellation_pending".into()
            )
        );
        assert_eq!(line["original"], InstructionId([5; 16]).to_string());
        let answer = recall(Role::Debtor, &record(1, 2, 5));
        assert_eq!(about(&answer), None);
        assert_eq!(
            json(&withdrawal(&answer, &routes()))["event"],
            "withdrawal_answer"
        );
    }
}
