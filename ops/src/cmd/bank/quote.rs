//! `causeway bank quote`: a liquidity provider publishes a firm two-sided quote, or withdraws it.
use causeway_fx::Currency;
use causeway_fx::quotes::{Tier, Tiers};
use causeway_message::ParticipantId;
use causeway_message::exchange::number_of;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::time::Timestamp;
use serde::Serialize;

use super::instruct::{self, Sent, Signing};
use crate::Failure;
use crate::client::{Desk, rate, trade, words};
use crate::cmd::Answer;

const HELP: &str = "\
A quote is firm: up to --size of the first currency are bought at the bid and sold at the ask, until it expires. Each
--tier says the prices of a single conversion up to its size; later ones are larger, and no better. The operator has let
the bank quote the pair so, with `control propose set-exposure`.

Examples:
  causeway bank quote --config banks/DELTUS33/bank.toml --pair EUR/USD --size EUR:500000.00 \\
      --tier EUR:10000.00=1.0850/1.0870 --tier EUR:100000.00=1.0840/1.0880 --expires +1h
  causeway bank quote --config banks/DELTUS33/bank.toml --pair EUR/USD --withdraw

Exit codes: 0 published or withdrawn; 1 refused; 2 wrong usage or configuration; 3 the node does not answer: whether the
quote is live is unknown, repeat it with the --id that the message names.";

/// Arguments of `bank quote`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    signing: Signing,
    /// What is priced, and in what: two currencies (ISO 4217).
    #[arg(long, value_name = "BASE/COUNTER")]
    pair: String,
    /// Most of the first currency that is bought and sold in all.
    #[arg(long, value_name = "CODE:AMOUNT", required_unless_present = "withdraw")]
    size: Option<String>,
    /// Largest single amount of the first currency, and bid and ask for one unit of it. One to eight of them.
    #[arg(
        long = "tier",
        value_name = "CODE:AMOUNT=BID/ASK",
        required_unless_present = "withdraw"
    )]
    tiers: Vec<String>,
    /// End of the quote: an instant like 2026-12-01T14:00:00Z, or from now on, like +1h; at most a day ahead.
    #[arg(long, value_name = "INSTANT", required_unless_present = "withdraw")]
    expires: Option<String>,
    /// Withdraw this own live quote of the pair first: its instruction id.
    #[arg(long, value_name = "ID")]
    replaces: Option<String>,
    /// Withdraw this own live quote of the pair, by its instruction id, or all of the pair. Locks stay.
    #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = "",
          conflicts_with_all = ["size", "tiers", "expires", "replaces"])]
    withdraw: Option<String>,
}

#[derive(Debug, Serialize)]
struct QuoteJson {
    status: &'static str,
    meaning: &'static str,
    replayed: bool,
    instruction_id: String,
    what: String,
    number: Option<u64>,
    until: Option<String>,
    entry: u64,
}

/// An amount of the currency that is priced.
fn of_base(option: &str, text: &str, base: &Currency) -> Result<u64, Failure> {
    let (currency, minor) = trade::money(option, text)?;
    if currency != base {
        return Err(Failure::Config(format!(
            "{option}: must be in {}, the first currency of --pair, not in {}",
            base.alpha(),
            currency.alpha()
        )));
    }
    Ok(minor)
}

/// A number of `scale` places as one of `to` places.
fn rescaled((digits, scale): (u64, u8), to: u8) -> Result<u64, Failure> {
    let more = 10_u64.checked_pow(u32::from(to.saturating_sub(scale)));
    more.and_then(|more| digits.checked_mul(more)).ok_or_else(|| {
        Failure::Config("--tier: a price has too many digits beside the places of the others".to_owned())
    })
}

/// All tiers, with the places of the price that has most.
fn tiers(texts: &[String], base: &Currency) -> Result<Tiers, Failure> {
    let mut read = Vec::with_capacity(texts.len());
    for text in texts {
        let prices = text
            .split_once('=')
            .and_then(|(size, prices)| Some((size, prices.split_once('/')?)));
        let (size, (bid, ask)) = prices.ok_or_else(|| {
            Failure::Config(format!(
                "--tier: {text:?} must be a size with bid and ask, like EUR:10000.00=1.0850/1.0870"
            ))
        })?;
        read.push((
            of_base("--tier", size, base)?,
            rate::rate("--tier: the bid", bid)?,
            rate::rate("--tier: the ask", ask)?,
        ));
    }
    let places = read.iter().flat_map(|(_, bid, ask)| [bid.1, ask.1]);
    let scale = places.max().unwrap_or(0);
    let tiers = read.into_iter().map(|(up_to, bid, ask)| {
        Ok(Tier {
            up_to,
            bid: rescaled(bid, scale)?,
            ask: rescaled(ask, scale)?,
        })
    });
    let tiers = tiers.collect::<Result<Vec<Tier>, Failure>>()?;
    Tiers::new(scale, &tiers).map_err(|error| Failure::Config(format!("--tier: {error}")))
}

