//! The SBE schema says what the code does: every offset, length and template.
mod common;

use causeway_message::action::Action;
use causeway_message::answer::{Answer, AnswerDetail};
use causeway_message::batch::BatchBlock;
use causeway_message::codec::Put;
use causeway_message::effects::EffectsHead;
use causeway_message::entry::{EntryHeader, Roots, Rules};
use causeway_message::event::{EventHead, control_body, fee_body, own_batch_body};
use causeway_message::exchange::{Exchange, Hop, Priced, Reference};
use causeway_message::extension::{self, ExtensionType};
use causeway_message::frame::{self, Template};
use causeway_message::leaf::Leaf;
use causeway_message::plan::Plan;
use causeway_message::record::Instruction;
use causeway_message::statement::{DayStep, DayTold, Statement};
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, SessionId};
use common::files::hex;
use common::sbe::{self, Schema, attribute, camel, number};
use common::{messages, parties};
use serde_json::{Value, json};
use std::mem::offset_of;

fn with_schema(test: impl FnOnce(&Schema<'_>)) {
    let text = sbe::text();
    let document = roxmltree::Document::parse(&text).expect("the schema is XML");
    test(&Schema::new(&document));
}

macro_rules! same_layout {
    ($schema:expr, $ty:ident, [$($field:ident $(= $name:literal)?),* $(,)?]) => {{
        let mut rust = vec![$((
            [$($name,)? stringify!($field)][0],
            offset_of!($ty, $field),
        )),*];
        rust.push(("", size_of::<$ty>()));
        let members = $schema.members(stringify!($ty));
        assert_eq!(members.len(), rust.len() - 1, "{}: number of fields", stringify!($ty));
        for (i, (name, offset, size)) in members.into_iter().enumerate() {
            let (field, at) = rust[i];
            assert_eq!((name, offset), (camel(field).as_str(), at), "{}", stringify!($ty));
            assert_eq!(offset + size, rust[i + 1].1, "{}.{name}: end", stringify!($ty));
        }
    }};
}

#[test]
fn every_struct_lies_on_the_wire_as_the_schema_says() {
    with_schema(|schema| {
        same_layout!(
            schema,
            Instruction,
            [
                instruction_id,
                uetr,
                related,
                amount,
                counter_amount,
                debtor,
                creditor,
                currency,
                counter_currency,
                kind,
                priority,
                flags,
                value_date,
                reserved,
                expires_at,
                quote,
                document_digest,
            ]
        );
        same_layout!(
            schema,
            BatchBlock,
            [
                ledger,
                participant,
                key,
                session,
                number,
                class = "batch_class",
                reserved,
                count,
                not_after,
                root,
                signature,
            ]
        );
        same_layout!(schema, Answer, [status, flags, queue_position]);
        same_layout!(
            schema,
            AnswerDetail,
            [
                record,
                origin_ordinal,
                rate_scale,
                origin_entry,
                balance,
                rate,
                fee,
                reserved,
                reserved2,
            ]
        );
        same_layout!(
            schema,
            EventHead,
            [
                kind,
                role,
                status,
                body_len,
                origin_ordinal,
                origin_entry,
                amount,
                counter_amount,
            ]
        );
        same_layout!(
            schema,
            EntryHeader,
            [
                index,
                term,
                time,
                leader,
                len,
                kind,
                version,
                crc32c,
                payload_digest,
                prev_hash,
            ]
        );
    });
}

#[test]
fn what_is_written_field_by_field_reads_back_by_the_schema() {
    with_schema(|schema| {
        let check = |composite: &str, bytes: &[u8], expected: Value| {
            let node = schema.named(composite);
            assert_eq!(schema.size(node), bytes.len(), "{composite}: size");
            assert_eq!(schema.value(node, bytes), expected, "{composite}");
        };
        let leaf = Leaf {
            index: 1,
            time: Timestamp(2),
            kind: 3,
            rules_version: 4,
            input_digest: [5; 32],
            effects_root: [6; 32],
        };
        let mut bytes = Vec::new();
        leaf.write(&mut bytes);
        check(
            "Leaf",
            &bytes,
            json!({
                "index": 1, "time": 2, "kind": 3, "rulesVersion": 4, "reserved": 0,
                "inputDigest": "05".repeat(32), "effectsRoot": "06".repeat(32),
            }),
        );
        let effects = EffectsHead {
            answers: 1,
            details: 2,
            groups: 3,
            answers_root: [4; 32],
            details_root: [5; 32],
            groups_root: [6; 32],
        };
        let mut bytes = Vec::new();
        effects.write(&mut bytes);
        check(
            "EffectsHead",
            &bytes,
            json!({
                "answers": 1, "details": 2, "groups": 3, "reserved": 0, "answersRoot": "04".repeat(32),
                "detailsRoot": "05".repeat(32), "groupsRoot": "06".repeat(32),
            }),
        );
        let mut bytes = Vec::new();
        Roots {
            size: 7,
            root: [8; 32],
        }
        .write(&mut bytes);
        check(
            "RootsPayload",
            &bytes,
            json!({ "size": 7, "root": "08".repeat(32) }),
        );
        let mut bytes = Vec::new();
        Rules(2).write(&mut bytes);
        check("RulesPayload", &bytes, json!({ "version": 2 }));
        let mut bytes = Vec::new();
        Plan {
            basis: 77,
            instructions: vec![(ParticipantId(5), InstructionId([9; 16]))],
        }
        .write(&mut bytes);
        let (head, instruction) = bytes.split_at(16);
        let told = json!({ "version": 1, "reserved": 0, "count": 1, "basis": 77 });
        check("PlanHead", head, told);
        let told = json!({ "submitter": 5, "instructionId": "09".repeat(16) });
        check("PlanInstruction", instruction, told);
        check(
            "FeeBody",
            &fee_body(ParticipantId(1), ParticipantId(2), 978, 9_780),
            json!({ "payer": 1, "collector": 2, "currency": 978, "date": 9_780, "reserved": 0 }),
        );
        let day = DayTold {
            currency: 978,
            date: 9_780,
            step: DayStep::Fees,
            at: 7,
            count: 8,
            value: 9,
        };
        check(
            "DayBody",
            &day.body(),
            json!({ "currency": 978, "date": 9_780, "step": 7, "reserved": "00".repeat(3), "at": 7, "count": 8,
                "value": { "low": 9, "high": 0 } }),
        );
        let statement = Statement {
            currency: 978,
            date: 9_780,
            opening: 1,
            closing: 2,
            from: 3,
            to: 4,
            before: 5,
        };
        check(
            "StatementBody",
            &statement.body(),
            json!({
                "currency": 978, "date": 9_780, "reserved": 0, "opening": { "low": 1, "high": 0 },
                "closing": { "low": 2, "high": 0 }, "from": 3, "to": 4, "before": 5,
            }),
        );
        let exchange = exchange();
        let mut bytes = Vec::new();
        exchange.write(&mut bytes);
        let (head, hop) = bytes.split_at(24);
        let told = json!({ "hops": 1, "flags": 3, "reserved": "00".repeat(6), "fee": 25, "lock": 9 });
        check("ExchangeHead", head, told);
        check(
            "ExchangeHop",
            hop,
            json!({
                "provider": 5, "from": 978, "to": 840, "fromAmount": 10_000, "toAmount": 10_852, "quote": 8_193,
                "rate": 1_085_250, "rateScale": 6, "baseIsFrom": 1, "reserved": 0, "remainder": 500_000,
                "reference": 11, "referenceScale": 1, "referenceBaseIsFrom": 1, "reserved2": 0, "referenceTime": 7,
                "spread": -12, "referenceSource": hex(b"ECB\0\0\0\0\0\0\0\0\0\0\0\0\0"), "reserved3": 0,
            }),
        );
        check(
            "OwnBatchBody",
            &own_batch_body(SessionId(1), 2, 3),
            json!({ "session": 1, "number": 2, "count": 3, "reserved": 0 }),
        );
        let mut bytes = Vec::new();
        control_body(
            &mut bytes,
            ParticipantId(7),
            InstructionId([8; 16]),
            &parties::funding(),
        );
        check(
            "ControlBody",
            &bytes[..24],
            json!({ "proposer": 7, "reserved": 0, "proposalId": "08".repeat(16) }),
        );
        let mut bytes = Vec::new();
        extension::put(&mut bytes, 5, ExtensionType::ClearingReference, b"REF");
        check(
            "ExtensionHead",
            &bytes[..8],
            json!({ "record": 5, "extensionType": 1, "length": 3 }),
        );
        let grant = parties::genesis().participants[2].clone();
        let mut bytes = Vec::new();
        Action::AddKey {
            participant: ParticipantId(2),
            grant: grant.keys[1].clone(),
        }
        .write(&mut bytes);
        check(
            "KeyGrant",
            &bytes[6..],
            json!({
                "key": 2, "person": 2, "rights": 3, "publicKey": hex(grant.keys[1].public.bytes()),
            }),
        );
        let mut bytes = Vec::new();
        Action::SetCap {
            participant: ParticipantId(2),
            account: grant.accounts[1],
        }
        .write(&mut bytes);
        check(
            "AccountGrant",
            &bytes[6..],
            json!({ "currency": 392, "cap": 5_000 }),
        );
        let mut bytes = Vec::new();
        frame::put_group(&mut bytes, 32, 2);
        check(
            "groupSizeEncoding",
            &bytes,
            json!({ "blockLength": 32, "numInGroup": 2 }),
        );
        let mut bytes = Vec::new();
        frame::put_header(&mut bytes, Template::Batch);
        let header = json!({ "blockLength": 160, "templateId": 1, "schemaId": 0xCA05, "version": 1 });
        check("messageHeader", &bytes, header);
        let mut bytes = Vec::new();
        bytes.put_i128(-2);
        check("Int128", &bytes, json!({ "low": u64::MAX - 1, "high": -1 }));
    });
}

#[test]
fn every_template_is_in_the_schema_with_its_block() {
    with_schema(|schema| {
        assert_eq!(attribute(schema.root, "package"), "causeway");
        assert_eq!(attribute(schema.root, "byteOrder"), "littleEndian");
        assert_eq!(number(schema.root, "id"), usize::from(frame::SCHEMA_ID));
        assert_eq!(number(schema.root, "version"), usize::from(frame::SCHEMA_VERSION));
        let found: Vec<(&str, usize, usize)> = schema
            .messages()
            .map(|m| (attribute(m, "name"), number(m, "id"), number(m, "blockLength")))
            .collect();
        let rust: Vec<(&str, usize, usize)> = Template::ALL
            .iter()
            .map(|t| (t.name(), *t as usize, t.block_bytes().into()))
            .collect();
        assert_eq!(found, rust);
    });
}

#[test]
fn every_message_comes_apart_by_the_schema_into_the_fields_that_went_in() {
    with_schema(|schema| {
        for (template, bytes, fields) in messages::plain() {
            assert_eq!(schema.message(&bytes), (template.name(), fields));
        }
        let mut seen: Vec<Template> = Vec::new();
        for (template, bytes) in messages::all() {
            assert_eq!(schema.message(&bytes).0, template.name());
            seen.push(template);
        }
        for template in Template::ALL {
            assert!(seen.contains(template), "{} has no example", template.name());
        }
    });
}

#[test]
fn the_parts_of_a_receipt_stand_where_the_schema_says() {
    with_schema(|schema| {
        let log = common::log::Log::build();
        let receipt = log.by_event(4, 138, 6, parties::ALFA);
        let (_, value) = schema.message(&receipt.write());
        assert_eq!(value["form"], 2);
        assert_eq!(value["block"]["signature"], hex(&receipt.block.signature));
        assert_eq!(
            value["record"]["instructionId"],
            hex(&receipt.record.instruction_id)
        );
        assert_eq!(
            (&value["origin"]["index"], &value["cause"]["index"]),
            (&json!(4), &json!(6))
        );
        assert_eq!(
            (&value["originLeafIndex"], &value["causeLeafIndex"]),
            (&json!(3), &json!(5))
        );
        assert_eq!(
            (&value["recordIndex"], &value["recordCount"]),
            (&json!(138), &json!(140))
        );
        assert_eq!(
            (&value["effectIndex"], &value["effectCount"]),
            (&json!(0), &json!(1))
        );
        assert_eq!(
            (&value["groupParticipant"], &value["groupCount"]),
            (&json!(2), &json!(3))
        );
        assert_eq!((&value["groupIndex"], &value["position"]), (&json!(0), &json!(1)));
        assert_eq!(
            value["recordPath"].as_array().map(Vec::len),
            Some(receipt.record_path.siblings.len())
        );
        assert_eq!(value["extensions"], hex(&receipt.extensions));
        assert_eq!(value["checkpoint"], hex(receipt.checkpoint.as_bytes()));
    });
}

/// One hop at a fixed target, locked, worse than the reference.
fn exchange() -> Exchange {
    let priced = |rate, scale| Priced {
        rate,
        scale,
        base_is_from: true,
    };
    Exchange {
        fixed_target: true,
        fee: 25,
        lock: 9,
        hops: [Hop {
            provider: ParticipantId(5),
            from: (978, 10_000),
            to: (840, 10_852),
            quote: 8_193,
            priced: priced(1_085_250, 6),
            remainder: 500_000,
            reference: Some(Reference {
                priced: priced(11, 1),
                time: 7,
                source: *b"ECB\0\0\0\0\0\0\0\0\0\0\0\0\0",
                spread: -12,
            }),
        }]
        .into_iter()
        .collect(),
    }
}
