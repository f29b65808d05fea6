//! Every kind of lie is a fault of the right rule.
use causeway_loadtest::audit::{Auditor, Fault, FeedReader, Rule};
use causeway_message::action::Action;
use causeway_message::checkpoint::{Checkpoint, origin};
use causeway_message::entry::{EntryHeader, EntryKind, Roots, payload_digest};
use causeway_message::event;
use causeway_message::keys::SigningKey;
use causeway_message::plan::Plan;
use causeway_message::wire::{AnswersMessage, FeedEntry, FeedPage, InstructionKey};
use causeway_message::{InstructionId, ParticipantId};

use crate::support::{AGENT, EUR, Log, Rig, Told, decide, genesis, node_key, pay, payment};

const A: ParticipantId = ParticipantId(3);
const B: ParticipantId = ParticipantId(4);

/// B pays A what A does not have yet; A is funded and pays, which lets both of its payments and B's move.
fn scene() -> (Rig, Vec<Told>) {
    let mut rig = Rig::new(genesis(1_000, 60));
    let mut shown = payment("shown", 3, 4, 5);
    shown.flags = 4.into();
    pay(
        &mut rig,
        3,
        &[payment("first", 3, 4, 30), payment("second", 3, 4, 20)],
    );
    pay(&mut rig, 4, &[payment("back", 4, 3, 15)]);
    let action = Action::Fund {
        participant: A,
        currency: EUR,
        amount: 100,
        reference: "R1".into(),
    };
    decide(&mut rig, AGENT, "fund", action);
    pay(
        &mut rig,
        3,
        &[shown, payment("more", 3, 4, 5), payment("first", 3, 4, 30)],
    );
    let told = rig.publish();
    (rig, told)
}

/// Entry that releases, and the last one.
const RELEASE: usize = 4;
const LAST: usize = 5;

fn fault(found: Result<(), Fault>) -> Rule {
    let fault = found.expect_err("a lie is found");
    println!("{fault}");
    fault.rule
}

/// Changes the answers to the last batch.
fn answers(change: impl FnOnce(&mut AnswersMessage)) -> Rule {
    let (mut rig, told) = scene();
    let (who, mut message) = told[LAST].answers.clone().expect("a batch is answered");
    rig.auditor.answers(who, &message).expect("true answers hold");
    change(&mut message);
    fault(rig.auditor.answers(who, &message))
}

/// Changes what A is told of the entry that releases.
fn entry(change: impl FnOnce(&mut FeedEntry)) -> Rule {
    page(|page| {
        change(&mut page.entries[0]);
        page.next = page.first + u64::from(page.entries[0].group.count);
    })
}

fn page(change: impl FnOnce(&mut FeedPage)) -> Rule {
    let (mut rig, told) = scene();
    let pages = told[RELEASE].pages();
    let (who, mut page) = pages
        .into_iter()
        .find(|(who, _)| *who == A)
        .expect("A is concerned");
    rig.auditor.page(who, &page).expect("a true page holds");
    change(&mut page);
    fault(rig.auditor.page(who, &page))
}

/// Takes events apart and puts them together again, changed.
fn reorder(entry: &mut FeedEntry, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let mut rest = entry.events.as_slice();
    let mut all = Vec::new();
    while let Ok(Some((_, behind))) = event::first(rest) {
        all.push(rest[..rest.len() - behind.len()].to_vec());
        rest = behind;
    }
    assert!(all.len() > 2, "the release concerns A more than twice");
    change(&mut all);
    entry.group.count = all.len() as u32;
    entry.events = all.concat();
}

