//! `causeway admin netting`: what netting last saw, or a look now.
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use causeway_fx::Currency;

use super::super::Answer;
use crate::Failure;
use crate::client::words::grouped;
use crate::config::node::METRICS;
use crate::http::LookJson;

const HELP: &str = "\
A gridlock is instructions that wait for each other: none could settle alone, together they do. Amounts are in minor
units. With --run the node looks now, enters what it finds in its log, and answers once that is applied; of it the
ledger settles what its rules allow, so asking costs nothing but time: up to a minute is waited for the answer.

Of each proposal that settled something the node keeps a certificate, DIR/netting/<log index>.json: see
`causeway verify netting`, and `certificates` under [netting] in node.toml.

Examples:
  causeway admin netting
  causeway admin netting --run --json

Exit codes: 0 done, 1 netting is off, 2 wrong usage, 3 the node cannot be reached.";

/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 4 * 1_048_576;
/// How long the node may take: a look at very long queues, and its plans.
const PATIENCE: Duration = Duration::from_secs(60);

/// Arguments of `admin netting`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The node's private address, where its metrics are.
    #[arg(long, value_name = "ADDRESS", default_value_t = METRICS)]
    node: SocketAddr,
    /// Look now and propose what is found.
    #[arg(long)]
    run: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Asks the node.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    let method = if args.run { "POST" } else { "GET" };
    let (status, body) = ask(args.node, method, "/netting")?;
    if status == 409 {
        return Err(Failure::Refused(body.trim_end().to_owned()));
    }
    if status != 200 {
        return Err(Failure::Io(format!(
            "{}: answers {status}: {}",
            args.node,
            body.trim_end()
        )));
    }
    let look: LookJson = serde_json::from_str(&body).map_err(|error| {
        Failure::Io(format!(
            "{}: an answer that is not understood: {error}",
            args.node
        ))
    })?;
    if args.json {
        return Answer::json(&look);
    }
    Ok(Answer::done(text(&look)))
}

/// Status and body of one request.
fn ask(node: SocketAddr, method: &str, path: &str) -> Result<(u16, String), Failure> {
    let failed = |error: std::io::Error| Failure::Io(format!("{node}: {error}"));
    let mut stream = TcpStream::connect_timeout(&node, PATIENCE).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: {node}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let mut answer = String::new();
    stream
        .take(ANSWER_BYTES_MAX)
        .read_to_string(&mut answer)
        .map_err(failed)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| Failure::Io(format!("{node}: no HTTP answer")))?;
    Ok((status, body.to_owned()))
}

fn text(look: &LookJson) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = match (&look.proposed_for, look.gridlocked) {
        (Some(why), _) => writeln!(
            out,
            "{}: what was found was proposed in {} plan(s), because of: {why}.",
            look.mode, look.plans
        ),
        (None, 0) if look.index == 0 => writeln!(out, "{}: no look yet.", look.mode),
        (None, 0) => writeln!(
            out,
            "{}: nothing waits for each other that would settle together.",
            look.mode
        ),
        (None, some) => writeln!(
            out,
            "{}: gridlock: {} instructions wait for each other and would settle together.",
            look.mode,
            grouped(some as u64)
        ),
    };
    let _ = writeln!(
        out,
        "Log entry {}, {} instructions in queues, looked for {:.1} ms.",
        look.index,
        grouped(look.queued as u64),
        look.millis
    );
    if let Some(quality) = look.quality {
        let _ = writeln!(
            out,
            "At least {:.1} % of the value that any choice could settle was found.",
            quality * 100.0
        );
    }
    if look.unsplit != 0 {
        let _ = writeln!(
            out,
            "{} instructions are too many for one plan.",
            grouped(look.unsplit as u64)
        );
    }
    for seen in &look.currencies {
        let digits = |text: &str| -> String {
            let currency = Currency::from_alpha(&seen.currency).ok();
            let minor = text.parse::<i128>().ok();
            match (currency, minor) {
                (Some(currency), Some(minor)) => crate::client::words::money(minor, currency.numeric),
                _ => text.to_owned(),
            }
        };
        let _ = writeln!(
            out,
            "  {}: {} wait, {}; at hand {}; settle together {}, of which nobody has to hold {}",
            seen.currency,
            grouped(seen.queued_count),
            digits(&seen.queued),
            digits(&seen.liquidity),
            digits(&seen.found),
            digits(&seen.saved)
        );
    }
    out
}
