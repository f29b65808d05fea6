//! Every vector file is what the code builds. `CAUSEWAY_WRITE_VECTORS=1` writes the files anew.
mod common;

use causeway_message::action::{Action, Holder, KeyGrant, Standing, possession_bytes};
use causeway_message::answer::{answers_root, chunk_leaf, details_root};
use causeway_message::batch::{self, BatchBlock, BatchView, record_leaves};
use causeway_message::checkpoint::{Checkpoint, LogKey, origin};
use causeway_message::control::{ControlView, proposal_digest};
use causeway_message::digest::hash;
use causeway_message::entry::payload_digest;
use causeway_message::event::{each, event_leaves};
use causeway_message::frame::Template;
use causeway_message::plan::Plan;
use causeway_message::record::Instruction;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::verify::{Claim, VerifiedBatch};
use causeway_message::wide::{self, WidePath};
use causeway_message::wire::write_refusal;
use causeway_message::{Digest, InstructionId, KeyId, ParticipantId, document, rfc6962};
use common::files::{check, hex, unhex};
use common::log::{BATCH_ENTRY, Log, QUEUED, REJECTED, RELEASE_ENTRY, SETTLED};
use common::messages;
use common::parties::*;
use serde_json::{Value, json};
use zerocopy::IntoBytes;

fn list<'a>(digests: impl IntoIterator<Item = &'a Digest>) -> Value {
    digests.into_iter().map(|d| Value::from(hex(d))).collect()
}

#[test]
fn records() {
    let case = |name: &str, record: &Instruction| json!({ "name": name, "bytes": hex(record.as_bytes()), "leaf": hex(&record.leaf(&[])) });
    let cases = [
        case("a payment", &payment(5, ALFA, BETA)),
        case("every field differs", &full_record()),
    ];
    let fields = json!({
        "amount": 0x0102_0304_0506_0708_u64, "counter_amount": 0x1112_1314_1516_1718_u64,
        "counter_currency": 392, "creditor": 0x3132_3334, "currency": 978, "debtor": 0x2122_2324,
        "document_digest": "a4".repeat(32), "expires_at": 0x4142_4344, "flags": 7,
        "instruction_id": "a1".repeat(16), "kind": 1, "priority": 2, "quote": 0x5152_5354_5556_5758_u64,
        "related": "a3".repeat(16), "uetr": "a2".repeat(16), "value_date": 9_780,
    });
    check("record", &json!({ "cases": cases, "fields_of_second": fields }));
}

#[test]
fn plans() {
    let id = |first: u8| InstructionId(std::array::from_fn(|at| first + at as u8));
    let case = |name: &str, basis: u64, instructions: Vec<(ParticipantId, InstructionId)>| {
        let mut bytes = Vec::new();
        let told: Vec<Value> = instructions
            .iter()
            .map(|(submitter, id)| json!({ "submitter": submitter.0, "id": hex(&id.0) }))
            .collect();
        Plan { basis, instructions }.write(&mut bytes);
        json!({
            "name": name, "basis": basis, "instructions": told, "bytes": hex(&bytes),
            "payload_digest": hex(&payload_digest(&bytes)),
        })
    };
    let several = vec![(ALFA, id(3)), (BETA, id(1)), (BETA, id(2))];
    check(
        "plan",
        &json!({ "cases": [case("one", 1, vec![(ALFA, id(7))]), case("several", 0x0102_0304_0506_0708, several)] }),
    );
}

#[test]
fn extensions() {
    let record = payment(5, ALFA, BETA);
    let case = |ordinal: u16| {
        let area = reference(ordinal, "TARGET/2026/5");
        json!({
            "ordinal": ordinal, "type": 1, "value": hex(b"TARGET/2026/5"), "area": hex(&area),
            "leaf": hex(&record.leaf(&area)),
        })
    };
    check(
        "extension",
        &json!({ "record": hex(record.as_bytes()), "cases": [case(5), case(8_189)] }),
    );
}

fn block_fields(block: &BatchBlock) -> Value {
    json!({
        "ledger": hex(&block.ledger), "participant": block.participant.get(), "key": block.key.get(),
        "session": block.session.get(), "number": block.number.get(), "class": block.class,
        "count": block.count.get(), "not_after": block.not_after.get(), "root": hex(&block.root),
        "signature": hex(&block.signature),
    })
}

/// What every batch has, whatever its class; the node accepts it.
fn signed(frame: &[u8]) -> Value {
    let claim = Claim::read(frame).expect("it is a batch");
    let seed = seed_of(claim.participant, claim.key.0 as u8);
    let public = key(seed).public();
    let batch = VerifiedBatch::verify(frame.to_vec(), ledger(), &public).expect("it is accepted");
    json!({
        "seed": hex(&[seed; 32]), "public_key": hex(public.bytes()), "frame": hex(frame),
        "signed_bytes": hex(&batch.block().signed_bytes()), "input_digest": hex(batch.input_digest()),
        "block": block_fields(batch.block()),
    })
}

