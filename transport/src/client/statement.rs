//! Statements and reports: page after page to the first line, held to the own feed.
use causeway_message::event::Event;
use causeway_message::frame::{self, Template};
use causeway_message::posting::Account;
use causeway_message::statement::Statement;
use causeway_message::wire::{StatementLines, StatementQuery};

use super::{Client, FeedStream, VerifiedEntry};
use crate::error::ClientError;
use crate::limits::{ANSWER_TIME, HISTORY_QUESTIONS, STATEMENT_LINES_MAX};

/// Times that a report is begun again because a day ended meanwhile.
const ATTEMPTS: usize = 3;

impl Client {
    /// One part of a statement; the node stops where it has read enough.
    ///
    /// # Errors
    /// As for every question, and if it is not part of what was asked for.
    pub async fn statement_page(&self, query: StatementQuery) -> Result<StatementLines, ClientError> {
        let answer = self.link.ask(query.write(), Template::StatementLines).await?;
        let page = StatementLines::read(frame::expect(&answer, Template::StatementLines)?)?;
        let mut later = if query.before == (0, 0) {
            (u64::MAX, u32::MAX)
        } else {
            query.before
        };
        for line in &page.lines {
            let falls = line.place() < later && line.place() >= page.next;
            let inside = page.from < line.entry && line.entry <= page.to;
            if !(falls && inside) {
                return Err(ClientError::Unproven("a statement's lines are not in order"));
            }
            later = line.place();
        }
        // A part that leads nowhere would keep the client asking for ever.
        let goes_on = query.before == (0, 0) || page.next < query.before;
        if page.next != (0, 0) && !goes_on {
            return Err(ClientError::Unproven(
                "the parts of a statement do not follow each other",
            ));
        }
        let other = query.date != 0 && page.date != query.date;
        // What lies between a later statement and the date is asked for again from there.
        let reached =
            page.date > query.date && page.lines.is_empty() && (query.told == 0 || page.told < query.told);
        if other && !reached {
            return Err(ClientError::Unproven("the statement is that of another day"));
        }
        Ok(page)
    }

    /// All of a statement (`date`), or of a report of the running day (0): the lines, the newest first, lead from opening to
    /// closing to the minor unit; and of an own account the balances are those of the verified feed.
    ///
    /// # Errors
    /// As for every question, and if anything of that does not hold.
    pub async fn statement(&self, account: Account, date: u16) -> Result<StatementLines, ClientError> {
        for _ in 0..ATTEMPTS {
            if let Some(whole) = self.whole_statement(account, date).await? {
                self.hold_to_feed(&account, date, &whole).await?;
                return Ok(whole);
            }
        }
        Err(ClientError::Unproven(
            "a report began at another place each time it was asked for",
        ))
    }

    /// Every part; `None` if it begins elsewhere than it did, since a day ended between two questions.
    async fn whole_statement(
        &self,
        account: Account,
        date: u16,
    ) -> Result<Option<StatementLines>, ClientError> {
        let mut query = StatementQuery {
            account,
            date,
            before: (0, 0),
            told: 0,
        };
        let mut whole = self.statement_page(query).await?;
        for _ in 0..HISTORY_QUESTIONS {
            if date == 0 || whole.date == date {
                break;
            }
            query.told = whole.told;
            whole = self.statement_page(query).await?;
        }
        query.told = if date == 0 { 0 } else { whole.told };
        for _ in 0..HISTORY_QUESTIONS {
            if whole.next == (0, 0) {
                let sum = whole
                    .lines
                    .iter()
                    .try_fold(whole.opening, |sum, line| sum.checked_add(line.posting.signed()));
                return if sum == Some(whole.closing) {
                    Ok(Some(whole))
                } else {
                    Err(ClientError::Unproven(
                        "a statement's lines do not lead from its opening to its closing balance",
                    ))
                };
            }
            if whole.lines.len() > STATEMENT_LINES_MAX {
                return Err(ClientError::Unproven("a statement has no end"));
            }
            query.before = whole.next;
            let page = self.statement_page(query).await?;
            if (page.opening, page.from, page.told) != (whole.opening, whole.from, whole.told) {
                return Ok(None);
            }
            let later = (page.closing, page.to) != (whole.closing, whole.to);
            if date != 0 && later || page.to < whole.to {
                return Err(ClientError::Unproven(
                    "the parts of a statement end at different places",
                ));
            }
            whole.next = page.next;
            whole.lines.extend(page.lines);
        }
        Err(ClientError::Unproven("a statement has no end"))
    }