#[test]
fn answers_that_lie_are_found() {
    assert_eq!(answers(|m| m.answers[0].status = 3.into()), Rule::AnswerStatus);
    assert_eq!(answers(|m| m.answers[2].status = 31.into()), Rule::AnswerStatus);
    assert_eq!(answers(|m| m.answers[2].flags = 0.into()), Rule::AnswerFlags);
    assert_eq!(
        answers(|m| m.answers[1].queue_position = 1.into()),
        Rule::QueuePosition
    );
    assert_eq!(answers(|m| m.answers.swap(0, 2)), Rule::AnswerFlags);
    assert_eq!(answers(|m| _ = m.answers.pop()), Rule::AnswerCount);
    assert_eq!(answers(|m| m.details[0].balance = 1.into()), Rule::Detail);
    assert_eq!(answers(|m| m.details[1].origin_entry = 3.into()), Rule::Detail);
    assert_eq!(answers(|m| _ = m.details.pop()), Rule::Detail);
    assert_eq!(answers(|m| m.number = 1), Rule::AnswerEntry);
    assert_eq!(answers(|m| m.time.0 += 1), Rule::AnswerEntry);
    assert_eq!(answers(|m| m.index = 2), Rule::AnswerEntry);
    assert_eq!(answers(|m| m.index = 99), Rule::BeforeDurable);
    assert_eq!(answers(|m| m.groups_root[3] ^= 1), Rule::Effects);
    assert_eq!(answers(|m| m.proof.path[0][3] ^= 1), Rule::Proof);
    assert_eq!(answers(|m| m.proof.leaf_index = 1), Rule::Proof);
    let (mut rig, told) = scene();
    let (_, message) = told[LAST].answers.clone().expect("a batch is answered");
    assert_eq!(fault(rig.auditor.answers(B, &message)), Rule::AnswerEntry);
}

#[test]
fn feeds_that_lie_are_found() {
    assert_eq!(entry(|e| reorder(e, |all| _ = all.pop())), Rule::FeedCount);
    assert_eq!(
        entry(|e| reorder(e, |all| all.push(all[0].clone()))),
        Rule::FeedCount
    );
    assert_eq!(entry(|e| reorder(e, |all| all.swap(0, 1))), Rule::FeedOrder);
    assert_eq!(entry(|e| reorder(e, |all| all[1][16] ^= 1)), Rule::FeedEvent);
    assert_eq!(entry(|e| reorder(e, |all| all[2][2] = 30)), Rule::FeedEvent);
    assert_eq!(entry(|e| e.events.push(0)), Rule::FeedEvent);
    assert_eq!(entry(|e| e.effects.groups += 1), Rule::Effects);
    assert_eq!(entry(|e| e.leaf.effects_root[0] ^= 1), Rule::Effects);
    assert_eq!(entry(|e| e.group.participant = B), Rule::FeedOwner);
    assert_eq!(entry(|e| e.group_path[0][0] ^= 1), Rule::Proof);
    assert_eq!(entry(|e| e.proof.path[0][0] ^= 1), Rule::Proof);
    assert_eq!(page(|p| p.first += 1), Rule::FeedNumbers);
    assert_eq!(page(|p| p.next += 1), Rule::FeedNumbers);
    assert_eq!(page(|p| p.entries.clear()), Rule::FeedNumbers);
    let renumber = |p: &mut FeedPage| {
        p.first += 1;
        p.next += 1;
        p.entries[0].group.first += 1;
    };
    assert_eq!(page(renumber), Rule::FeedNumbers);
    assert_eq!(page(|p| p.entries[0].leaf.index = 99), Rule::BeforeDurable);
    // The entry with A's first batch does not concern the agent.
    let (mut rig, told) = scene();
    let (_, mut other) = told[1].pages().remove(0);
    other.entries[0].group.participant = AGENT;
    assert_eq!(fault(rig.auditor.page(AGENT, &other)), Rule::FeedCount);
}

#[test]
fn a_subscription_with_a_gap_is_found() {
    let (_, told) = scene();
    let of_a = |told: &Told| {
        told.pages()
            .into_iter()
            .find(|(who, _)| *who == A)
            .map(|(_, page)| page)
    };
    let pages: Vec<FeedPage> = told.iter().filter_map(of_a).collect();
    let mut reader = FeedReader::new(A, 1);
    pages
        .iter()
        .for_each(|page| reader.take(page).expect("pages follow"));
    assert_eq!(reader.next(), pages.last().expect("a page").next);
    let mut reader = FeedReader::new(A, 1);
    reader.take(&pages[0]).expect("the first page");
    assert_eq!(fault(reader.take(&pages[2])), Rule::FeedGap);
    assert_eq!(fault(reader.take(&pages[0])), Rule::FeedGap);
    assert_eq!(fault(FeedReader::new(A, 1).take(&pages[1])), Rule::FeedGap);
}

