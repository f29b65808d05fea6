//! The actions of `control propose`: one subcommand each.
use std::path::PathBuf;

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

Example:
  causeway control propose --config banks/OPERATOR/bank.toml --person 1 register newcomer.toml

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
    /// Operator: register a participant from a file.
    #[command(after_help = REGISTER_HELP)]
    Register(RegisterArgs),
    /// Operator: open an account.
    #[command(after_help = help!("OPERATOR", "open-account --participant ALFADEFF --currency USD --cap 0"))]
    OpenAccount(CapArgs),
    /// Operator: set a net debit cap.
    #[command(after_help = help!("OPERATOR", "set-cap --participant ALFADEFF --currency EUR --cap 5000000.00"))]
    SetCap(CapArgs),
    /// Operator, or a participant for itself: add a key.
    #[command(after_help = help!("ALFADEFF", "add-key --participant ALFADEFF --key 3 --holder 3 --rights instruct --public HEX"))]
    AddKey(AddKeyArgs),
    /// Operator, or a participant for itself: revoke a key.
    #[command(after_help = help!("ALFADEFF", "revoke-key --participant ALFADEFF --key 3"))]
    RevokeKey(RevokeKeyArgs),
    /// Operator: suspend a participant.
    #[command(after_help = help!("OPERATOR", "suspend --participant ALFADEFF"))]
    Suspend(WhoArgs),
    /// Operator: reinstate a suspended participant.
    #[command(after_help = help!("OPERATOR", "reinstate --participant ALFADEFF"))]
    Reinstate(WhoArgs),
    /// Operator: open a currency with its settlement agent.
    #[command(after_help = help!("OPERATOR", "open-currency --currency SEK --agent RIKSBANK"))]
    OpenCurrency(CurrencyArgs),
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
    /// The public key, as `causeway keygen` printed it.
    #[arg(long, value_name = "HEX")]
    pub public: String,
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
