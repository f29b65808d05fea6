//! `causeway bank lock`: keeps the best quotes for one payment.
use causeway_message::record::Kind;
use causeway_message::time::Timestamp;
use causeway_message::{Status, Uetr};
use serde::Serialize;

use super::conversion::{Amounts, came_to};
use super::instruct::{self, Signing};
use crate::Failure;
use crate::client::exchange::{self, ExchangeJson};
use crate::client::{Desk, uetr_of};
use crate::cmd::Answer;

const HELP: &str = "\
The best quotes now are kept for one payment of the same fixed amount, and the providers' money is set aside for it:
`bank fx --lock NUMBER` settles at the locked rate before the end, which is at most five minutes away. A lock that is not
used expires, and costs nothing.

Examples:
  causeway bank lock --config banks/ALFADEFF/bank.toml --pay EUR:1000.00 --at-least USD:1080.00 --expires +60s
  causeway bank lock --config banks/ALFADEFF/bank.toml --get USD:1080.00 --at-most EUR:1000.00

Exit codes: 0 locked; 1 refused, as no_quote where none covers it; 2 wrong usage or configuration; 3 the node does not
answer: whether there is a lock is unknown, repeat it with the --id that the message names.";

/// Arguments of `bank lock`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    amounts: Amounts,
    /// End of the lock: an instant like 2026-12-01T14:00:00Z, or from now on, like +60s; at most five minutes ahead.
    #[arg(long, value_name = "INSTANT", default_value = "+60s")]
    expires: String,
}

#[derive(Debug, Serialize)]
struct LockJson {
    status: &'static str,
    meaning: &'static str,
    replayed: bool,
    instruction_id: String,
    uetr: String,
    asked: String,
    number: Option<u64>,
    until: String,
    exchange: Option<ExchangeJson>,
    entry: u64,
}

/// Locks.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let id = args.signing.id()?;
    let mut record = args.amounts.record(Kind::QuoteLock, id, uetr_of(id))?;
    let area = args.amounts.extensions(&record)?;
    record.expires_at = instruct::instant("--expires", &args.expires)?.into();
    let bank = &args.signing.bank;
    let desk = Desk::open(bank, args.signing.person).await?;
    let names = desk.names().await?;
    record.debtor = desk.participant().0.into();
    record.creditor = record.debtor;
    let again = instruct::again(id);
    let named = |failure: Failure| failure.and(&again);
    let sent = instruct::send(&desk, bank, record, area, 0).await?;
    let exchange = match sent.reached {
        // Also of one that was used or is over, where the command is repeated.
        Status::SetAside | Status::Executed => came_to(&desk, bank, &sent).await.map_err(named)?,
        _ => None,
    };
    desk.close().await.map_err(named)?;
    let exchange = exchange.map(|exchange| ExchangeJson::new(&exchange, &record, &names));
    let json = LockJson {
        status: sent.reached.name(),
        meaning: sent.reached.meaning(),
        replayed: !sent.answer.is_first(),
        instruction_id: id.to_string(),
        uetr: Uetr(record.uetr).to_string(),
        asked: exchange::asks(&record),
        number: exchange.as_ref().and_then(|exchange| exchange.lock),
        until: Timestamp::from_seconds(record.expires_at.get()).to_text(),
        exchange,
        entry: sent.known.map_or(0, |known| known.entry),
    };
    let answer = if bank.json {
        Answer::json(&json)?
    } else {
        Answer::done(text(&json))
    };
    Ok(answer.but(sent.failure()))
}

fn text(lock: &LockJson) -> String {
    let mut out = match (&lock.exchange, lock.number) {
        (Some(exchange), Some(number)) => format!(
            "Locked as {number} until {}: {} will arrive for {}, at {}.\n",
            lock.until,
            exchange.received_text(),
            exchange.paid_text(),
            exchange.rates()
        ),
        _ => format!("Not locked: {}.\n", lock.asked),
    };
    let mut line = |what: &str, value: &str| out.push_str(&format!("  {what:<12}{value}\n"));
    line("status", &format!("{}: {}", lock.status, lock.meaning));
    line("instruction", &lock.instruction_id);
    if let (Some(exchange), Some(number)) = (&lock.exchange, lock.number) {
        line("lock", &number.to_string());
        line("until", &lock.until);
        line("asked", &lock.asked);
        for (what, value) in exchange.lines() {
            line(what, &value);
        }
    }
    if lock.entry != 0 {
        line("log entry", &lock.entry.to_string());
    }
    if lock.replayed {
        line(
            "repeated",
            "this instruction was sent before; nothing was locked now",
        );
    }
    out
}
