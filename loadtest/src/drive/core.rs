//! The driver `core`: the ledger alone, on one thread. Batches are drawn, signed and verified outside the clock.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use causeway_ledger::{Input, Ledger, NoPast, Outcome};
use causeway_message::batch::{BatchHead, build};
use causeway_message::record::{Instruction, Kind};
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{ParticipantId, SessionId, Status};
use causeway_transport::ClientConfig;

use super::node::{Place, Profiles};
use super::{Options, signals, world_of};
use crate::books::Books;
use crate::causeway::Causeway;
use crate::error::Failure;
use crate::meter::{histogram, resident_bytes, shares};
use crate::plan::Plan;
use crate::report::form::{Distribution, Report, Second};
use crate::report::machine;
use crate::workload::{Draft, Drawn, Waiting, Workload};
use crate::world::{FIRST_BANK, World};

/// Seed of the tables that remember ids: outcomes do not hang on it.
const TABLES: u64 = 42;
/// Seconds that a batch may take to the ledger.
const ACCEPTANCE: u64 = 80_000;

/// Sums of accounts by what the ledger answered and told, kept outside the clock.
#[derive(Debug, Default)]
struct Sums(BTreeMap<(u32, u16), i128>);

impl Sums {
    fn add(&mut self, who: u32, currency: u16, amount: i128) {
        *self.0.entry((who, currency)).or_default() += amount;
    }

    fn moved(&mut self, record: &Instruction, amount: u64) {
        let (currency, amount) = (record.currency.get(), i128::from(amount));
        self.add(record.debtor.get(), currency, -amount);
        self.add(record.creditor.get(), currency, amount);
    }

    /// Takes what an entry caused; how many payments settled that had waited, or are sides of trades.
    fn take(&mut self, records: &[Instruction], outcome: &Outcome) -> u64 {
        for (record, answer) in records.iter().zip(&outcome.answers) {
            let settled = answer.is_first() && answer.status() == Some(Status::Settled);
            if settled && record.kind == Kind::Payment as u8 {
                self.moved(record, record.amount.get());
            }
        }
        let settled = outcome
            .deferred
            .iter()
            .filter(|later| later.status == Status::Settled);
        settled
            .clone()
            .for_each(|later| self.moved(&later.record, later.amount));
        settled.count() as u64
    }
}

/// Runs a scenario.
pub fn run(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    if plan.mix.fx > 0.0 || plan.days.is_some() {
        return Err(Failure::Usage(
            "mix.fx and days: only for the driver \"engine\" or \"quic\"".into(),
        ));
    }
    let world = Arc::new(world_of(plan)?);
    let place = Place::make(&world, &Causeway::new(None)?, Options::default().dir.as_deref())?;
    report.conditions = machine::conditions(&place.data, None);
    report.conditions.rules = causeway_message::leaf::RULES_VERSION;
    let off = [
        "signing and verifying: outside the clock",
        "receipts and proofs of answers: nothing is published",
        "auditor behind the run: there is no log",
    ];
    report.switched_off.extend(off.map(str::to_owned));
    if plan.mix.replays > 0.0 {
        report
            .switched_off
            .push("replays of signed bytes: there is no session".to_owned());
    }
    let (genesis, _) =
        causeway_ops::node::identity_of(&place.data).map_err(|error| Failure::Io(error.to_string()))?;
    let ledger = Ledger::new(&genesis, TABLES)
        .map_err(|(status, what)| Failure::Io(format!("{what}: {}", status.name())))?;
    let profiles = Profiles {
        dir: place.data.clone(),
        listen: ([127, 0, 0, 1], 0).into(),
        notes: Arc::default(),
    };
    let seats = (0..world.banks)
        .map(|bank| profiles.client(bank))
        .collect::<Result<Vec<_>, Failure>>()?;
    measure(plan, &world, ledger, &seats, report)
}

