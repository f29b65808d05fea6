//! Four eyes: proposals, approvals, withdrawals and their time.
use causeway_message::action::{AccountGrant, Action};
use causeway_message::control::{Control, proposal_digest};
use causeway_message::{Digest, ParticipantId, Status};

use crate::support::{Head, World, check, check_repeats, id_of};

#[test]
fn nothing_happens_before_a_second_person_approves() {
    check(
        "
        open A B EUR
        propose P fund A EUR 10 ref R by AG.1 -> proposed
        balance A EUR 0
        approve P by AG.2 -> executed ; tells A 10
        balance A EUR 10
        approve P by AG.2 -> proposal_unknown
        ",
    );
}

#[test]
fn one_person_with_two_keys_is_one_pair_of_eyes() {
    check(
        "
        open A B EUR
        propose P fund A EUR 10 by AG.1 -> proposed
        approve P by AG.1 -> same_person
        approve P by AG.3 -> same_person
        balance A EUR 0
        propose Q fund A EUR 1 by AG.3 -> proposed
        approve Q by AG.1 -> same_person
        approve Q by AG.5 -> executed
        approve P by AG.5 -> executed
        ",
    );
}

#[test]
fn a_key_that_only_instructs_neither_proposes_nor_approves() {
    check(
        "
        open A B EUR
        propose P fund A EUR 10 by AG.4 -> key_not_active
        propose Q fund A EUR 10 by AG.1 -> proposed
        approve Q by AG.4 -> key_not_active
        withdraw Q by AG.4 -> key_not_active
        approve Q by AG.2 -> executed
        ",
    );
}

#[test]
fn nobody_approves_or_withdraws_for_another() {
    check(
        "
        open A B EUR
        propose P fund A EUR 10 by AG.1 -> proposed
        approve P by AG2.2 -> proposal_unknown
        approve P by OP.2 -> proposal_unknown
        withdraw P by OP.2 -> proposal_unknown
        approve NEVER by AG.2 -> proposal_unknown
        approve P by AG.2 -> executed
        ",
    );
}

#[test]
fn a_proposal_is_withdrawn_by_any_person_of_its_proposer() {
    check(
        "
        open A B EUR
        propose P fund A EUR 10 ref R by AG.1 -> proposed
        propose Q fund A EUR 10 ref R by AG.1 -> proposed
        withdraw P by AG.1 -> executed ; tells nobody 0
        withdraw Q by AG.2 -> executed
        approve P by AG.2 -> proposal_unknown
        withdraw P by AG.2 -> proposal_unknown
        propose P fund A EUR 10 ref R by AG.1 -> proposal_withdrawn replayed
        fund A EUR 10 ref R
        ",
    );
}

#[test]
fn a_proposal_expires_after_a_day() {
    check(
        "
        open A B EUR
        at 60s
        propose P fund A EUR 10 ref R by AG.1 -> proposed
        at 61s
        propose Q fund A EUR 10 ref R by AG.1 -> proposed
        due 60s+24h
        at 60s+24h-1ns
        tick
        at 61s+24h-1ns
        approve Q by AG.2 -> executed ; notices P proposal_expired
        approve P by AG.2 -> proposal_unknown
        propose P fund A EUR 10 ref R by AG.1 -> proposal_expired replayed
        due none
        ",
    );
}

#[test]
fn an_approval_at_the_instant_of_expiry_comes_too_late() {
    check(
        "
        open A B EUR
        at 60s
        propose P fund A EUR 10 ref R by AG.1 -> proposed
        at 60s+24h
        approve P by AG.2 -> proposal_unknown ; notices P proposal_expired
        ",
    );
}

#[test]
fn an_approval_is_judged_where_it_stands() {
    check(
        "
        open A B EUR
        propose P1 fund A EUR 10 ref R by AG.1 -> proposed
        propose P2 fund A EUR 10 ref R by AG.1 -> proposed
        approve P2 by AG.2 -> executed
        approve P1 by AG.2 -> reference_used ; tells nobody 0
        approve P1 by AG.2 -> proposal_unknown
        propose D1 defund A EUR 10 by AG.1 -> proposed
        propose D2 defund A EUR 10 by AG.1 -> proposed
        pay A B EUR 1 -> settled
        approve D1 by AG.2 -> defund_uncovered
        propose D2 defund A EUR 10 by AG.1 -> proposed replayed
        ",
    );
}

