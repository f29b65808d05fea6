//! The invariants of quotes, locks and FX payments, one broken at a time.
use causeway_fx::quotes::{Tier, Tiers};
use causeway_message::action::{Action, FeeGrant};
use causeway_message::event::{EVENT_HEAD_BYTES, EventKind, Role};
use causeway_message::extension::ExtensionType;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{ParticipantId, Status};

use super::scene::{BANK, EUR, OTHER, Scene, Step, THIRD, USD, pay};
use crate::audit::fault::Rule;

/// Where things stand in an event of an exchange with one hop.
const AMOUNT: usize = 16;
const COUNTER: usize = 24;
const FEE: usize = EVENT_HEAD_BYTES + 8;
const HOP: usize = EVENT_HEAD_BYTES + 24;
const TO_AMOUNT: usize = HOP + 16;
const QUOTE: usize = HOP + 24;
const RATE: usize = HOP + 32;
const REMAINDER: usize = HOP + 44;
const SPREAD: usize = HOP + 64;
const RECORD: usize = HOP + 96;

fn fund(participant: ParticipantId, currency: u16, amount: u64, reference: &str) -> Action {
    Action::Fund {
        participant,
        currency,
        amount,
        reference: reference.into(),
    }
}

fn exposure(limit: u64) -> Action {
    Action::SetExposure {
        participant: THIRD,
        base: EUR,
        counter: USD,
        limit,
    }
}

fn statuses(step: &Step) -> Vec<Option<Status>> {
    step.told.answers.iter().map(|answer| answer.status()).collect()
}

/// A quote for 150 EUR at 1.1025 and 1.1225 USD, 100 at a time at most.
fn quoted(scene: &mut Scene) -> Step {
    let tier = Tier {
        up_to: 100,
        bid: 11_025,
        ask: 11_225,
    };
    let tiers = Tiers::new(4, &[tier]).expect("a tier").encode();
    let mut record = pay("quote", THIRD, THIRD, 150);
    record.kind = Kind::Quote as u8;
    record.counter_currency = USD.into();
    record.expires_at = (scene.seconds as u32 + 1_000).into();
    let step = scene.batch_with(THIRD, &[record], &[(0, ExtensionType::Tiers, &tiers)]);
    assert_eq!(statuses(&step), [Some(Status::Executed)]);
    step
}

/// A bank with EUR, a provider with USD whose exposure is limited.
fn begun(limit: u64) -> Scene {
    let mut scene = Scene::by(3);
    scene.seconds = 86_400;
    scene.decide("fund", fund(BANK, EUR, 500, "R1"));
    scene.decide("fund third", fund(THIRD, USD, 500, "R2"));
    scene.decide("exposure", exposure(limit));
    scene
}

/// The same, and its quote.
fn dealing() -> Scene {
    let mut scene = begun(500);
    let step = quoted(&mut scene);
    scene.holds(&step);
    scene
}

/// A payment of EUR into USD.
fn exchange(label: &str, amount: u64, least: u64) -> Instruction {
    let mut record = pay(label, BANK, OTHER, amount);
    record.kind = Kind::FxPayment as u8;
    record.counter_currency = USD.into();
    record.counter_amount = least.into();
    record
}

fn settled(scene: &mut Scene, record: Instruction) -> Step {
    let step = scene.batch(BANK, &[record]);
    assert_eq!(statuses(&step), [Some(Status::Settled)]);
    step
}

/// Changes what everybody is told of exchanges.
fn told(step: &mut Step, change: impl Fn(&mut Vec<u8>)) {
    for whose in [BANK, OTHER, THIRD] {
        if step
            .told
            .groups
            .iter()
            .any(|group| group.head.participant == whose)
        {
            of(step, whose, &change);
        }
    }
}

/// Changes what one is told of exchanges.
fn of(step: &mut Step, whose: ParticipantId, change: impl Fn(&mut Vec<u8>)) {
    step.events(whose, |all| {
        let own = all
            .iter_mut()
            .filter(|event| event[0] == EventKind::Exchange as u8);
        own.for_each(&change);
    });
}

#[test]
fn an_exchange_that_settles_is_whole() {
    let mut scene = dealing();
    // 40 EUR at 1.1025 are 44.1 USD.
    let step = settled(&mut scene, exchange("pay", 40, 44));
    assert_eq!(step.count(BANK, Role::Debtor), 1);
    assert_eq!(step.count(OTHER, Role::Creditor), 1);
    assert_eq!(step.count(THIRD, Role::Provider), 1);
    let event = step.of_kind(OTHER, EventKind::Exchange);
    assert_eq!((event[AMOUNT], event[COUNTER]), (40, 44));
    assert_eq!(event[REMAINDER..REMAINDER + 4], 100_000_u32.to_le_bytes());
    scene.holds(&step);
    scene.tally.whole(9).expect("the books hold");
}

