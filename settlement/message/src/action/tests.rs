//! Every action reads back, and fees are what their grants say.
use super::*;
use crate::keys::SigningKey;

fn fee() -> FeeGrant {
    FeeGrant {
        currency: 978,
        kind: 1,
        collector: ParticipantId(0),
        flat: 10,
        per_million: 100,
        min: 15,
        max: 500,
    }
}

const fn hours(date: u16) -> Hours {
    Hours {
        date,
        open: 10,
        customer_cut_off: 20,
        interbank_cut_off: 30,
        close: 30,
    }
}

fn window() -> WindowGrant {
    WindowGrant {
        currencies: vec![840, 978],
        close: 10,
        pay_in_by: 20,
        ends: 20,
    }
}

#[test]
fn a_window_has_rising_currencies_and_instants() {
    let write = |currencies: &[u16]| {
        let mut bytes = Vec::new();
        let currencies = currencies.to_vec();
        Action::OpenWindow(WindowGrant {
            currencies,
            ..window()
        })
        .write(&mut bytes);
        Action::read(&bytes)
    };
    assert!(write(&[840]).is_ok() && write(&[1, 2, 3, 4, 5, 6, 7, 8]).is_ok());
    for bad in [&[][..], &[1, 2, 3, 4, 5, 6, 7, 8, 9], &[978, 840], &[840, 840]] {
        assert!(write(bad).is_err(), "{bad:?}");
    }
    let late = WindowGrant {
        pay_in_by: 10,
        ..window()
    };
    let grace = WindowGrant { ends: 19, ..window() };
    assert!(window().is_in_order() && !late.is_in_order() && !grace.is_in_order());
}

#[test]
fn a_schedule_names_at_least_one_day_and_no_more_than_fit() {
    let write = |count: usize| {
        let mut bytes = Vec::new();
        let days = vec![hours(1); count];
        Action::ScheduleDays { currency: 978, days }.write(&mut bytes);
        bytes
    };
    assert!(Action::read(&write(0)).is_err());
    let full = write(Hours::DAYS_MAX);
    assert!(Action::read(&full).is_ok() && full.len() <= crate::limits::CONTROL_PAYLOAD_BYTES_MAX);
    assert!(Action::read(&write(Hours::DAYS_MAX + 1)).is_err());
    assert!(hours(1).is_in_order() && !Hours::none(1).is_in_order() && Hours::none(1).is_none());
}

#[test]
fn a_fee_is_flat_and_proportional_between_its_bounds() {
    let on = |amount| fee().on(amount);
    assert_eq!((on(0), on(49_999), on(50_000), on(55_000)), (15, 15, 15, 16));
    assert_eq!((on(1_000_000), on(u64::MAX)), (110, 500));
    let unbounded = FeeGrant {
        max: 0,
        per_million: u32::MAX,
        ..fee()
    };
    assert_eq!(unbounded.on(u64::MAX), u64::MAX);
}

#[test]
fn every_action_reads_back_and_no_prefix_of_it_does() {
    let public = SigningKey::from_seed([9; 32]).expect("a seed is a key").public();
    let grant = KeyGrant {
        key: KeyId(2),
        person: 1,
        rights: right::INSTRUCT,
        public,
    };
    let account = AccountGrant {
        currency: 978,
        cap: 5,
    };
    let participant = ParticipantId(7);
    let defund = InstructionId([3; 16]);
    let all = [
        Action::RegisterParticipant(ParticipantGrant {
            name: "ALFADEFF".into(),
            roles: role::PARTICIPANT,
            keys: vec![grant.clone()],
            accounts: vec![account],
        }),
        Action::OpenAccount { participant, account },
        Action::SetCap { participant, account },
        Action::AddKey {
            participant,
            grant: grant.clone(),
        },
        Action::AdmitMember {
            grant: ParticipantGrant {
                name: "EPSIJPJT".into(),
                roles: role::PARTICIPANT | role::LIQUIDITY_PROVIDER,
                keys: vec![grant.clone()],
                accounts: vec![account],
            },
            proofs: vec![[5; 64]],
        },
        Action::AddMemberKey {
            participant,
            grant,
            proof: [6; 64],
        },
        Action::SetMembership {
            participant,
            standing: Standing::Taking,
            reference: "CASE 9".into(),
        },
        Action::SetRoles {
            participant,
            roles: role::OPERATOR,
        },
        Action::DeclareDefault {
            participant,
            reference: "CASE 12".into(),
        },
        Action::DecideDefault {
            participant,
            confirmed: true,
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
            currency: 392,
            agent: participant,
        },
        Action::Fund {
            participant,
            currency: 392,
            amount: 1,
            reference: "R1".into(),
        },
        Action::Defund {
            participant,
            currency: 392,
            amount: 1,
        },
        Action::ConfirmDefund {
            defund,
            reference: "R2".into(),
        },
        Action::ReleaseDefund { defund },
        Action::HoldPayment {
            submitter: participant,
            payment: defund,
            reference: "CASE 9".into(),
        },
        Action::EndHold {
            submitter: participant,
            payment: defund,
            release: true,
        },
        Action::HoldParticipant {
            participant,
            held: true,
            reference: "CASE 9".into(),
        },
        Action::SetFee(fee()),
        Action::SetDay {
            currency: 978,
            phase: Phase::CutOff,
            date: 9_000,
        },
        Action::SetValuation(Valuation {
            currency: 978,
            unit: 840,
            rate: 110,
            scale: 2,
            haircut: 50_000,
        }),
        Action::SetTests {
            participant,
            tested: true,
            aggregate: 1_000,
        },
        Action::SetShortLimit {
            participant,
            currency: 978,
            limit: 99,
        },
        Action::SetPayIn {
            participant,
            currency: 978,
            deadline: 900_000_000,
            allowed: 50,
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
            days: vec![hours(9_000), Hours::none(9_001)],
        },
        Action::ExtendDay {
            currency: 978,
            hours: hours(9_000),
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
        Action::OpenWindow(window()),
        Action::CancelWindow { window: defund },
    ];
    for action in all {
        let mut bytes = Vec::new();
        action.write(&mut bytes);
        assert_eq!(Action::read(&bytes), Ok(action.clone()));
        for len in 0..bytes.len() {
            assert!(
                Action::read(&bytes[..len]).is_err(),
                "{} cut at {len}",
                action.name()
            );
        }
        bytes.push(0);
        assert!(Action::read(&bytes).is_err());
    }
}