#[test]
fn an_instruction_batch() {
    let (records, area, frame) = small_batch();
    let mut leaves = Vec::new();
    record_leaves(&records, &area, &mut leaves);
    let records: Vec<String> = records.iter().map(|r| hex(r.as_bytes())).collect();
    let batch = signed(&frame);
    check(
        "batch",
        &json!({ "batch": batch, "records": records, "extensions": hex(&area), "leaves": list(&leaves) }),
    );
}

#[test]
fn a_control_batch() {
    let (propose, approve) = funding_frames();
    let leaves = |frame| ControlView::parse(frame).expect("it is a control batch").leaves;
    let digest = proposal_digest(ledger(), AGENT, id(0x33, 1), &funding());
    let actions: Vec<Value> = actions()
        .iter()
        .map(|action| {
            let mut bytes = Vec::new();
            action.write(&mut bytes);
            json!({ "name": action.name(), "bytes": hex(&bytes) })
        })
        .collect();
    check(
        "control",
        &json!({
            "propose": signed(&propose), "propose_leaves": list(&leaves(&propose)),
            "approve": signed(&approve), "approve_leaves": list(&leaves(&approve)),
            "proposer": AGENT.0, "proposal_id": hex(&id(0x33, 1).0), "proposal_digest": hex(&digest),
            "actions": actions,
        }),
    );
}

/// Signature of the key of ALFADEFF's person.
fn proof(holder: Holder<'_>, grant: &KeyGrant, person: u8) -> [u8; 64] {
    key(seed_of(ALFA, person)).sign(&possession_bytes(ledger(), holder, grant))
}

fn actions() -> Vec<Action> {
    let grant = genesis().participants[2].clone();
    let (participant, account, defund) = (ALFA, grant.accounts[1], InstructionId(id(0x33, 9).0));
    vec![
        Action::RegisterParticipant(grant.clone()),
        Action::OpenAccount { participant, account },
        Action::SetCap { participant, account },
        Action::AddKey {
            participant,
            grant: grant.keys[1].clone(),
        },
        Action::RevokeKey {
            participant,
            key: KeyId(2),
        },
        Action::SetStanding {
            participant,
            suspended: true,
        },
        Action::OpenCurrency {
            currency: EUR,
            agent: AGENT,
        },
        funding(),
        Action::Defund {
            participant,
            currency: EUR,
            amount: 77,
        },
        Action::ConfirmDefund {
            defund,
            reference: "RTGS-2026-000002".into(),
        },
        Action::ReleaseDefund { defund },
        Action::AdmitMember {
            proofs: grant
                .keys
                .iter()
                .zip(1..)
                .map(|(own, place)| proof(Holder::Newcomer(&grant.name), own, place))
                .collect(),
            grant: grant.clone(),
        },
        Action::AddMemberKey {
            participant,
            grant: grant.keys[1].clone(),
            proof: proof(Holder::Member(participant), &grant.keys[1], 2),
        },
        Action::SetMembership {
            participant,
            standing: Standing::Taking,
            reference: "CASE-2026-7".into(),
        },
        Action::SetRoles {
            participant,
            roles: 33,
        },
        Action::DeclareDefault {
            participant,
            reference: "CASE-2026-9".into(),
        },
        Action::DecideDefault {
            participant,
            confirmed: true,
        },
    ]
}

#[test]
fn answers() {
    let log = Log::build();
    let message = log.answers(BATCH_ENTRY);
    let checkpoint = Checkpoint::verify(&message.checkpoint, &origin(ledger()), &log_key()).expect("signed");
    assert!(message.proof.holds(message.leaf().hash(), &checkpoint));
    let status = |n: usize| message.answers[n].status.get();
    check(
        "answers",
        &json!({
            "message": hex(&message.write()), "leaf_hash": hex(&message.leaf().hash()),
            "settled": { "ordinal": SETTLED, "status": status(SETTLED), "balance": 9_979 },
            "rejected": { "ordinal": REJECTED, "status": status(REJECTED) },
            "queued": { "ordinal": QUEUED, "status": status(QUEUED), "queue_position": 1 },
        }),
    );
}

