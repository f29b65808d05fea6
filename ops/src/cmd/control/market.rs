//! The actions of `control propose` about quotes: who may quote which pair, and the rates that exchanges are compared with.
use causeway_fx::reference::{Day, Fixed, ReferenceRates};
use causeway_fx::{Currency, Rate};
use causeway_message::action::{Action, Valuation};
use causeway_message::exchange::SOURCE_BYTES_MAX;
use causeway_message::extension;
use causeway_message::time::UNIX_SECONDS_AT_2000;
use std::path::{Path, PathBuf};

use super::action::WhoArgs;
use super::values::Prepared;
use crate::client::{rate, words};
use crate::cmd::bank::instruct::instant;
use crate::{Failure, files};

/// What the ledger calls the European Central Bank.
const ECB: &str = "ECB";
const NANOS: u64 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;

macro_rules! help {
    ($($action:literal),+; $more:literal) => {
        concat!(
            "Examples:",
            $("\n  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \\\n      ", $action,)+
            $more,
            "\n\nExit codes: 0 proposed, 1 refused, 2 wrong usage or configuration, 3 the node does not answer."
        )
    };
}

/// What can be proposed about quotes.
#[derive(Debug, clap::Subcommand)]
pub enum MarketArgs {
    /// Operator: let a participant quote a pair, and bound its exposure there.
    #[command(name = "set-exposure", after_help = help!("set-exposure --participant DELTUS33 --pair EUR/USD --limit 500000.00"; ""))]
    Exposure(ExposureArgs),
    /// Operator: set the reference rate of a pair, or of several from a file of the European Central Bank.
    #[command(name = "set-reference", after_help = help!(
        "set-reference --rate EUR/USD=1.0850 --source ECB --time 2026-12-01T15:00:00Z",
        "set-reference --ecb eurofxref-hist.csv --currencies USD,GBP,JPY";
        "\n\nOf a file one action is proposed for each currency, against the euro. The file names days and no times: the \
         time is the beginning of the day, in UTC."))]
    Reference(ReferenceArgs),
}

/// Arguments of `set-exposure`.
#[derive(Debug, clap::Args)]
pub struct ExposureArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// The pair as it is quoted: two currencies (ISO 4217).
    #[arg(long, value_name = "BASE/COUNTER")]
    pub pair: String,
    /// Most of the first currency that it may have bought, or sold, on balance; 0 takes the right away.
    #[arg(long, value_name = "AMOUNT")]
    pub limit: String,
}

/// Arguments of `set-reference`.
#[derive(Debug, clap::Args)]
pub struct ReferenceArgs {
    /// A pair, and what one unit of its first currency is in the second.
    #[arg(
        long,
        value_name = "BASE/COUNTER=DECIMAL",
        required_unless_present = "ecb",
        requires_all = ["source", "time"]
    )]
    pub rate: Option<String>,
    /// Who fixed it: 1 to 16 printable characters.
    #[arg(long, value_name = "TEXT")]
    pub source: Option<String>,
    /// When it was fixed: an instant like 2026-12-01T15:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    pub time: Option<String>,
    /// The table of the European Central Bank, eurofxref-hist.csv or eurofxref.csv of that form.
    #[arg(long, value_name = "FILE", requires = "currencies", conflicts_with_all = ["rate", "source", "time"])]
    pub ecb: Option<PathBuf>,
    /// Rates of this day, or of the last one before it that has any; the newest if left out.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "ecb")]
    pub day: Option<String>,
    /// Currencies to propose, each against the euro.
    #[arg(long, value_name = "CODE,…", value_delimiter = ',', requires = "ecb")]
    pub currencies: Vec<String>,
}

/// The source as it stands in an action.
fn source(option: &str, text: &str) -> Result<[u8; SOURCE_BYTES_MAX], Failure> {
    let mut bytes = [0; SOURCE_BYTES_MAX];
    let fits = extension::is_reference(text.as_bytes());
    let place = bytes.get_mut(..text.len()).filter(|_| fits);
    let place = place.ok_or_else(|| {
        Failure::Config(format!(
            "{option}: must be 1 to {SOURCE_BYTES_MAX} printable ASCII characters without a blank at either end"
        ))
    })?;
    place.copy_from_slice(text.as_bytes());
    Ok(bytes)
}

/// Seconds since 2000 of the instant at which a reference was fixed; of a day its beginning.
fn seconds(fixed: Fixed) -> Option<u32> {
    let unix = match fixed {
        Fixed::On(day) => day.unix_days().checked_mul(DAY_SECONDS)?,
        Fixed::At(nanos) => i64::try_from(nanos / NANOS).ok()?,
    };
    let since = unix.checked_sub(i64::try_from(UNIX_SECONDS_AT_2000).ok()?)?;
    u32::try_from(since).ok()
}

/// Digits of a rate and how many stand behind the point, as an action has them.
fn digits(rate: &Rate) -> Option<(u64, u8)> {
    let value = rate.value();
    let scale = u8::try_from(value.scale()).ok();
    let scale = scale.filter(|scale| *scale <= Valuation::SCALE_MAX)?;
    Some((u64::try_from(value.mantissa()).ok()?, scale))
}

impl ExposureArgs {
    fn read(&self) -> Result<(u16, u16, u64), Failure> {
        let (base, counter) = rate::pair("--pair", &self.pair)?;
        let limit = words::amount_or_zero("--limit", &self.limit, base)?;
        Ok((base.numeric, counter.numeric, limit))
    }
}

