//! `causeway verify netting`: what a certificate of a netting run proves, in words.
use causeway_certificate::Document;
use causeway_certificate::limits::CERTIFICATE_BYTES_MAX;
use causeway_message::ids::hex;
use causeway_netting::case::read;
use causeway_netting::{Discipline, MULTIPLIER_BITS};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::netting_log;
use crate::client::words::grouped;
use crate::cmd::Answer;
use crate::net::{Report, Sums, cells, columns, head};
use crate::{Failure, files};

const HELP: &str = "\
Needs no node, no solver and no other file. Everything in the file is checked against the accounts and items in it: who
settles keeps to the order of each queue, nobody spends more than it may, what is left in each account follows from what
settles, and the multipliers prove that no choice at all has more value than the bound.

What is in the file is not compared with any ledger. With --balances and --queue it is held to those files as well; with
--log one that a node wrote to that node's log: chain and checksums up to the entry that it names, the digest of that
entry, and that the plans of this proposal have the ids of the rows that settle. Amounts and parties of the rows, and
what waits, are not compared: who can write the file can make them up. `causeway verify log` checks the log itself.

Examples:
  causeway net --balances balances.csv --queue queue.csv --certificate netting.json
  causeway verify netting netting.json
  causeway verify netting netting.json --balances balances.csv --queue queue.csv --json
  causeway verify netting ledger/netting/00000000000000004711.json --log ledger

Exit codes: 0 it holds, 1 it does not, 2 wrong usage or a wrong CSV file, 3 a file cannot be read.";

/// Arguments of `verify netting`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The certificate.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Balances that it must be about, as `causeway net` takes them.
    #[arg(long, value_name = "FILE", requires = "queue")]
    balances: Option<PathBuf>,
    /// The queue that it must be about.
    #[arg(long, value_name = "FILE", requires = "balances")]
    queue: Option<PathBuf>,
    /// Data directory of the node whose log it must be tied to.
    #[arg(long, value_name = "DIR")]
    log: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct CurrencyJson {
    rows: u64,
    value: u128,
    settled_rows: u64,
    settled_value: u128,
}

#[derive(Debug, Serialize)]
struct HoldsJson {
    holds: bool,
    items: usize,
    settled: usize,
    currencies: BTreeMap<String, CurrencyJson>,
    value: u128,
    bound: u128,
    quality_millionths: u32,
    accounts: BTreeMap<&'static str, usize>,
    inputs: String,
    files_compared: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_entry: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_digest: Option<String>,
    /// Chain, digest, and ids of what settles; not amounts, parties and what waits.
    log_compared: bool,
}

#[derive(Debug, Serialize)]
struct RefusedJson {
    holds: bool,
    reason: String,
}

/// Checks a certificate.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    let bytes = files::read(&args.file, CERTIFICATE_BYTES_MAX as u64)?;
    let checked = causeway_certificate::verify(&bytes);
    drop(bytes);
    let checked = match (checked, &args.balances, &args.queue) {
        (Ok(document), Some(balances), Some(queue)) => compare(document, balances, queue)?,
        (checked, ..) => checked,
    };
    let checked = match (checked, &args.log) {
        (Ok(document), Some(dir)) => netting_log::compare(&document, dir)?.map(|()| document),
        (checked, _) => checked,
    };
    match checked {
        Ok(document) => {
            let facts = Facts::new(&document);
            let (files, log) = (args.balances.is_some(), args.log.is_some());
            if args.json {
                Answer::json(&facts.json(&document, files, log))
            } else {
                Ok(Answer::done(facts.text(&document, files, log)))
            }
        }
        Err(reason) => refused(args, reason),
    }
}

fn refused(args: &Args, reason: String) -> Result<Answer, Failure> {
    let failure = Failure::Refused(format!("{}: {reason}", args.file.display()));
    let answer = if args.json {
        Answer::json(&RefusedJson { holds: false, reason })?
    } else {
        Answer::done(String::new())
    };
    Ok(answer.but(Some(failure)))
}

