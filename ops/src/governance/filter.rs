//! Which lines of the governance log are listed.
use causeway_message::{ParticipantId, Status};

use super::fields;
use super::row::Row;
use crate::Failure;
use crate::client::words;

/// What is listed: what passes all of it.
#[derive(Debug, Default)]
pub struct Filter {
    action: Option<String>,
    status: Option<String>,
    /// Days since 2000-01-01.
    from: Option<u64>,
    to: Option<u64>,
    /// Who signed it, or whom it names.
    pub participant: Option<ParticipantId>,
}

impl Filter {
    /// Reads options: `action` as commands or the protocol name it, days (UTC) like 2026-12-01, `status` by its name.
    ///
    /// # Errors
    /// The option that is wrong, and its rule.
    pub fn read(
        action: Option<&str>,
        status: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<Self, Failure> {
        let day = |option: &str, text: Option<&str>| {
            let wrong = || Failure::Config(format!("{option}: must be a date like 2026-12-01"));
            text.map(|text| words::days(text).ok_or_else(wrong)).transpose()
        };
        let (from, to) = (day("--from", from)?, day("--to", to)?);
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(Failure::Config("--to: must not be before --from".to_owned()));
        }
        let action = action.map(|name| name.replace('-', "_"));
        if let Some(name) = action.as_deref().filter(|name| !fields::ACTIONS.contains(name)) {
            let known = fields::ACTIONS.join(", ");
            return Err(Failure::Config(format!("--action: {name:?} is none of {known}")));
        }
        let status = status.map(|name| name.replace('-', "_"));
        let known = |name: &str| Status::ALL.iter().any(|status| status.name() == name);
        if let Some(name) = status.as_deref().filter(|name| !known(name)) {
            let rule = "is no status, as proposed, executed or same_person are";
            return Err(Failure::Config(format!("--status: {name:?} {rule}")));
        }
        Ok(Self {
            action,
            status,
            from,
            to,
            participant: None,
        })
    }

    /// True if a line is listed: that of a proposal by its own status, or by that of a decision on it.
    pub fn passes(&self, row: &Row) -> bool {
        let mut days = row.times.iter().map(|time| time.days());
        let within =
            |day: u64| self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to);
        let decided = |status| row.decisions.iter().any(|decision| decision.status == status);
        self.action
            .as_deref()
            .is_none_or(|action| row.action == Some(action))
            && self
                .status
                .as_deref()
                .is_none_or(|status| row.status == Some(status) || decided(status))
            && self.participant.is_none_or(|who| row.named.contains(&who))
            && days.any(within)
    }
}
