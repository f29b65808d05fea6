//! The actions of `control propose`: one subcommand each.
use std::path::PathBuf;

use super::credit::CreditArgs;
use super::days::DaysArgs;
use super::market::MarketArgs;
use super::member::{MemberArgs, StandingArgs, SuspendArgs};
use super::risk::RiskArgs;
use super::window::WindowArgs;

macro_rules! help {
    ($who:literal, $action:literal) => {
        concat!(
            "Example:\n  causeway control propose --config banks/",
            $who,
            "/bank.toml --person 1 \\\n      ",
            $action,
            "\n\nExit codes: 0 proposed, 1 refused, 2 wrong usage or configuration, 3 the node does not answer."
        )
    };
}

const REGISTER_HELP: &str = "\
The file describes the participant as a genesis does, with a public key for each person (`causeway keygen`):

  [participant]
  name = \"EPSIJPJT\"
  roles = [\"participant\"]
  keys = [{ person = 1, rights = [\"instruct\", \"control\"], public = \"64 hexadecimal digits\" }]
  accounts = [{ currency = \"EUR\", cap = \"0\" }]

From version 4 of the rules on a participant is admitted instead (`control propose admit`).

Example:
  causeway control propose --config banks/OPERATOR/bank.toml --person 1 register newcomer.toml

Exit codes: 0 proposed, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

const ADD_KEY_HELP: &str = "\
Who holds the key shows so first (`causeway member prove`). To change keys, add the next one, sign with it, and revoke
the old one when what it signed has been answered: both are active in between. Of the keys of one person the first one
in bank.toml signs: put the next one before the old one once it is approved.

Example:
  causeway control propose --config banks/ALFADEFF/bank.toml --person 1 \\
      add-key --participant ALFADEFF --key 3 --holder 1 --rights instruct --proof person-1-next.proof

Exit codes: 0 proposed, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

/// What can be proposed.
#[derive(Debug, clap::Subcommand)]
pub enum ActionArgs {
    /// Settlement agent: fund an account against a confirmed credit in the RTGS.
    #[command(after_help = help!("ECB-TARGET", "fund --participant ALFADEFF --currency EUR --amount 1000000.00 --reference RTGS-1"))]
    Fund(FundArgs),
    /// Settlement agent: set money aside to be paid out in the RTGS.
    #[command(after_help = help!("ECB-TARGET", "defund --participant ALFADEFF --currency EUR --amount 250000.00"))]
    Defund(MoneyArgs),
    /// Settlement agent: the pay-out of a defunding happened; the money leaves the ledger.
    #[command(after_help = help!("ECB-TARGET", "confirm-defund --defund ID --reference RTGS-OUT-1"))]
    ConfirmDefund(ConfirmArgs),
    /// Settlement agent: the pay-out of a defunding failed; the money is free again.
    #[command(after_help = help!("ECB-TARGET", "release-defund --defund ID"))]
    ReleaseDefund(DefundArgs),
    /// Operator: register a participant from a file, in a ledger under versions 1 to 3 of the rules.
    #[command(after_help = REGISTER_HELP)]
    Register(RegisterArgs),
    /// Operator: open an account.
    #[command(after_help = help!("OPERATOR", "open-account --participant ALFADEFF --currency USD --cap 0"))]
    OpenAccount(CapArgs),
    /// Operator: set a net debit cap.
    #[command(after_help = help!("OPERATOR", "set-cap --participant ALFADEFF --currency EUR --cap 5000000.00"))]
    SetCap(CapArgs),
    /// Operator, or a participant for itself: add a key.
    #[command(after_help = ADD_KEY_HELP)]
    AddKey(AddKeyArgs),
    /// Operator, or a participant for itself: revoke a key.
    #[command(after_help = help!("ALFADEFF", "revoke-key --participant ALFADEFF --key 3"))]
    RevokeKey(RevokeKeyArgs),
    /// Operator: suspend a participant.
    #[command(after_help = help!("OPERATOR", "suspend --participant ALFADEFF --reference BOARD-7 --inflow taken"))]
    Suspend(SuspendArgs),
    /// Operator: reinstate a suspended participant.
    #[command(after_help = help!("OPERATOR", "reinstate --participant ALFADEFF --reference BOARD-8"))]
    Reinstate(StandingArgs),
    /// Operator: open a currency with its settlement agent.
    #[command(after_help = help!("OPERATOR", "open-currency --currency SEK --agent RIKSBANK"))]
    OpenCurrency(CurrencyArgs),
    /// Screener or operator: hold a payment that waits. Nobody else is told.
    #[command(after_help = help!("SCREENER", "hold-payment --participant ALFADEFF --payment ID --reference FILE-1"))]
    HoldPayment(HoldPaymentArgs),
    /// Screener or operator: let a held payment go on, or reject it.
    #[command(after_help = help!("SCREENER", "end-hold --participant ALFADEFF --payment ID --release"))]
    EndHold(EndHoldArgs),
    /// Screener or operator: hold what a participant pays and is paid, or end that. Nobody else is told.
    #[command(after_help = help!("SCREENER", "hold-participant --participant ALFADEFF --reference FILE-1"))]
    HoldParticipant(HoldParticipantArgs),
    /// Operator: say what an instruction of a kind costs in a currency.
    #[command(after_help = help!("OPERATOR", "set-fee --currency EUR --kind payment --collector DELTUS33 --flat 0.10 --per-million 5"))]
    SetFee(FeeArgs),
    /// Operator: open, cut off or close the day of a currency.
    #[command(after_help = help!("OPERATOR", "set-day --currency EUR --phase open --date 2026-11-25"))]
    SetDay(DayArgs),
    #[command(flatten)]
    Days(DaysArgs),
    #[command(flatten)]
    Member(MemberArgs),
    #[command(flatten)]
    Risk(RiskArgs),
    #[command(flatten)]
    Credit(CreditArgs),
    #[command(flatten)]
    Window(WindowArgs),
    #[command(flatten)]
    Market(MarketArgs),
}

/// Names a payment of a participant.
#[derive(Debug, clap::Args)]
pub struct PaymentArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// Instruction id of the payment that the participant submitted.
    #[arg(long, value_name = "HEX")]
    pub payment: String,
}

/// Arguments of `hold-payment`.
#[derive(Debug, clap::Args)]
pub struct HoldPaymentArgs {
    #[command(flatten)]
    pub payment: PaymentArgs,
    /// File number of the order or of the screening case.
    #[arg(long, value_name = "TEXT")]
    pub reference: String,
}

/// Arguments of `end-hold`.
#[derive(Debug, clap::Args)]
pub struct EndHoldArgs {
    #[command(flatten)]
    pub payment: PaymentArgs,
    /// Let it go on.
    #[arg(long, required_unless_present = "reject", conflicts_with = "reject")]
    pub release: bool,
    /// Reject it.
    #[arg(long)]
    pub reject: bool,
}

/// Arguments of `hold-participant`.
#[derive(Debug, clap::Args)]
pub struct HoldParticipantArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// File number of the order or of the screening case.
    #[arg(long, value_name = "TEXT")]
    pub reference: String,
    /// End the hold.
    #[arg(long)]
    pub end: bool,
}

/// Arguments of `set-fee`.
#[derive(Debug, clap::Args)]
pub struct FeeArgs {
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// Kind of instruction: payment, conditional, return, cancel, …
    #[arg(long, value_name = "KIND")]
    pub kind: String,
    /// Who is paid: its name, or its id.
    #[arg(long, value_name = "NAME")]
    pub collector: String,
    /// For each.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    pub flat: String,
    /// Millionths of the amount: 100 are a basis point.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub per_million: u32,
    /// At least.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    pub min: String,
    /// At most; 0 if there is no such bound.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    pub max: String,
}

/// Arguments of `set-day`.
#[derive(Debug, clap::Args)]
pub struct DayArgs {
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// Where its day goes.
    #[arg(long, value_name = "PHASE")]
    pub phase: DayPhase,
    /// Business date.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: String,
}

/// Where the day of a currency goes.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum DayPhase {
    /// Instructions are taken and settle.
    Open,
    /// No new instructions; what waits may still settle.
    CutOff,
    /// The day is over.
    Closed,
}

/// Names a participant.
#[derive(Debug, clap::Args)]
pub struct WhoArgs {
    /// The participant: its name, or its id.
    #[arg(long, value_name = "NAME")]
    pub participant: String,
}

/// An amount on an account.
#[derive(Debug, clap::Args)]
pub struct MoneyArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// Exact decimal amount.
    #[arg(long, value_name = "AMOUNT")]
    pub amount: String,
}

/// Arguments of `fund`.
#[derive(Debug, clap::Args)]
pub struct FundArgs {
    #[command(flatten)]
    pub money: MoneyArgs,
    /// Reference of the credit in the RTGS; each is funded once.
    #[arg(long, value_name = "TEXT")]
    pub reference: String,
}

/// Names a defunding.
#[derive(Debug, clap::Args)]
pub struct DefundArgs {
    /// Id of the defunding, as `propose … defund` printed it.
    #[arg(long, value_name = "HEX")]
    pub defund: String,
}

/// Arguments of `confirm-defund`.
#[derive(Debug, clap::Args)]
pub struct ConfirmArgs {
    #[command(flatten)]
    pub defund: DefundArgs,
    /// Reference of the pay-out in the RTGS.
    #[arg(long, value_name = "TEXT")]
    pub reference: String,
}

/// Arguments of `register`.
#[derive(Debug, clap::Args)]
pub struct RegisterArgs {
    /// The participant's description.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// An account and its cap.
#[derive(Debug, clap::Args)]
pub struct CapArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// Net debit cap: how far below zero the balance may go.
    #[arg(long, value_name = "AMOUNT")]
    pub cap: String,
}

/// Arguments of `add-key`.
#[derive(Debug, clap::Args)]
pub struct AddKeyArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// Id of the key within the participant, never used before.
    #[arg(long, value_name = "ID")]
    pub key: u32,
    /// Number of the person who holds it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub holder: u32,
    /// What it may sign.
    #[arg(long, value_name = "RIGHT", value_delimiter = ',', required = true)]
    pub rights: Vec<Right>,
    /// The proof that it is held, as `causeway member prove` wrote it.
    #[arg(long, value_name = "FILE", required_unless_present = "public")]
    pub proof: Option<PathBuf>,
    /// The public key, as `causeway keygen` printed it; for ledgers under versions 1 to 3 of the rules, which know no
    /// proof.
    #[arg(long, value_name = "HEX", conflicts_with = "proof")]
    pub public: Option<String>,
}

/// What a key may sign.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Right {
    /// Payments.
    Instruct,
    /// Proposals and approvals.
    Control,
}

/// Arguments of `revoke-key`.
#[derive(Debug, clap::Args)]
pub struct RevokeKeyArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// Id of the key within the participant.
    #[arg(long, value_name = "ID")]
    pub key: u32,
}

/// Arguments of `open-currency`.
#[derive(Debug, clap::Args)]
pub struct CurrencyArgs {
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// Its settlement agent: name, or id.
    #[arg(long, value_name = "NAME")]
    pub agent: String,
}
