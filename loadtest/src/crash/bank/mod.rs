//! A bank as a process of its own, made to be killed: it pays and trades through the SDK, follows its feed, and keeps a durable
//! book from which its next life goes on.
pub mod book;
mod feed;
mod lane;
mod turn;

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use causeway_message::ParticipantId;
use causeway_transport::{Client, ClientError};
use tokio::sync::watch;

use super::books::Books;
use super::place::client_config;
use crate::error::Failure;
use book::{Book, Line};

/// Name of the book in a bank's directory.
pub const BOOK: &str = "book";
/// How often the newest checkpoint is kept.
const CHECKPOINTS: Duration = Duration::from_millis(300);
/// Wait between attempts to reach the node.
const AGAIN: Duration = Duration::from_millis(50);

/// Arguments of a bank.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its configuration.
    #[arg(long)]
    config: PathBuf,
    /// Where it keeps its book.
    #[arg(long)]
    dir: PathBuf,
    /// Whom it pays.
    #[arg(long, value_delimiter = ',', required = true)]
    pays: Vec<u32>,
    /// Most payments of a batch.
    #[arg(long)]
    batch: u64,
    /// Share of orders that are one side of a trade, in percent.
    #[arg(long)]
    trades: u64,
    /// Seed of this life.
    #[arg(long)]
    seed: u64,
}

/// What the tasks of a bank share.
struct Bank {
    client: Client,
    book: Book,
    books: Mutex<Books>,
    paused: watch::Receiver<bool>,
    answered: AtomicU64,
    /// Lanes that have nothing under way.
    idle: AtomicU64,
    pays: Vec<ParticipantId>,
    batch_max: u64,
    trades: u64,
}

impl Bank {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds a line to the books, and hands it to the durable one.
    fn take(&self, line: Line) -> Result<(), Failure> {
        self.book.note(&line)?;
        self.books().take(line).map_err(Failure::Check)
    }

    /// Tells the supervisor.
    fn say(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{text}").and_then(|()| out.flush())?;
        Ok(())
    }
}

/// An error of the client that another attempt may get over, or a finding.
fn passing(error: ClientError) -> Result<(), Failure> {
    match error {
        ClientError::Connection(_) | ClientError::Refused(_) | ClientError::Closed => Ok(()),
        ClientError::File(text) => Err(Failure::Io(text)),
        other => Err(Failure::Check(other.to_string())),
    }
}

/// Lives until it is killed, or until its supervisor is gone.
///
/// # Errors
/// What the bank found wrong.
pub fn run(args: &Args) -> Result<String, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(live(args)).map(|()| String::new())
}

async fn live(args: &Args) -> Result<(), Failure> {
    let mut config = client_config(&args.config, 1)?;
    config.checkpoint = Some(args.dir.join("checkpoint"));
    let (book, lines) = Book::open(&args.dir.join(BOOK))?;
    let mut books = Books::new(config.participant);
    for line in lines {
        books.take(line).map_err(Failure::Check)?;
    }
    let life = Line::Life(std::process::id());
    book.keep(&life).await?;
    books.take(life).map_err(Failure::Check)?;
    let client = loop {
        match Client::connect(config.clone()).await {
            Ok(client) => break client,
            Err(error) => passing(error)?,
        }
        tokio::time::sleep(AGAIN).await;
    };
    let bank = Arc::new(Bank {
        client,
        book,
        books: Mutex::new(books),
        paused: orders(),
        answered: AtomicU64::new(0),
        idle: AtomicU64::new(0),
        pays: args.pays.iter().map(|id| ParticipantId(*id)).collect(),
        batch_max: args.batch,
        trades: args.trades,
    });
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(feed::follow(bank.clone()));
    tasks.spawn(keep_checkpoints(bank.clone()));
    for lane in 0..=lane::MIRRORS {
        tasks.spawn(lane::run(bank.clone(), lane, args.seed));
    }
    match tasks.join_next().await {
        Some(Ok(Err(failure))) => Err(failure),
        other => Err(Failure::Io(format!("a task of the bank ended: {other:?}"))),
    }
}

/// What the supervisor orders on standard input: `pause` or `resume`. When it ends, so does the bank.
fn orders() -> watch::Receiver<bool> {
    let (send, receive) = watch::channel(false);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let _ = send.send(line == "pause");
        }
        std::process::exit(0);
    });
    receive
}

async fn keep_checkpoints(bank: Arc<Bank>) -> Result<(), Failure> {
    loop {
        tokio::time::sleep(CHECKPOINTS).await;
        match bank.client.check_consistency().await {
            Ok(()) => bank.client.save_checkpoint()?,
            Err(error) => passing(error)?,
        }
    }
}

impl Bank {
    fn count(&self, payments: u64) -> Result<(), Failure> {
        let answered = self.answered.fetch_add(payments, Ordering::AcqRel) + payments;
        self.say(&format!("answered {answered}"))
    }
}
