//! The text form of a genesis: strict TOML.
use causeway_fx::{Currency, parse_amount};
use causeway_message::action::{AccountGrant, KeyGrant, ParticipantGrant, right, role};
use causeway_message::keys::PublicKey;
use causeway_message::leaf::RULES_VERSION;
use causeway_message::{KeyId, ParticipantId};
use serde::Deserialize;

use super::rules::Broken;
use super::{CurrencySpec, GenesisSpec, ID_CAPACITY, KeySpec, NodeSpec, ParticipantSpec, QUEUE_CAPACITY};
use crate::config::{Kind, Problem, Problems, Source, Within};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "kind")]
    _kind: Option<Kind>,
    name: String,
    #[serde(default = "id_capacity")]
    id_capacity: Within<1, 10_000_000_000>,
    #[serde(default = "queue_capacity")]
    queue_capacity: Within<1, 100_000_000>,
    #[serde(default = "rules")]
    rules: Within<1, { RULES_VERSION as u64 }>,
    #[serde(default = "one_node")]
    nodes: Vec<Node>,
    currencies: Vec<CurrencyLine>,
    participants: Vec<Participant>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Node {
    name: String,
    #[serde(default, deserialize_with = "crate::config::public_key")]
    public: Option<PublicKey>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CurrencyLine {
    code: String,
    agent: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Participant {
    name: String,
    roles: Vec<RoleWord>,
    keys: Vec<Key>,
    #[serde(default)]
    accounts: Vec<Account>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    id: Option<Within<0, { u32::MAX as u64 }>>,
    person: Within<1, { u32::MAX as u64 }>,
    rights: Vec<RightWord>,
    #[serde(default, deserialize_with = "crate::config::public_key")]
    public: Option<PublicKey>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    currency: String,
    #[serde(default = "zero")]
    cap: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RoleWord {
    Participant,
    SettlementAgent,
    Operator,
    Regulator,
    Screener,
    LiquidityProvider,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RightWord {
    Instruct,
    Control,
}

impl RoleWord {
    const fn bit(self) -> u8 {
        match self {
            Self::Participant => role::PARTICIPANT,
            Self::SettlementAgent => role::SETTLEMENT_AGENT,
            Self::Operator => role::OPERATOR,
            Self::Regulator => role::REGULATOR,
            Self::Screener => role::SCREENER,
            Self::LiquidityProvider => role::LIQUIDITY_PROVIDER,
        }
    }
}

impl RightWord {
    const fn bit(self) -> u8 {
        match self {
            Self::Instruct => right::INSTRUCT,
            Self::Control => right::CONTROL,
        }
    }
}

const fn id_capacity() -> Within<1, 10_000_000_000> {
    Within::new(ID_CAPACITY)
}

const fn queue_capacity() -> Within<1, 100_000_000> {
    Within::new(QUEUE_CAPACITY as u64)
}

const fn rules() -> Within<1, { RULES_VERSION as u64 }> {
    Within::new(RULES_VERSION as u64)
}

fn zero() -> String {
    "0".to_owned()
}

fn one_node() -> Vec<Node> {
    vec![Node {
        name: "node-1.causeway".to_owned(),
        public: None,
    }]
}

/// Collects problems while it turns words into values.
struct Conversion<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
}

impl Conversion<'_> {
    fn wrong(&mut self, key: String, rule: impl ToString) {
        if self.problems.len() < Problems::MAX {
            self.problems.push(self.source.at(&key, rule.to_string()));
        }
    }

    fn currency(&mut self, code: &str, key: String) -> Option<&'static Currency> {
        Currency::from_alpha(code)
            .map_err(|error| self.wrong(key, error))
            .ok()
    }

    fn account(&mut self, account: &Account, at: &str) -> Option<AccountGrant> {
        let currency = self.currency(&account.currency, format!("{at}.currency"))?;
        let cap = parse_amount(&account.cap, currency)
            .map_err(|error| self.wrong(format!("{at}.cap"), error))
            .ok()?;
        Some(AccountGrant {
            currency: currency.numeric,
            cap,
        })
    }

    fn participant(&mut self, participant: Participant, at: &str) -> ParticipantSpec {
        let key = |(i, key): (usize, &Key)| KeySpec {
            id: KeyId(key.id.map_or(i as u32 + 1, |id| id.get() as u32)),
            person: key.person.get() as u32,
            rights: key.rights.iter().fold(0, |bits, word| bits | word.bit()),
            public: key.public,
        };
        let accounts = participant.accounts.iter().enumerate();
        ParticipantSpec {
            keys: participant.keys.iter().enumerate().map(key).collect(),
            accounts: accounts
                .filter_map(|(i, a)| self.account(a, &format!("{at}.accounts[{i}]")))
                .collect(),
            roles: participant.roles.iter().fold(0, |bits, word| bits | word.bit()),
            name: participant.name,
        }
    }
}

impl GenesisSpec {
    /// Reads the text form and checks every rule.
    pub fn read(source: &Source) -> Result<Self, Problems> {
        let file: File = source.parse()?;
        let mut to = Conversion {
            source,
            problems: Vec::new(),
        };
        let mut currencies = Vec::new();
        for (i, line) in file.currencies.iter().enumerate() {
            let currency = to.currency(&line.code, format!("currencies[{i}].code"));
            let agent = file.participants.iter().position(|p| p.name == line.agent);
            if agent.is_none() {
                to.wrong(
                    format!("currencies[{i}].agent"),
                    format!("{:?} is not among the participants", line.agent),
                );
            }
            if let (Some(currency), Some(agent)) = (currency, agent) {
                currencies.push(CurrencySpec {
                    currency,
                    agent: ParticipantId(agent as u32),
                });
            }
        }
        let participants = file.participants.into_iter().enumerate();
        let participants = participants
            .map(|(i, p)| to.participant(p, &format!("participants[{i}]")))
            .collect();
        // A value that is no value would make the rules below name the wrong places.
        if !to.problems.is_empty() {
            return Err(Problems(to.problems));
        }
        let spec = Self {
            name: file.name,
            id_capacity: file.id_capacity.get(),
            queue_capacity: file.queue_capacity.get() as u32,
            rules: file.rules.get() as u16,
            nodes: file
                .nodes
                .into_iter()
                .map(|n| NodeSpec {
                    name: n.name,
                    public: n.public,
                })
                .collect(),
            currencies,
            participants,
        };
        let broken: Vec<Problem> = spec
            .broken()
            .into_iter()
            .take(Problems::MAX)
            .map(|b| source.at(&b.key, b.rule))
            .collect();
        if broken.is_empty() {
            Ok(spec)
        } else {
            Err(Problems(broken))
        }
    }
}

/// A file that describes one participant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    participant: Participant,
}

