//! What the ledger keeps of each payment: memory of the process before and after, divided by the payments between.
use causeway_ledger::{Input, Ledger, NoPast, Outcome};
use causeway_message::limits::BATCH_RECORDS_MAX;
use causeway_message::time::Timestamp;
use serde::Serialize;

use super::{Bench, parts};
use crate::error::Failure;
use crate::meter::resident_bytes;
use crate::report;

/// Batches before the first look: what does not grow with payments is there behind them.
const BEFORE: u64 = 16;

/// Arguments of `bench ids`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: causeway-loadtest bench ids --payments 2000000 --json")]
pub struct Args {
    /// Payments that are remembered: tables grow in steps, and a large number evens them out.
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(100_000..=90_000_000))]
    payments: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Figures {
    part: &'static str,
    payments: u64,
    resident_before_mib: u64,
    resident_after_mib: u64,
    bytes_per_payment: f64,
}

fn resident() -> Result<u64, Failure> {
    resident_bytes("self").ok_or_else(|| Failure::Io("/proc/self/status: tells no resident memory".into()))
}

/// Applies payments with random ids, and looks at the memory of this process.
///
/// # Errors
/// If a payment did not settle, or the system does not tell the memory of a process.
pub fn run(args: &Args) -> Result<String, Failure> {
    let mut bench = Bench::new()?;
    let mut ledger = Ledger::new(&bench.genesis, 42)
        .map_err(|(status, what)| Failure::Io(format!("{what}: {}", status.name())))?;
    let (id, mut outcome) = (ledger.id(), Outcome::default());
    let (mut index, mut payments, mut before) = (0_u64, 0, 0);
    while payments < args.payments {
        let bank = bench.random.below(bench.world.banks as u64) as usize;
        let batch = bench.batch(bank, BATCH_RECORDS_MAX, id)?;
        index += 1;
        let at = Timestamp(bench.now.0 + index);
        ledger.apply(index, at, Input::Batch(&batch), &NoPast, &mut outcome);
        let settled = parts::settled(&outcome, BATCH_RECORDS_MAX)?;
        match index {
            ..BEFORE => {}
            BEFORE => before = resident()?,
            _ => payments += settled,
        }
    }
    let after = resident()?;
    ledger.audit();
    let figures = Figures {
        part: "ids",
        payments,
        resident_before_mib: before / 1_048_576,
        resident_after_mib: after / 1_048_576,
        bytes_per_payment: after.saturating_sub(before) as f64 / payments.max(1) as f64,
    };
    if args.json {
        return report::json(&figures);
    }
    Ok(format!(
        "ids: {:.1} bytes of memory a payment: its id, its outcome and the print of its UETR\n  \
         {} MiB resident before {payments} payments, {} MiB after them",
        figures.bytes_per_payment, figures.resident_before_mib, figures.resident_after_mib
    ))
}