#[test]
fn an_exchange_of_which_not_all_are_told_the_same_is_found() {
    let breaks: [fn(&mut Step); 6] = [
        |step| step.told.groups.retain(|group| group.head.participant != OTHER),
        |step| step.told.groups.retain(|group| group.head.participant != THIRD),
        |step| step.events(BANK, |all| drop(all.pop())),
        |step| of(step, OTHER, |event| event[COUNTER] -= 1),
        |step| of(step, THIRD, |event| event[AMOUNT] += 1),
        |step| of(step, THIRD, |event| event[TO_AMOUNT] += 1),
    ];
    for change in breaks {
        let mut scene = dealing();
        let mut step = settled(&mut scene, exchange("pay", 40, 0));
        change(&mut step);
        assert_eq!(scene.fault(&step), Rule::ExchangeWhole);
    }
}

#[test]
fn an_exchange_of_another_record_than_was_signed_is_found() {
    let mut scene = dealing();
    let mut step = settled(&mut scene, exchange("pay", 40, 0));
    told(&mut step, |event| event[RECORD + 20] ^= 1);
    assert_eq!(scene.fault(&step), Rule::Authority);
}

#[test]
fn an_exchange_beyond_its_limit_or_beside_its_fixed_side_is_found() {
    let breaks: [fn(&mut Vec<u8>); 2] = [
        |event| {
            event[TO_AMOUNT] -= 1;
            event[COUNTER] -= 1;
        },
        |event| {
            event[FEE] += 1;
            event[AMOUNT] += 1;
        },
    ];
    for change in breaks {
        let mut scene = dealing();
        let mut step = settled(&mut scene, exchange("pay", 40, 44));
        told(&mut step, change);
        assert_eq!(scene.fault(&step), Rule::ExchangeTerms);
    }
    let mut scene = dealing();
    let mut fixed = exchange("pay", 41, 44);
    fixed.flags = flags::FIXED_TARGET.into();
    let mut step = settled(&mut scene, fixed);
    assert_eq!(step.of_kind(OTHER, EventKind::Exchange)[AMOUNT], 40);
    told(&mut step, |event| {
        event[TO_AMOUNT] += 1;
        event[COUNTER] += 1;
    });
    assert_eq!(scene.fault(&step), Rule::ExchangeTerms);
}

#[test]
fn a_hop_that_is_not_the_exact_value_rounded_down_is_found() {
    let breaks: [fn(&mut Vec<u8>); 4] = [
        |event| {
            event[TO_AMOUNT] += 1;
            event[COUNTER] += 1;
        },
        |event| {
            event[TO_AMOUNT] -= 1;
            event[COUNTER] -= 1;
        },
        |event| event[REMAINDER] ^= 1,
        |event| event[SPREAD] += 1,
    ];
    for change in breaks {
        let mut scene = dealing();
        let reference = Action::SetReference {
            base: USD,
            counter: EUR,
            rate: 90,
            scale: 2,
            time: 7,
            source: *b"ECB\0\0\0\0\0\0\0\0\0\0\0\0\0",
        };
        scene.decide("reference", reference);
        let mut step = settled(&mut scene, exchange("pay", 40, 0));
        told(&mut step, change);
        assert_eq!(scene.fault(&step), Rule::Conversion);
    }
}

#[test]
fn a_hop_at_no_live_quote_or_at_another_price_is_found() {
    let mut scene = begun(500);
    // The tally does not hear of it.
    let _ = quoted(&mut scene);
    let step = settled(&mut scene, exchange("pay", 40, 0));
    assert_eq!(scene.fault(&step), Rule::FirmQuote);

    let breaks: [fn(&mut Vec<u8>); 2] = [
        |event| event[QUOTE] ^= 1,
        // The same amounts are the exact value at a price near by, with another remainder.
        |event| {
            event[RATE..RATE + 8].copy_from_slice(&11_026_u64.to_le_bytes());
            event[REMAINDER..REMAINDER + 4].copy_from_slice(&104_000_u32.to_le_bytes());
        },
    ];
    for change in breaks {
        let mut scene = dealing();
        let mut step = settled(&mut scene, exchange("pay", 40, 0));
        told(&mut step, change);
        assert_eq!(scene.fault(&step), Rule::FirmQuote);
    }
}

#[test]
fn a_quote_that_is_used_beyond_its_amount_or_its_time_is_found() {
    let mut scene = begun(500);
    let mut step = quoted(&mut scene);
    step.papers()[0].record.amount = 60.into();
    scene.holds(&step);
    let first = settled(&mut scene, exchange("first", 40, 0));
    scene.holds(&first);
    let second = settled(&mut scene, exchange("second", 40, 0));
    assert_eq!(scene.fault(&second), Rule::QuoteUsed);

    let mut scene = begun(500);
    let mut step = quoted(&mut scene);
    step.papers()[0].record.expires_at = (scene.seconds as u32 + 1).into();
    scene.holds(&step);
    scene.seconds += 1;
    let late = settled(&mut scene, exchange("late", 40, 0));
    assert_eq!(scene.fault(&late), Rule::FirmQuote);
}

