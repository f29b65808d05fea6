//! `listen`: what the bank is paid, stored before it is counted as seen.
mod credit;
mod line;
mod question;
mod statement;
mod told;
mod trade;

use crate::bank::{Bank, directory};
use crate::failure::Failure;
use crate::proof::{Patience, is_passing};
use crate::route::Routes;
use crate::store::{Place, Store};
use causeway_message::Digest;
use causeway_message::event::{Event, EventKind, Role};
use causeway_message::record::Kind;
use causeway_message::time::Timestamp;
use causeway_message::wire::{HistoryLine, HistoryQuery};
use causeway_transport::client::VerifiedEntry;
use causeway_transport::profile::BankProfile;
use causeway_transport::{Client, ClientError};
use clap::Args;
pub use credit::amount_text;
use credit::{Credit, Received};
use line::Notice;
use question::{Known, Recall};
use statement::Closing;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use trade::Told;

/// A feed that is silent so long, before and after a question to the node, has been read to its end.
const QUIET: Duration = Duration::from_millis(750);
/// Documents or receipts that are fetched at once.
const AT_ONCE: usize = 16;

/// Lines of a history that are looked through for what a request is about.
const HISTORY_LINES: usize = 4_096;

/// With `--once`, a node that does not answer for so long has failed.
const ONCE_WITHIN: Duration = Duration::from_secs(30);
/// Entries taken at once: what they bring is made durable together.
const GROUP: usize = 64;

/// Arguments of `listen`.
#[derive(Debug, Args)]
pub struct ListenArgs {
    /// The bank's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,

    /// End when everything is read: when the node answers and the feed stays silent for a second and a half.
    #[arg(long)]
    once: bool,

    /// Read again from this number in the feed, the first is 1. The place where the next run goes on stays the
    /// furthest that was reached.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    from: Option<u64>,

    /// Print one JSON object on each line.
    #[arg(long)]
    json: bool,
}

/// Help behind the options.
pub const HELP: &str = "\
Follows the bank's feed from where the last run ended. Each incoming credit is stored with its document and its
verified receipt, durably, before the place in the feed moves on; then one line is printed. After a crash the last
credits may be printed again, but none is lost and none is stored twice. What was sent and became final later, and
what the settlement agent funded, is printed as well, and so are trades, those that other banks allege, and exchanges
with their rates. Another bank's question whether a payment comes back is stored as
a camt.056, and what became of an own one as a camt.029; the statement of each account, when its business day has ended, as
a camt.053. Goes on by itself when the node restarts.

Example:
  causeway-adapter listen --config banks/BETAFRPP/bank.toml --once

Exit codes: 0 done (with --once), 2 wrong usage or configuration, 3 the node, the network or the store failed.";

/// Runs the command.
///
/// # Errors
/// When it cannot go on.
pub async fn run(args: ListenArgs) -> Result<u8, Failure> {
    let bank = Bank::open(&args.config)?;
    let _lock = bank.store.lock("listen")?;
    let client = connect(&bank, args.once).await?;
    let patience = args.once.then_some(ONCE_WITHIN);
    let routes = Routes::new(
        &bank.profile,
        &directory(&client, &mut Patience::within(patience)).await?,
    )?;
    let from = match args.from {
        Some(from) => from,
        None => bank.store.place(Place::Listen)?,
    };
    let mut listener = Listener {
        client,
        store: Arc::new(bank.store),
        profile: bank.profile,
        routes,
        patience,
        json: args.json,
    };
    let mut entries = follow(&listener.client, from);
    loop {
        let group = next(&listener.client, &mut entries, args.once).await?;
        if group.is_empty() {
            break;
        }
        let next = listener.take(&group).await?;
        listener.store.advance(Place::Listen, next)?;
    }
    listener.client.save_checkpoint()?;
    listener.client.leave().await;
    Ok(0)
}

/// Connects; without `once` waits for a node that is not there yet.
async fn connect(bank: &Bank, once: bool) -> Result<Client, Failure> {
    let mut patience = Patience::within(None);
    loop {
        match Client::connect(bank.client_config("listen")?).await {
            Err(error) if !once && is_passing(&error) => {
                tracing::warn!("{error}; trying again");
                patience.wait().await;
            }
            connected => return Ok(connected?),
        }
    }
}

