//! The invariants of version 3 of the rules, one broken at a time.
use causeway_message::action::{Action, Valuation};
use causeway_message::event::{EventKind, Role};
use causeway_message::extension::ExtensionType;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{ParticipantId, Status, Uetr};

use super::scene::{AGENT, BANK, EUR, OTHER, Scene, Step, THIRD, USD, pay};
use crate::audit::fault::Rule;

/// The value date of all trades: the day that it is.
const TODAY: u16 = 3;

fn fund(participant: ParticipantId, currency: u16, amount: u64) -> Action {
    Action::Fund {
        participant,
        currency,
        amount,
        reference: "R1".into(),
    }
}

/// A ledger without money under version 3 of the rules.
fn begun() -> Scene {
    let mut scene = Scene::by(3);
    scene.seconds = u64::from(TODAY) * 86_400;
    scene
}

/// A bank with 100 in EUR, and another with 100 in USD.
fn funded() -> Scene {
    let mut scene = begun();
    scene.decide("fund", fund(BANK, EUR, 100));
    scene.decide("fund other", fund(OTHER, USD, 100));
    scene
}

fn statuses(step: &Step) -> Vec<Option<Status>> {
    step.told.answers.iter().map(|answer| answer.status()).collect()
}

/// One side of a trade.
fn side(
    label: &str,
    who: ParticipantId,
    against: ParticipantId,
    pays: (u16, u64),
    gets: (u16, u64),
) -> Instruction {
    let id = pay(label, who, against, 1).id();
    Instruction::pvp(id, Uetr(id.0), (who, against), pays, gets, TODAY)
}

/// The two sides of a trade of EUR for USD.
fn sides(eur: u64, usd: u64) -> (Instruction, Instruction) {
    (
        side("own", BANK, OTHER, (EUR, eur), (USD, usd)),
        side("theirs", OTHER, BANK, (USD, usd), (EUR, eur)),
    )
}

/// Both sides came, and the second made the trade.
fn traded(scene: &mut Scene) -> Step {
    let (own, theirs) = sides(40, 50);
    let first = scene.batch(BANK, &[own]);
    assert_eq!(statuses(&first), [Some(Status::Unmatched)]);
    scene.holds(&first);
    let step = scene.batch(OTHER, &[theirs]);
    assert_eq!(statuses(&step), [Some(Status::Settled)]);
    step
}

/// Changes what a party of a trade is told of its side.
fn of_trade(step: &mut Step, whose: ParticipantId, change: impl Fn(&mut Vec<u8>)) {
    step.events(whose, |all| {
        let told = all.iter_mut().find(|event| event[0] == EventKind::Payment as u8);
        change(told.expect("of the trade"));
    });
}

#[test]
fn a_trade_that_settles_is_whole() {
    let mut scene = funded();
    let step = traded(&mut scene);
    assert_eq!(step.count(BANK, Role::Debtor), 1);
    assert_eq!(step.count(OTHER, Role::Debtor), 1);
    scene.holds(&step);
    scene.tally.whole(9).expect("the books hold");
}

#[test]
fn a_trade_of_which_one_leg_moves_is_found() {
    let breaks: [fn(&mut Step); 4] = [
        |step| step.told.groups.retain(|group| group.head.participant != BANK),
        |step| step.events(OTHER, |all| drop(all.pop())),
        |step| of_trade(step, BANK, |event| event[24] -= 1),
        |step| of_trade(step, OTHER, |event| event[16] += 1),
    ];
    for change in breaks {
        let mut scene = funded();
        let mut step = traded(&mut scene);
        change(&mut step);
        assert_eq!(scene.fault(&step), Rule::TradeWhole);
    }
}

#[test]
fn a_trade_of_sides_that_do_not_agree_is_found() {
    let breaks: [fn(&mut Step); 3] = [
        // Two references.
        |step| {
            of_trade(step, BANK, |event| event[64] = 1);
            of_trade(step, OTHER, |event| event[64] = 2);
        },
        // Another value date on one side.
        |step| of_trade(step, BANK, |event| event[112] += 1),
        // What the other one gets is less than what this one pays.
        |step| of_trade(step, OTHER, |event| event[32 + 56] -= 1),
    ];
    for change in breaks {
        let mut scene = funded();
        let mut step = traded(&mut scene);
        change(&mut step);
        assert_eq!(scene.fault(&step), Rule::TradeAgreed);
    }
}

#[test]
fn a_tolerance_lets_sides_agree_that_differ_by_it_and_no_more() {
    for (other, matches) in [(49, true), (48, false)] {
        let mut scene = funded();
        let own = side("own", BANK, OTHER, (EUR, 40), (USD, 50));
        let theirs = side("theirs", OTHER, BANK, (USD, other), (EUR, 42));
        let tolerance = |most: u64| most.to_le_bytes();
        let first = scene.batch_with(BANK, &[own], &[(0, ExtensionType::Tolerance, &tolerance(1))]);
        scene.holds(&first);
        let mut step = scene.batch_with(OTHER, &[theirs], &[(0, ExtensionType::Tolerance, &tolerance(2))]);
        let expected = if matches {
            Status::Settled
        } else {
            Status::Unmatched
        };
        assert_eq!(statuses(&step), [Some(expected)]);
        if matches {
            // Each pays what it signed. Less than what it says it gets is found.
            of_trade(&mut step, OTHER, |event| event[32 + 56] += 1);
            assert_eq!(scene.fault(&step), Rule::TradeAgreed);
        } else {
            scene.holds(&step);
        }
    }
}

