//! The SBE schema says what the code does: every number has the name that the enums give it.
mod common;

use causeway_message::action::{
    Action, FeeGrant, Hours, Phase, Standing, Valuation, WindowGrant, right, role,
};
use causeway_message::answer::answer_flags;
use causeway_message::batch::Class;
use causeway_message::codec::Reader;
use causeway_message::entry::EntryKind;
use causeway_message::event::{EventKind, Role};
use causeway_message::extension::ExtensionType;
use causeway_message::reason::Reason;
use causeway_message::record::{Kind, Priority, flags};
use causeway_message::refusal::RefusalCode;
use causeway_message::wire::{WindowStage, account_flags, day_flags};
use causeway_message::{InstructionId, KeyId, ParticipantId, Status};
use common::parties;
use common::sbe::{self, Schema, camel};

fn with_schema(test: impl FnOnce(&Schema<'_>)) {
    let text = sbe::text();
    let document = roxmltree::Document::parse(&text).expect("the schema is XML");
    test(&Schema::new(&document));
}

#[test]
fn every_number_has_the_name_that_the_schema_gives_it() {
    with_schema(|schema| {
        let check = |name: &str, rust: Vec<(String, u64)>| {
            let found: Vec<(String, u64)> = schema
                .values(name)
                .into_iter()
                .map(|(n, v)| (n.to_owned(), v))
                .collect();
            assert_eq!(found, rust, "{name}");
        };
        macro_rules! numbers {
            ($($value:expr),*) => { vec![$((format!("{:?}", $value), $value as u64)),*] };
        }
        check(
            "Status",
            Status::ALL
                .iter()
                .map(|s| (format!("{s:?}"), *s as u64))
                .collect(),
        );
        check(
            "RefusalCode",
            RefusalCode::ALL
                .iter()
                .map(|c| (format!("{c:?}"), *c as u64))
                .collect(),
        );
        check(
            "Reason",
            Reason::ALL
                .iter()
                .map(|r| (format!("{r:?}"), *r as u64))
                .collect(),
        );
        check("BatchClass", numbers![Class::Instructions, Class::Control]);
        check(
            "Kind",
            Kind::ALL.iter().map(|k| (format!("{k:?}"), *k as u64)).collect(),
        );
        check(
            "WindowStage",
            WindowStage::ALL
                .iter()
                .map(|stage| (format!("{stage:?}"), *stage as u64))
                .collect(),
        );
        check(
            "Priority",
            Priority::ALL
                .iter()
                .map(|p| (format!("{p:?}"), *p as u64))
                .collect(),
        );
        check("Phase", numbers![Phase::Open, Phase::CutOff, Phase::Closed]);
        check(
            "EventKind",
            numbers![
                EventKind::Payment,
                EventKind::OwnBatch,
                EventKind::Control,
                EventKind::Fee,
                EventKind::Exchange,
                EventKind::Day,
                EventKind::Statement
            ],
        );
        check(
            "Role",
            numbers![
                Role::Debtor,
                Role::Creditor,
                Role::Submitter,
                Role::Subject,
                Role::Approver,
                Role::Provider,
                Role::Overseer
            ],
        );
        check(
            "ExtensionType",
            ExtensionType::ALL
                .iter()
                .map(|e| (format!("{e:?}"), *e as u64))
                .collect(),
        );
        check(
            "EntryKind",
            numbers![
                EntryKind::Genesis,
                EntryKind::Batch,
                EntryKind::Control,
                EntryKind::Tick,
                EntryKind::Roots,
                EntryKind::Rules,
                EntryKind::Plan
            ],
        );
        check("ActionNumber", actions().iter().map(number_of).collect());
        let bits = |set: &str, known: u16, named: &[(&str, u16)]| {
            let found: Vec<(&str, u16)> = schema
                .values(set)
                .into_iter()
                .map(|(n, bit)| (n, 1 << bit))
                .collect();
            assert_eq!(found, named, "{set}");
            assert_eq!(named.iter().fold(0, |all, (_, bit)| all | bit), known, "{set}");
        };
        let settle = ("SettleOrReject", flags::SETTLE_OR_REJECT);
        let named = [
            settle,
            ("Interbank", flags::INTERBANK),
            ("WithBalance", flags::WITH_BALANCE),
            ("Linked", flags::LINKED),
            ("Duplicate", flags::DUPLICATE),
            ("Partial", flags::PARTIAL),
            ("Front", flags::FRONT),
            ("Back", flags::BACK),
            ("Decline", flags::DECLINE),
            ("Bypass", flags::BYPASS),
            ("FixedTarget", flags::FIXED_TARGET),
        ];
        bits("InstructionFlags", flags::KNOWN, &named);
        let named = [
            ("Replayed", answer_flags::REPLAYED),
            ("Detailed", answer_flags::DETAILED),
            ("BelowUse", answer_flags::BELOW_USE),
        ];
        bits(
            "AnswerFlags",
            answer_flags::REPLAYED | answer_flags::DETAILED | answer_flags::BELOW_USE,
            &named,
        );
        let named = [
            ("Bypass", account_flags::BYPASS.into()),
            ("Multilateral", account_flags::MULTILATERAL.into()),
            ("Suspended", account_flags::SUSPENDED.into()),
        ];
        bits("AccountFlags", account_flags::KNOWN.into(), &named);
        let named = [
            ("Ahead", day_flags::AHEAD.into()),
            ("CustomersOut", day_flags::CUSTOMERS_OUT.into()),
            ("Closing", day_flags::CLOSING.into()),
            ("Scheduled", day_flags::SCHEDULED.into()),
        ];
        bits("DayFlags", day_flags::KNOWN.into(), &named);
        let agent = ("SettlementAgent", u16::from(role::SETTLEMENT_AGENT));
        let named = [
            ("Participant", role::PARTICIPANT.into()),
            agent,
            ("Operator", role::OPERATOR.into()),
            ("Regulator", role::REGULATOR.into()),
            ("Screener", role::SCREENER.into()),
            ("LiquidityProvider", role::LIQUIDITY_PROVIDER.into()),
        ];
        bits("Roles", role::KNOWN.into(), &named);
        let named = [
            ("Instruct", right::INSTRUCT.into()),
            ("Control", right::CONTROL.into()),
        ];
        bits("Rights", right::KNOWN.into(), &named);
    });
}

/// One action of each number.
fn actions() -> Vec<Action> {
    let grant = parties::genesis().participants[2].clone();
    let (participant, account) = (ParticipantId(1), grant.accounts[0]);
    let defund = InstructionId([1; 16]);
    vec![
        Action::RegisterParticipant(grant.clone()),
        Action::OpenAccount { participant, account },
        Action::SetCap { participant, account },
        Action::AddKey {
            participant,
            grant: grant.keys[0].clone(),
        },
        Action::RevokeKey {
            participant,
            key: KeyId(1),
        },
        Action::SetStanding {
            participant,
            suspended: false,
        },
        Action::OpenCurrency {
            currency: 978,
            agent: participant,
        },
        parties::funding(),
        Action::Defund {
            participant,
            currency: 978,
            amount: 1,
        },
        Action::ConfirmDefund {
            defund,
            reference: "R".into(),
        },
        Action::ReleaseDefund { defund },
        Action::HoldPayment {
            submitter: participant,
            payment: defund,
            reference: "R".into(),
        },
        Action::EndHold {
            submitter: participant,
            payment: defund,
            release: true,
        },
        Action::HoldParticipant {
            participant,
            held: true,
            reference: "R".into(),
        },
        Action::SetFee(FeeGrant {
            currency: 978,
            kind: 1,
            collector: participant,
            flat: 1,
            per_million: 2,
            min: 3,
            max: 4,
        }),
        Action::SetDay {
            currency: 978,
            phase: Phase::Open,
            date: 9_780,
        },
        Action::SetValuation(Valuation {
            currency: 978,
            unit: 840,
            rate: 1,
            scale: 2,
            haircut: 3,
        }),
        Action::SetTests {
            participant,
            tested: true,
            aggregate: 1,
        },
        Action::SetShortLimit {
            participant,
            currency: 978,
            limit: 1,
        },
        Action::SetPayIn {
            participant,
            currency: 978,
            deadline: 1,
            allowed: 2,
        },
        Action::SetExposure {
            participant,
            base: 978,
            counter: 840,
            limit: 5,
        },
        Action::SetReference {
            base: 978,
            counter: 840,
            rate: 110,
            scale: 2,
            time: 9,
            source: *b"ECB\0\0\0\0\0\0\0\0\0\0\0\0\0",
        },
        Action::ScheduleDays {
            currency: 978,
            days: vec![Hours::none(1)],
        },
        Action::ExtendDay {
            currency: 978,
            hours: Hours::none(1),
        },
        Action::SetCollateral {
            participant,
            currency: 978,
            asset: "DE0001102580".into(),
            value: 1_000,
            haircut: 50_000,
        },
        Action::SetCredit {
            participant,
            currency: 978,
            limit: 900,
        },
        Action::AdmitMember {
            proofs: grant.keys.iter().map(|_| [1; 64]).collect(),
            grant: grant.clone(),
        },
        Action::AddMemberKey {
            participant,
            grant: grant.keys[0].clone(),
            proof: [1; 64],
        },
        Action::SetMembership {
            participant,
            standing: Standing::Active,
            reference: "R".into(),
        },
        Action::SetRoles {
            participant,
            roles: 1,
        },
        Action::DeclareDefault {
            participant,
            reference: "R".into(),
        },
        Action::DecideDefault {
            participant,
            confirmed: false,
        },
        Action::OpenWindow(WindowGrant {
            currencies: vec![978],
            close: 1,
            pay_in_by: 2,
            ends: 3,
        }),
        Action::CancelWindow { window: defund },
    ]
}

fn number_of(action: &Action) -> (String, u64) {
    let mut bytes = Vec::new();
    action.write(&mut bytes);
    let number = Reader::new(&bytes)
        .u16("action")
        .expect("it begins with its number");
    let name = camel(&format!("_{}", action.name()));
    (name, number.into())
}
