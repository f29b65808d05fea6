//! What a participant proposed, approved and withdrew, question after question.
use causeway_message::ParticipantId;
use causeway_message::control::proposal_digest;
use causeway_message::frame::{self, Template};
use causeway_message::wire::{GovernanceLines, GovernanceQuery, Governed};

use super::Client;
use crate::error::ClientError;
use crate::limits::{GOVERNANCE_LINES_MAX, HISTORY_QUESTIONS};

impl Client {
    /// One part of the governance log of a participant; the node stops where it has read enough.
    ///
    /// # Errors
    /// As for every question, `not_found` for who may not ask, and if it is not part of what was asked for or a digest is
    /// not that of its proposal.
    pub async fn governance_page(&self, query: GovernanceQuery) -> Result<GovernanceLines, ClientError> {
        let answer = self.link.ask(query.write(), Template::GovernanceLines).await?;
        let page = GovernanceLines::read(frame::expect(&answer, Template::GovernanceLines)?)?;
        if page.participant != query.participant {
            return Err(ClientError::Unproven(
                "a governance log is that of another participant",
            ));
        }
        let end = match query.before {
            0 => page.index.saturating_add(1),
            before => before,
        };
        let falls = page
            .records
            .is_sorted_by(|a, b| a.entry > b.entry || a.entry == b.entry && a.ordinal < b.ordinal)
            && page.reached.is_sorted_by(|a, b| a.entry >= b.entry);
        let mut entries = (page.records.iter().map(|record| record.entry))
            .chain(page.reached.iter().map(|reached| reached.entry));
        if !falls || !entries.all(|entry| page.next <= entry && entry < end) {
            return Err(ClientError::Unproven("a governance log is not in order"));
        }
        // A part that leads nowhere would keep the client asking for ever.
        if page.next != 0 && page.next >= end {
            return Err(ClientError::Unproven(
                "the parts of a governance log do not follow each other",
            ));
        }
        let ledger = self.link.config().ledger;
        let holds = page.records.iter().all(|record| match &record.what {
            Governed::Proposes(action) => {
                record.digest == proposal_digest(ledger, page.participant, record.id, action)
            }
            _ => true,
        });
        if !holds {
            return Err(ClientError::Unproven(
                "the digest of a proposal is that of something else",
            ));
        }
        Ok(page)
    }

    /// All that a participant proposed, approved and withdrew, and what became of its proposals; the newest entry first.
    /// `index` is the log index up to which it is complete. The node's word, as every answer to a question.
    ///
    /// # Errors
    /// As for every question, and if the parts do not follow each other or do not end.
    pub async fn governance(&self, participant: ParticipantId) -> Result<GovernanceLines, ClientError> {
        let mut query = GovernanceQuery {
            participant,
            before: 0,
        };
        let mut whole = self.governance_page(query).await?;
        for _ in 0..HISTORY_QUESTIONS {
            if whole.next == 0 {
                return Ok(whole);
            }
            if whole.records.len() + whole.reached.len() > GOVERNANCE_LINES_MAX {
                break;
            }
            query.before = whole.next;
            let page = self.governance_page(query).await?;
            whole.next = page.next;
            whole.records.extend(page.records);
            whole.reached.extend(page.reached);
        }
        Err(ClientError::Unproven("a governance log has no end"))
    }
}
