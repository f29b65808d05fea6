//! From the agents that messages name to the participants of the ledger, and back.
use crate::failure::Failure;
use crate::iso::Agent;
use causeway_message::ParticipantId;
use causeway_message::wire::DirectoryLine;
use causeway_transport::profile::{AgentParticipant, BankProfile};
use std::collections::BTreeMap;

/// Who is who. What the bank's own `[agents]` table says goes before the directory.
#[derive(Debug, Clone)]
pub struct Routes {
    own: ParticipantId,
    by_agent: BTreeMap<String, ParticipantId>,
    names: BTreeMap<ParticipantId, String>,
}

/// One spelling per institution: a BIC of a head office has no `XXX`.
fn key_of(name: &str) -> &str {
    let is_bic = name.len() == 11 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    name.strip_suffix("XXX").filter(|_| is_bic).unwrap_or(name)
}

impl Routes {
    /// Joins the directory of the ledger with the table of the bank.
    ///
    /// # Errors
    /// When the table names a participant that is not in the directory, or the bank itself is not.
    pub fn new(profile: &BankProfile, directory: &[DirectoryLine]) -> Result<Routes, Failure> {
        let lines = directory.iter();
        let names: BTreeMap<_, _> = lines.map(|line| (line.participant, line.name.clone())).collect();
        let mut by_agent: BTreeMap<String, ParticipantId> = BTreeMap::new();
        for (participant, name) in &names {
            // Of two names for the same institution neither can be meant without saying so.
            if by_agent.insert(key_of(name).to_owned(), *participant).is_some() {
                by_agent.remove(key_of(name));
            }
        }
        for (agent, to) in &profile.agents {
            let found = match to {
                AgentParticipant::Id(id) => names.contains_key(id).then_some(*id),
                AgentParticipant::Name(name) => {
                    let mut lines = directory.iter();
                    lines.find(|line| line.name == *name).map(|line| line.participant)
                }
            };
            let participant = found.ok_or_else(|| {
                let to = match to {
                    AgentParticipant::Id(id) => id.to_string(),
                    AgentParticipant::Name(name) => format!("{name:?}"),
                };
                Failure::Config(format!("agents.{agent:?}: the ledger has no participant {to}"))
            })?;
            by_agent.insert(key_of(agent).to_owned(), participant);
        }
        let own = profile.participant;
        if !names.contains_key(&own) {
            return Err(Failure::Config(format!(
                "bank.participant: the ledger has no participant {own}"
            )));
        }
        Ok(Routes { own, by_agent, names })
    }

    /// Those of a bank whose directory has these lines.
    #[cfg(test)]
    pub(crate) fn of(own: ParticipantId, directory: &[DirectoryLine]) -> Routes {
        let lines = directory.iter();
        let named = lines.map(|line| (line.participant, line.name.clone()));
        Routes {
            own,
            by_agent: BTreeMap::new(),
            names: named.collect(),
        }
    }

    /// This bank.
    pub const fn own(&self) -> ParticipantId {
        self.own
    }

    /// The participant that an agent is.
    pub fn participant(&self, agent: &Agent) -> Option<ParticipantId> {
        self.by_agent.get(&agent.key()).copied()
    }

    /// The name of a participant; its number if it joined after the directory was read.
    pub fn name(&self, participant: ParticipantId) -> String {
        self.names
            .get(&participant)
            .cloned()
            .unwrap_or_else(|| format!("participant {participant}"))
    }

    /// Whether the participant's name is known.
    pub fn knows(&self, participant: ParticipantId) -> bool {
        self.names.contains_key(&participant)
    }
}