impl ReferenceArgs {
    fn read(&self) -> Result<Vec<Action>, Failure> {
        if let Some(file) = &self.ecb {
            return self.of_table(file);
        }
        let text = self.rate.as_deref().unwrap_or_default();
        let (pair, rate) = text.split_once('=').ok_or_else(|| {
            Failure::Config(format!(
                "--rate: {text:?} must be a pair and a rate, like EUR/USD=1.0850"
            ))
        })?;
        let (base, counter) = rate::pair("--rate", pair)?;
        let (rate, scale) = rate::rate("--rate", rate)?;
        Ok(vec![Action::SetReference {
            base: base.numeric,
            counter: counter.numeric,
            rate,
            scale,
            time: instant("--time", self.time.as_deref().unwrap_or_default())?,
            source: source("--source", self.source.as_deref().unwrap_or_default())?,
        }])
    }

    /// An action for each currency that is named, from the table of the European Central Bank.
    fn of_table(&self, file: &Path) -> Result<Vec<Action>, Failure> {
        let wrong = |rule: String| Failure::Config(format!("--ecb: {}: {rule}", file.display()));
        let table = ReferenceRates::from_ecb_csv(&files::read_text(file)?)
            .map_err(|error| wrong(error.to_string()))?;
        let newest = || table.days().last();
        let day = match &self.day {
            Some(text) => Day::parse(text),
            None => newest(),
        };
        let day = day.ok_or_else(|| Failure::Config("--day: must be a day like 2026-12-01".to_owned()))?;
        let of = |code: &String| {
            let currency = words::currency("--currencies", code)?;
            Self::of_currency(&table, day, currency).map_err(|rule| wrong(format!("{code}: {rule}")))
        };
        self.currencies.iter().map(of).collect()
    }

    fn of_currency(table: &ReferenceRates, day: Day, currency: &'static Currency) -> Result<Action, String> {
        let found = table
            .at(day, table.base(), currency)
            .map_err(|error| error.to_string())?;
        let rate = found.rate.to_rate().map_err(|error| error.to_string())?;
        let (rate, scale) = digits(&rate).ok_or("the rate has too many digits")?;
        Ok(Action::SetReference {
            base: table.base().numeric,
            counter: currency.numeric,
            rate,
            scale,
            time: seconds(found.fixed).ok_or("the day is outside of what the ledger can name")?,
            source: source("source", ECB).map_err(|error| error.to_string())?,
        })
    }
}

impl MarketArgs {
    /// Checks everything that can be checked without the node.
    pub fn prepare(&self) -> Result<Prepared<'_>, Failure> {
        Ok(match self {
            Self::Exposure(args) => {
                let (base, counter, limit) = args.read()?;
                Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::SetExposure {
                        participant,
                        base,
                        counter,
                        limit,
                    }),
                )
            }
            Self::Reference(args) => Prepared::All(args.read()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str, day: Option<&str>, currencies: &[&str]) -> Result<Vec<Action>, Failure> {
        let dir = tempfile::TempDir::new().expect("a temporary directory");
        let file = dir.path().join("rates.csv");
        std::fs::write(&file, text).expect("written");
        let args = ReferenceArgs {
            rate: None,
            source: None,
            time: None,
            ecb: Some(file),
            day: day.map(str::to_owned),
            currencies: currencies.iter().map(|code| (*code).to_owned()).collect(),
        };
        args.read()
    }

    const TABLE: &str = "Date,USD,JPY,\n2026-04-13,1.1684,186.4,\n2026-04-10,1.1700,N/A,\n";

    #[test]
    fn a_table_gives_an_action_for_each_currency_that_is_named() {
        let read = table(TABLE, None, &["JPY", "USD"]).expect("rates");
        let action = |counter, rate, scale, days: u32| Action::SetReference {
            base: 978,
            counter,
            rate,
            scale,
            time: days * 86_400,
            source: *b"ECB\0\0\0\0\0\0\0\0\0\0\0\0\0",
        };
        // 2026-04-13 is the day 9,599 since 2000-01-01.
        assert_eq!(
            read,
            [action(392, 1_864, 1, 9_599), action(840, 11_684, 4, 9_599)]
        );
        let read = table(TABLE, Some("2026-04-12"), &["USD"]).expect("rates");
        assert_eq!(read, [action(840, 117, 2, 9_596)]);
    }

    #[test]
    fn what_a_table_does_not_say_is_refused_by_its_name() {
        for (text, day, codes, complaint) in [
            (TABLE, None, ["GBP"], "GBP: "),
            (TABLE, None, ["EUR"], "EUR: "),
            (TABLE, None, ["usd"], "--currencies"),
            (TABLE, Some("2026-04-12"), ["JPY"], "JPY: "),
            (TABLE, Some("2026-04-09"), ["USD"], "USD: "),
            (TABLE, Some("12.4.2026"), ["USD"], "--day"),
            ("Date,USD\n2026-04-13,x\n", None, ["USD"], "line 2, column 2"),
        ] {
            let refused = table(text, day, &codes).expect_err("it is not there");
            assert_eq!(refused.code(), 2, "{refused}");
            assert!(refused.to_string().contains(complaint), "{codes:?}: {refused}");
        }
    }

    #[test]
    fn a_source_is_seen_by_people() {
        assert_eq!(
            source("--source", "0123456789abcdef").expect("fits"),
            *b"0123456789abcdef"
        );
        for wrong in ["", " ECB", "ECB ", "0123456789abcdefg", "Ä"] {
            assert!(
                matches!(source("--source", wrong), Err(Failure::Config(_))),
                "{wrong:?}"
            );
        }
    }
}