#[test]
fn a_proposer_whose_key_is_revoked_leaves_its_proposal_to_the_others() {
    check(
        "
        open A B EUR
        propose P fund A EUR 10 ref R by AG.1 -> proposed
        revoke AG.1
        approve P by AG.3 -> same_person
        approve P by AG.2 -> executed
        ",
    );
}

#[test]
fn control_records_are_known_again_like_payments() {
    check(
        "
        open A B EUR
        propose P fund A EUR 10 ref R by AG.1 -> proposed
        propose P fund A EUR 10 ref R by AG.2 -> proposed replayed
        propose P fund A EUR 11 ref R by AG.1 -> id_reused
        approve P id X by AG.2 -> executed
        approve P id X by AG.2 -> executed replayed
        withdraw P id X by AG.2 -> id_reused
        propose P fund A EUR 10 ref R by AG.1 -> executed replayed
        balance A EUR 10
        ",
    );
}

#[test]
fn payments_and_proposals_share_one_space_of_ids() {
    check(
        "
        open A B EUR
        pay A B EUR 1 id 1 sor -> insufficient_liquidity
        propose 1 grant A.9 by A.1 -> id_reused
        propose 2 grant A.9 by A.1 -> proposed
        pay A B EUR 1 id 2 -> id_reused
        ",
    );
}

fn two_members() -> World {
    let world = crate::support::opened("open A B EUR");
    assert_eq!(world.ledger.registry().len(), 5);
    world
}

const OPERATOR: ParticipantId = ParticipantId(0);
const BANK: ParticipantId = ParticipantId(3);

fn cap(n: u64) -> Action {
    Action::SetCap {
        participant: BANK,
        account: AccountGrant {
            currency: 978,
            cap: n,
        },
    }
}

fn statuses(world: &World) -> Vec<Status> {
    world
        .last()
        .outcome
        .answers
        .iter()
        .map(|a| a.status().expect("a status"))
        .collect()
}

#[test]
fn a_batch_that_proposes_and_approves_is_one_person() {
    let mut world = two_members();
    let digest = proposal_digest(world.ledger.id(), OPERATOR, id_of("p"), &cap(5));
    let records = [
        (id_of("p"), Control::Propose(cap(5))),
        (id_of("a"), Control::Approve(digest)),
        (id_of("w"), Control::Withdraw(digest)),
        (id_of("x"), Control::Approve(digest)),
    ];
    world.control(Head::of(OPERATOR, 1), &records);
    use Status::{Executed, ProposalUnknown, Proposed, SamePerson};
    assert_eq!(
        statuses(&world),
        [Proposed, SamePerson, Executed, ProposalUnknown]
    );
    assert_eq!(world.last().outcome.notices.len(), 1);
    check_repeats(&world);
}

#[test]
fn a_digest_binds_proposer_id_and_action() {
    let mut world = two_members();
    world.control(Head::of(OPERATOR, 1), &[(id_of("p"), Control::Propose(cap(5)))]);
    let ledger = world.ledger.id();
    let others: [Digest; 3] = [
        proposal_digest(ledger, OPERATOR, id_of("p"), &cap(6)),
        proposal_digest(ledger, OPERATOR, id_of("q"), &cap(5)),
        proposal_digest(ledger, BANK, id_of("p"), &cap(5)),
    ];
    for (i, digest) in others.into_iter().enumerate() {
        world.control(
            Head::of(OPERATOR, 2),
            &[(id_of(&format!("a{i}")), Control::Approve(digest))],
        );
        assert_eq!(statuses(&world), [Status::ProposalUnknown]);
    }
    let digest = proposal_digest(ledger, OPERATOR, id_of("p"), &cap(5));
    world.control(Head::of(OPERATOR, 2), &[(id_of("a"), Control::Approve(digest))]);
    assert_eq!(statuses(&world), [Status::Executed]);
    check_repeats(&world);
}