/// Holds a certificate to the files that it should be about.
fn compare(document: Document, balances: &Path, queue: &Path) -> Result<Result<Document, String>, Failure> {
    let bytes = |path: &Path| files::read(path, CERTIFICATE_BYTES_MAX as u64);
    let names = [balances, queue].map(|path| path.display().to_string());
    let files = ((&*names[0], &*bytes(balances)?), (&*names[1], &*bytes(queue)?));
    let named = read(files.0, files.1, None).map_err(|error| Failure::Config(error.to_string()))?;
    let same = document.is_about(&named);
    Ok(if same {
        Ok(document)
    } else {
        Err("inputs: other accounts or rows than in the CSV files".to_owned())
    })
}

/// What is told of a certificate that holds.
struct Facts {
    report: Report,
    settled: usize,
    disciplines: [(&'static str, usize); 2],
}

impl Facts {
    fn new(document: &Document) -> Self {
        let kept = &document.certificate().discipline;
        let count = |discipline| kept.iter().filter(|other| **other == discipline).count();
        Self {
            report: Report::new(document.named(), &document.chosen()),
            settled: document.certificate().chosen.len(),
            disciplines: [
                ("fifo", count(Discipline::Fifo)),
                ("bypass", count(Discipline::Bypass)),
            ],
        }
    }

    fn json(&self, document: &Document, files_compared: bool, log_compared: bool) -> HoldsJson {
        let certificate = document.certificate();
        let sums = |(queued, settled): &(Sums, Sums)| CurrencyJson {
            rows: queued.count,
            value: queued.value,
            settled_rows: settled.count,
            settled_value: settled.value,
        };
        let currencies = self.report.currencies.iter();
        HoldsJson {
            holds: true,
            items: document.named().case.items(),
            settled: self.settled,
            currencies: currencies
                .map(|(code, both)| (code.clone(), sums(both)))
                .collect(),
            value: certificate.value,
            bound: certificate.bound.value(),
            quality_millionths: certificate.quality,
            accounts: self.disciplines.into_iter().collect(),
            inputs: hex(&certificate.inputs),
            files_compared,
            log_entry: document.log().map(|log| log.entry),
            log_digest: document.log().map(|log| hex(&log.digest)),
            log_compared,
        }
    }

    fn text(&self, document: &Document, files_compared: bool, log_compared: bool) -> String {
        let certificate = document.certificate();
        let mut out = format!(
            "The certificate holds: {} of {} items settle together.\n\nBy currency, in minor units:\n\n",
            grouped(self.settled as i128),
            grouped(document.named().case.items() as i128),
        );
        let mut rows = vec![head(&["currency", "", "rows", "value", "settle", "value", ""])];
        for (currency, (queued, settled)) in &self.report.currencies {
            rows.push(cells(currency, *queued, *settled));
        }
        columns(&mut out, &rows, 2);
        out.push('\n');
        let mut line = |what: &str, value: &dyn std::fmt::Display| {
            let _ = writeln!(out, "  {what:<16}{value}");
        };
        line("value", &grouped(certificate.value.cast_signed()));
        line(
            "bound",
            &format!(
                "{}: no choice has more, proven by a multiplier of each account (in 2^-{MULTIPLIER_BITS})",
                grouped(certificate.bound.value().cast_signed())
            ),
        );
        let (whole, part) = (certificate.quality / 10_000, certificate.quality % 10_000);
        line("quality", &format!("{whole}.{part:04} % of the bound"));
        let disciplines = self.disciplines.map(|(name, count)| match name {
            "fifo" => format!("{} kept in strict order", grouped(count as i128)),
            _ => format!("{} where later rows may pass", grouped(count as i128)),
        });
        line("accounts", &disciplines.join(", "));
        line("inputs", &hex(&certificate.inputs));
        line(
            "files",
            if files_compared {
                &"balances and queue are those that were given"
            } else {
                &"not compared: no --balances and --queue"
            },
        );
        if let Some(log) = document.log() {
            line(
                "log",
                &format!("tied to entry {} with digest {}", log.entry, hex(&log.digest)),
            );
            let compared = if log_compared {
                "the log has that entry, and its plans the ids of the rows that settle; amounts and parties are not compared"
            } else {
                "not compared with the log: no --log"
            };
            line("", &compared);
        }
        out
    }
}
