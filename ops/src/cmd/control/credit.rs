//! The actions of `control propose` about intraday credit: collateral, and the most that is lent against it.
use causeway_message::action::{Action, Valuation};
use causeway_message::extension::is_reference;

use super::action::WhoArgs;
use super::values::Prepared;
use crate::Failure;
use crate::client::words;

macro_rules! help {
    ($action:literal) => {
        concat!(
            "Example:\n  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \\\n      ",
            $action,
            "\n\nExit codes: 0 proposed, 1 refused, 2 wrong usage or configuration, 3 the node does not answer."
        )
    };
}

/// What can be proposed about intraday credit.
#[derive(Debug, clap::Subcommand)]
pub enum CreditArgs {
    /// Operator: take an asset as collateral of an account, value it anew, or end it with a value of 0.
    #[command(name = "set-collateral", after_help = help!("set-collateral --participant ALFADEFF --currency EUR --asset DE0001102580 --value 1000000.00 --haircut-per-million 50000"))]
    Collateral(CollateralArgs),
    /// Operator: set the most that is lent to an account within the day, whatever its collateral; 0 for none.
    #[command(name = "set-credit", after_help = help!("set-credit --participant ALFADEFF --currency EUR --limit 5000000.00"))]
    Credit(LimitArgs),
}

/// Arguments of `set-collateral`.
#[derive(Debug, clap::Args)]
pub struct CollateralArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// Currency in which it is lent against (ISO 4217).
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// Name of the asset: 1 to 35 printable ASCII characters.
    #[arg(long, value_name = "TEXT")]
    pub asset: String,
    /// What it is worth in that currency; 0 ends it.
    #[arg(long, value_name = "AMOUNT")]
    pub value: String,
    /// Millionths of the value that do not count; 50000 are five per cent.
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = clap::value_parser!(u32).range(0..=i64::from(Valuation::HAIRCUT_MAX)))]
    pub haircut_per_million: u32,
}

/// Arguments of `set-credit`.
#[derive(Debug, clap::Args)]
pub struct LimitArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// The most that is lent.
    #[arg(long, value_name = "AMOUNT")]
    pub limit: String,
}

impl CreditArgs {
    /// Checks everything that can be checked without the node.
    pub fn prepare(&self) -> Result<Prepared<'_>, Failure> {
        Ok(match self {
            Self::Collateral(args) => {
                let currency = words::currency("--currency", &args.currency)?;
                let value = words::amount_or_zero("--value", &args.value, currency)?;
                if !is_reference(args.asset.as_bytes()) {
                    return Err(Failure::Config(
                        "--asset: must be 1 to 35 printable ASCII characters, no blank at either end"
                            .to_owned(),
                    ));
                }
                let haircut = args.haircut_per_million;
                let asset = args.asset.clone();
                Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::SetCollateral {
                        participant,
                        currency: currency.numeric,
                        asset,
                        value,
                        haircut,
                    }),
                )
            }
            Self::Credit(args) => {
                let currency = words::currency("--currency", &args.currency)?;
                let limit = words::amount_or_zero("--limit", &args.limit, currency)?;
                Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::SetCredit {
                        participant,
                        currency: currency.numeric,
                        limit,
                    }),
                )
            }
        })
    }
}
