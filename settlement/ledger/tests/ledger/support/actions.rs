//! Control actions as a script writes them.
use std::collections::BTreeMap;

use causeway_message::action::{
    AccountGrant, Action, FeeGrant, Hours, KeyGrant, ParticipantGrant, Phase, Valuation, WindowGrant, right,
    role,
};
use causeway_message::{InstructionId, KeyId, LedgerId, ParticipantId};

use super::members;
use super::text::Words;
use super::world::{member, signing_key};

/// Participants by name. A name not known may be written as `#7`.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<String, ParticipantId>);

impl Names {
    pub fn add(&mut self, name: &str) -> ParticipantId {
        let id = ParticipantId(self.0.len() as u32);
        self.0.insert(name.to_owned(), id);
        id
    }

    pub fn of(&self, word: &str) -> ParticipantId {
        if let Some(number) = word.strip_prefix('#') {
            return ParticipantId(number.parse().expect("a number follows #"));
        }
        *self
            .0
            .get(word)
            .unwrap_or_else(|| panic!("nobody is called `{word}`"))
    }

    pub fn next_id(&self) -> u32 {
        self.0.len() as u32
    }

    /// `A.2`: participant and key.
    pub fn key(&self, word: &str) -> (ParticipantId, u32) {
        let (name, key) = word.split_once('.').unwrap_or((word, "1"));
        (self.of(name), key.parse().expect("a key is a number"))
    }
}

/// An action, and who proposes it unless told.
pub struct Spoken {
    pub action: Action,
    pub by: &'static str,
}

/// True if the word begins an action.
pub fn is_action(word: &str) -> bool {
    const ALL: [&str; 37] = [
        "fund",
        "defund",
        "confirm",
        "release",
        "cap",
        "account",
        "register",
        "currency",
        "suspend",
        "reinstate",
        "revoke",
        "grant",
        "hold",
        "unhold",
        "hold_party",
        "unhold_party",
        "fee",
        "day",
        "valuation",
        "tests",
        "short",
        "pay_in",
        "exposure",
        "reference",
        "schedule",
        "extend",
        "admit",
        "prove",
        "member",
        "roles",
        "declare",
        "lift",
        "confirm_default",
        "collateral",
        "credit",
        "window",
        "drop_window",
    ];
    ALL.contains(&word)
}