#[test]
fn checkpoints_that_lie_are_found() {
    let (mut rig, told) = scene();
    let origin = origin(rig.genesis.ledger_id());
    let (size, root) = (6, rig.auditor.root_at(6).expect("six leaves"));
    let name = "node-1.test";
    let sign = |size, root, key: &SigningKey| {
        Checkpoint {
            origin: origin.clone(),
            size,
            root,
        }
        .sign(name, key)
    };
    assert_eq!(sign(size, root, &node_key()), told[0].note);
    let mut check = |note: &str| fault(rig.auditor.checkpoint(note).map(|_| ()));
    let other = SigningKey::from_seed([1; 32]).expect("a seed is a key");
    assert_eq!(check(&sign(size, root, &other)), Rule::CheckpointKey);
    assert_eq!(check(&sign(5, root, &node_key())), Rule::Checkpoint);
    assert_eq!(check(&sign(size, [1; 32], &node_key())), Rule::Checkpoint);
    assert_eq!(check(&sign(0, [1; 32], &node_key())), Rule::Checkpoint);
    assert_eq!(check(&sign(7, root, &node_key())), Rule::BeforeDurable);
    assert_eq!(check("nothing"), Rule::CheckpointKey);
}

#[test]
fn balances_and_statuses_that_lie_are_found() {
    let (mut rig, _) = scene();
    let told = rig.ledger.balances(A, 0);
    rig.auditor.balances(A, 0, &told).expect("true balances hold");
    rig.auditor
        .balances(A, EUR, &rig.ledger.balances(A, EUR))
        .expect("of one currency too");
    let mut wrong = told.clone();
    wrong.lines[1].balance += 1;
    assert_eq!(fault(rig.auditor.balances(A, 0, &wrong)), Rule::Balance);
    wrong.lines.remove(1);
    assert_eq!(fault(rig.auditor.balances(A, 0, &wrong)), Rule::Balance);
    wrong.clone_from(&told);
    wrong.index = 2;
    assert_eq!(fault(rig.auditor.balances(A, 0, &wrong)), Rule::Balance);
    wrong.index = 99;
    assert_eq!(fault(rig.auditor.balances(A, 0, &wrong)), Rule::BeforeDurable);
    let key = InstructionKey {
        submitter: A,
        id: payment("second", 3, 4, 20).id(),
    };
    let told = rig.ledger.status(key.submitter, key.id).expect("it is known");
    rig.auditor.status(key, &told).expect("a true status holds");
    let wrong = [
        causeway_message::wire::StatusAnswer { cause: 2, ..told },
        causeway_message::wire::StatusAnswer { ordinal: 0, ..told },
        causeway_message::wire::StatusAnswer { index: 4, ..told },
    ];
    for told in wrong {
        assert_eq!(fault(rig.auditor.status(key, &told)), Rule::StatusTold);
    }
    rig.auditor
        .unknown(key, 1)
        .expect("it came with the second entry");
    assert_eq!(fault(rig.auditor.unknown(key, 2)), Rule::StatusTold);
}

#[test]
fn a_session_that_lost_a_number_is_found() {
    let (rig, _) = scene();
    let session = causeway_message::SessionId(1);
    rig.auditor.session(A, session, 2, 6).expect("two batches");
    rig.auditor
        .session(A, session, 1, 5)
        .expect("one before the last entry");
    assert_eq!(fault(rig.auditor.session(A, session, 1, 6)), Rule::SessionNumber);
    assert_eq!(fault(rig.auditor.session(A, session, 3, 6)), Rule::SessionNumber);
    assert_eq!(fault(rig.auditor.session(A, session, 2, 7)), Rule::OutOfReach);
}