#[test]
fn a_provider_beyond_its_exposure_is_found() {
    let mut scene = begun(30);
    let step = quoted(&mut scene);
    scene.holds(&step);
    let _ = scene.decided("more", exposure(500));
    let step = settled(&mut scene, exchange("pay", 40, 0));
    assert_eq!(scene.fault(&step), Rule::Exposure);
}

/// A lock for 40 EUR.
fn locked(scene: &mut Scene) -> (Step, u64) {
    let mut record = exchange("lock", 40, 0);
    record.kind = Kind::QuoteLock as u8;
    record.creditor = record.debtor;
    record.expires_at = (scene.seconds as u32 + 60).into();
    let step = scene.batch(BANK, &[record]);
    assert_eq!(statuses(&step), [Some(Status::SetAside)]);
    assert_eq!(step.count(THIRD, Role::Provider), 1);
    let number = step.told.leaf.index * 8_192;
    (step, number)
}

fn at_lock(label: &str, number: u64) -> Instruction {
    let mut record = exchange(label, 40, 44);
    record.quote = number.into();
    record
}

#[test]
fn a_lock_is_used_once_in_time_and_as_it_was_made() {
    let mut scene = dealing();
    let (step, number) = locked(&mut scene);
    scene.holds(&step);
    let used = settled(&mut scene, at_lock("pay", number));
    assert_eq!(used.count(THIRD, Role::Provider), 2);
    scene.holds(&used);
    scene.tally.whole(9).expect("the books hold");

    // It is told to have been made of another quote.
    let mut scene = dealing();
    let (step, number) = locked(&mut scene);
    scene.holds(&step);
    let mut used = settled(&mut scene, at_lock("pay", number));
    told(&mut used, |event| {
        event[QUOTE] ^= u8::from(event[2] == Status::Settled as u8)
    });
    assert_eq!(scene.fault(&used), Rule::LockOnce);

    // It is told to have been used, and to live on.
    let mut scene = dealing();
    let (step, number) = locked(&mut scene);
    scene.holds(&step);
    let mut used = settled(&mut scene, at_lock("pay", number));
    for whose in [BANK, THIRD] {
        used.events(whose, |all| {
            all.retain(|event| event[0] != EventKind::Exchange as u8 || event[2] != Status::Executed as u8);
        });
    }
    assert_eq!(scene.fault(&used), Rule::LockOnce);
}

#[test]
fn a_lock_that_expires_frees_what_it_set_aside() {
    let mut scene = dealing();
    let (step, number) = locked(&mut scene);
    scene.holds(&step);
    scene.seconds += 60;
    let mut late = scene.batch(BANK, &[at_lock("pay", number)]);
    assert_eq!(statuses(&late), [Some(Status::QuoteUnknown)]);
    assert_eq!(late.count(THIRD, Role::Provider), 1);
    // It is told to have been used in time.
    told(&mut late, |event| event[2] = Status::Executed as u8);
    assert_eq!(scene.fault(&late), Rule::LockOnce);
}

fn fee(flat: u64) -> Action {
    Action::SetFee(FeeGrant {
        currency: EUR,
        kind: Kind::FxPayment as u8,
        collector: OTHER,
        flat,
        per_million: 0,
        min: 0,
        max: 0,
    })
}

#[test]
fn a_fee_that_is_not_the_one_of_the_schedule_or_not_paid_is_found() {
    let mut scene = dealing();
    scene.decide("fee", fee(3));
    let mut step = settled(&mut scene, exchange("pay", 40, 0));
    for whose in [BANK, OTHER] {
        step.events(whose, |all| all.retain(|event| event[0] != EventKind::Fee as u8));
    }
    assert_eq!(scene.fault(&step), Rule::ExchangeFee);

    let mut scene = dealing();
    let _ = scene.decided("fee", fee(3));
    let step = settled(&mut scene, exchange("pay", 40, 0));
    assert_eq!(scene.fault(&step), Rule::ExchangeFee);
}

#[test]
fn a_fee_is_paid_out_of_what_is_fixed_or_on_top() {
    let mut scene = dealing();
    scene.decide("fee", fee(3));
    let step = settled(&mut scene, exchange("pay", 40, 40));
    scene.holds(&step);
    let mut fixed = exchange("fixed", 43, 44);
    fixed.flags = flags::FIXED_TARGET.into();
    let step = settled(&mut scene, fixed);
    assert_eq!(step.of_kind(OTHER, EventKind::Exchange)[AMOUNT], 43);
    scene.holds(&step);
    scene.tally.whole(9).expect("the books hold");
}