#[test]
fn a_trade_that_settles_on_another_day_is_found() {
    let mut scene = funded();
    let mut step = traded(&mut scene);
    of_trade(&mut step, BANK, |event| event[112] += 1);
    of_trade(&mut step, OTHER, |event| event[112] += 1);
    assert_eq!(scene.fault(&step), Rule::TradeDate);
}

#[test]
fn an_instruction_that_is_not_alleged_or_is_and_ended_is_found() {
    let mut scene = funded();
    let (own, _) = sides(40, 50);
    let mut step = scene.batch(BANK, &[own]);
    assert_eq!(step.count(OTHER, Role::Creditor), 1);
    step.events(OTHER, |all| all.clear());
    assert_eq!(scene.fault(&step), Rule::Alleged);

    let mut scene = funded();
    let waits = scene.batch(BANK, &[own]);
    scene.holds(&waits);
    let mut step = scene.batch(BANK, &[about("cancel", Kind::Cancel, &own)]);
    assert_eq!(statuses(&step), [Some(Status::Executed)]);
    assert_eq!(step.count(OTHER, Role::Creditor), 1);
    step.events(OTHER, |all| all.clear());
    assert_eq!(scene.fault(&step), Rule::Alleged);
}

/// A record of another kind about an instruction.
fn about(label: &str, kind: Kind, original: &Instruction) -> Instruction {
    let debtor = ParticipantId(original.debtor.get());
    let creditor = ParticipantId(original.creditor.get());
    let mut record = pay(label, debtor, creditor, original.amount.get());
    record.kind = kind as u8;
    record.currency = original.currency;
    record.related = original.instruction_id;
    record
}

#[test]
fn an_instruction_that_is_amended_by_none_is_found() {
    let mut scene = funded();
    let (own, _) = sides(40, 50);
    let waits = scene.batch(BANK, &[own]);
    scene.holds(&waits);
    let again = side("again", BANK, OTHER, (EUR, 41), (USD, 50));
    let named = own.instruction_id;
    let mut step = scene.batch_with(BANK, &[again], &[(0, ExtensionType::Replaces, &named)]);
    assert_eq!(statuses(&step), [Some(Status::Unmatched)]);
    assert_eq!(step.count(OTHER, Role::Creditor), 2);
    let last = step.papers()[0].extensions.len() - 1;
    step.papers()[0].extensions[last] ^= 1;
    assert_eq!(scene.fault(&step), Rule::Replaced);
}

/// A trade that waits for money, which one party wants to withdraw.
fn asked() -> (Scene, Instruction, Instruction) {
    let mut scene = begun();
    let (own, theirs) = sides(40, 50);
    let cancel = about("cancel", Kind::Cancel, &own);
    for (who, record, status) in [
        (BANK, own, Status::Unmatched),
        (OTHER, theirs, Status::Matched),
        (BANK, cancel, Status::CancellationPending),
    ] {
        let step = scene.batch(who, &[record]);
        assert_eq!(statuses(&step), [Some(status)]);
        scene.holds(&step);
    }
    (scene, cancel, theirs)
}

#[test]
fn a_trade_that_one_party_withdraws_is_found() {
    let (mut scene, cancel, _) = asked();
    let mut step = scene.batch(OTHER, &[about("answer", Kind::Resolve, &cancel)]);
    assert_eq!(statuses(&step), [Some(Status::Executed)]);
    step.papers()[0].record.flags = flags::DECLINE.into();
    assert_eq!(scene.fault(&step), Rule::Withdrawn);

    let (mut scene, _, theirs) = asked();
    let step = scene.batch(OTHER, &[about("too", Kind::Cancel, &theirs)]);
    assert_eq!(statuses(&step), [Some(Status::Executed)]);
    assert_eq!(step.count(BANK, Role::Debtor), 2);
    scene.holds(&step);
}

#[test]
fn a_question_about_a_trade_ends_when_that_settles() {
    let (mut scene, _, _) = asked();
    scene.decide("fund", fund(BANK, EUR, 40));
    let step = scene.decided("fund other", fund(OTHER, USD, 50));
    // The question, and then the trade.
    assert_eq!(step.count(BANK, Role::Debtor), 2);
    scene.holds(&step);
}

fn valuation(currency: u16, rate: u64) -> Action {
    Action::SetValuation(Valuation {
        currency,
        unit: EUR,
        rate,
        scale: 0,
        haircut: if currency == EUR { 0 } else { 100_000 },
    })
}

