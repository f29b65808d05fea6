//! Rules that bind the parts of a genesis to each other.
use causeway_message::ParticipantId;
use causeway_message::action::{right, role};
use causeway_message::checkpoint::LogKey;
use causeway_message::keys::{PublicKey, SigningKey};
use causeway_message::limits::{KEYS_PER_PARTICIPANT_MAX, NAME_BYTES_MAX, PARTICIPANTS_MAX};
use std::collections::BTreeSet;
use std::fmt;

use super::{GenesisSpec, ParticipantSpec};

/// A rule that a specification breaks, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The place, as a path of the text form.
    pub key: String,
    /// The rule.
    pub rule: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.rule)
    }
}

#[derive(Default)]
struct Found(Vec<Broken>);

impl Found {
    fn unless(&mut self, holds: bool, key: impl Into<String>, rule: &str) {
        if !holds {
            self.0.push(Broken {
                key: key.into(),
                rule: rule.to_owned(),
            });
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= NAME_BYTES_MAX && !name.chars().any(char::is_control)
}

const NAME_RULE: &str = "must be printable, not empty, and at most 140 bytes";

impl GenesisSpec {
    /// Every rule that the specification breaks.
    pub fn broken(&self) -> Vec<Broken> {
        let mut found = Found::default();
        found.unless(is_name(&self.name), "name", NAME_RULE);
        found.unless(self.id_capacity > 0, "id_capacity", "must be at least 1");
        found.unless(self.queue_capacity > 0, "queue_capacity", "must be at least 1");
        self.check_nodes(&mut found);
        self.check_currencies(&mut found);
        let count = self.participants.len();
        found.unless(
            count <= PARTICIPANTS_MAX,
            "participants",
            "are more than a ledger holds (65536)",
        );
        let operator = self.participants.iter().any(|p| p.roles & role::OPERATOR != 0);
        found.unless(
            operator,
            "participants",
            "must hold one with the role \"operator\"",
        );
        let mut names = BTreeSet::new();
        for (i, participant) in self.participants.iter().enumerate() {
            let at = format!("participants[{i}]");
            let rule = "stands twice: a participant's name is unique";
            found.unless(names.insert(&participant.name), format!("{at}.name"), rule);
            participant.check(&at, &mut found);
            self.check_accounts(participant, &at, &mut found);
        }
        found.0
    }

    fn check_nodes(&self, found: &mut Found) {
        let mut names = BTreeSet::new();
        let missing = self.nodes.iter().filter(|node| node.public.is_none()).count();
        found.unless(
            missing == 1,
            "nodes",
            "exactly one must be without `public`: the node whose key is made here",
        );
        // Any key will do to ask whether a name is one.
        let key = SigningKey::from_seed([1; 32]).ok().map(|key| key.public());
        for (i, node) in self.nodes.iter().enumerate() {
            let at = format!("nodes[{i}].name");
            let good = is_name(&node.name) && key.is_some_and(|key| LogKey::new(&node.name, key).is_ok());
            found.unless(
                good,
                at.clone(),
                "must be 1 to 140 printable bytes without space or plus sign",
            );
            found.unless(
                names.insert(&node.name),
                at,
                "stands twice: a node's name is unique",
            );
        }
    }

    fn check_currencies(&self, found: &mut Found) {
        let mut codes = BTreeSet::new();
        for (i, currency) in self.currencies.iter().enumerate() {
            let at = format!("currencies[{i}]");
            let rule = "stands twice: a currency has one settlement agent";
            found.unless(
                codes.insert(currency.currency.numeric),
                format!("{at}.code"),
                rule,
            );
            let agent = self.participant(currency.agent);
            let is_agent = agent.is_some_and(|agent| agent.roles & role::SETTLEMENT_AGENT != 0);
            found.unless(
                is_agent,
                format!("{at}.agent"),
                "must be a participant with the role \"settlement_agent\"",
            );
        }
    }

    fn check_accounts(&self, participant: &ParticipantSpec, at: &str, found: &mut Found) {
        let mut codes = BTreeSet::new();
        for (i, account) in participant.accounts.iter().enumerate() {
            let at = format!("{at}.accounts[{i}]");
            let open = self
                .currencies
                .iter()
                .any(|c| c.currency.numeric == account.currency);
            found.unless(
                open,
                format!("{at}.currency"),
                "is not among the ledger's currencies",
            );
            found.unless(
                codes.insert(account.currency),
                format!("{at}.currency"),
                "stands twice: one account each",
            );
            let may = participant.roles & role::PARTICIPANT != 0;
            found.unless(may, at, "needs the role \"participant\"");
        }
    }

    fn participant(&self, id: ParticipantId) -> Option<&ParticipantSpec> {
        self.participants.get(id.0 as usize)
    }
}

impl ParticipantSpec {
    /// Every rule that a participant alone breaks; its place is `at`.
    pub fn broken(&self, at: &str) -> Vec<Broken> {
        let mut found = Found::default();
        self.check(at, &mut found);
        found.0
    }

    fn check(&self, at: &str, found: &mut Found) {
        found.unless(is_name(&self.name), format!("{at}.name"), NAME_RULE);
        found.unless(
            self.roles != 0 && self.roles & !role::KNOWN == 0,
            format!("{at}.roles"),
            "must not be empty",
        );
        let count = self.keys.len();
        let counted = (1..=KEYS_PER_PARTICIPANT_MAX).contains(&count);
        found.unless(counted, format!("{at}.keys"), "must be 1 to 64 keys");
        let (mut ids, mut keys) = (BTreeSet::new(), BTreeSet::<PublicKey>::new());
        let mut persons = BTreeSet::new();
        for (i, key) in self.keys.iter().enumerate() {
            let at = format!("{at}.keys[{i}]");
            found.unless(
                ids.insert(key.id),
                format!("{at}.id"),
                "stands twice: a key's id is unique",
            );
            found.unless(key.person > 0, format!("{at}.person"), "must be at least 1");
            let rights = key.rights != 0 && key.rights & !right::KNOWN == 0;
            found.unless(rights, format!("{at}.rights"), "must not be empty");
            let new = key.public.is_none_or(|public| keys.insert(public));
            found.unless(
                new,
                format!("{at}.public"),
                "stands twice: a key belongs to one person",
            );
            if key.rights & right::CONTROL != 0 {
                persons.insert(key.person);
            }
        }
        let acts = self.roles & (role::OPERATOR | role::SETTLEMENT_AGENT) != 0;
        let rule = "must include two persons with the right \"control\": operators and settlement agents act under four eyes";
        found.unless(!acts || persons.len() >= 2, format!("{at}.keys"), rule);
    }
}
