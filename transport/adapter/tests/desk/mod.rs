//! A bank's desk for a test: routes, secret and an empty store, without a node.
#![allow(dead_code, reason = "each test uses its own part")]

use causeway_adapter::iso::{Investigation, Message};
use causeway_adapter::route::Routes;
use causeway_adapter::secret_id::BankSecret;
use causeway_adapter::send::dates::BusinessDates;
use causeway_adapter::send::plan::{Plan, Rules, Unplanned, plan};
use causeway_adapter::send::{Refusal, recall};
use causeway_adapter::store::{Intents, Store};
use causeway_message::ParticipantId;
use causeway_message::checkpoint::LogKey;
use causeway_message::keys::SigningKey;
use causeway_message::wire::DirectoryLine;
use causeway_transport::profile::{BankProfile, PastValueDate, Source};

/// Participants by id, from 0.
pub const NAMES: [&str; 6] = [
    "OPERATOR",
    "ALFADEFF",
    "BETAFRPPXXX",
    "GAMMJPJT",
    "DELTKWKW",
    "EPSICLRM",
];
pub const TODAY: u16 = 9_557; // 2026-03-02

pub fn profile(agents: &str) -> BankProfile {
    profile_of(1, agents)
}

fn profile_of(participant: u32, agents: &str) -> BankProfile {
    let key = SigningKey::from_seed([9; 32]).unwrap().public();
    let text = format!(
        "[bank]\nname = \"Alfa\"\nparticipant = {participant}\nledger = \"{}\"\nlog_key = \"{}\"\n\
         [node]\naddress = \"127.0.0.1:1\"\nca = \"ca\"\n[tls]\ncert = \"c\"\nkey = \"k\"\n{agents}",
        "00".repeat(32),
        LogKey::new("log", key).unwrap().to_text()
    );
    BankProfile::read(&Source::new("bank.toml", &text)).unwrap_or_else(|problems| panic!("{problems}"))
}

pub fn directory() -> Vec<DirectoryLine> {
    let line = |(id, name): (usize, &&str)| DirectoryLine {
        participant: ParticipantId(id as u32),
        roles: 1,
        suspended: false,
        name: (*name).to_owned(),
    };
    NAMES.iter().enumerate().map(line).collect()
}

pub fn routes(agents: &str) -> Routes {
    Routes::new(&profile(agents), &directory()).unwrap()
}

fn refusals(unplanned: Unplanned) -> Vec<Refusal> {
    match unplanned {
        Unplanned::Refused(refusals) => refusals,
        Unplanned::Failed(failure) => panic!("{failure}"),
    }
}

/// What a bank plans with.
pub struct Desk {
    pub routes: Routes,
    pub secret: BankSecret,
    pub past: PastValueDate,
    pub dates: BusinessDates,
    pub store: Store,
    pub intents: Intents,
    _dir: tempfile::TempDir,
}

impl Desk {
    pub fn new(agents: &str) -> Desk {
        Desk::of(1, agents)
    }

    /// That of another bank.
    pub fn of(participant: u32, agents: &str) -> Desk {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let intents = store.intents().unwrap();
        Desk {
            routes: Routes::new(&profile_of(participant, agents), &directory()).unwrap(),
            secret: BankSecret::new(&[7; 32]).unwrap(),
            past: PastValueDate::Today,
            dates: BusinessDates::default(),
            store,
            intents,
            _dir: dir,
        }
    }

    pub fn rules(&self) -> Rules<'_> {
        Rules {
            routes: &self.routes,
            secret: &self.secret,
            store: &self.store,
            charges: true,
            past_value_date: self.past,
            today: TODAY,
            dates: &self.dates,
        }
    }

    pub fn plan(&self, message: &Message) -> Result<Plan, Vec<Refusal>> {
        plan(&self.rules(), &self.intents, "a.xml", message).map_err(refusals)
    }

    pub fn plan_recall(&self, message: &Investigation) -> Result<Plan, Vec<Refusal>> {
        recall::plan(&self.rules(), &self.intents, "a.xml", message).map_err(refusals)
    }

    /// Takes a plan as sent.
    pub fn sent(&mut self, plan: Plan) {
        for intent in plan.fresh {
            self.intents.stage(intent);
        }
    }

    pub fn refused(&self, message: &Message) -> String {
        let refusals = self.plan(message).expect_err("refused");
        refusals
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    }
}