fn measure(
    plan: &Plan,
    world: &Arc<World>,
    mut ledger: Ledger,
    seats: &[ClientConfig],
    report: &mut Report,
) -> Result<(), Failure> {
    let waiting = Waiting::new(world.banks);
    let mut workloads: Vec<Workload> = (0..world.banks)
        .map(|bank| Workload::new(plan, world.clone(), bank, plan.seed, &waiting))
        .collect();
    let mut books: Vec<Books> = (0..world.banks)
        .map(|bank| Books::new(world.clone(), bank, true))
        .collect();
    let (mut draft, mut outcome, mut sums) = (Draft::default(), Outcome::default(), Sums::default());
    let (mut latency, mut second_latency) = (histogram()?, histogram()?);
    let (mut warm, mut took, mut second) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let (mut index, mut settled, mut batches, mut all, mut in_second) = (0_u64, 0, 0, 0, 0);
    let mut numbers = vec![0_u64; world.banks];
    let mut otherwise: BTreeMap<u16, u64> = BTreeMap::new();
    let (mut records, mut drawn) = (0, Drawn::default());
    let (warm_up, window) = (
        Duration::from_secs(plan.warm_up),
        Duration::from_secs(plan.seconds),
    );
    let now = causeway_engine::clock::now();
    let mut ended = Ok(());
    while took < window {
        ended = signals::asked();
        if ended.is_err() {
            break;
        }
        let bank = index as usize % world.banks;
        workloads[bank].next(plan.load.batch, &mut draft);
        numbers[bank] += 1;
        let batch = sign(&seats[bank], numbers[bank], now, &draft)?;
        index += 1;
        let at = Timestamp(now.0 + index);
        let started = Instant::now();
        ledger.apply(index, at, Input::Batch(&batch), &NoPast, &mut outcome);
        let applied = started.elapsed();
        let told = books[bank].answers(&draft.due, &outcome.answers);
        waiting.add(bank, told.queued());
        let count = told.settled + sums.take(&draft.records, &outcome);
        all += count;
        if warm < warm_up {
            warm += applied;
            continue;
        }
        took += applied;
        second += applied;
        settled += count;
        in_second += count;
        batches += 1;
        records += draft.records.len() as u64;
        drawn.add(&draft.due.drawn);
        told.otherwise
            .iter()
            .for_each(|(status, count)| *otherwise.entry(*status).or_default() += count);
        let micros = (applied.as_micros() as u64).max(1);
        latency.saturating_record(micros);
        second_latency.saturating_record(micros);
        if second >= Duration::from_secs(1) {
            let ms = |quantile: f64| Some(second_latency.value_at_quantile(quantile) as f64 / 1e3);
            report.series.push(Second {
                at: report.series.len() as u64,
                settled: in_second,
                p50_ms: ms(0.5),
                p99_ms: ms(0.99),
                max_ms: ms(1.0),
                harness_mib: resident_bytes("self").map(|bytes| bytes / 1_048_576),
                ..Second::default()
            });
            (second, in_second) = (Duration::ZERO, 0);
            second_latency.reset();
        }
    }
    ledger.audit();
    report.mix = shares(&plan.mix, records, &drawn, &otherwise);
    let figures = &mut report.figures;
    figures.window_seconds = took.as_secs_f64();
    (figures.settled, figures.settled_in_all, figures.batches) = (settled, all, batches);
    figures.payments_per_second = settled as f64 / took.as_secs_f64().max(1e-9);
    figures.answered_otherwise = crate::meter::by_name(&otherwise);
    figures.batch_size = plan.load.batch;
    (figures.banks, figures.participants) = (world.banks, world.participants);
    (figures.accounts, figures.currencies) = (world.accounts(), world.holders.len());
    (figures.loop_kind, figures.depth, figures.threads) = ("closed".to_owned(), 1, 1);
    figures.cpus = std::thread::available_parallelism().map_or(0, usize::from);
    figures.node_resident_mib = resident_bytes("self").map_or(0, |bytes| bytes / 1_048_576);
    let each = took.as_secs_f64() * 1e9 / settled.max(1) as f64;
    figures.cost_ns = [("ledger".to_owned(), each), ("total".to_owned(), each)].into();
    report.latency = Distribution::from(&latency);
    report.figures.latency_ms = report.latency.short();
    report.limits = machine::limits(&report.conditions.disk, plan.load.batch);
    ended?;
    verdict(world, &ledger, &books, &sums, report)
}

fn sign(config: &ClientConfig, number: u64, now: Timestamp, draft: &Draft) -> Result<VerifiedBatch, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::Io(error.to_string());
    let head = BatchHead {
        ledger: config.ledger,
        participant: config.participant,
        key: config.key,
        session: SessionId(1),
        number,
        not_after: (now.seconds() + ACCEPTANCE) as u32,
    };
    let frame =
        build(&head, &draft.records, &draft.extensions, &config.signing_key).map_err(|e| failed(&e))?;
    VerifiedBatch::verify(frame, config.ledger, &config.signing_key.public()).map_err(|e| failed(&e))
}

/// What was answered and told explains every account.
fn verdict(
    world: &World,
    ledger: &Ledger,
    books: &[Books],
    sums: &Sums,
    report: &mut Report,
) -> Result<(), Failure> {
    report.audit.kind = "books".to_owned();
    report.audit.note =
        Some("answers and what was told, against the ledger's accounts; there is no log".to_owned());
    if let Some(contradiction) = books.iter().find_map(Books::contradiction) {
        return Err(Failure::Check(contradiction));
    }
    for number in 0..world.participants as u32 {
        let who = ParticipantId(FIRST_BANK + number);
        for line in ledger.balances(who, 0).lines {
            let expected = sums.0.get(&(who.0, line.currency)).copied().unwrap_or(0);
            if expected != line.balance {
                return Err(Failure::Check(format!(
                    "participant {who}, currency {}: {expected} by the answers, {} in the ledger",
                    line.currency, line.balance
                )));
            }
            report.audit.balances += 1;
        }
    }
    report.audit.payments = report.figures.settled_in_all;
    (report.audit.agrees, report.figures.reconciled) = (true, true);
    Ok(())
}
