//! The demo's ledger: who takes part, in which currencies, in which directory; and its node.
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use causeway_fx::Currency;
use causeway_message::ParticipantId;
use causeway_message::action::{AccountGrant, right, role};
use causeway_message::{KeyId, LedgerId};
use causeway_transport::ClientConfig;
use tempfile::TempDir;

use super::{Options, PAYMENTS_MAX};
use crate::Failure;
use crate::config::{BankConfig, NodeConfig, Source};
use crate::genesis::{CurrencySpec, GenesisSpec, KeySpec, NodeSpec, ParticipantSpec, QUEUE_CAPACITY};
use crate::init::{self, MadeBank};
use crate::node::Node;

/// Currency, its settlement agent, and a middling payment in minor units. With 0, 2 and 3 digits after the point.
const CURRENCIES: &[(&str, &str, u64)] = &[
    ("EUR", "ECB-TARGET", 250_000),
    ("USD", "FED-FEDWIRE", 270_000),
    ("GBP", "BOE-CHAPS", 210_000),
    ("JPY", "BOJ-NET", 400_000),
    ("CHF", "SNB-SIC", 240_000),
    ("KWD", "CBK-KASSIP", 820_000),
    ("SGD", "MAS-MEPS", 360_000),
    ("INR", "RBI-RTGS", 22_000_000),
];

/// Banks of nowhere. More than these get a number.
const BANKS: &[&str] = &[
    "ALFADEFF", "BETAFRPP", "GAMMGB2L", "DELTUS33", "EPSIJPJT", "ZETACHZZ", "ETABKWKW", "THETSGSG",
    "IOTAINBB", "KAPPNL2A", "LAMBESMM", "MUBKITMM", "NUBKBEBB", "XIBKATWW", "OMICPTPL", "PIBKIE2D",
];

/// A bank is funded with this many middling payments in each currency: too little never to wait, and enough that
/// no single payment exceeds what a bank can hold.
pub const FUNDED_PAYMENTS: u64 = 400;

/// From one look of netting at the queues to the next.
const LOOK: Duration = Duration::from_millis(100);

/// Where the data directory is.
#[derive(Debug)]
pub enum Dir {
    /// Removed at the end.
    Temporary(TempDir),
    /// Kept.
    Kept(PathBuf),
}

impl Dir {
    /// Its path.
    pub fn path(&self) -> &Path {
        match self {
            Self::Temporary(dir) => dir.path(),
            Self::Kept(dir) => dir,
        }
    }
}

/// The demo's ledger and its node.
#[derive(Debug)]
pub struct World {
    /// The node.
    pub node: Node,
    /// Its configuration.
    pub config: NodeConfig,
    /// Its directory.
    pub dir: Dir,
    /// The ledger.
    pub ledger: LedgerId,
    /// The currencies.
    pub currencies: Vec<&'static Currency>,
    /// A middling payment of each, in minor units.
    pub middling: Vec<u64>,
    /// The operator.
    pub operator: MadeBank,
    /// The settlement agents, in order of the currencies.
    pub agents: Vec<MadeBank>,
    /// The banks.
    pub banks: Vec<MadeBank>,
}

fn keys(first: u8) -> Vec<KeySpec> {
    let key = |person: u32, rights: u8| KeySpec {
        id: KeyId(person),
        person,
        rights,
        public: None,
    };
    vec![key(1, first), key(2, right::CONTROL)]
}

fn bank_name(at: usize) -> String {
    BANKS
        .get(at)
        .map_or_else(|| format!("BANK{at:04}"), |name| (*name).to_owned())
}

fn spec(banks: usize, currencies: &[&'static Currency]) -> GenesisSpec {
    let other = |name: &str, roles: u8| ParticipantSpec {
        name: name.to_owned(),
        roles,
        keys: keys(right::CONTROL),
        accounts: Vec::new(),
    };
    let account = |currency: &&Currency| AccountGrant {
        currency: currency.numeric,
        cap: 0,
    };
    let accounts: Vec<AccountGrant> = currencies.iter().map(account).collect();
    let mut participants = vec![other("OPERATOR", role::OPERATOR)];
    participants.extend(
        CURRENCIES
            .iter()
            .map(|(_, agent, _)| other(agent, role::SETTLEMENT_AGENT)),
    );
    participants.extend((0..banks).map(|at| ParticipantSpec {
        name: bank_name(at),
        roles: role::PARTICIPANT,
        keys: keys(right::INSTRUCT | right::CONTROL),
        accounts: accounts.clone(),
    }));
    let agents = currencies.iter().enumerate();
    GenesisSpec {
        rules: causeway_message::leaf::RULES_VERSION,
        name: "causeway-demo".to_owned(),
        id_capacity: PAYMENTS_MAX * 2,
        queue_capacity: QUEUE_CAPACITY,
        nodes: vec![NodeSpec {
            name: "node-1.causeway".to_owned(),
            public: None,
        }],
        currencies: agents
            .map(|(at, currency)| CurrencySpec {
                currency,
                agent: ParticipantId(at as u32 + 1),
            })
            .collect(),
        participants,
    }
}

impl World {
    /// Makes the directory and starts the node.
    pub fn make(options: &Options) -> Result<Self, Failure> {
        let mut currencies = Vec::new();
        for (code, _, _) in CURRENCIES {
            currencies.push(Currency::from_alpha(code).map_err(|error| Failure::Config(error.to_string()))?);
        }
        let dir = match &options.keep {
            Some(dir) => Dir::Kept(dir.clone()),
            None => Dir::Temporary(
                tempfile::Builder::new()
                    .prefix("causeway-demo-")
                    .tempdir()
                    .map_err(|error| Failure::Io(format!("no temporary directory: {error}")))?,
            ),
        };
        let banks = options.banks as usize;
        let made = init::create(dir.path(), &spec(banks, &currencies), &init::Options::now())?;
        // The environment configures the node of this machine, not the demo's.
        let mut config = NodeConfig::read(Source::read(&made.node_config)?, &[])?.config;
        config.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        config.connections_max = config.connections_max.max(banks + 2 * CURRENCIES.len() + 8);
        // The story of a gridlock lasts until it is told.
        config.netting.triggers.gridlock = false;
        config.netting.look = LOOK;
        let node = Node::start(&config)?;
        let mut homes = made.banks;
        let banks = homes.split_off(1 + CURRENCIES.len());
        let agents = homes.split_off(1);
        let operator = homes
            .pop()
            .ok_or_else(|| Failure::Config("the ledger has no operator".to_owned()))?;
        Ok(Self {
            node,
            config,
            dir,
            ledger: made.ledger,
            currencies,
            middling: CURRENCIES.iter().map(|(_, _, middling)| *middling).collect(),
            operator,
            agents,
            banks,
        })
    }

    /// What the client of a participant is told: its own `bank.toml`, at the address of the demo's node.
    pub fn client(&self, home: &MadeBank, person: u32) -> Result<ClientConfig, Failure> {
        let mut client = BankConfig::load(&home.config)?.client_config(Some(person))?;
        client.addresses = vec![self.node.address()];
        Ok(client)
    }

    /// What each bank is funded with in a currency, in minor units.
    pub fn funding(&self, currency: usize) -> u64 {
        self.middling.get(currency).copied().unwrap_or_default() * FUNDED_PAYMENTS
    }
}
