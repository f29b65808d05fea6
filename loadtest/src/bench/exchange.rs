//! The ledger with quotes: plain payments beside ten thousand of them, FX payments that take them, and trades.
use std::time::{Duration, Instant};

use causeway_fx::quotes::{Tier, Tiers};
use causeway_ledger::{Input, Ledger, NoPast, Outcome};
use causeway_message::action::Action;
use causeway_message::control::{Control, proposal_digest};
use causeway_message::extension::{self, ExtensionType};
use causeway_message::limits::CONTROL_RECORDS_MAX;
use causeway_message::record::{Instruction, Kind};
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{InstructionId, ParticipantId, Status, Uetr};
use serde::Serialize;

use super::{Bench, OPERATOR};
use crate::error::Failure;
use crate::report;
use crate::world::FIRST_BANK;

/// Pairs that are quoted, by how many providers, and how often by each: ten thousand quotes.
const PAIRS: usize = 25;
const PROVIDERS: usize = 25;
const QUOTES_EACH: usize = 16;
/// The first provider; banks before it pay.
const FIRST_PROVIDER: usize = 100;
/// Records of a batch of exchanges or trades: what an entry may cause is bounded.
const BATCH: usize = 4_000;

#[derive(Debug, Serialize)]
struct Figures {
    part: &'static str,
    live_quotes: usize,
    plain_per_second: f64,
    plain_beside_quotes_per_second: f64,
    fx_payments_per_second: f64,
    trade_instructions_per_second: f64,
    beside_quotes_to_plain: f64,
    fx_to_plain: f64,
}

/// Records settled, and how long `apply` took.
#[derive(Debug, Default, Clone, Copy)]
struct Rate {
    records: u64,
    took: Duration,
}

impl Rate {
    fn add(&mut self, (records, took): (u64, Duration)) {
        self.records += records;
        self.took += took;
    }

    fn per_second(self) -> f64 {
        self.records as f64 / self.took.as_secs_f64()
    }
}

/// A ledger under way.
struct Run {
    bench: Bench,
    ledger: Ledger,
    outcome: Outcome,
    index: u64,
    pairs: Vec<(u16, u16)>,
}

/// Measures plain payments in one ledger in turn with plain and with FX payments in another that has quotes, batch by
/// batch, so that what is remembered grows for both alike; and trades.
///
/// # Errors
/// If something did not settle.
pub fn run(seconds: u64, json: bool) -> Result<String, Failure> {
    let share = Duration::from_secs_f64(seconds as f64 / 3.0);
    let (mut without, mut run) = (Run::new()?, Run::new()?);
    run.publish()?;
    let [mut plain, mut beside, mut same, mut exchanges, mut trades] = [Rate::default(); 5];
    while plain.took + beside.took < share {
        plain.add(without.plain()?);
        beside.add(run.plain()?);
    }
    while same.took + exchanges.took < share {
        same.add(without.plain()?);
        exchanges.add(run.exchanges()?);
    }
    while trades.took < share {
        trades.add(run.trades()?);
    }
    run.ledger.audit();
    let [plain, beside, same, exchanges, trades] =
        [plain, beside, same, exchanges, trades].map(Rate::per_second);
    let figures = Figures {
        part: "exchange",
        live_quotes: PAIRS * PROVIDERS * QUOTES_EACH,
        plain_per_second: plain,
        plain_beside_quotes_per_second: beside,
        fx_payments_per_second: exchanges,
        trade_instructions_per_second: trades,
        beside_quotes_to_plain: beside / plain,
        fx_to_plain: exchanges / same,
    };
    if json {
        return report::json(&figures);
    }
    Ok(format!(
        "exchange: {plain:.0} plain payments/s without quotes, {beside:.0} beside {} live ones ({:.2})\n  \
         {exchanges:.0} FX payments/s ({:.2} of {same:.0} plain ones), {trades:.0} trade instructions \
         settled/s",
        figures.live_quotes, figures.beside_quotes_to_plain, figures.fx_to_plain
    ))
}

impl Run {
    fn new() -> Result<Self, Failure> {
        let bench = Bench::new()?;
        let ledger = Ledger::new(&bench.genesis, 42)
            .map_err(|(status, what)| Failure::Io(format!("{what}: {}", status.name())))?;
        let holders = bench.world.holders.iter();
        let codes: Vec<u16> = holders.map(|(code, _)| *code).take(8).collect();
        let pairs = codes
            .iter()
            .enumerate()
            .flat_map(|(at, base)| codes[at + 1..].iter().map(|counter| (*base, *counter)));
        Ok(Self {
            pairs: pairs.take(PAIRS).collect(),
            bench,
            ledger,
            outcome: Outcome::default(),
            index: 0,
        })
    }

    fn apply(&mut self, batch: &VerifiedBatch) -> Duration {
        self.index += 1;
        let at = Timestamp(self.bench.now.0 + self.index);
        let started = Instant::now();
        let input = Input::Batch(batch);
        self.ledger
            .apply(self.index, at, input, &NoPast, &mut self.outcome);
        started.elapsed()
    }

    fn all(&self, status: Status) -> Result<u64, Failure> {
        let answers = &self.outcome.answers;
        let other = answers.iter().find(|answer| answer.status() != Some(status));
        match other {
            None => Ok(answers.len() as u64),
            Some(answer) => {
                let found = answer.status().map_or("unknown", Status::name);
                Err(Failure::Check(format!("{found} instead of {}", status.name())))
            }
        }
    }

    fn plain(&mut self) -> Result<(u64, Duration), Failure> {
        let bank = self.bench.random.below(self.bench.world.banks as u64) as usize;
        let batch = self.bench.batch(bank, BATCH, self.ledger.id())?;
        let took = self.apply(&batch);
        Ok((self.all(Status::Settled)?, took))
    }

