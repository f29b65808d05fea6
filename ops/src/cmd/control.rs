//! `causeway control`: what needs two persons. One proposes, another approves; neither can do both.
mod action;
mod credit;
mod days;
mod default_report;
mod log;
mod market;
mod member;
pub mod proposal;
mod reconcile;
mod risk;
mod values;
mod window;

use causeway_message::action::Hours;
use causeway_message::control::{Control, proposal_digest};
use causeway_message::ids::{hex, parse_hex};
use causeway_message::limits::CONTROL_RECORDS_MAX;
use causeway_message::wire::day_flags;
use causeway_message::{Digest, InstructionId, Status};
use serde::Serialize;
use std::path::PathBuf;

pub use self::action::Right;
use self::proposal::Proposal;
use super::Answer;
use super::bank::statement;
use crate::Failure;
use crate::client::{BankArgs, Desk, block_on, random_id, within, words};

const HELP: &str = "\
Four eyes: one person of a participant proposes, another person of the same participant approves by the digest that
`propose` printed; the action takes effect there. A proposal that nobody approves expires after 24 hours.

Examples:
  causeway control propose --config banks/ECB-TARGET/bank.toml --person 1 \\
      fund --participant ALFADEFF --currency EUR --amount 1000000.00 --reference RTGS-1
  causeway control approve --config banks/ECB-TARGET/bank.toml --person 2 DIGEST
  causeway control reconcile --config banks/ECB-TARGET/bank.toml --currency EUR --statement today.csv

Exit codes: 0 done, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

const PROPOSE_HELP: &str = "\
Example:
  causeway control propose --config banks/ECB-TARGET/bank.toml --person 1 \\
      fund --participant ALFADEFF --currency EUR --amount 1000000.00 --reference RTGS-1

It prints the digest that the second person approves, and keeps the proposal beside bank.toml so that `approve` on
the same machine can show it; elsewhere hand the second person the file as well.

Exit codes: 0 proposed, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

const APPROVE_HELP: &str = "\
Example:
  causeway control approve --config banks/ECB-TARGET/bank.toml --person 2 DIGEST

What is approved is shown if the proposal was made on this machine or is given with --proposal; it must have the
digest. With --show nothing is sent.

Exit codes: 0 it took effect, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

const WITHDRAW_HELP: &str = "\
Example:
  causeway control withdraw --config banks/ECB-TARGET/bank.toml --person 1 DIGEST

Exit codes: 0 withdrawn, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `control`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Propose an action.
    Propose(ProposeArgs),
    /// Approve a proposal of another person.
    Approve(ApproveArgs),
    /// Withdraw a proposal.
    Withdraw(WithdrawArgs),
    /// Hold a settlement agent's liability to a statement of the central bank.
    Reconcile(reconcile::Args),
    /// Show the statement of a settlement agent's liability.
    Statement(statement::LiabilityArgs),
    /// Show what is at stake with a member, and with whom.
    DefaultReport(default_report::Args),
    /// List who proposed, approved and withdrew what, and what became of it.
    Log(log::Args),
}

#[derive(Debug, clap::Args)]
#[command(after_help = PROPOSE_HELP)]
struct ProposeArgs {
    #[command(flatten)]
    bank: BankArgs,
    /// The person whose key signs.
    #[arg(long, value_name = "N")]
    person: u32,
    #[command(subcommand)]
    action: action::ActionArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = APPROVE_HELP)]
struct ApproveArgs {
    #[command(flatten)]
    bank: BankArgs,
    /// The person whose key signs: not the one who proposed.
    #[arg(long, value_name = "N")]
    person: u32,
    /// Digest of the proposal, as `propose` printed it.
    #[arg(value_name = "DIGEST")]
    digest: String,
    /// File of the proposal, to see what is approved.
    #[arg(long, value_name = "FILE")]
    proposal: Option<PathBuf>,
    /// Only show what would be approved.
    #[arg(long)]
    show: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = WITHDRAW_HELP)]