/// Reads an action from its words; what follows it is left. `auto` makes references that nobody chose.
pub fn read(
    words: &mut Words<'_>,
    names: &Names,
    (auto, ledger): (&str, LedgerId),
    proposal: impl Fn(&str) -> InstructionId,
) -> Spoken {
    let name = words.word();
    let action = match name {
        "fund" => Action::Fund {
            participant: names.of(words.word()),
            currency: words.currency(),
            amount: words.number(),
            reference: reference(words, auto),
        },
        "defund" => Action::Defund {
            participant: names.of(words.word()),
            currency: words.currency(),
            amount: words.number(),
        },
        "confirm" => Action::ConfirmDefund {
            defund: proposal(words.word()),
            reference: reference(words, auto),
        },
        "window" => Action::OpenWindow(window(words)),
        "drop_window" => Action::CancelWindow {
            window: proposal(words.word()),
        },
        "release" => Action::ReleaseDefund {
            defund: proposal(words.word()),
        },
        "cap" => Action::SetCap {
            participant: names.of(words.word()),
            account: account(words),
        },
        "account" => Action::OpenAccount {
            participant: names.of(words.word()),
            account: account(words),
        },
        "register" => Action::RegisterParticipant(registered(words, names)),
        "currency" => Action::OpenCurrency {
            currency: words.currency(),
            agent: names.of(words.word()),
        },
        "suspend" => Action::SetStanding {
            participant: names.of(words.word()),
            suspended: true,
        },
        "reinstate" => Action::SetStanding {
            participant: names.of(words.word()),
            suspended: false,
        },
        "revoke" => {
            let (participant, key) = names.key(words.word());
            Action::RevokeKey {
                participant,
                key: KeyId(key),
            }
        }
        "grant" => {
            let (participant, grant) = granted(words, names);
            Action::AddKey { participant, grant }
        }
        "hold" => Action::HoldPayment {
            submitter: names.of(words.word()),
            payment: proposal(words.word()),
            reference: reference(words, auto),
        },
        "unhold" => Action::EndHold {
            submitter: names.of(words.word()),
            payment: proposal(words.word()),
            release: !words.take("reject"),
        },
        "hold_party" => Action::HoldParticipant {
            participant: names.of(words.word()),
            held: true,
            reference: reference(words, auto),
        },
        "unhold_party" => Action::HoldParticipant {
            participant: names.of(words.word()),
            held: false,
            reference: reference(words, auto),
        },
        "fee" => Action::SetFee(fee(words, names)),
        "day" => Action::SetDay {
            currency: words.currency(),
            phase: phase(words.word()),
            date: words.time().days() as u16,
        },
        "valuation" => Action::SetValuation(Valuation {
            currency: words.currency(),
            unit: words.currency(),
            rate: words.number(),
            scale: words.number() as u8,
            haircut: words.number() as u32,
        }),
        "tests" => Action::SetTests {
            participant: names.of(words.word()),
            tested: !words.take("off"),
            aggregate: words.number(),
        },
        "short" => Action::SetShortLimit {
            participant: names.of(words.word()),
            currency: words.currency(),
            limit: words.number(),
        },
        "pay_in" => Action::SetPayIn {
            participant: names.of(words.word()),
            currency: words.currency(),
            deadline: words.seconds(),
            allowed: words.number(),
        },
        "exposure" => Action::SetExposure {
            participant: names.of(words.word()),
            base: words.currency(),
            counter: words.currency(),
            limit: words.number(),
        },
        "reference" => Action::SetReference {
            base: words.currency(),
            counter: words.currency(),
            rate: words.number(),
            scale: words.number() as u8,
            time: words.seconds(),
            source: *b"ECB\0\0\0\0\0\0\0\0\0\0\0\0\0",
        },
        "schedule" => {
            let currency = words.currency();
            let mut days = vec![hours(words)];
            while words.take("and") {
                days.push(hours(words));
            }
            Action::ScheduleDays { currency, days }
        }
        "extend" => Action::ExtendDay {
            currency: words.currency(),
            hours: hours(words),
        },
        "admit" => members::admit(words, names, ledger),
        "prove" => members::prove(words, names, ledger),
        "member" => Action::SetMembership {
            participant: names.of(words.word()),
            standing: members::standing(words.word()),
            reference: reference(words, auto),
        },
        "roles" => Action::SetRoles {
            participant: names.of(words.word()),
            roles: words.number() as u8,
        },
        "declare" => Action::DeclareDefault {
            participant: names.of(words.word()),
            reference: reference(words, auto),
        },
        "lift" | "confirm_default" => Action::DecideDefault {
            participant: names.of(words.word()),
            confirmed: name == "confirm_default",
        },
        "collateral" => Action::SetCollateral {
            participant: names.of(words.word()),
            currency: words.currency(),
            asset: words.word().to_owned(),
            value: words.number(),
            haircut: words.number() as u32,
        },
        "credit" => Action::SetCredit {
            participant: names.of(words.word()),
            currency: words.currency(),
            limit: words.number(),
        },
        other => panic!("`{other}` is no action"),
    };
    let by = match action {
        Action::Fund { .. }
        | Action::Defund { .. }
        | Action::ConfirmDefund { .. }
        | Action::ReleaseDefund { .. } => "AG",
        _ => "OP",
    };
    Spoken { action, by }
}

/// `1d 9h 16h 17h 18h`: the date of that instant, opening, cut-offs, close; `1d none` has none.
fn hours(words: &mut Words<'_>) -> Hours {
    let date = words.time().days() as u16;
    if words.take("none") {
        return Hours::none(date);
    }
    Hours {
        date,
        open: words.seconds(),
        customer_cut_off: words.seconds(),
        interbank_cut_off: words.seconds(),
        close: words.seconds(),
    }
}