    fn record(&mut self, debtor: u32, creditor: u32, pair: (u16, u16), kind: Kind) -> Instruction {
        let random = &mut self.bench.random;
        let (id, uetr) = (InstructionId(random.id()), Uetr(random.id()));
        let (debtor, creditor) = (ParticipantId(debtor), ParticipantId(creditor));
        let amount = 1_000 + random.below(10_000);
        let mut record = Instruction::payment(id, uetr, debtor, creditor, pair.0, amount);
        record.kind = kind as u8;
        record.counter_currency = pair.1.into();
        record
    }

    fn exchanges(&mut self) -> Result<(u64, Duration), Failure> {
        let banks = self.bench.world.banks as u64;
        let bank = self.bench.random.below(banks) as usize;
        let debtor = FIRST_BANK + bank as u32;
        let mut records = Vec::with_capacity(BATCH);
        while records.len() < BATCH {
            let (base, counter) = self.pairs[self.bench.random.below(PAIRS as u64) as usize];
            let sells = self.bench.random.below(2) == 0;
            let pair = if sells { (base, counter) } else { (counter, base) };
            let creditor = FIRST_BANK + self.bench.random.below(banks) as u32;
            records.push(self.record(debtor, creditor, pair, Kind::FxPayment));
        }
        let batch = self.bench.sign(bank, &records, &[])?;
        let took = self.apply(&batch);
        Ok((self.all(Status::Settled)?, took))
    }

    fn trades(&mut self) -> Result<(u64, Duration), Failure> {
        let banks = self.bench.world.banks as u64;
        let one = self.bench.random.below(banks) as usize;
        let other = (one + 1 + self.bench.random.below(banks - 1) as usize) % banks as usize;
        let [first, second] = [one, other].map(|bank| FIRST_BANK + bank as u32);
        let day = u16::try_from(self.bench.now.days()).unwrap_or(u16::MAX);
        let (mut own, mut counter) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
        for _ in 0..BATCH {
            let pair = self.pairs[self.bench.random.below(PAIRS as u64) as usize];
            let mut record = self.record(first, second, pair, Kind::Pvp);
            record.counter_amount = (1_000 + self.bench.random.below(10_000)).into();
            record.value_date = day.into();
            let mut mirror = self.record(second, first, (pair.1, pair.0), Kind::Pvp);
            (mirror.amount, mirror.counter_amount) = (record.counter_amount, record.amount);
            mirror.value_date = day.into();
            own.push(record);
            counter.push(mirror);
        }
        let (own, counter) = (
            self.bench.sign(one, &own, &[])?,
            self.bench.sign(other, &counter, &[])?,
        );
        let mut took = self.apply(&own);
        let mut settled = self.all(Status::Unmatched)?;
        took += self.apply(&counter);
        settled += self.all(Status::Settled)?;
        Ok((settled, took))
    }

    /// Gives the providers their exposures, and publishes all quotes.
    fn publish(&mut self) -> Result<(), Failure> {
        let mut actions = Vec::new();
        for (base, counter) in &self.pairs {
            actions.extend((0..PROVIDERS).map(|provider| Action::SetExposure {
                participant: ParticipantId(FIRST_BANK + (FIRST_PROVIDER + provider) as u32),
                base: *base,
                counter: *counter,
                limit: 1 << 60,
            }));
        }
        for part in actions.chunks(CONTROL_RECORDS_MAX) {
            let proposed: Vec<(InstructionId, Control)> = part
                .iter()
                .map(|action| {
                    (
                        InstructionId(self.bench.random.id()),
                        Control::Propose(action.clone()),
                    )
                })
                .collect();
            let digest = |(id, action): (&(InstructionId, Control), &Action)| {
                proposal_digest(self.ledger.id(), OPERATOR, id.0, action)
            };
            let digests: Vec<_> = proposed.iter().zip(part).map(digest).collect();
            self.operate(1, &proposed, Status::Proposed)?;
            let approved: Vec<(InstructionId, Control)> = digests
                .into_iter()
                .map(|digest| (InstructionId(self.bench.random.id()), Control::Approve(digest)))
                .collect();
            self.operate(2, &approved, Status::Executed)?;
        }
        for provider in 0..PROVIDERS {
            self.publish_of(FIRST_PROVIDER + provider)?;
        }
        Ok(())
    }

    fn publish_of(&mut self, bank: usize) -> Result<(), Failure> {
        let own = FIRST_BANK + bank as u32;
        let (mut records, mut area) = (Vec::new(), Vec::new());
        for pair in self.pairs.clone() {
            for _ in 0..QUOTES_EACH {
                let bid = 1_050_000 + self.bench.random.below(10_000);
                let tiers = [(1 << 40, 0), (1 << 42, 500)].map(|(up_to, off)| Tier {
                    up_to,
                    bid: bid - off,
                    ask: bid + 20_000 + off,
                });
                let tiers = Tiers::new(6, &tiers).map_err(|e| Failure::Io(e.to_string()))?;
                let mut record = self.record(own, own, pair, Kind::Quote);
                record.amount = (1 << 50).into();
                record.expires_at = ((self.bench.now.seconds() + 80_000) as u32).into();
                let place = records.len() as u16;
                extension::put(&mut area, place, ExtensionType::Tiers, &tiers.encode());
                records.push(record);
            }
        }
        let batch = self.bench.sign(bank, &records, &area)?;
        self.apply(&batch);
        self.all(Status::Executed).map(|_| ())
    }

    fn operate(
        &mut self,
        key: u32,
        records: &[(InstructionId, Control)],
        status: Status,
    ) -> Result<(), Failure> {
        let batch = self.bench.control(key, records)?;
        self.apply(&batch);
        self.all(status).map(|_| ())
    }
}