#[test]
fn effects() {
    let log = Log::build();
    let entry = log.entry(BATCH_ENTRY);
    let mut bytes = Vec::new();
    entry.effects.write(&mut bytes);
    let chunks: Vec<Digest> = entry.answers.chunks(128).map(chunk_leaf).collect();
    check(
        "effects",
        &json!({
            "head": hex(&bytes), "root": hex(&entry.effects.root()), "answers": hex(entry.answers.as_bytes()),
            "answer_chunks": list(&chunks), "answers_root": hex(&answers_root(&entry.answers)),
            "details": hex(entry.details.as_bytes()), "details_root": hex(&details_root(&entry.details)),
            "groups": list(&entry.group_digests()), "groups_root": hex(&entry.effects.groups_root),
        }),
    );
}

#[test]
fn events() {
    let log = Log::build();
    let of = |index: u64| {
        log.entry(index).groups.iter().map(|(head, events)| {
            let (leaves, count) = event_leaves(events).expect("they are whole");
            assert_eq!(each(events).count(), count);
            json!({
                "participant": head.participant.0, "entry": head.entry, "first": head.first,
                "count": head.count, "events": hex(events), "chunk_leaves": list(&leaves),
                "events_root": hex(&wide::root(&leaves)),
                "digest": hex(&head.digest_of(events).expect("they are whole")),
            })
        })
    };
    let groups: Vec<Value> = [3, BATCH_ENTRY, RELEASE_ENTRY].into_iter().flat_map(of).collect();
    check("events", &json!({ "groups": groups }));
}

#[test]
fn feed_pages() {
    let log = Log::build();
    let page = |of: ParticipantId| {
        let page = log.feed(of);
        let checkpoint = Checkpoint::verify(&page.checkpoint, &origin(ledger()), &log_key()).expect("signed");
        assert!(
            page.entries
                .iter()
                .all(|entry| entry.holds(&checkpoint) == Ok(true))
        );
        json!({ "participant": of.0, "next": page.next, "message": hex(&page.write()) })
    };
    check(
        "feed",
        &json!({ "ledger": hex(&ledger().0), "pages": [page(ALFA), page(GAMA)] }),
    );
}

#[test]
fn the_log() {
    let log = Log::build();
    let entries: Vec<Value> = log
        .entries
        .iter()
        .map(|e| {
            json!({
                "header": hex(e.header.as_bytes()), "hash": hex(&e.header.hash()), "payload": hex(&e.payload),
            })
        })
        .collect();
    check("log", &json!({ "ledger": hex(&ledger().0), "entries": entries }));
}

#[test]
fn leaves() {
    let log = Log::build();
    let case = |entry: &common::log::Entry| {
        let mut bytes = Vec::new();
        entry.leaf.write(&mut bytes);
        json!({ "bytes": hex(&bytes), "hash": hex(&entry.leaf.hash()) })
    };
    check(
        "leaf",
        &json!({ "cases": log.entries.iter().map(case).collect::<Vec<_>>() }),
    );
}

#[test]
fn trees() {
    let leaf = |i: usize| hash(&(i as u64).to_le_bytes());
    let wide = |n: usize| {
        let leaves: Vec<Digest> = (0..n).map(leaf).collect();
        let index = n as u32 * 2 / 3;
        let path = WidePath::cut(&leaves, index).expect("in range");
        assert_eq!(path.root(leaves[index as usize]), Some(wide::root(&leaves)));
        json!({ "count": n, "root": hex(&wide::root(&leaves)), "index": index, "siblings": list(&path.siblings) })
    };
    let narrow = |n: usize| {
        let leaves: Vec<Digest> = (0..n).map(|i| rfc6962::leaf_hash(&leaf(i))).collect();
        let (index, old) = (n * 2 / 3, n / 2);
        json!({
            "count": n, "root": hex(&rfc6962::root(&leaves)), "index": index,
            "path": list(&rfc6962::inclusion(&leaves, index)), "old": old,
            "old_root": hex(&rfc6962::root(&leaves[..old])),
            "consistency": list(&rfc6962::consistency(&leaves, old)),
        })
    };
    let sizes = [1, 2, 3, 15, 16, 17, 255, 256, 257, 300];
    check(
        "tree",
        &json!({
            "about": "leaf i is SHA-256 of i as u64, little endian; in the RFC 6962 trees it is the leaf's data",
            "rfc6962": sizes.map(narrow), "wide": sizes.map(wide),
        }),
    );
}

#[test]
fn a_checkpoint() {
    let log = Log::build();
    let note = log.checkpoint();
    let checkpoint = Checkpoint::verify(&note, &origin(ledger()), &log_key()).expect("signed");
    let other = LogKey::new(NODE, key(NODE_SEED + 1).public()).expect("a good name");
    assert!(Checkpoint::verify(&note, &origin(ledger()), &other).is_err());
    check(
        "checkpoint",
        &json!({
            "seed": hex(&[NODE_SEED; 32]), "key": log_key().to_text(), "other_key": other.to_text(), "note": note,
            "origin": checkpoint.origin, "size": checkpoint.size, "root": hex(&checkpoint.root),
        }),
    );
}