/// `fee EUR 1 C flat 5 millionths 100 least 1 most 9`: kind by its number, collector; what is not told is 0.
fn fee(words: &mut Words<'_>, names: &Names) -> FeeGrant {
    let mut fee = FeeGrant {
        currency: words.currency(),
        kind: words.number() as u8,
        collector: names.of(words.word()),
        flat: 0,
        per_million: 0,
        min: 0,
        max: 0,
    };
    while let Some(word) = words.peek() {
        let part = match word {
            "flat" => &mut fee.flat,
            "least" => &mut fee.min,
            "most" => &mut fee.max,
            "millionths" => {
                words.word();
                fee.per_million = words.number() as u32;
                continue;
            }
            _ => break,
        };
        words.word();
        *part = words.number();
    }
    fee
}

/// `window EUR,USD close 10s by 20s ends 30s`.
fn window(words: &mut Words<'_>) -> WindowGrant {
    let mut currencies: Vec<u16> = words.word().split(',').map(super::text::currency).collect();
    currencies.sort_unstable();
    let mut instant = |word: &str| {
        assert!(words.take(word), "`{word}` is missing");
        words.seconds()
    };
    WindowGrant {
        currencies,
        close: instant("close"),
        pay_in_by: instant("by"),
        ends: instant("ends"),
    }
}

fn phase(word: &str) -> Phase {
    match word {
        "open" => Phase::Open,
        "cut_off" => Phase::CutOff,
        "closed" => Phase::Closed,
        other => panic!("`{other}` is no phase of a day"),
    }
}

fn account(words: &mut Words<'_>) -> AccountGrant {
    AccountGrant {
        currency: words.currency(),
        cap: words.number(),
    }
}

/// `ref TEXT`, where `''` is the empty one.
fn reference(words: &mut Words<'_>, auto: &str) -> String {
    if words.peek() != Some("ref") {
        return auto.to_owned();
    }
    words.word();
    match words.word() {
        "''" => String::new(),
        text => text.to_owned(),
    }
}

/// `register D EUR KWD end`: a bank with accounts and the keys that all have. `twin` gives it one key twice, under
/// two persons; `none` no key at all; `same` the first key's id twice; `roles 8` other roles.
pub(super) fn registered(words: &mut Words<'_>, names: &Names) -> ParticipantGrant {
    let name = words.word();
    let mut grant = member(name, names.next_id(), role::PARTICIPANT);
    while let Some(word) = words.next().filter(|word| *word != "end") {
        match word {
            "twin" => grant.keys[1].public = grant.keys[0].public,
            "none" => grant.keys.clear(),
            "roles" => grant.roles = words.number() as u8,
            "same" => grant.keys[1].key = grant.keys[0].key,
            word => {
                grant.accounts.push(AccountGrant {
                    currency: super::text::currency(word),
                    cap: 0,
                });
            }
        }
    }
    grant
}

/// `grant A.6 person 7 rights 3 like A.1`: a key; its bytes are its own unless `like` another's.
pub(super) fn granted(words: &mut Words<'_>, names: &Names) -> (ParticipantId, KeyGrant) {
    let (participant, key) = names.key(words.word());
    let mut grant = KeyGrant {
        key: KeyId(key),
        person: key,
        rights: right::KNOWN,
        public: signing_key(participant, key).public(),
    };
    while let Some(word) = words.peek() {
        match word {
            "person" => {
                words.word();
                grant.person = words.number() as u32;
            }
            "rights" => {
                words.word();
                grant.rights = words.number() as u8;
            }
            "like" => {
                words.word();
                let (other, key) = names.key(words.word());
                grant.public = signing_key(other, key).public();
            }
            _ => break,
        }
    }
    (participant, grant)
}
