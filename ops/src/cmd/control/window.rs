//! The actions of `control propose` about netting windows.
use causeway_message::action::{Action, WindowGrant};

use super::values::Prepared;
use crate::Failure;
use crate::client::words;
use crate::cmd::bank::instruct::instant;

macro_rules! help {
    ($action:literal) => {
        concat!(
            "Example:\n  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \\\n      ",
            $action,
            "\n\nExit codes: 0 proposed, 1 refused, 2 wrong usage or configuration, 3 the node does not answer."
        )
    };
}

/// What can be proposed about netting windows.
#[derive(Debug, clap::Subcommand)]
pub enum WindowArgs {
    /// Operator: open a netting window. Its id is the instruction id of the proposal.
    #[command(name = "open-window", after_help = help!("open-window --currency EUR --close 2026-12-01T15:00:00Z --pay-in-by 2026-12-01T15:30:00Z --ends 2026-12-01T16:00:00Z"))]
    Open(OpenArgs),
    /// Operator: end a netting window before it closes; what it collected is cancelled.
    #[command(name = "cancel-window", after_help = help!("cancel-window --window ID"))]
    Cancel(CancelArgs),
}

/// Arguments of `open-window`.
#[derive(Debug, clap::Args)]
pub struct OpenArgs {
    /// Currency in which it collects (ISO 4217); up to eight.
    #[arg(long, value_name = "CODE", required = true)]
    pub currency: Vec<String>,
    /// From here on it collects nothing more (an instant in UTC, or +90s, +10m, +2h).
    #[arg(long, value_name = "INSTANT")]
    pub close: String,
    /// Until then net debts are to be paid in.
    #[arg(long, value_name = "INSTANT")]
    pub pay_in_by: String,
    /// Then what is missing is drawn from credit, or the window fails; that of --pay-in-by if left out.
    #[arg(long, value_name = "INSTANT")]
    pub ends: Option<String>,
}

/// Arguments of `cancel-window`.
#[derive(Debug, clap::Args)]
pub struct CancelArgs {
    /// Id of the window.
    #[arg(long, value_name = "ID")]
    pub window: String,
}

impl WindowArgs {
    /// Checks everything that can be checked without the node.
    pub fn prepare(&self) -> Result<Prepared<'_>, Failure> {
        Ok(Prepared::Ready(match self {
            Self::Open(args) => {
                let mut currencies = Vec::new();
                for code in &args.currency {
                    currencies.push(words::currency("--currency", code)?.numeric);
                }
                currencies.sort_unstable();
                currencies.dedup();
                if currencies.len() > WindowGrant::CURRENCIES_MAX {
                    return Err(Failure::Config("--currency: at most eight".to_owned()));
                }
                let pay_in_by = instant("--pay-in-by", &args.pay_in_by)?;
                let ends = match &args.ends {
                    Some(text) => instant("--ends", text)?,
                    None => pay_in_by,
                };
                let grant = WindowGrant {
                    currencies,
                    close: instant("--close", &args.close)?,
                    pay_in_by,
                    ends,
                };
                if !grant.is_in_order() {
                    return Err(Failure::Config(
                        "--pay-in-by: must be after --close, and --ends not before it".to_owned(),
                    ));
                }
                Action::OpenWindow(grant)
            }
            Self::Cancel(args) => Action::CancelWindow {
                window: words::instruction_id("--window", &args.window)?,
            },
        }))
    }
}