fn receipt(bytes: &[u8]) -> Value {
    let receipt = causeway_message::receipt::Receipt::read(bytes).expect("it has the form");
    let facts = receipt.verify(&log_key()).expect("it proves its outcome");
    assert!(receipt.signed_by(&key(seed_of(ALFA, 1)).public()));
    json!({
        "bytes": hex(bytes), "ledger": hex(&facts.ledger.0), "submitter": facts.submitter.0,
        "status": facts.status as u8, "amount": facts.amount, "origin_entry": facts.origin.0,
        "origin_ordinal": facts.origin.1, "cause": facts.cause, "time": facts.time.0,
        "tree_size": facts.tree_size, "deferred": facts.deferred,
    })
}

#[test]
fn receipts() {
    let log = Log::build();
    let bank = hex(key(seed_of(ALFA, 1)).public().bytes());
    let other = LogKey::new(NODE, key(NODE_SEED + 1).public())
        .expect("a good name")
        .to_text();
    let file = |receipts: Value| json!({ "key": log_key().to_text(), "other_key": other, "bank_key": bank, "receipts": receipts });
    check(
        "receipt_immediate",
        &file(json!({
            "settled": receipt(&log.immediate(BATCH_ENTRY, SETTLED).write()),
            "rejected": receipt(&log.immediate(BATCH_ENTRY, REJECTED).write()),
            "second_chunk": receipt(&log.immediate(BATCH_ENTRY, 130).write()),
        })),
    );
    check(
        "receipt_deferred",
        &file(json!({
            "debtor": receipt(&log.by_event(BATCH_ENTRY, QUEUED, RELEASE_ENTRY, ALFA).write()),
            "creditor": receipt(&log.by_event(BATCH_ENTRY, QUEUED, RELEASE_ENTRY, BETA).write()),
            "creditor_at_once": receipt(&log.by_event(BATCH_ENTRY, 130, BATCH_ENTRY, BETA).write()),
        })),
    );
    let waiting = log.immediate(BATCH_ENTRY, QUEUED).verify(&log_key());
    assert!(waiting.is_err(), "what only waits has no receipt");
}

#[test]
fn a_document() {
    let document = document();
    let frame = document::build(9, std::slice::from_ref(&document)).expect("it fits");
    assert_eq!(document::parse(&frame), Ok((9, vec![document.clone()])));
    check(
        "document",
        &json!({
            "salt": hex(&document.salt), "text": hex(&document.text), "digest": hex(&document.digest()),
            "number": 9, "frame": hex(&frame),
        }),
    );
}

#[test]
fn the_genesis() {
    let bytes = genesis().to_bytes();
    check(
        "genesis",
        &json!({
            "bytes": hex(&bytes), "ledger": hex(&ledger().0), "origin": origin(ledger()), "name": "Vectors",
            "participants": 5, "currencies": [EUR, 392],
        }),
    );
}

#[test]
fn refusals() {
    let cases: Vec<Value> = RefusalCode::ALL
        .iter()
        .map(|code| {
            let mut refusal = Refusal::new(*code, code.meaning()).about(15);
            refusal.expected = 13;
            refusal.retry_after_ms = 250;
            let (name, number) = (code.name(), *code as u16);
            json!({ "name": name, "code": number, "frame": hex(&write_refusal(&refusal)), "text": code.meaning() })
        })
        .collect();
    check(
        "refusal",
        &json!({ "number": 15, "expected": 13, "retry_after_ms": 250, "cases": cases }),
    );
}

#[test]
fn all_other_messages() {
    let cases: Vec<Value> = messages::plain()
        .into_iter()
        .map(|(template, bytes, fields): (Template, Vec<u8>, Value)| {
            json!({ "name": template.name(), "id": template as u16, "message": hex(&bytes), "fields": fields })
        })
        .collect();
    check(
        "messages",
        &json!({ "about": "fields are named as in schema/causeway.xml", "cases": cases }),
    );
}

#[test]
fn hexadecimal_of_the_files_reads_back() {
    assert_eq!(unhex(&hex(&[0, 1, 254, 255])), [0, 1, 254, 255]);
    let (_, _, frame) = small_batch();
    let view = BatchView::parse(&frame).expect("it is a batch");
    let again = batch::build(
        &head(ALFA, 1, 7, 1),
        view.records,
        view.extensions,
        &key(seed_of(ALFA, 1)),
    );
    assert_eq!(again, Ok(frame.clone()), "a batch is built the same way twice");
}