type Entries = mpsc::Receiver<Result<VerifiedEntry, ClientError>>;

/// Reads the feed in a task of its own: giving up waiting must not cut a message in half.
fn follow(client: &Client, from: u64) -> Entries {
    let mut feed = client.feed(from);
    let (out, entries) = mpsc::channel(GROUP);
    tokio::spawn(async move {
        loop {
            let entry = feed.next().await;
            let ended = entry.is_err();
            if out.send(entry).await.is_err() || ended {
                return;
            }
        }
    });
    entries
}

/// The next entries, as many as are there; none when all is read and nothing more is to be waited for.
async fn next(client: &Client, entries: &mut Entries, once: bool) -> Result<Vec<VerifiedEntry>, Failure> {
    let mut asked = false;
    let first = loop {
        let entry = if once {
            timeout(QUIET, entries.recv()).await
        } else {
            Ok(entries.recv().await)
        };
        match entry {
            Ok(Some(entry)) => break entry?,
            Ok(None) => return Err(Failure::Io("the feed ended".to_owned())),
            Err(_) if asked => return Ok(Vec::new()),
            Err(_) => {
                // Silence counts only from a node that is there.
                client.check_consistency().await?;
                asked = true;
            }
        }
    };
    let mut group = vec![first];
    while group.len() < GROUP
        && let Ok(entry) = entries.try_recv()
    {
        group.push(entry?);
    }
    Ok(group)
}

/// What it takes to store what the feed tells.
struct Listener {
    client: Client,
    store: Arc<Store>,
    profile: BankProfile,
    routes: Routes,
    /// How long to wait for a node that does not answer; for ever if none.
    patience: Option<Duration>,
    json: bool,
}

impl Listener {
    /// Stores and prints what entries bring, and returns the number that comes after them.
    async fn take(&mut self, entries: &[VerifiedEntry]) -> Result<u64, Failure> {
        let mut notices: Vec<Notice> = Vec::new();
        let mut credits: Vec<Credit> = Vec::new();
        let mut recalls: Vec<Recall> = Vec::new();
        let mut told: Vec<Told> = Vec::new();
        let mut closings: Vec<Closing> = Vec::new();
        let mut next = 0;
        for entry in entries {
            let time = entry.leaf.time;
            for (number, event) in entry.events() {
                next = number.saturating_add(1);
                if let Some(credit) = Credit::of(number, time, &event) {
                    credits.push(credit);
                } else if let Some(recall) = Recall::of(number, time, &event) {
                    recalls.push(recall);
                } else if let Some(one) = Told::of(number, time, &event) {
                    told.push(one);
                } else if let Some(closing) = Closing::of(number, time, &event) {
                    closings.push(closing);
                } else if let Some(notice) = notice(number, time, &event) {
                    notices.push(notice);
                }
            }
        }
        let named = credits
            .iter()
            .map(Credit::debtor)
            .chain(recalls.iter().map(Recall::other))
            .chain(told.iter().map(Told::other));
        if named.into_iter().any(|bank| !self.routes.knows(bank)) {
            self.routes = {
                let mut patience = Patience::within(self.patience);
                Routes::new(&self.profile, &directory(&self.client, &mut patience).await?)?
            };
        }
        let documents = self.documents(&credits).await?;
        let routes = Arc::new(self.routes.clone());
        let stored = at_once(&credits, |credit| {
            let (client, store) = (self.client.clone(), self.store.clone());
            let routes = routes.clone();
            let document = credit.digest().and_then(|digest| documents.get(&digest)).cloned();
            let mut patience = Patience::within(self.patience);
            async move {
                credit
                    .store(&client, &store, &routes, document, &mut patience)
                    .await
            }
        });
        notices.extend(stored.await?.into_iter().map(|one| Notice::Credit(Box::new(one))));
        // A question finds the credit that it is about, and its end the question.
        notices.extend(self.recalls(&recalls).await?);
        for one in &told {
            one.store(&self.store, &self.routes)?;
        }
        for closing in &closings {
            let mut patience = Patience::within(self.patience);
            let stored = closing.store(&self.client, &self.store, &self.routes, &mut patience);
            notices.push(stored.await?);
        }
        let any = !(credits.is_empty() && recalls.is_empty() && told.is_empty() && closings.is_empty());
        notices.extend(told.into_iter().map(|one| one.notice(&self.routes)));
        if any {
            self.store.sync()?;
        }
        notices.sort_by_key(Notice::number);
        line::print(&notices, self.json)?;
        Ok(next)
    }

