//! What became of everything under a reference, question after question.
use causeway_message::frame::{self, Template};
use causeway_message::wire::{HistoryLine, HistoryLines, HistoryQuery};

use super::Client;
use crate::error::ClientError;
use crate::limits::HISTORY_QUESTIONS;

impl Client {
    /// One part of a history; the node stops where it has read enough.
    ///
    /// # Errors
    /// As for every question, and if it is not part of what was asked for.
    pub async fn history_page(&self, query: HistoryQuery) -> Result<HistoryLines, ClientError> {
        let answer = self.link.ask(query.write(), Template::HistoryLines).await?;
        let page = HistoryLines::read(frame::expect(&answer, Template::HistoryLines)?)?;
        let end = match query.before {
            0 => page.index.saturating_add(1),
            before => before,
        };
        let mut causes = page.lines.iter().map(|line| line.cause);
        let falls = page.lines.is_sorted_by(|a, b| a.cause >= b.cause);
        if !falls || !causes.all(|cause| page.next <= cause && cause < end) {
            return Err(ClientError::Unproven("a history is not in order"));
        }
        // A part that leads nowhere would keep the client asking for ever.
        if page.next != 0 && page.next >= end {
            return Err(ClientError::Unproven(
                "the parts of a history do not follow each other",
            ));
        }
        if !page.lines.iter().all(|line| query.means(&line.record)) {
            return Err(ClientError::Unproven("a history tells of what was not asked for"));
        }
        Ok(page)
    }

    /// What became of everything under a reference, from `query.before` back, the newest first: to the beginning, or
    /// until there are `most` lines; and the log index up to which it is complete. The node's word, as every answer to a
    /// question.
    ///
    /// # Errors
    /// As for every question, and if the parts do not follow each other or do not end.
    pub async fn history(
        &self,
        mut query: HistoryQuery,
        most: usize,
    ) -> Result<(u64, Vec<HistoryLine>), ClientError> {
        let (mut index, mut lines) = (None, Vec::new());
        for _ in 0..HISTORY_QUESTIONS {
            let page = self.history_page(query).await?;
            index = index.or(Some(page.index));
            lines.extend(page.lines);
            if page.next == 0 || lines.len() >= most {
                lines.truncate(most);
                return Ok((index.unwrap_or(0), lines));
            }
            query.before = page.next;
        }
        Err(ClientError::Unproven("a history has no end"))
    }
}