struct WithdrawArgs {
    #[command(flatten)]
    bank: BankArgs,
    /// The person whose key signs.
    #[arg(long, value_name = "N")]
    person: u32,
    /// Digest of the proposal, as `propose` printed it.
    #[arg(value_name = "DIGEST")]
    digest: String,
}

#[derive(Debug, Serialize)]
struct DoneJson {
    status: &'static str,
    meaning: &'static str,
    digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal_file: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// If the node refuses or does not answer, or an argument is wrong.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.command {
        Command::Propose(args) => block_on(propose(args)),
        Command::Approve(args) => block_on(approve(args)),
        Command::Withdraw(args) => block_on(withdraw(args)),
        Command::Statement(args) => block_on(statement::liability(args)),
        Command::Reconcile(args) => block_on(reconcile::run(args)),
        Command::DefaultReport(args) => block_on(default_report::run(args)),
        Command::Log(args) => block_on(log::run(args)),
    }
}

fn digest_of(text: &str) -> Result<Digest, Failure> {
    parse_hex(text).ok_or_else(|| {
        Failure::Config("DIGEST: must be 64 hexadecimal digits, as `propose` printed them".to_owned())
    })
}

/// Signs control records, sends them and waits for their status.
async fn submit_all(
    desk: &Desk,
    args: &BankArgs,
    records: Vec<(InstructionId, Control)>,
) -> Result<Vec<Status>, Failure> {
    let count = records.len();
    let work = async {
        let session = desk.session().await?;
        let outcome = session.control(records).await?.outcome().await?;
        let statuses: Vec<Status> = outcome
            .answers
            .iter()
            .filter_map(|answer| answer.status())
            .collect();
        if statuses.len() == count {
            Ok(statuses)
        } else {
            Err(Failure::Refused(
                "the node answered with a status unknown to this version".to_owned(),
            ))
        }
    };
    within(args.patience(), "the node did not answer", work).await?
}

/// The same of one.
async fn submit(
    desk: &Desk,
    args: &BankArgs,
    id: InstructionId,
    control: Control,
) -> Result<Status, Failure> {
    let told = submit_all(desk, args, vec![(id, control)]).await?;
    told.first()
        .copied()
        .ok_or_else(|| Failure::Refused("the node answered nothing".to_owned()))
}

fn refused(status: Status) -> Option<Failure> {
    status
        .is_rejected()
        .then(|| Failure::Refused(format!("{}: {}", status.name(), status.meaning())))
}

/// The instants of a currency's present day, if a schedule opened it.
async fn present_hours(desk: &Desk, bank: &BankArgs, currency: u16) -> Result<Option<Hours>, Failure> {
    let asked = within(
        bank.patience(),
        "the node did not answer",
        desk.client.days(currency),
    );
    let told = asked.await??;
    let present = told
        .lines
        .iter()
        .find(|line| line.flags & (day_flags::AHEAD | day_flags::SCHEDULED) == day_flags::SCHEDULED);
    Ok(present.map(|line| line.hours))
}

