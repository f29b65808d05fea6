//! Who an agent is: its first identification in a fixed order.

use super::cursor::{Cursor, Result};
use super::fields::text_up_to;
use super::finding::{Rule, quoted};
use serde::Serialize;
use std::fmt;

/// How an agent is identified; the first of these that is given counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AgentScheme {
    /// `BICFI`.
    Bic,
    /// `ClrSysMmbId`, with the code of the clearing system (`USABA`), empty where not given.
    Clearing(String),
    /// `LEI`.
    Lei,
    /// `Othr/Id`.
    Other,
    /// `Nm`.
    Name,
}

/// An institution.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Agent {
    /// How it is identified.
    pub scheme: AgentScheme,
    /// The identification, as written.
    pub id: String,
}

impl Agent {
    /// The agent that displays like this; a name alone if it displays like nothing else.
    pub fn named(text: &str) -> Agent {
        let agent = |scheme, id: &str| Agent {
            scheme,
            id: id.to_owned(),
        };
        if is_bic(text) {
            return agent(AgentScheme::Bic, text);
        }
        match text.split_once(':') {
            Some(("LEI", id)) if is_lei(id) => agent(AgentScheme::Lei, id),
            Some(("OTHR", id)) if !id.trim().is_empty() => agent(AgentScheme::Other, id),
            Some(("NAME", id)) if !id.trim().is_empty() => agent(AgentScheme::Name, id),
            Some(("CLEARING", id)) if !id.trim().is_empty() => {
                agent(AgentScheme::Clearing(String::new()), id)
            }
            Some((code, id)) if is_clearing_system(code) && !id.trim().is_empty() => {
                agent(AgentScheme::Clearing(code.to_owned()), id)
            }
            _ => agent(AgentScheme::Name, text),
        }
    }

    /// One spelling per institution: a BIC without the `XXX` of the head office, others as displayed.
    pub fn key(&self) -> String {
        let shown = self.to_string();
        match self.scheme {
            AgentScheme::Bic => shown
                .strip_suffix("XXX")
                .filter(|bic| bic.len() == 8)
                .unwrap_or(&shown)
                .to_owned(),
            _ => shown,
        }
    }
}

impl fmt::Display for Agent {
    /// A BIC as it is, others with their scheme in front: `USABA:121182904`, `LEI:…`, `OTHR:…`, `NAME:…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match &self.scheme {
            AgentScheme::Bic => return f.write_str(&self.id),
            AgentScheme::Clearing(code) if code.is_empty() => "CLEARING",
            AgentScheme::Clearing(code) => code,
            AgentScheme::Lei => "LEI",
            AgentScheme::Other => "OTHR",
            AgentScheme::Name => "NAME",
        };
        write!(f, "{scheme}:{}", self.id)
    }
}

impl Serialize for Agent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads a `BranchAndFinancialInstitutionIdentification`; `None` if nothing in it identifies.
pub(crate) fn agent(cursor: &Cursor<'_>) -> Result<Option<Agent>> {
    let institution = cursor.required("FinInstnId")?;
    if let Some(bic) = institution.optional("BICFI")? {
        return bic_agent(&bic).map(Some);
    }
    if let Some(member) = institution.optional("ClrSysMmbId")? {
        let code = match member.optional("ClrSysId")? {
            Some(system) => match (system.optional("Cd")?, system.optional("Prtry")?) {
                (Some(code), _) | (None, Some(code)) => text_up_to(&code, 35)?,
                (None, None) => String::new(),
            },
            None => String::new(),
        };
        let id = text_up_to(&member.required("MmbId")?, 35)?;
        return Ok(Some(Agent {
            scheme: AgentScheme::Clearing(code),
            id,
        }));
    }
    if let Some(lei) = institution.optional("LEI")? {
        return lei_agent(&lei).map(Some);
    }
    if let Some(other) = institution.optional_at(&["Othr", "Id"])? {
        return Ok(Some(Agent {
            scheme: AgentScheme::Other,
            id: text_up_to(&other, 35)?,
        }));
    }
    match institution.optional("Nm")? {
        Some(name) => Ok(Some(Agent {
            scheme: AgentScheme::Name,
            id: text_up_to(&name, 140)?,
        })),
        None => Ok(None),
    }
}

/// Reads the sender or receiver of a business application header (`Party44Choice`).
///
/// A name alone does not count: headers often carry a host or a department there.
pub(crate) fn header_party(party: &Cursor<'_>) -> Result<Option<Agent>> {
    if let Some(institution) = party.optional("FIId")? {
        return Ok(agent(&institution)?.filter(|found| found.scheme != AgentScheme::Name));
    }
    let Some(organisation) = party.optional_at(&["OrgId", "Id", "OrgId"])? else {
        return Ok(None);
    };
    if let Some(bic) = organisation.optional("AnyBIC")? {
        return bic_agent(&bic).map(Some);
    }
    if let Some(lei) = organisation.optional("LEI")? {
        return lei_agent(&lei).map(Some);
    }
    let first = organisation.list("Othr").into_iter().next();
    let other = first.map(|other| other.required("Id")).transpose()?;
    other
        .map(|id| {
            Ok(Agent {
                scheme: AgentScheme::Other,
                id: text_up_to(&id, 35)?,
            })
        })
        .transpose()
}

/// Whether a text is a `BICFIDec2014Identifier`.
fn is_bic(text: &str) -> bool {
    matches!(text.len(), 8 | 11)
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| byte.is_ascii_uppercase() || (byte.is_ascii_digit() && !(4..6).contains(&at)))
}

/// Whether a text is an `LEIIdentifier`.
fn is_lei(text: &str) -> bool {
    text.len() == 20
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| byte.is_ascii_digit() || (byte.is_ascii_uppercase() && at < 18))
}

/// Whether a text is a code of a clearing system (`ExternalClearingSystemIdentification1Code`).
fn is_clearing_system(text: &str) -> bool {
    (1..=5).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// `BICFIDec2014Identifier`.
pub(super) fn bic_agent(cursor: &Cursor<'_>) -> Result<Agent> {
    let text = cursor.text()?;
    if is_bic(text) {
        return Ok(Agent {
            scheme: AgentScheme::Bic,
            id: text.to_owned(),
        });
    }
    let rule = "a BIC has 8 or 11 capital letters and digits, letters only at places 5 and 6";
    Err(cursor.refuse(Rule::Agent, format!("{}: {rule}", quoted(text))))
}

/// `LEIIdentifier`.
pub(super) fn lei_agent(cursor: &Cursor<'_>) -> Result<Agent> {
    let text = cursor.text()?;
    if is_lei(text) {
        return Ok(Agent {
            scheme: AgentScheme::Lei,
            id: text.to_owned(),
        });
    }
    let rule = "an LEI has 18 capital letters and digits and 2 digits";
    Err(cursor.refuse(Rule::Agent, format!("{}: {rule}", quoted(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_reads_back_from_how_it_is_displayed() {
        for text in [
            "ALFADEFF",
            "ALFADEFFXXX",
            "USABA:121182904",
            "CLEARING:1",
            "LEI:529900T8BM49AURSDO55",
            "OTHR:MEMBER-7",
            "NAME:Banco sem codigo",
        ] {
            assert_eq!(Agent::named(text).to_string(), text);
        }
        for text in ["Alfa Bank", "", "a:b", ":"] {
            let agent = Agent::named(text);
            assert_eq!((agent.scheme, agent.id.as_str()), (AgentScheme::Name, text));
        }
    }
}
