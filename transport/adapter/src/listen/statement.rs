//! Statements of accounts: stored as camt.053 when the feed tells of them.
use std::path::Path;

use causeway_message::event::{Event, Role};
use causeway_message::posting::Account;
use causeway_message::statement::Statement as Balances;
use causeway_message::time::{Timestamp, civil};
use causeway_message::wire::StatementLines;
use causeway_message::{ParticipantId, action::Action};
use causeway_statement::{Statement, camt::camt053};
use causeway_transport::{Client, ClientError};
use serde::Serialize;
use std::collections::BTreeMap;

use super::credit::amount_text;
use super::line::Notice;
use crate::failure::Failure;
use crate::proof::{Patience, is_not_found, is_passing};
use crate::route::Routes;
use crate::store::{Store, write_whole};

/// Times that a node may refuse a statement for the moment before it is done without.
const REFUSALS: u32 = 10;

/// A statement that the feed told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closing {
    number: u64,
    time: Timestamp,
    balances: Balances,
    liability: bool,
}

/// What `listen` prints of it.
#[derive(Debug, Serialize)]
pub struct StatementLine {
    /// `statement`, or `liability_statement` of a settlement agent.
    pub event: &'static str,
    /// Its number in the feed.
    pub number: u64,
    /// When it was told.
    pub time: String,
    /// Currency of the account.
    pub currency: String,
    /// Business date.
    pub date: String,
    /// Balance before the day, with the digits of its currency.
    pub opening: String,
    /// Balance after it.
    pub closing: String,
    /// Postings; none where the message is missing.
    pub lines: Option<usize>,
    /// Where the camt.053 is; none if the statement cannot be written as one.
    pub message: Option<String>,
}

impl StatementLine {
    pub(super) fn text(&self) -> String {
        format!(
            "{} {} of {} in {}: opening {}, closing {}, message {}",
            self.time,
            self.event,
            self.date,
            self.currency,
            self.opening,
            self.closing,
            self.message.as_deref().unwrap_or("none")
        )
    }
}

impl Closing {
    /// The statement that an event is.
    pub(super) fn of(number: u64, time: Timestamp, event: &Event<'_>) -> Option<Self> {
        let balances = event.statement()?;
        let liability = match event.role()? {
            Role::Subject => false,
            Role::Overseer => true,
            _ => return None,
        };
        Some(Self {
            number,
            time,
            balances,
            liability,
        })
    }

    /// Fetches the lines, which must lead from balance to balance, and stores the message.
    pub(super) async fn store(
        &self,
        client: &Client,
        store: &Store,
        routes: &Routes,
        patience: &mut Patience,
    ) -> Result<Notice, Failure> {
        let account = Account {
            participant: client.config().participant,
            currency: self.balances.currency,
            liability: self.liability,
        };
        let whole = self.lines(client, account, patience).await?;
        let (mut lines, mut message) = (None, None);
        if let Some(whole) = whole {
            lines = Some(whole.lines.len());
            let references = references(client, &whole).await?;
            let name = |who: ParticipantId| routes.name(who);
            let statement = Statement::new(account, false, &whole, name, |line| {
                references.get(&line.event).cloned()
            });
            let statement = statement.map_err(|error| Failure::Io(error.to_string()))?;
            match camt053(&statement) {
                Ok(text) => {
                    let path = store.statement(&statement.id());
                    write_whole(&path, text.as_bytes())?;
                    message = Some(shown(&path));
                }
                Err(error) => tracing::warn!("statement {}: {error}", statement.id()),
            }
        }
        let money = |minor: i128| {
            // No account holds more than 64 bits count.
            let amount = u64::try_from(minor.unsigned_abs()).unwrap_or(u64::MAX);
            let (text, currency) = amount_text(amount, self.balances.currency);
            let sign = if minor < 0 { "-" } else { "" };
            (format!("{sign}{text}"), currency)
        };
        let (opening, currency) = money(self.balances.opening);
        let (closing, _) = money(self.balances.closing);
        let (year, month, day) = civil(self.balances.date.into());
        Ok(Notice::Statement(Box::new(StatementLine {
            event: if self.liability {
                "liability_statement"
            } else {
                "statement"
            },
            number: self.number,
            time: self.time.to_text(),
            currency,
            date: format!("{year:04}-{month:02}-{day:02}"),
            opening,
            closing,
            lines,
            message,
        })))
    }

    /// All lines; none if the node has no such statement any more.
    async fn lines(
        &self,
        client: &Client,
        account: Account,
        patience: &mut Patience,
    ) -> Result<Option<StatementLines>, Failure> {
        let mut refused = 0;
        loop {
            let error = match client.statement(account, self.balances.date).await {
                Ok(whole) if whole.event == self.number => return Ok(Some(whole)),
                Ok(_) => return Ok(None),
                Err(error) => error,
            };
            refused += u32::from(matches!(error, ClientError::Refused(_)));
            if is_not_found(&error) {
                return Ok(None);
            }
            if is_passing(&error) && refused < REFUSALS && patience.wait().await {
                continue;
            }
            if error.is_connection() {
                return Err(error.into());
            }
            // What the feed tells behind it is not held up by a message that cannot be had.
            tracing::warn!(
                "the statement that event {} tells of cannot be had: {error}",
                self.number
            );
            return Ok(None);
        }
    }
}

/// References of the central bank's payments, by number of the event that tells of them.
async fn references(client: &Client, whole: &StatementLines) -> Result<BTreeMap<u64, String>, Failure> {
    let central = whole.lines.iter().filter(|line| line.posting.is_central());
    let mut found = BTreeMap::new();
    client
        .events_of_lines(central.map(|line| line.event), |number, event| {
            if let Some((_, _, Action::Fund { reference, .. } | Action::ConfirmDefund { reference, .. })) =
                event.control()
            {
                found.insert(number, reference);
            }
        })
        .await?;
    Ok(found)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