impl ParticipantSpec {
    /// Reads the description of one participant that is to be registered: every key is there already, because the
    /// ledger never makes a bank's keys.
    pub fn read_grant(source: &Source) -> Result<ParticipantGrant, Problems> {
        const AT: &str = "participant";
        let file: One = source.parse()?;
        let mut to = Conversion {
            source,
            problems: Vec::new(),
        };
        let spec = to.participant(file.participant, AT);
        if !to.problems.is_empty() {
            return Err(Problems(to.problems));
        }
        let mut broken = spec.broken(AT);
        let mut keys = Vec::new();
        for (i, key) in spec.keys.iter().enumerate() {
            match key.public {
                Some(public) => {
                    keys.push(KeyGrant {
                        key: key.id,
                        person: key.person,
                        rights: key.rights,
                        public,
                    });
                }
                None => broken.push(Broken {
                    key: format!("{AT}.keys[{i}]"),
                    rule: "missing key `public`: made with `causeway keygen` by whoever will sign".to_owned(),
                }),
            }
        }
        if !broken.is_empty() {
            return Err(Problems(
                broken
                    .into_iter()
                    .take(Problems::MAX)
                    .map(|b| source.at(&b.key, b.rule))
                    .collect(),
            ));
        }
        Ok(ParticipantGrant {
            name: spec.name,
            roles: spec.roles,
            keys,
            accounts: spec.accounts,
        })
    }
}
