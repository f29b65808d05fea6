//! The auditor agrees with the ledger about what became of proposals, under version 4 of the rules (PROTOCOL §27).
use causeway_message::action::{AccountGrant, Action};
use causeway_message::control::Control;
use causeway_message::digest::Digest;
use causeway_message::{ParticipantId, Status};

use crate::support::{EUR, Log, OPERATOR, OTHER_AGENT, Player, Rig, answer, genesis_by, propose, whole};

const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 86_400 * SECOND;
/// Proposals of one participant of which it is remembered what became of them.
const REMEMBERED: usize = 1_024;

fn rig() -> Rig {
    Rig::new(genesis_by(4, 100_000, 60))
}

fn cap(rig: &mut Rig, cap: u64) -> Digest {
    let action = Action::SetCap {
        participant: ParticipantId(3),
        account: AccountGrant { currency: EUR, cap },
    };
    propose(rig, OPERATOR, &format!("cap {cap}"), action)
}

/// What the last batch was answered.
fn answers(rig: &Rig) -> Vec<Status> {
    let last = rig.auditor.expected(rig.auditor.index()).expect("the last entry");
    last.answers.iter().filter_map(|answer| answer.status()).collect()
}

#[test]
fn who_decides_too_late_is_told_what_became_of_it() {
    let mut rig = rig();
    let [approved, withdrawn, expired] = [1, 2, 3].map(|n| cap(&mut rig, n));
    let decided = [Control::Approve(approved), Control::Withdraw(withdrawn)];
    answer(&mut rig, OPERATOR, 2, "first", &decided);
    rig.wait(DAY);
    let again = [approved, withdrawn, expired].map(Control::Approve);
    answer(&mut rig, OPERATOR, 2, "again", &again);
    use Status::{ProposalApproved, ProposalExpired, ProposalUnknown, ProposalWithdrawn};
    assert_eq!(
        answers(&rig),
        [ProposalApproved, ProposalWithdrawn, ProposalExpired]
    );
    answer(&mut rig, OTHER_AGENT, 2, "another", &again);
    assert_eq!(answers(&rig), [ProposalUnknown; 3]);
    rig.wait(6 * DAY + DAY / 2);
    answer(&mut rig, OPERATOR, 1, "later", &again);
    assert_eq!(answers(&rig), [ProposalUnknown, ProposalUnknown, ProposalExpired]);
    rig.wait(DAY);
    rig.tick().expect("the auditor agrees");
    answer(&mut rig, OPERATOR, 1, "last", &again);
    assert_eq!(answers(&rig), [ProposalUnknown; 3]);
    rig.observe().expect("the auditor agrees");
    whole(&rig);
}

#[test]
fn the_oldest_are_forgotten_first() {
    let mut rig = rig();
    let mut all = Vec::new();
    for n in 0..REMEMBERED as u64 + 3 {
        all.push(cap(&mut rig, n));
        if all.len() % 64 == 0 {
            let last: Vec<_> = all
                .iter()
                .rev()
                .take(64)
                .copied()
                .map(Control::Withdraw)
                .collect();
            answer(&mut rig, OPERATOR, 1, &format!("ends {n}"), &last);
            assert!(answers(&rig).iter().all(|status| *status == Status::Executed));
        }
    }
    let last: Vec<_> = all[REMEMBERED..].iter().copied().map(Control::Approve).collect();
    answer(&mut rig, OPERATOR, 2, "approves", &last);
    let looks: Vec<_> = all[..5].iter().copied().map(Control::Withdraw).collect();
    answer(&mut rig, OPERATOR, 2, "looks", &looks);
    use Status::{ProposalUnknown, ProposalWithdrawn};
    let told = [
        ProposalUnknown,
        ProposalUnknown,
        ProposalUnknown,
        ProposalWithdrawn,
        ProposalWithdrawn,
    ];
    assert_eq!(answers(&rig), told);
    rig.observe().expect("the auditor agrees");
    whole(&rig);
}

#[test]
fn the_auditor_agrees_over_random_runs_under_version_4() {
    let mut late = 0;
    for (seed, before) in [(1, 4), (2, 4), (3, 3), (4, 1)] {
        let mut rig = Rig::new(genesis_by(before, 100_000, 120));
        let mut player = Player::new(seed).by(before.max(3));
        for n in 0..400 {
            let step = player.step(&mut rig).and_then(|()| rig.observe());
            step.unwrap_or_else(|fault| panic!("seed {seed}, step {n}: {fault}\n{}", rig.last_in_words()));
            let told = answers(&rig).into_iter();
            late += told.filter(|status| *status == Status::ProposalApproved).count();
            if n == 100 && before < 4 {
                rig.rules(4).expect("the auditor agrees");
            }
        }
        whole(&rig);
    }
    assert!(late > 0, "nobody approved twice");
}