async fn propose(args: &ProposeArgs) -> Result<Answer, Failure> {
    let prepared = args.action.prepare()?;
    let desk = Desk::open(&args.bank, Some(args.person)).await?;
    let names = desk.names().await?;
    let hours = match prepared.asks_for_day() {
        Some(currency) => present_hours(&desk, &args.bank, currency).await?,
        None => None,
    };
    let actions = prepared.resolve(&names, hours.as_ref())?;
    if actions.len() > CONTROL_RECORDS_MAX {
        return Err(Failure::Config(format!(
            "{} actions: at most {CONTROL_RECORDS_MAX} are proposed at once",
            actions.len()
        )));
    }
    let (mut records, mut proposed) = (Vec::new(), Vec::new());
    for action in actions {
        if !action.is_proven(desk.config.ledger) {
            return Err(Failure::Refused(
                "--proof: it does not show this key for this ledger and participant, with this id, holder and rights"
                    .to_owned(),
            ));
        }
        let id = random_id()?;
        let digest = proposal_digest(desk.config.ledger, desk.participant(), id, &action);
        let sentence = words::action(&action, &names);
        let proposal = Proposal {
            proposer: desk.participant(),
            id,
            action,
        };
        // Kept first: a digest that nobody can explain would be approved blindly.
        let file = proposal.keep(&args.bank.config, &digest)?;
        records.push((id, Control::Propose(proposal.action)));
        proposed.push((id, hex(&digest), sentence, file.display().to_string()));
    }
    let statuses = submit_all(&desk, &args.bank, records).await?;
    desk.close().await?;
    let failure = statuses.iter().find_map(|status| refused(*status));
    if args.bank.json {
        let told = proposed.into_iter().zip(statuses);
        let mut all: Vec<DoneJson> = told
            .map(|((id, digest, sentence, file), status)| DoneJson {
                status: status.name(),
                meaning: status.meaning(),
                digest,
                id: Some(id.to_string()),
                action: Some(sentence),
                proposal_file: Some(file),
            })
            .collect();
        let answer = match all.pop() {
            Some(only) if all.is_empty() => Answer::json(&only)?,
            last => {
                all.extend(last);
                Answer::json(&all)?
            }
        };
        return Ok(answer.but(failure));
    }
    let config = args.bank.config.display();
    let mut out = String::new();
    for ((id, digest, sentence, file), status) in proposed.iter().zip(statuses) {
        if !status.is_rejected() {
            out.push_str(&format!(
                "Proposed: {sentence}.\n  digest    {digest}\n  id        {id}\n  file      {file}\n\
                 A second person approves it with:\n  causeway control approve --config {config} --person N {digest}\n"
            ));
        }
    }
    Ok(Answer::done(out).but(failure))
}

async fn approve(args: &ApproveArgs) -> Result<Answer, Failure> {
    let digest = digest_of(&args.digest)?;
    let desk = Desk::open(&args.bank, Some(args.person)).await?;
    let found = Proposal::find(
        &args.bank.config,
        args.proposal.as_deref(),
        &digest,
        desk.config.ledger,
    )?;
    let sentence = match &found {
        Some(found) => Some(words::action(&found.action, &desk.names().await?)),
        None => None,
    };
    if args.show {
        return sentence
            .map(|words| Answer::done(format!("The proposal would {words}.\n")))
            .ok_or_else(|| {
                Failure::Refused(
                    "the proposal is not known on this machine: give its file with --proposal".to_owned(),
                )
            });
    }
    let status = submit(&desk, &args.bank, random_id()?, Control::Approve(digest)).await?;
    desk.close().await?;
    let failure = refused(status);
    if args.bank.json {
        let done = DoneJson {
            status: status.name(),
            meaning: status.meaning(),
            digest: hex(&digest),
            id: found.map(|found| found.id.to_string()),
            action: sentence,
            proposal_file: None,
        };
        return Ok(Answer::json(&done)?.but(failure));
    }
    let what = sentence.unwrap_or_else(|| "a proposal that is not known on this machine".to_owned());
    Ok(match failure {
        Some(failure) => Answer::done(format!("Not approved: {what}.\n")).but(Some(failure)),
        None => Answer::done(format!("Approved and in effect: {what}.\n")),
    })
}

async fn withdraw(args: &WithdrawArgs) -> Result<Answer, Failure> {
    let digest = digest_of(&args.digest)?;
    let desk = Desk::open(&args.bank, Some(args.person)).await?;
    let status = submit(&desk, &args.bank, random_id()?, Control::Withdraw(digest)).await?;
    desk.close().await?;
    let failure = refused(status);
    if args.bank.json {
        let done = DoneJson {
            status: status.name(),
            meaning: status.meaning(),
            digest: hex(&digest),
            id: None,
            action: None,
            proposal_file: None,
        };
        return Ok(Answer::json(&done)?.but(failure));
    }
    Ok(match failure {
        Some(failure) => Answer::done(String::new()).but(Some(failure)),
        None => Answer::done("Withdrawn; it will not take effect.\n".to_owned()),
    })
}