    /// What the own feed tells of the same day, or of the day before the running one, says the same.
    async fn hold_to_feed(
        &self,
        account: &Account,
        date: u16,
        whole: &StatementLines,
    ) -> Result<(), ClientError> {
        if account.participant != self.link.config().participant {
            return Ok(());
        }
        if whole.told == 0 {
            let begins = (whole.opening, whole.from, whole.event) == (0, 0, 0);
            return if begins && date == 0 {
                Ok(())
            } else {
                Err(ClientError::Unproven("a statement is told by no event"))
            };
        }
        let (told, entry) = self.told_statement(account, whole.event).await?;
        let holds = if date == 0 {
            (told.closing, told.to) == (whole.opening, whole.from)
        } else {
            let of_feed = (told.date, told.opening, told.closing, told.from, told.to);
            of_feed == (date, whole.opening, whole.closing, whole.from, whole.to)
        };
        if holds && entry == whole.told {
            Ok(())
        } else {
            Err(ClientError::Unproven(
                "a statement differs from that of the own feed",
            ))
        }
    }

    /// The statement that this event of the own feed is, and the log index of its entry.
    async fn told_statement(&self, account: &Account, number: u64) -> Result<(Statement, u64), ClientError> {
        let mut feed = self.feed(number);
        let entry = told_by(&mut feed).await?;
        let told = entry.events().find(|(at, _)| *at == number);
        told.and_then(|(_, event)| event.statement_of(account))
            .map(|told| (told, entry.leaf.index))
            .ok_or(ClientError::Unproven(
                "the event that a statement names is not its own",
            ))
    }

    /// The newest statement of an own account, as the verified feed tells it; `None` before the first.
    ///
    /// # Errors
    /// As for every question, and if the node names an event that is none.
    pub async fn newest_statement(&self, account: Account) -> Result<Option<Statement>, ClientError> {
        let page = self
            .statement_page(StatementQuery {
                account,
                date: 0,
                before: (0, 0),
                told: 0,
            })
            .await?;
        if page.told == 0 {
            return Ok(None);
        }
        let (told, _) = self.told_statement(&account, page.event).await?;
        Ok(Some(told))
    }

    /// The events of the own feed with these numbers, as `each` sees them: what is proven of a statement's lines.
    ///
    /// # Errors
    /// As for the feed, and if one is not there.
    pub async fn events_of_lines(
        &self,
        numbers: impl Iterator<Item = u64>,
        mut each: impl FnMut(u64, &Event<'_>),
    ) -> Result<(), ClientError> {
        let mut numbers: Vec<u64> = numbers.collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut numbers = numbers.into_iter().peekable();
        while let Some(first) = numbers.peek().copied() {
            let mut feed = self.feed(first);
            // One stream goes on as long as the next one is near.
            while numbers
                .peek()
                .is_some_and(|next| *next < feed.next_number() + NEAR)
            {
                let entry = told_by(&mut feed).await?;
                for (number, event) in entry.events() {
                    if numbers.next_if_eq(&number).is_some() {
                        each(number, &event);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Events that are read rather than asked for anew.
const NEAR: u64 = 1_000;

/// The next entry of a feed, which must be there: a feed waits for what does not exist.
async fn told_by(feed: &mut FeedStream) -> Result<VerifiedEntry, ClientError> {
    tokio::time::timeout(ANSWER_TIME, feed.next())
        .await
        .unwrap_or(Err(ClientError::Unproven(
            "the feed does not show the event that a statement names",
        )))
}
