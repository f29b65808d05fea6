//! The actions of `control propose` about risk tests: what currencies are worth to them, who is under them, how short it may be.
use causeway_fx::Currency;
use causeway_message::action::{Action, Valuation};

use super::action::WhoArgs;
use super::values::Prepared;
use crate::Failure;
use crate::client::{rate, words};
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

/// What can be proposed about risk tests.
#[derive(Debug, clap::Subcommand)]
pub enum RiskArgs {
    /// Operator: say what a currency is worth to the risk tests.
    #[command(name = "set-valuation", after_help = help!("set-valuation --currency USD --unit EUR --rate 0.92 --haircut-per-million 20000"))]
    Valuation(ValuationArgs),
    /// Operator: put a participant under the risk tests, or end that.
    #[command(name = "set-tests", after_help = help!("set-tests --participant ALFADEFF --unit EUR --aggregate 1000000.00"))]
    Tests(TestsArgs),
    /// Operator: set how short a participant under the tests may be in a currency.
    #[command(name = "set-short-limit", after_help = help!("set-short-limit --participant ALFADEFF --currency USD --limit 500000.00"))]
    ShortLimit(ShortLimitArgs),
    /// Operator: set how short a position may still be at a deadline.
    #[command(name = "set-pay-in", after_help = help!("set-pay-in --participant ALFADEFF --currency USD --deadline 2026-12-01T11:00:00Z --allowed 0"))]
    PayIn(PayInArgs),
}

/// Arguments of `set-valuation`.
#[derive(Debug, clap::Args)]
pub struct ValuationArgs {
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// Unit of account (ISO 4217), the same for all currencies; it needs a valuation of 1 itself.
    #[arg(long, value_name = "CODE")]
    pub unit: String,
    /// What one whole unit of the currency is worth in whole units of the unit of account.
    #[arg(long, value_name = "DECIMAL")]
    pub rate: String,
    /// Haircut in millionths: taken off what is held, put onto what is owed; 20000 are two per cent.
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = clap::value_parser!(u32).range(0..=i64::from(Valuation::HAIRCUT_MAX)))]
    pub haircut_per_million: u32,
}

/// Arguments of `set-tests`.
#[derive(Debug, clap::Args)]
pub struct TestsArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// Unit of account (ISO 4217), that of the valuations: the aggregate limit has its digits.
    #[arg(
        long,
        value_name = "CODE",
        required_unless_present = "end",
        requires = "aggregate"
    )]
    pub unit: Option<String>,
    /// Most that all its short positions may be worth together, in the unit of account.
    #[arg(long, value_name = "AMOUNT", requires = "unit")]
    pub aggregate: Option<String>,
    /// End the tests: its caps count again.
    #[arg(long, conflicts_with_all = ["unit", "aggregate"])]
    pub end: bool,
}

/// Arguments of `set-short-limit`.
#[derive(Debug, clap::Args)]
pub struct ShortLimitArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// How far below zero its position may be; 0 until it is set.
    #[arg(long, value_name = "AMOUNT")]
    pub limit: String,
}

/// Arguments of `set-pay-in`.
#[derive(Debug, clap::Args)]
pub struct PayInArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// When: an instant like 2026-12-01T11:00:00Z, or from now on, like +10m.
    #[arg(long, value_name = "INSTANT")]
    pub deadline: String,
    /// How far below zero the position may still be then.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    pub allowed: String,
}

impl ValuationArgs {
    fn read(&self) -> Result<Valuation, Failure> {
        let (rate, scale) = rate::rate("--rate", &self.rate)?;
        Ok(Valuation {
            currency: words::currency("--currency", &self.currency)?.numeric,
            unit: words::currency("--unit", &self.unit)?.numeric,
            rate,
            scale,
            haircut: self.haircut_per_million,
        })
    }
}

impl TestsArgs {
    /// The aggregate limit; zero where the tests end.
    fn read(&self) -> Result<u64, Failure> {
        match (&self.unit, &self.aggregate) {
            (Some(unit), Some(amount)) => {
                words::amount_or_zero("--aggregate", amount, words::currency("--unit", unit)?)
            }
            _ => Ok(0),
        }
    }
}

/// A currency, and an amount of it that may be zero.
fn money(code: &str, option: &str, text: &str) -> Result<(&'static Currency, u64), Failure> {
    let currency = words::currency("--currency", code)?;
    Ok((currency, words::amount_or_zero(option, text, currency)?))
}

impl RiskArgs {
    /// Checks everything that can be checked without the node.
    pub fn prepare(&self) -> Result<Prepared<'_>, Failure> {
        Ok(match self {
            Self::Valuation(args) => Prepared::Ready(Action::SetValuation(args.read()?)),
            Self::Tests(args) => {
                let (tested, aggregate) = (!args.end, args.read()?);
                Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::SetTests {
                        participant,
                        tested,
                        aggregate,
                    }),
                )
            }
            Self::ShortLimit(args) => {
                let (currency, limit) = money(&args.currency, "--limit", &args.limit)?;
                Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::SetShortLimit {
                        participant,
                        currency: currency.numeric,
                        limit,
                    }),
                )
            }
            Self::PayIn(args) => {
                let (currency, allowed) = money(&args.currency, "--allowed", &args.allowed)?;
                let deadline = instant("--deadline", &args.deadline)?;
                Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::SetPayIn {
                        participant,
                        currency: currency.numeric,
                        deadline,
                        allowed,
                    }),
                )
            }
        })
    }
}
