//! `causeway control reconcile`: holds the agent's liability to a statement of its account at the central bank.
use causeway_fx::Currency;
use causeway_message::action::{Action, role};
use causeway_message::event::Role;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Status};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use crate::Failure;
use crate::client::words::{self, Names};
use crate::client::{BankArgs, Desk};
use crate::cmd::Answer;
use crate::cmd::bank::scan;
use crate::files;
use crate::reconcile::{
    Booked, Date, Days, Difference, Kind, Reconciliation, STATEMENT_BYTES_MAX, Side, Statement, Told, compare,
};

pub const HELP: &str = "\
Every credit on the agent's account at the central bank is funded on the ledger once, every pay-out is confirmed once,
each under the reference of the RTGS. The statement is camt.053, or CSV with the columns date, reference, side, amount
and perhaps currency, where side is credit, debit, opening or closing:

  date,reference,side,amount
  2026-11-30,,opening,0.00
  2026-11-30,RTGS-1,credit,1000000.00
  2026-11-30,,closing,1000000.00

A line finds its entry by reference, whatever the days of the two. What the statement should have told is what belongs to
the days that it covers: business days of the currency, as the statements of the liability tell them; where there are none,
days in UTC. What `causeway control statement` writes as csv or camt053 can be read as well.

Examples:
  causeway control reconcile --config banks/ECB-TARGET/bank.toml --currency EUR --statement today.csv
  causeway control reconcile --config banks/ECB-TARGET/bank.toml --currency EUR --statement camt053.xml --json

Exit codes: 0 all agrees, 1 something differs, 2 wrong usage, configuration or statement, 3 the node does not answer.";

/// Arguments of `control reconcile`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    bank: BankArgs,
    /// Currency of the account.
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// The statement: CSV or camt.053.
    #[arg(long, value_name = "FILE")]
    statement: PathBuf,
}

#[derive(Debug, Serialize)]
struct Json {
    currency: String,
    from: Date,
    to: Date,
    #[serde(flatten)]
    told: Reconciliation,
    /// Minor units, as text.
    liability: String,
    /// Set aside and not confirmed yet: not out of the account for all that the ledger knows.
    in_progress: String,
    holds: bool,
}

/// Compares.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let currency = words::currency("--currency", &args.currency)?;
    let bytes = files::read(&args.statement, STATEMENT_BYTES_MAX)
        .map_err(|failure| Failure::Config(failure.to_string()))?;
    let statement = Statement::read(&bytes, currency)
        .map_err(|fault| Failure::Config(format!("{}:{fault}", args.statement.display())))?;
    let desk = Desk::open(&args.bank, None).await?;
    let directory = desk.client.directory().await?;
    let own = directory
        .iter()
        .find(|line| line.participant == desk.participant());
    if own.is_none_or(|line| line.roles & role::SETTLEMENT_AGENT == 0) {
        return Err(Failure::Config(format!(
            "{} carries no liability: only a settlement agent has one to reconcile",
            desk.config.name
        )));
    }
    let names = Names::new(&directory);
    let mut ledger = Ledger::default();
    let own = currency.numeric;
    scan(&desk, |_, entry, event| {
        ledger.days.take(event, own);
        let taken = event.status() == Some(Status::Executed) && event.role() == Some(Role::Submitter);
        if let Some((_, id, action)) = event.control().filter(|_| taken) {
            ledger.take((entry.leaf.index, entry.leaf.time), id, action, own, &names);
        }
    })
    .await?;
    desk.close().await?;
    ledger.date();
    let told = compare(&statement, &ledger.booked);
    answer(args, currency, &statement, &ledger, told)
}