#[test]
fn what_was_not_seen_is_missed() {
    let (mut rig, told) = scene();
    for (at, told) in told.iter().enumerate() {
        for (who, page) in told.pages() {
            if (at, who) != (RELEASE, B) {
                rig.auditor.page(who, &page).expect("a true page holds");
            }
        }
        if let Some((who, message)) = told.answers.as_ref().filter(|_| at != LAST) {
            rig.auditor.answers(*who, message).expect("true answers hold");
        }
    }
    let last = rig.auditor.index();
    rig.auditor
        .complete(last, &[A, AGENT])
        .expect("these saw everything");
    assert_eq!(fault(rig.auditor.complete(last, &[A, B])), Rule::FeedUnseen);
    rig.auditor
        .complete(RELEASE as u64, &[A, B])
        .expect("nothing was missed before");
    rig.auditor
        .answered(last, &[B, AGENT])
        .expect("these were answered");
    assert_eq!(fault(rig.auditor.answered(last, &[A])), Rule::AnswerUnseen);
}

/// Gives a fresh auditor a header and a payload of the next entry, changed.
fn next_entry(change: impl FnOnce(&mut EntryHeader)) -> Rule {
    let (mut rig, _) = scene();
    let mut header = rig.header(EntryKind::Tick, &[], payload_digest(&[]));
    change(&mut header);
    fault(rig.auditor.entry(&header, &[]))
}

#[test]
fn a_log_that_does_not_hang_together_is_found() {
    assert_eq!(next_entry(|h| h.index = 9.into()), Rule::LogIndex);
    assert_eq!(next_entry(|h| h.prev_hash[0] ^= 1), Rule::LogChain);
    assert_eq!(next_entry(|h| h.time = 1.into()), Rule::LogTime);
    assert_eq!(next_entry(|h| h.term = 2.into()), Rule::LogTerm);
    assert_eq!(next_entry(|h| h.version = 2.into()), Rule::LogForm);
    assert_eq!(next_entry(|h| h.len = 1.into()), Rule::LogForm);
    assert_eq!(next_entry(|h| h.kind = 9.into()), Rule::LogForm);
    assert_eq!(next_entry(|h| h.kind = 1.into()), Rule::LogGenesis);
    assert_eq!(next_entry(|h| h.kind = 2.into()), Rule::LogBatch);
    assert_eq!(next_entry(|h| h.payload_digest[0] ^= 1), Rule::LogDigest);
}

#[test]
fn a_tree_head_in_the_log_that_is_not_its_own_is_found() {
    let (mut rig, _) = scene();
    let mut payload = Vec::new();
    let root = rig.auditor.root_at(5).expect("five leaves");
    Roots { size: 6, root }.write(&mut payload);
    let header = rig.header(EntryKind::Roots, &payload, payload_digest(&payload));
    assert_eq!(fault(rig.auditor.entry(&header, &payload)), Rule::LogRoots);
    payload.clear();
    Roots { size: 5, root }.write(&mut payload);
    let header = rig.header(EntryKind::Roots, &payload, payload_digest(&payload));
    rig.auditor
        .entry(&header, &payload)
        .expect("an older head is true");
}

#[test]
fn a_batch_that_its_bank_did_not_sign_is_found() {
    use causeway_message::batch::{BatchHead, build};
    use causeway_message::verify::VerifiedBatch;
    let (mut rig, _) = scene();
    let head = BatchHead {
        ledger: rig.genesis.ledger_id(),
        participant: A,
        key: causeway_message::KeyId(1),
        session: causeway_message::SessionId(1),
        number: 3,
        not_after: u32::MAX,
    };
    let sign = |head: &BatchHead, key: &SigningKey| {
        let frame = build(head, &[payment("forged", 3, 4, 1)], &[], key).expect("the batch has its form");
        VerifiedBatch::verify(frame, head.ledger, &key.public()).expect("somebody signed it")
    };
    assert_eq!(fault(rig.batch(&sign(&head, &node_key()))), Rule::LogSignature);
    let unknown = BatchHead {
        key: causeway_message::KeyId(77),
        ..head
    };
    assert_eq!(fault(rig.batch(&sign(&unknown, &node_key()))), Rule::LogSignature);
    let other = BatchHead {
        ledger: causeway_message::LedgerId([1; 32]),
        ..head
    };
    assert_eq!(fault(rig.batch(&sign(&other, &node_key()))), Rule::LogBatch);
    // Out of order: a ledger answers it, a node never sequences it.
    let key = crate::support::signing_key(A, 1);
    let disorder = sign(&BatchHead { number: 5, ..head }, &key);
    rig.auditor.expect_session_order();
    assert_eq!(fault(rig.batch(&disorder)), Rule::LogSession);
}