/// The record, its provider not known yet, its extensions, and what it does.
fn prepare(args: &Args) -> Result<(Instruction, Vec<u8>, String), Failure> {
    let (base, counter) = rate::pair("--pair", &args.pair)?;
    let id = args.signing.id()?;
    let mut record = instruct::own(id, Kind::Quote, ParticipantId(0), base.numeric, 0);
    record.counter_currency = counter.numeric.into();
    let mut area = Vec::new();
    let named = |option: &str, text: &str| Ok::<_, Failure>(words::instruction_id(option, text)?.0);
    if let Some(one) = &args.withdraw {
        let record = instruct::with_flags(record, &[(true, flags::DECLINE)]);
        let (related, which) = match one.as_str() {
            "" => ([0; 16], "all own quotes".to_owned()),
            one => (named("--withdraw", one)?, format!("the own quote {one}")),
        };
        let what = format!("withdraws {which} of {}", args.pair);
        return Ok((Instruction { related, ..record }, area, what));
    }
    let size = args.size.as_deref().unwrap_or_default();
    record.amount = of_base("--size", size, base)?.into();
    let expires = args.expires.as_deref().unwrap_or_default();
    record.expires_at = instruct::instant("--expires", expires)?.into();
    let tiers = tiers(&args.tiers, base)?;
    extension::put(&mut area, 0, ExtensionType::Tiers, &tiers.encode());
    let mut what = format!(
        "quotes {} for up to {}",
        args.pair,
        words::money(record.amount.get().into(), base.numeric)
    );
    if let Some(other) = &args.replaces {
        record.related = named("--replaces", other)?;
        what.push_str(&format!(", in place of {other}"));
    }
    Ok((record, area, what))
}

/// Publishes or withdraws.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let (mut record, area, what) = prepare(args)?;
    let bank = &args.signing.bank;
    let desk = Desk::open(bank, args.signing.person).await?;
    record.debtor = desk.participant().0.into();
    record.creditor = record.debtor;
    let sent = instruct::send(&desk, bank, record, area, 0).await?;
    desk.close()
        .await
        .map_err(|failure| failure.and(&instruct::again(record.id())))?;
    let json = json(&record, &sent, what, args.withdraw.is_none());
    let answer = if bank.json {
        Answer::json(&json)?
    } else {
        Answer::done(text(&json))
    };
    Ok(answer.but(sent.failure()))
}

fn json(record: &Instruction, sent: &Sent, what: String, publishes: bool) -> QuoteJson {
    let number = sent
        .known
        .filter(|known| publishes && !known.status.is_rejected())
        .map(|known| number_of(known.entry, known.ordinal));
    QuoteJson {
        status: sent.reached.name(),
        meaning: sent.reached.meaning(),
        replayed: !sent.answer.is_first(),
        instruction_id: record.id().to_string(),
        what,
        number,
        until: number.map(|_| Timestamp::from_seconds(record.expires_at.get()).to_text()),
        entry: sent.known.map_or(0, |known| known.entry),
    }
}

fn text(quote: &QuoteJson) -> String {
    let not = if quote.status == "executed" {
        ""
    } else {
        "Not done: "
    };
    let mut out = format!("{not}{}.\n", quote.what);
    let mut line = |what: &str, value: &str| out.push_str(&format!("  {what:<12}{value}\n"));
    line("status", &format!("{}: {}", quote.status, quote.meaning));
    line("instruction", &quote.instruction_id);
    if let (Some(number), Some(until)) = (quote.number, &quote.until) {
        line("quote", &number.to_string());
        line("until", until);
    }
    if quote.replayed {
        line(
            "repeated",
            "this instruction was sent before; nothing happened now",
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&str]) -> Result<Tiers, Failure> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        tiers(&texts, Currency::from_alpha("EUR").expect("euros"))
    }

    #[test]
    fn tiers_have_the_places_of_the_price_with_most() {
        let tiers = read(&["EUR:100.00=1.085/1.0870", "EUR:200.00=1/2"]).expect("tiers");
        assert_eq!(tiers.scale(), 4);
        let tier = |up_to, bid, ask| Tier { up_to, bid, ask };
        assert_eq!(
            tiers.as_slice(),
            [tier(10_000, 10_850, 10_870), tier(20_000, 10_000, 20_000)]
        );
    }

    #[test]
    fn a_tier_that_breaks_a_rule_is_refused_by_its_name() {
        let many = vec!["EUR:1.00=1/1"; 9];
        for (texts, complaint) in [
            (vec!["EUR:1.00"], "must be a size with bid and ask"),
            (vec!["EUR:1.00=1.1"], "must be a size with bid and ask"),
            (vec!["USD:1.00=1/1"], "must be in EUR"),
            (vec!["EUR:1.001=1/1"], "--tier"),
            (vec!["EUR:1.00=0/1"], "--tier: the bid: must not be zero"),
            (vec!["EUR:1.00=2/1"], "tiers[0].ask: it must not be below the bid"),
            (vec!["EUR:2.00=1/1", "EUR:1.00=1/1"], "tiers[1].up_to"),
            (vec!["EUR:1.00=1/2", "EUR:2.00=1.5/2"], "tiers[1].bid"),
            (
                vec!["EUR:1.00=18446744073709551615/18446744073709551615.5"],
                "too many digits",
            ),
            (many, "a quote has 1 to 8"),
        ] {
            let refused = read(&texts).expect_err("it breaks a rule");
            assert_eq!(refused.code(), 2);
            assert!(refused.to_string().contains(complaint), "{texts:?}: {refused}");
        }
    }
}
