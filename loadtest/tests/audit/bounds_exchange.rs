//! The auditor agrees with the ledger at the bounds of what an entry may tell of exchanges (PROTOCOL §22.10, §24).
use causeway_fx::quotes::{Tier, Tiers};
use causeway_message::action::Action;
use causeway_message::extension::ExtensionType::Tiers as TiersOf;
use causeway_message::record::{Instruction, Kind};

use causeway_message::{ParticipantId, Status};

use crate::support::{
    AGENT, EUR, Log, OPERATOR, Rig, USD, decide, genesis_by, pay, pay_with, payment, whole,
};

const PAYER: u32 = 3;
const DESK: u32 = 4;
const MONEY: u64 = 100_000;

/// A bank with euros, and a desk that sells dollars for them.
fn rig() -> Rig {
    let mut rig = Rig::new(genesis_by(3, 100_000, 60_000));
    for (participant, currency) in [(PAYER, EUR), (DESK, USD)] {
        let action = Action::Fund {
            participant: ParticipantId(participant),
            currency,
            amount: MONEY,
            reference: format!("R{participant}"),
        };
        decide(&mut rig, AGENT, &format!("fund {participant}"), action);
    }
    let action = Action::SetExposure {
        participant: ParticipantId(DESK),
        base: EUR,
        counter: USD,
        limit: MONEY,
    };
    decide(&mut rig, OPERATOR, "desk", action);
    let mut quote = exchange("quote", Kind::Quote, MONEY);
    (quote.debtor, quote.creditor) = (DESK.into(), DESK.into());
    quote.expires_at = (rig.now().seconds() as u32 + 3_600).into();
    let tier = Tier {
        up_to: MONEY,
        bid: 10_000,
        ask: 10_000,
    };
    let tiers = Tiers::new(4, &[tier]).expect("tiers that hold").encode();
    pay_with(&mut rig, DESK, &[quote], &[(0, TiersOf, tiers)]);
    assert_eq!(count(&rig, Status::Executed), 1);
    rig
}

fn exchange(label: &str, kind: Kind, amount: u64) -> Instruction {
    let mut record = payment(label, PAYER, PAYER, amount);
    record.kind = kind as u8;
    record.counter_currency = USD.into();
    if kind != Kind::FxPayment {
        record.uetr = [0; 16];
    }
    record
}

/// How often the last batch was answered so.
fn count(rig: &Rig, status: Status) -> usize {
    let last = rig.auditor.expected(rig.auditor.index()).expect("the last entry");
    let answers = last.answers.iter();
    answers.filter(|answer| answer.status() == Some(status)).count()
}

#[test]
fn an_entry_takes_no_more_exchanges_than_it_can_tell_of() {
    let mut rig = rig();
    let lock = |rig: &Rig, n: usize| {
        let mut lock = exchange(&format!("lock {n}"), Kind::QuoteLock, 1);
        lock.expires_at = (rig.now().seconds() as u32 + 60).into();
        lock
    };
    let payments = (0..8_180).map(|n| exchange(&format!("pay {n}"), Kind::FxPayment, 1));
    let mut records: Vec<Instruction> = (0..5).map(|n| lock(&rig, n)).collect();
    records.extend(payments);
    records.extend((5..8).map(|n| lock(&rig, n)));
    pay(&mut rig, PAYER, &records);
    assert_eq!(count(&rig, Status::SetAside), 5);
    let (settled, full) = (count(&rig, Status::Settled), count(&rig, Status::EntryFull));
    assert_eq!((settled + full, full > 3), (8_183, true), "{settled} {full}");
    rig.observe().expect("the auditor agrees");
    whole(&rig);
}