#[test]
fn what_is_forgotten_is_still_held_to_its_leaf() {
    let (mut rig, told) = scene();
    rig.auditor.forget(rig.auditor.index());
    let show = |auditor: &mut Auditor, told: &Told| -> Result<(), Fault> {
        for (who, page) in told.pages() {
            auditor.page(who, &page)?;
        }
        told.answers
            .as_ref()
            .map_or(Ok(()), |(who, message)| auditor.answers(*who, message))
    };
    for told in &told {
        show(&mut rig.auditor, told).expect("the truth holds");
    }
    let mut wrong = told[LAST].clone();
    if let Some((_, message)) = &mut wrong.answers {
        message.answers[0].status = 3.into();
    }
    assert_eq!(fault(show(&mut rig.auditor, &wrong)), Rule::Effects);
    let mut wrong = told[RELEASE].clone();
    let of_a = wrong
        .entries
        .iter_mut()
        .find(|entry| entry.group.participant == A);
    reorder(of_a.expect("A is concerned"), |all| all.swap(0, 1));
    assert_eq!(fault(show(&mut rig.auditor, &wrong)), Rule::Proof);
    let early = rig.ledger.balances(A, 0);
    rig.auditor
        .balances(A, 0, &early)
        .expect("the present is remembered");
}

#[test]
fn every_rule_is_broken_by_some_test() {
    let tests = [
        include_str!("lies.rs"),
        include_str!("receipts.rs"),
        include_str!("../../src/audit/tally/tests.rs"),
        include_str!("../../src/audit/tally/tests/second.rs"),
        include_str!("../../src/audit/tally/tests/third.rs"),
        include_str!("../../src/audit/tally/tests/fourth.rs"),
        include_str!("../../src/audit/tally/tests/exchange.rs"),
    ]
    .concat();
    let words: Vec<&str> = tests.split(|c: char| !c.is_alphanumeric() && c != ':').collect();
    let untried = |rule: &&Rule| !words.contains(&format!("Rule::{rule:?}").as_str());
    let untried: Vec<&Rule> = Rule::ALL.iter().filter(untried).collect();
    assert!(untried.is_empty(), "{untried:?}");
}

#[test]
fn a_plan_that_is_not_one_is_found() {
    let plan = |basis: u64| {
        let instructions = vec![(ParticipantId(3), InstructionId([1; 16]))];
        let mut payload = Vec::new();
        Plan { basis, instructions }.write(&mut payload);
        payload
    };
    let entry = |change: &dyn Fn(&mut Vec<u8>), ahead: u64| {
        let (mut rig, _) = scene();
        let mut payload = plan(rig.auditor.index() + ahead);
        change(&mut payload);
        let header = rig.header(EntryKind::Plan, &payload, payload_digest(&payload));
        rig.auditor.entry(&header, &payload).map_err(|fault| fault.rule)
    };
    assert_eq!(entry(&|_| {}, 0), Ok(()));
    assert_eq!(entry(&|_| {}, 1), Err(Rule::LogForm), "made after its own entry");
    assert_eq!(entry(&|payload| payload[0] = 2, 0), Err(Rule::LogForm));
    assert_eq!(entry(&|payload| payload.push(0), 0), Err(Rule::LogForm));
    let repeat = |payload: &mut Vec<u8>| {
        payload[4] = 2;
        payload.extend_from_within(16..36);
    };
    assert_eq!(entry(&repeat, 0), Err(Rule::LogForm), "one stands twice");
}
