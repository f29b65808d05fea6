//! The auditor agrees with the ledger and its proofs: over long random runs, and at the bounds of one entry's work.
use std::collections::BTreeMap;

use causeway_message::action::{AccountGrant, Action};
use causeway_message::event::{EventKind, Role, each};
use causeway_message::record::Kind;
use causeway_message::{ParticipantId, Status};

use crate::support::{
    AGENT, EUR, Log, OPERATOR, Player, Rig, begin_trading, decide, genesis, genesis_by, is_of_first,
    is_of_fourth, is_of_third, pay, payment, propose, whole,
};

/// How often each status was answered, and how often told later.
#[derive(Debug, Default)]
struct Variety {
    answered: BTreeMap<Status, u64>,
    later: BTreeMap<Status, u64>,
    /// Of later ones, those of trades.
    of_trades: BTreeMap<Status, u64>,
    /// Actions that took effect.
    actions: BTreeMap<&'static str, u64>,
}

impl Variety {
    fn note(&mut self, rig: &Rig) {
        let expected = rig.auditor.expected(rig.auditor.index()).expect("the last entry");
        for answer in &expected.answers {
            *self
                .answered
                .entry(answer.status().expect("a status"))
                .or_default() += 1;
        }
        for event in expected.groups.iter().flat_map(|group| each(&group.events)) {
            if event.kind() != Some(EventKind::OwnBatch) {
                let status = event.status().expect("a status");
                *self.later.entry(status).or_default() += 1;
                let trade = event
                    .payment()
                    .is_some_and(|(record, _)| record.kind == Kind::Pvp as u8);
                if let Some((.., action)) = event.control()
                    && status == Status::Executed
                    && event.role() == Some(Role::Submitter)
                {
                    *self.actions.entry(action.name()).or_default() += 1;
                }
                if trade {
                    *self.of_trades.entry(status).or_default() += 1;
                }
            }
        }
    }

    /// A run that agrees because nothing happened says nothing.
    fn demand(&self, answered: &[Status], later: &[Status]) {
        println!("{self:?}");
        let missing = |all: &[Status], found: &BTreeMap<Status, u64>| {
            all.iter()
                .filter(|status| !found.contains_key(status))
                .copied()
                .collect::<Vec<_>>()
        };
        assert_eq!(missing(answered, &self.answered), [], "never answered");
        assert_eq!(missing(later, &self.later), [], "never told later");
    }
}

fn run(rules: u16, seed: u64, entries: u64, ids: u64, variety: &mut Variety) -> Rig {
    let mut rig = Rig::new(genesis_by(rules, ids, 120));
    let mut player = Player::new(seed).by(rules);
    if rules > 2 {
        begin_trading(&mut rig, seed.is_multiple_of(2));
    }
    for n in 0..entries {
        let step = player.step(&mut rig);
        let observes = player.below(4) == 0 || rules > 1;
        let seen = if observes {
            step.and_then(|()| rig.observe())
        } else {
            step
        };
        let held = if n % 64 == 0 {
            seen.and_then(|()| rig.auditor.invariants())
        } else {
            seen
        };
        held.unwrap_or_else(|fault| panic!("seed {seed}, step {n}: {fault}\n{}", rig.last_in_words()));
        variety.note(&rig);
    }
    rig.observe()
        .unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
    if rules > 2 {
        println!("seed {seed}: sides of trades are answered {:?}", rig.trades);
    }
    rig
}

#[test]
fn the_auditor_agrees_with_the_ledger_over_random_runs() {
    let mut variety = Variety::default();
    for seed in 1..=6 {
        whole(&run(1, seed, 800, 100_000, &mut variety));
    }
    // One whose memory of ids fills up.
    whole(&run(1, 7, 400, 700, &mut variety));
    // The number of proposals has a test of its own; the others come later, never at once.
    let elsewhere = [
        Status::TooManyProposals,
        Status::ProposalExpired,
        Status::ProposalWithdrawn,
    ];
    let answered: Vec<Status> = Status::ALL
        .iter()
        .filter(|status| is_of_first(**status) && !elsewhere.contains(status))
        .copied()
        .collect();
    use Status::{CreditorSuspended, Executed, Expired, ProposalExpired, ProposalWithdrawn, Settled};
    let later = [
        Settled,
        Executed,
        Expired,
        CreditorSuspended,
        ProposalExpired,
        ProposalWithdrawn,
    ];
    variety.demand(&answered, &later);
}

#[test]
fn the_auditor_agrees_with_the_ledger_under_version_2_of_the_rules() {
    let mut variety = Variety::default();
    for seed in 1..=24 {
        whole(&run(2, seed, 800, 100_000, &mut variety));
    }
    whole(&run(2, 25, 400, 700, &mut variety));
    // Of these each has a test of its own, or they come later, never at once.
    let elsewhere = [
        Status::TooManyProposals,
        Status::EntryFull,
        Status::ProposalExpired,
        Status::ProposalWithdrawn,
        Status::GivenBack,
        Status::RejectedClose,
        Status::RejectedByOrder,
        Status::CancellationRefused,
    ];
    let answered: Vec<Status> = Status::ALL
        .iter()
        .filter(|status| !is_of_third(**status) && !is_of_fourth(**status) && !elsewhere.contains(status))
        .copied()
        .collect();
    use Status::{
        CancellationPending, CancellationRefused, Cancelled, ChainFailed, CreditorSuspended, Executed,
        Expired, GivenBack, Pending, Queued, RejectedByOrder, RejectedClose, SetAside, Settled,
    };
    let later = [
        Settled,
        Executed,
        Queued,
        SetAside,
        Pending,
        CancellationPending,
        CreditorSuspended,
        Expired,
        Cancelled,
        GivenBack,
        ChainFailed,
        RejectedClose,
        RejectedByOrder,
        CancellationRefused,
    ];
    variety.demand(&answered, &later);
}