fn tests(tested: bool) -> Action {
    Action::SetTests {
        participant: BANK,
        tested,
        aggregate: 30,
    }
}

fn short(limit: u64) -> Action {
    Action::SetShortLimit {
        participant: BANK,
        currency: EUR,
        limit,
    }
}

/// A bank without money under the tests that may be short by 30 in EUR, and another with USD, of which one is worth
/// two EUR.
fn tested() -> Scene {
    let mut scene = begun();
    scene.decide("fund other", fund(OTHER, USD, 100));
    for (label, action) in [
        ("EUR", valuation(EUR, 1)),
        ("USD", valuation(USD, 2)),
        ("tests", tests(true)),
        ("short", short(30)),
    ] {
        scene.decide(label, action);
    }
    scene
}

/// A trade of EUR that the bank does not have for USD.
fn borrows(scene: &mut Scene, eur: u64, usd: u64, expected: Status) -> Step {
    let (own, theirs) = sides(eur, usd);
    let first = scene.batch(BANK, &[own]);
    scene.holds(&first);
    let step = scene.batch(OTHER, &[theirs]);
    assert_eq!(statuses(&step), [Some(expected)]);
    step
}

#[test]
fn a_trade_settles_up_to_each_limit_of_the_tests_and_no_further() {
    // 17 USD are worth 30.6 EUR after the haircut, 16 USD 28.8.
    for (eur, usd, status) in [
        (30, 17, Status::Settled),
        (30, 16, Status::Matched),
        (31, 90, Status::Matched),
    ] {
        let mut scene = tested();
        let step = borrows(&mut scene, eur, usd, status);
        scene.holds(&step);
    }
}

#[test]
fn a_trade_beyond_a_short_limit_is_found() {
    let mut scene = tested();
    // The tally does not hear of it.
    let _ = scene.decided("more", short(31));
    let _ = scene.decided(
        "most",
        Action::SetTests {
            participant: BANK,
            tested: true,
            aggregate: 31,
        },
    );
    let step = borrows(&mut scene, 31, 90, Status::Settled);
    assert_eq!(scene.fault(&step), Rule::RiskTests);
}

#[test]
fn a_trade_that_leaves_less_than_nothing_is_found() {
    let mut scene = tested();
    let _ = scene.decided("worth more", valuation(USD, 3));
    let step = borrows(&mut scene, 30, 16, Status::Settled);
    assert_eq!(scene.fault(&step), Rule::RiskTests);
}

#[test]
fn a_payment_out_of_what_is_not_there_is_found() {
    let mut scene = tested();
    let _ = scene.decided("no tests", tests(false));
    let account = causeway_message::action::AccountGrant {
        currency: EUR,
        cap: 10,
    };
    let participant = BANK;
    scene.decide("cap", Action::SetCap { participant, account });
    let step = scene.batch(BANK, &[pay("a", BANK, OTHER, 10)]);
    assert_eq!(statuses(&step), [Some(Status::Settled)]);
    assert_eq!(scene.fault(&step), Rule::RiskTests);
}

/// A bank that is short by 30 when it may be by 20 no more.
fn missed() -> (Scene, Step) {
    let mut scene = tested();
    let deadline = scene.seconds as u32 + 60;
    let action = Action::SetPayIn {
        participant: BANK,
        currency: EUR,
        deadline,
        allowed: 20,
    };
    scene.decide("pay in", action);
    let step = borrows(&mut scene, 30, 20, Status::Settled);
    scene.holds(&step);
    scene.seconds += 60;
    let step = scene.batch(THIRD, &[pay("a", THIRD, OTHER, 1)]);
    (scene, step)
}

#[test]
fn a_deadline_that_is_missed_is_told_to_both() {
    let (mut scene, step) = missed();
    assert_eq!(step.count(AGENT, Role::Submitter), 1);
    assert_eq!(step.count(BANK, Role::Subject), 1);
    scene.holds(&step);
    for whose in [AGENT, BANK] {
        let (mut scene, mut step) = missed();
        step.events(whose, |all| all.clear());
        assert_eq!(scene.fault(&step), Rule::PayIn);
    }
    // It is told once.
    let again = step.event(AGENT, Role::Submitter);
    let mut step = scene.batch(THIRD, &[pay("b", THIRD, OTHER, 1)]);
    step.tell(AGENT, again);
    assert_eq!(scene.fault(&step), Rule::PayIn);
}

#[test]
fn who_missed_a_deadline_trades_no_shorter() {
    let (mut scene, step) = missed();
    scene.holds(&step);
    let own = side("more", BANK, OTHER, (USD, 1), (EUR, 3));
    let theirs = side("their more", OTHER, BANK, (EUR, 3), (USD, 1));
    let first = scene.batch(BANK, &[own]);
    scene.holds(&first);
    // It would be short by 27, which is less than before and more than 20.
    let step = scene.batch(OTHER, &[theirs]);
    assert_eq!(statuses(&step), [Some(Status::Matched)]);
    scene.holds(&step);
}
