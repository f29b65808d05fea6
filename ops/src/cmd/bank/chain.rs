//! `causeway bank chain`: payments that settle whole, wait as one, or fail whole.
use causeway_fx::Currency;
use causeway_message::digest::hash;
use causeway_message::limits::CHAIN_RECORDS_MAX;
use causeway_message::record::{Instruction, flags};
use causeway_message::{InstructionId, ParticipantId, Uetr};
use serde::Serialize;

use super::instruct::{self, Class, Sent, Signing, instant};
use crate::Failure;
use crate::client::words::{self, Names};
use crate::client::{Desk, uetr_of};
use crate::cmd::Answer;

const HELP: &str = "\
Up to 16 payments, in this order, each counting on those before it. If one breaks a rule none is made, and the answer
names it: the others are chain_failed.

Example:
  causeway bank chain --config banks/ALFADEFF/bank.toml --currency EUR BETAFRPP=10.00 GAMMGB2L=2.50

Exit codes: 0 settled, or all wait; 1 refused; 2 wrong usage or configuration; 3 the node does not answer.";

/// Arguments of `bank chain`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    signing: Signing,
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// Class in the queue, of all.
    #[arg(long, value_name = "CLASS", default_value = "normal")]
    priority: Class,
    /// They settle only before this instant.
    #[arg(long, value_name = "INSTANT")]
    expires: Option<String>,
    /// Settle at once or be rejected: never wait.
    #[arg(long)]
    settle_or_reject: bool,
    /// Who is paid, by name or id, and how much.
    #[arg(value_name = "NAME=AMOUNT", required = true, num_args = 2..=CHAIN_RECORDS_MAX)]
    links: Vec<String>,
}

#[derive(Debug, Serialize)]
struct LinkJson {
    status: &'static str,
    meaning: &'static str,
    r#final: bool,
    replayed: bool,
    instruction_id: String,
    uetr: String,
    creditor: String,
    amount: String,
    currency: String,
    entry: u64,
}

#[derive(Debug, Serialize)]
struct ChainJson {
    payments: Vec<LinkJson>,
}

/// The id of a payment of a chain: the first one's is the chain's, the others' follow from it, so that the same command
/// repeated with the same id signs the same bytes.
fn id_of(chain: InstructionId, at: usize) -> InstructionId {
    if at == 0 {
        return chain;
    }
    let mut tagged = b"causeway/cli-chain/v1\0".to_vec();
    tagged.extend_from_slice(&chain.0);
    tagged.extend_from_slice(&(at as u64).to_le_bytes());
    let digest = hash(&tagged);
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    InstructionId(id)
}

/// Who is paid, and how much.
fn link<'a>(text: &'a str, currency: &Currency) -> Result<(&'a str, u64), Failure> {
    let wrong = || Failure::Config(format!("NAME=AMOUNT: {text:?} must be like BETAFRPP=10.00"));
    let (name, amount) = text.rsplit_once('=').ok_or_else(wrong)?;
    Ok((name, words::amount("NAME=AMOUNT", amount, currency)?))
}

/// Pays.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let currency = words::currency("--currency", &args.currency)?;
    let links = args.links.iter().map(|text| link(text, currency));
    let links = links.collect::<Result<Vec<_>, _>>()?;
    let expires = args.expires.as_deref().map(|text| instant("--expires", text));
    let expires = expires.transpose()?.unwrap_or(0);
    let first = args.signing.id()?;
    let desk = Desk::open(&args.signing.bank, args.signing.person).await?;
    let names = desk.names().await?;
    let mut records = Vec::new();
    for (at, (name, amount)) in links.iter().enumerate() {
        let (id, creditor) = (id_of(first, at), names.find("NAME=AMOUNT", name)?);
        let own = desk.participant();
        let mut record = Instruction::payment(id, uetr_of(id), own, creditor, currency.numeric, *amount);
        record.priority = args.priority.number();
        record.expires_at = expires.into();
        let linked = at + 1 < links.len();
        records.push(instruct::with_flags(
            record,
            &[
                (linked, flags::LINKED),
                (args.settle_or_reject, flags::SETTLE_OR_REJECT),
            ],
        ));
    }
    let sent = instruct::send_all(&desk, &args.signing.bank, records.clone(), Vec::new(), 0).await?;
    let again = instruct::again(first);
    desk.close().await.map_err(|failure| failure.and(&again))?;
    tell(args, &records, &sent, &names)
}

fn tell(args: &Args, records: &[Instruction], sent: &[Sent], names: &Names) -> Result<Answer, Failure> {
    let json = |(record, sent): (&Instruction, &Sent)| LinkJson {
        status: sent.reached.name(),
        meaning: sent.reached.meaning(),
        r#final: sent.reached.is_final(),
        replayed: !sent.answer.is_first(),
        instruction_id: record.id().to_string(),
        uetr: Uetr(record.uetr).to_string(),
        creditor: names.of(ParticipantId(record.creditor.get())),
        amount: words::decimal(record.amount.get().into(), record.currency.get()),
        currency: words::code(record.currency.get()),
        entry: sent.known.map_or(0, |known| known.entry),
    };
    let payments: Vec<LinkJson> = records.iter().zip(sent).map(json).collect();
    // The one that broke a rule says more than those that failed with it.
    let mut failures = sent
        .iter()
        .filter_map(|sent| Some((sent.reached, sent.failure()?)));
    let failure = failures
        .clone()
        .find(|(status, _)| *status != causeway_message::Status::ChainFailed)
        .or_else(|| failures.next())
        .map(|(_, failure)| failure);
    if args.signing.bank.json {
        return Ok(Answer::json(&ChainJson { payments })?.but(failure));
    }
    let line = |one: &LinkJson| {
        format!(
            "{}: {} {} to {}\n  status      {}: {}\n  instruction {}\n",
            match (one.status, one.r#final) {
                ("settled", _) => "Paid",
                (_, true) => "Not paid",
                (_, false) => "Not paid yet",
            },
            one.amount,
            one.currency,
            one.creditor,
            one.status,
            one.meaning,
            one.instruction_id
        )
    };
    let out: String = payments.iter().map(line).collect();
    Ok(Answer::done(out).but(failure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_a_chain_differ_and_follow_from_the_first() {
        let chain = InstructionId([7; 16]);
        assert_eq!(id_of(chain, 0), chain);
        assert_ne!(id_of(chain, 1), id_of(chain, 2));
        assert_eq!(id_of(chain, 1), id_of(chain, 1));
        assert_ne!(id_of(chain, 1), id_of(InstructionId([8; 16]), 1));
    }

    #[test]
    fn a_link_names_who_is_paid_and_how_much() {
        let euro = Currency::from_alpha("EUR").expect("a currency");
        assert_eq!(link("BETAFRPP=10.00", euro).expect("a link"), ("BETAFRPP", 1_000));
        for wrong in ["BETAFRPP", "BETAFRPP=", "BETAFRPP=0.00", "BETAFRPP=1.001"] {
            assert!(matches!(link(wrong, euro), Err(Failure::Config(_))), "{wrong}");
        }
    }
}