#[test]
fn the_auditor_agrees_with_the_ledger_under_version_3_of_the_rules() {
    let mut variety = Variety::default();
    for seed in 1..=24 {
        whole(&run(3, seed, 800, 100_000, &mut variety));
    }
    whole(&run(3, 25, 400, 700, &mut variety));
    use Status::{
        Alleged, Amended, CancellationPending, CancellationRefused, Expired, Matched, NotWaiting,
        OriginalMismatch, OriginalUnknown, PayInMissed, RejectedClose, RejectedCutOff, Settled, Unmatched,
        ValuationInvalid, ValueDateClosed, Withdrawn,
    };
    let answered = [
        Unmatched,
        Matched,
        Settled,
        CancellationPending,
        RejectedCutOff,
        ValueDateClosed,
        Expired,
        OriginalUnknown,
        OriginalMismatch,
        NotWaiting,
        ValuationInvalid,
    ];
    let later = [
        Alleged,
        Matched,
        Settled,
        Amended,
        Withdrawn,
        Expired,
        RejectedClose,
        CancellationRefused,
        NotWaiting,
        PayInMissed,
    ];
    variety.demand(&answered, &later);
}

#[test]
fn the_auditor_agrees_with_a_ledger_that_goes_over_to_version_3_amid() {
    for (seed, before) in [(1, 1), (2, 2), (3, 2), (4, 1)] {
        let mut rig = Rig::new(genesis_by(before, 100_000, 120));
        let mut player = Player::new(seed).by(3);
        for n in 0..300 {
            let step = player.step(&mut rig).and_then(|()| rig.observe());
            step.unwrap_or_else(|fault| panic!("seed {seed}, step {n}: {fault}\n{}", rig.last_in_words()));
            if n == 100 {
                rig.rules(3).expect("the auditor agrees");
            }
        }
        whole(&rig);
    }
}

#[test]
fn the_auditor_agrees_with_a_ledger_that_goes_over_to_version_2_amid() {
    for seed in 1..=4 {
        let mut rig = Rig::new(genesis_by(1, 100_000, 120));
        let mut player = Player::new(seed).by(2);
        for n in 0..300 {
            let step = player.step(&mut rig).and_then(|()| rig.observe());
            step.unwrap_or_else(|fault| panic!("seed {seed}, step {n}: {fault}\n{}", rig.last_in_words()));
            if n == 100 {
                rig.rules(2).expect("the auditor agrees");
            }
        }
        whole(&rig);
    }
}

fn fund(participant: u32, amount: u64, reference: &str) -> Action {
    Action::Fund {
        participant: ParticipantId(participant),
        currency: EUR,
        amount,
        reference: reference.into(),
    }
}

#[test]
fn the_auditor_agrees_where_one_entry_releases_no_more_than_it_may() {
    let mut rig = Rig::new(genesis(100_000, 60_000));
    for part in 0..4 {
        for (from, to) in [(3, 4), (4, 5), (5, 3)] {
            let label = |n: u32| payment(&format!("{part} {from} {n}"), from, to, 50);
            pay(&mut rig, from, &(0..1_500).map(label).collect::<Vec<_>>());
        }
    }
    assert!(rig.auditor.waiting() > 16_384, "more than two entries release");
    decide(&mut rig, AGENT, "fund", fund(3, 60, "R1"));
    let mut entries = 0;
    while rig.auditor.next_due() == Some(rig.auditor.time()) {
        assert!(entries < 4);
        pay(&mut rig, 4, &[payment(&format!("amid {entries}"), 4, 5, 1)]);
        rig.observe().expect("the auditor agrees");
        entries += 1;
    }
    assert!(entries >= 2, "the work went on for {entries} entries");
    whole(&rig);
}

#[test]
fn the_auditor_agrees_where_one_entry_ends_no_more_than_it_may() {
    let mut rig = Rig::new(genesis(100_000, 60_000));
    let end = rig.now().seconds() as u32 + 100;
    let mut records: Vec<_> = (0..1_500)
        .map(|n| payment(&format!("due {n}"), 3, 4, 900))
        .collect();
    records
        .iter_mut()
        .for_each(|record| record.expires_at = end.into());
    records.push(payment("behind", 3, 4, 1));
    pay(&mut rig, 3, &records);
    rig.wait(100 * 1_000_000_000);
    decide(&mut rig, AGENT, "fund", fund(3, 1, "R1"));
    rig.tick().expect("the auditor agrees");
    rig.observe().expect("the auditor agrees");
    assert_eq!(rig.auditor.waiting(), 0);
    whole(&rig);
}

#[test]
fn the_auditor_agrees_where_too_many_proposals_wait() {
    let mut rig = Rig::new(genesis(100_000, 60));
    let mut variety = Variety::default();
    for cap in 0..260 {
        let account = AccountGrant { currency: EUR, cap };
        let participant = ParticipantId(3);
        propose(
            &mut rig,
            OPERATOR,
            &format!("cap {cap}"),
            Action::SetCap { participant, account },
        );
        variety.note(&rig);
    }
    variety.demand(&[Status::TooManyProposals], &[]);
    rig.wait(86_400 * 1_000_000_000);
    rig.tick().expect("the auditor agrees");
    variety.note(&rig);
    variety.demand(&[], &[Status::ProposalExpired]);
    rig.observe().expect("the auditor agrees");
    whole(&rig);
}