    /// Stores requests to cancel and their ends.
    async fn recalls(&self, recalls: &[Recall]) -> Result<Vec<Notice>, Failure> {
        let known = Known::read(&self.store, recalls)?;
        let mut notices = Vec::with_capacity(recalls.len());
        for one in recalls {
            let is_trade = match one.is_about_trade(&self.store, &known)? {
                Some(is_trade) => is_trade,
                None => self.is_about_trade(one).await?,
            };
            notices.push(if is_trade {
                trade::withdrawal(one, &self.routes)
            } else {
                one.store(&self.store, &self.routes, &known)?
            });
        }
        Ok(notices)
    }

    /// Whether a request whose original the store does not know is about a trade. The node told this bank of every
    /// payment to it, so what it cannot name is the other side of a trade that matched as it arrived.
    async fn is_about_trade(&self, recall: &Recall) -> Result<bool, Failure> {
        let query = HistoryQuery {
            reference: recall.original().0,
            before: 0,
            participant: self.client.config().participant,
        };
        let mut patience = Patience::within(self.patience);
        loop {
            match self.client.history(query, HISTORY_LINES).await {
                Ok((_, lines)) => {
                    let is_it = |line: &&HistoryLine| {
                        line.record.id() == recall.original() && line.record.debtor == recall.record().debtor
                    };
                    let found = lines.iter().find(is_it);
                    return Ok(found.map_or(!recall.is_answer(), |line| line.record.kind == Kind::Pvp as u8));
                }
                Err(error) if is_passing(&error) && patience.wait().await => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Fetches each document that the credits come with once.
    async fn documents(&self, credits: &[Credit]) -> Result<BTreeMap<Digest, Received>, Failure> {
        let with = |credit: &Credit| Some((credit.digest()?, credit.clone()));
        let first: BTreeMap<Digest, Credit> = credits.iter().filter_map(with).collect();
        let first: Vec<(Digest, Credit)> = first.into_iter().collect();
        let found = at_once(&first, |(digest, credit)| {
            let (client, store) = (self.client.clone(), self.store.clone());
            let mut patience = Patience::within(self.patience);
            async move { Ok((digest, credit.document(&client, &store, &mut patience).await?)) }
        });
        let found = found.await?.into_iter();
        Ok(found
            .filter_map(|(digest, document)| Some((digest, document?)))
            .collect())
    }
}

/// Does something for each, some of them at once.
async fn at_once<T, R, F>(all: &[T], work: impl Fn(T) -> F) -> Result<Vec<R>, Failure>
where
    T: Clone,
    R: Send + 'static,
    F: Future<Output = Result<R, Failure>> + Send + 'static,
{
    let mut results = Vec::with_capacity(all.len());
    let mut running = JoinSet::new();
    let mut todo = all.iter().cloned();
    loop {
        while running.len() < AT_ONCE
            && let Some(one) = todo.next()
        {
            running.spawn(work(one));
        }
        match running.join_next().await {
            None => return Ok(results),
            Some(done) => results.push(done.map_err(|error| Failure::Io(error.to_string()))??),
        }
    }
}

/// What else is worth a line: outcomes of own payments that waited, and funding.
fn notice(number: u64, time: Timestamp, event: &Event<'_>) -> Option<Notice> {
    match event.kind()? {
        EventKind::Payment if event.role() == Some(Role::Debtor) => {
            let (record, _) = event.payment()?;
            Some(Notice::outcome(number, time, event.status()?, record))
        }
        EventKind::Control => {
            let (_, _, action) = event.control()?;
            Notice::control(number, time, event.status()?, &action)
        }
        _ => None,
    }
}
