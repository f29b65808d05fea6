//! `send`: messages in, payments settled, status reports and receipts out.
pub mod answers;
mod charges;
pub mod dates;
mod output;
pub mod plan;
pub mod recall;
mod receipts;
mod refusal;
mod report;
mod returned;
mod submit;
pub mod trade;

pub use refusal::Refusal;

use crate::bank::{Bank, directory};
use crate::clock::today;
use crate::exchange::Exchanged;
use crate::failure::Failure;
use crate::iso::{self, AnyMessage, FILE_BYTES_MAX, Finding, Kind};
use crate::proof::Patience;
use crate::route::Routes;
use crate::store::{Intents, Place, Store, write_whole};
use causeway_message::Status;
use causeway_transport::Client;
use clap::Args;
use dates::BusinessDates;
use plan::{Rules, Unplanned};
use report::Report;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use submit::Payment;
use tokio::time::Instant;

/// Arguments of `send`.
#[derive(Debug, Args)]
pub struct SendArgs {
    /// The bank's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,

    /// Print one JSON document instead of the status reports.
    #[arg(long)]
    json: bool,

    /// Wait so long for the node and for finality; what is still queued then is reported as pending.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,

    /// Write the status reports into this directory instead of printing them.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// XML files; each may hold several messages.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Help behind the options.
pub const HELP: &str = "\
Sends the pacs.008, pacs.009, pacs.004, camt.056, camt.029 and fxtr.014 messages of the files, waits until payments are final,
prints a pacs.002 for each message that pays and a camt.029 for each payment that a camt.056 asks for, and stores
documents, receipts and reports. A message is sent whole or not at all. What a camt.029 of the creditor's bank says of a
settled payment comes later: `listen` stores it. The same message sent
again, also after a crash, is the same payment: it is never paid twice, and the report says what became of it.
A pacs.008 that orders another currency than it settles, without XchgRate, is converted by the ledger: what it came to
stands in the JSON. A trade is not waited for; `listen` tells when it matches and settles.
Only one `send` runs on a store at a time.

Example:
  causeway-adapter send --config banks/ALFADEFF/bank.toml transport/adapter/examples/pacs008.xml

Exit codes: 0 all settled or executed; 1 something was rejected, refused or is pending; 2 wrong usage or configuration;
3 the node, the network or the store failed (send the same again).";

/// A message of a file and what is done with it.
#[derive(Debug)]
pub(crate) struct Item {
    file: String,
    message: AnyMessage,
    /// Its instructions, or why there are none.
    payments: Result<Vec<Payment>, Vec<Refusal>>,
    reports: Vec<Report>,
}

/// A file that is refused as a whole.
#[derive(Debug)]
pub(crate) struct BadFile {
    file: String,
    findings: Vec<Finding>,
}

/// Everything of one run.
#[derive(Debug, Default)]
pub(crate) struct Run {
    items: Vec<Item>,
    bad: Vec<BadFile>,
}

/// Runs the command and returns its exit code.
///
/// # Errors
/// When it cannot be done; the exit code is the failure's.
pub async fn run(args: SendArgs) -> Result<u8, Failure> {
    let bank = Bank::open(&args.config)?;
    let secret = bank.secret()?;
    let _lock = bank.store.lock("send")?;
    let now = Instant::now();
    let deadline = now.checked_add(Duration::from_secs(args.timeout)).unwrap_or(now);
    if let Some(dir) = &args.out {
        std::fs::create_dir_all(dir).map_err(|error| Failure::at(dir, "cannot be made", &error))?;
    }
    let (messages, bad) = read(&args.files);
    let mut run = Run {
        items: Vec::new(),
        bad,
    };
    if messages.is_empty() {
        output::print(&args, &run)?;
        return Ok(exit_code(&run));
    }
    let client = bank.connect("send", deadline).await?;
    let mut patience = Patience::until(Some(deadline));
    let routes = Routes::new(&bank.profile, &directory(&client, &mut patience).await?)?;
    let dates = BusinessDates::of(&client, &messages, &mut patience).await?;
    let store = Arc::new(bank.store);
    let rules = Rules {
        routes: &routes,
        secret: &secret,
        store: &store,
        charges: bank.profile.charges,
        past_value_date: bank.profile.past_value_date,
        today: today(),
        dates: &dates,
    };
    let mut intents = store.intents()?;
    for (file, message) in messages {
        run.items
            .push(planned(&rules, &mut intents, &store, file, message)?);
    }
    // From here on a crash changes nothing: the same instructions are sent again.
    store.sync()?;
    intents.commit()?;
    let sent = pay(&client, &store, &mut run, deadline).await;
    keep_exchanges(&store, &run, &routes)?;
    for item in &mut run.items {
        item.reports = reports(item, &routes)?;
        for report in &item.reports {
            write_whole(&report.file(&store), report.text.as_bytes())?;
        }
    }
    store.sync()?;
    output::print_with(&args, &run, &routes, &store)?;
    client.save_checkpoint()?;
    client.leave().await;
    sent?;
    Ok(exit_code(&run))
}

/// Keeps what payments came to: the same message sent again is told again.
fn keep_exchanges(store: &Store, run: &Run, routes: &Routes) -> Result<(), Failure> {
    let payments = run.items.iter().filter_map(|item| item.payments.as_ref().ok());
    for payment in payments.flatten() {
        if let Some(exchange) = &payment.exchange {
            store.keep_exchange(payment.record().id(), &Exchanged::of(exchange, routes))?;
        }
    }
    Ok(())
}

/// What the bank's own systems are told; nothing on an answer, which orders no payment and is itself one.
fn reports(item: &Item, routes: &Routes) -> Result<Vec<Report>, Failure> {
    match (&item.message, &item.payments) {
        (AnyMessage::Transfer(message), Ok(payments)) => Ok(vec![report::on_payments(message, payments)?]),
        (AnyMessage::Transfer(message), Err(refusals)) => {
            Ok(report::on_refusal(message, refusals)?.into_iter().collect())
        }
        // What became of a trade is told as lines or JSON.
        (AnyMessage::Trade(_), _) => Ok(Vec::new()),
        (AnyMessage::Investigation(message), _) if message.message_type.kind == Kind::Resolution => {
            Ok(Vec::new())
        }
        (AnyMessage::Investigation(message), Ok(payments)) => answers::on_request(message, payments, routes),
        (AnyMessage::Investigation(message), Err(refusals)) => answers::on_refusal(message, refusals, routes),
    }
}

fn read(files: &[PathBuf]) -> (Vec<(String, AnyMessage)>, Vec<BadFile>) {
    let (mut messages, mut bad) = (Vec::new(), Vec::new());
    for path in files {
        let file = path.to_string_lossy().into_owned();
        match iso::parse_any_file(path, FILE_BYTES_MAX) {
            Ok(found) => messages.extend(found.into_iter().map(|message| (file.clone(), message))),
            Err(findings) => bad.push(BadFile { file, findings }),
        }
    }
    (messages, bad)
}

fn planned(
    rules: &Rules<'_>,
    intents: &mut Intents,
    store: &Store,
    file: String,
    message: AnyMessage,
) -> Result<Item, Failure> {
    let planned = match &message {
        AnyMessage::Transfer(message) => plan::plan(rules, intents, &file, message),
        AnyMessage::Investigation(message) => recall::plan(rules, intents, &file, message),
        AnyMessage::Trade(message) => trade::plan(rules, intents, &file, message),
    };
    let payments = match planned {
        Ok(plan) => {
            for (digest, document) in &plan.documents {
                write_whole(&store.document(digest), &document.text)?;
            }
            plan.fresh.into_iter().for_each(|intent| intents.stage(intent));
            Ok(plan.intents.into_iter().map(Payment::new).collect())
        }
        Err(Unplanned::Refused(refusals)) => Err(refusals),
        Err(Unplanned::Failed(failure)) => return Err(failure),
    };
    Ok(Item {
        file,
        message,
        payments,
        reports: Vec::new(),
    })
}

/// Sends everything, waits for it, and fetches the receipts; the items hold what is known, also after a failure.
async fn pay(client: &Client, store: &Arc<Store>, run: &mut Run, deadline: Instant) -> Result<(), Failure> {
    // Taken before anything is sent: every outcome comes behind it.
    let from = store.place(Place::Send)?.max(store.place(Place::Listen)?);
    let mut payments = Vec::new();
    for item in &mut run.items {
        payments.append(item.payments.as_mut().unwrap_or(&mut Vec::new()));
    }
    let mut outcome = submit::submit(client, store, &mut payments, deadline).await;
    if outcome.is_ok() {
        outcome = submit::follow(client, store, &mut payments, from, deadline).await;
    }
    if outcome.is_ok() {
        outcome = receipts::fetch(client, store, &mut payments, deadline).await;
    }
    let mut payments = payments.into_iter();
    for item in &mut run.items {
        if let Ok(own) = &mut item.payments {
            own.extend(payments.by_ref().take(item.message.len()));
        }
    }
    outcome
}

fn exit_code(run: &Run) -> u8 {
    let done = |one: &Payment| matches!(one.status, Some(Status::Settled | Status::Executed));
    let settled = |item: &Item| match &item.payments {
        Ok(payments) => payments.iter().all(done),
        Err(_) => false,
    };
    u8::from(!run.bad.is_empty() || !run.items.iter().all(settled))
}