fn answer(
    args: &Args,
    currency: &Currency,
    statement: &Statement,
    ledger: &Ledger,
    told: Reconciliation,
) -> Result<Answer, Failure> {
    let liability: i128 = ledger.booked.iter().map(|one| one.side.signed(one.amount)).sum();
    let in_progress: i128 = ledger.open.values().map(|(_, amount)| i128::from(*amount)).sum();
    let holds = told.differences.is_empty();
    let money = |minor| words::money(minor, currency.numeric);
    let answer = if args.bank.json {
        let json = Json {
            currency: currency.alpha().to_owned(),
            from: statement.from,
            to: statement.to,
            told,
            liability: liability.to_string(),
            in_progress: in_progress.to_string(),
            holds,
        };
        Answer::json(&json)?
    } else {
        let mut text = String::new();
        for difference in &told.differences {
            line(&mut text, difference, &money);
        }
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{} to {}: {} of {} lines agree, {} differences. Liability now {}, of which {} is set aside to be paid out.",
            words::date(statement.from.0),
            words::date(statement.to.0),
            told.agreed,
            statement.lines.len(),
            told.differences.len(),
            money(liability),
            money(in_progress)
        );
        Answer::done(text)
    };
    let failure = (!holds).then(|| Failure::Refused("the statement and the ledger differ".to_owned()));
    Ok(answer.but(failure))
}

/// Says one difference.
fn line(out: &mut String, difference: &Difference, money: &dyn Fn(i128) -> String) {
    let amount = |told: &Told| told.amount.parse().map_or_else(|_| told.amount.clone(), money);
    let says = |told: &Told| match (told.side, told.date) {
        (Some(side), Some(date)) => format!(
            "{} of {} under {} on {}",
            side.name(),
            amount(told),
            told.reference.as_deref().unwrap_or_default(),
            words::date(date.0)
        ),
        _ => amount(told),
    };
    let what = difference.kind.meaning();
    let sum = if difference.kind == Kind::SumDiffers {
        "they come to"
    } else {
        "the ledger"
    };
    let _ = match (&difference.statement, &difference.ledger) {
        (Some(told), Some(known)) => {
            let at = told.at.map_or_else(String::new, |at| format!("line {at}: "));
            let entry = known.at.map_or_else(String::new, |at| format!(" in entry {at}"));
            let whose = known.participant.as_ref();
            let whose = whose.map_or_else(String::new, |name| format!(" for {name}"));
            writeln!(
                out,
                "{at}{what}: the statement says {}, {sum} {}{whose}{entry}.",
                says(told),
                says(known)
            )
        }
        (Some(told), None) => {
            let at = told.at.unwrap_or_default();
            writeln!(out, "line {at}: {what}: {}.", says(told))
        }
        (None, Some(known)) => {
            let (at, whose) = (known.at.unwrap_or_default(), known.participant.as_deref());
            writeln!(
                out,
                "entry {at}: {what}: {} for {}.",
                says(known),
                whose.unwrap_or_default()
            )
        }
        (None, None) => Ok(()),
    };
}

/// What the agent's feed says of its liability in a currency.
#[derive(Debug, Default)]
struct Ledger {
    booked: Vec<Booked>,
    /// Defundings in progress: whose, and how much.
    open: BTreeMap<InstructionId, (ParticipantId, u64)>,
    days: Days,
}

impl Ledger {
    /// Gives each booking its business date, once all days are known.
    fn date(&mut self) {
        for one in &mut self.booked {
            one.date = self.days.of(one.entry, one.date);
        }
    }

    fn take(
        &mut self,
        (entry, time): (u64, Timestamp),
        id: InstructionId,
        action: Action,
        own: u16,
        names: &Names,
    ) {
        let (side, participant, amount, reference) = match action {
            Action::Fund {
                participant,
                currency,
                amount,
                reference,
            } if currency == own => (Side::Credit, participant, amount, reference),
            Action::Defund {
                participant,
                currency,
                amount,
            } if currency == own => {
                self.open.insert(id, (participant, amount));
                return;
            }
            Action::ConfirmDefund { defund, reference } => match self.open.remove(&defund) {
                Some((participant, amount)) => (Side::Debit, participant, amount, reference),
                None => return,
            },
            Action::ReleaseDefund { defund } => {
                self.open.remove(&defund);
                return;
            }
            _ => return,
        };
        self.booked.push(Booked {
            entry,
            date: Date(time.days() as u16),
            reference,
            side,
            amount,
            participant: names.of(participant),
        });
    }
}
