//! What a payment into another currency and a lock for it have in common: amounts, the fixed side, the way, and what
//! they came to as the own feed proves it.
use causeway_message::event::Role;
use causeway_message::exchange::Exchange;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, ParticipantId, Uetr};

use super::instruct::Sent;
use crate::Failure;
use crate::client::{BankArgs, Desk, trade, within, words};

/// What is paid and what arrives; one of the two is fixed.
#[derive(Debug, clap::Args)]
pub struct Amounts {
    /// What is paid, fixed: currency (ISO 4217) and exact decimal amount. A fee comes out of it.
    #[arg(long, value_name = "CODE:AMOUNT", required_unless_present = "get")]
    pub pay: Option<String>,
    /// With --pay: the least that has to arrive.
    #[arg(long, value_name = "CODE:AMOUNT", requires = "pay", conflicts_with = "into")]
    pub at_least: Option<String>,
    /// With --pay: the currency that arrives, whatever it comes to.
    #[arg(long, value_name = "CODE", requires = "pay")]
    pub into: Option<String>,
    /// What arrives, fixed; what is paid follows.
    #[arg(
        long,
        value_name = "CODE:AMOUNT",
        conflicts_with = "pay",
        requires = "at_most"
    )]
    pub get: Option<String>,
    /// With --get: the most that may be paid, a fee included.
    #[arg(long, value_name = "CODE:AMOUNT", requires = "get")]
    pub at_most: Option<String>,
    /// Vehicle currency: two conversions through it may lead there as well, where that is better.
    #[arg(long, value_name = "CODE")]
    pub via: Option<String>,
}

impl Amounts {
    /// A record of this kind that asks for them, from nobody to nobody.
    pub fn record(&self, kind: Kind, id: InstructionId, uetr: Uetr) -> Result<Instruction, Failure> {
        let (target, paid, arrives) = match (&self.pay, &self.get) {
            (Some(pay), _) => {
                let arrives = match (&self.at_least, &self.into) {
                    (Some(least), _) => ("--at-least", trade::money("--at-least", least)?),
                    (None, Some(code)) => ("--into", (words::currency("--into", code)?, 0)),
                    (None, None) => {
                        return Err(Failure::Config(
                            "--pay: needs --at-least or --into, which say in which currency it arrives"
                                .to_owned(),
                        ));
                    }
                };
                (false, ("--pay", trade::money("--pay", pay)?), arrives)
            }
            (None, Some(get)) => {
                let most = self.at_most.as_deref().unwrap_or_default();
                let paid = ("--at-most", trade::money("--at-most", most)?);
                (true, paid, ("--get", trade::money("--get", get)?))
            }
            (None, None) => return Err(Failure::Config("--pay or --get: say what is fixed".to_owned())),
        };
        let ((paid_by, (from, amount)), (arrives_by, (to, counter_amount))) = (paid, arrives);
        if from == to {
            return Err(Failure::Config(format!(
                "{arrives_by}: must be in another currency than {paid_by}, not in {} as well",
                from.alpha()
            )));
        }
        let nobody = ParticipantId(0);
        let mut record = Instruction::payment(id, uetr, nobody, nobody, from.numeric, amount);
        record.kind = kind as u8;
        record.counter_currency = to.numeric.into();
        record.counter_amount = counter_amount.into();
        if target {
            record.flags = flags::FIXED_TARGET.into();
        }
        Ok(record)
    }

    /// The vehicle currency of such a record, as an extension.
    pub fn extensions(&self, record: &Instruction) -> Result<Vec<u8>, Failure> {
        let mut area = Vec::new();
        if let Some(code) = &self.via {
            let via = words::currency("--via", code)?.numeric;
            if [record.currency.get(), record.counter_currency.get()].contains(&via) {
                return Err(Failure::Config(format!(
                    "--via: must be another currency than both, not {code}"
                )));
            }
            extension::put(&mut area, 0, ExtensionType::Via, &via.to_le_bytes());
        }
        Ok(area)
    }
}

/// What an own instruction came to in the entry that gave it its present status, as the own feed proves it.
pub async fn came_to(desk: &Desk, bank: &BankArgs, sent: &Sent) -> Result<Option<Exchange>, Failure> {
    let Some(known) = sent.known else {
        return Ok(None);
    };
    let mut feed = desk.client.feed(1);
    let told = async {
        loop {
            let entry = feed.next().await?;
            let own = entry.events().find_map(|(_, event)| {
                let (exchange, record, _) = event.exchange()?;
                let is_it = event.role() == Some(Role::Debtor) && record.id() == sent.key.id;
                is_it.then_some(exchange)
            });
            match entry.leaf.index {
                index if index < known.cause => {}
                index if index == known.cause && own.is_some() => return Ok(own),
                _ => {
                    return Err(Failure::Refused(format!(
                        "the own feed does not tell what {} came to in log entry {}",
                        sent.key.id, known.cause
                    )));
                }
            }
        }
    };
    within(bank.patience(), "the feed did not tell what it came to", told).await?
}
