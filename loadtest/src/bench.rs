//! Parts of the path alone: the ledger, the engine, the formats, the matching, the netting.
mod counted;
mod exchange;
mod matching;
mod netting;
mod plans;
mod restart;
mod solver;

use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use causeway_engine::{Engine, EngineConfig, Reply, ReplyTo, Submission};
use causeway_ledger::{Input, Ledger, NoPast, Outcome};
use causeway_message::action::{AccountGrant, KeyGrant, ParticipantGrant, right, role};
use causeway_message::batch::{BatchHead, BatchView, build, record_leaves};
use causeway_message::genesis::{CurrencyGrant, Genesis, NodeGrant};
use causeway_message::keys::{PublicKey, SigningKey};
use causeway_message::leaf::RULES_VERSION;
use causeway_message::limits::BATCH_RECORDS_MAX;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wide;
use causeway_message::{InstructionId, KeyId, LedgerId, ParticipantId, SessionId, Uetr};
use serde::Serialize;

use crate::error::Failure;
use crate::random::Random;
use crate::report;
use crate::world::{FIRST_BANK, World};

const HELP: &str = "\
Examples:
  causeway-loadtest bench core
  causeway-loadtest bench engine --seconds 10 --json
  causeway-loadtest bench matching
  causeway-loadtest bench netting
  causeway-loadtest bench restart --payments 10000000
  causeway-loadtest bench solver --highest 460000
  valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*counted_apply*' causeway-loadtest bench counted-plain

Exit codes: 0 done, 1 something was not settled or not matched as it must be, 2 wrong usage, 3 a file failed.";

/// What to measure.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Part {
    /// The ledger alone: `apply` on one thread.
    Core,
    /// The ledger alone, on 200,000 payments that settle at once: for counting instructions.
    CountedPlain,
    /// The same with one in ten sent before, and one batch in ten that waits.
    CountedMixed,
    /// The engine without network: sequence, journal, apply, prove.
    Engine,
    /// The ledger with ten thousand quotes: plain and FX payments, and trades.
    Exchange,
    /// Building, signing and verifying batches.
    Formats,
    /// Pairing two-sided instructions on one thread, with a million unmatched.
    Matching,
    /// The ledger alone: a hundred thousand queued payments settle by plans of netting.
    Plans,
    /// The engine at half its highest rate, without netting and with it: what payments feel, and what plans come to.
    Solver,
    /// The greatest set that settles of a million queued, one thread.
    Netting,
    /// A start of the engine over a log of many payments: how long it takes, and what memory.
    Restart,
}

/// Arguments of `bench`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// What to measure.
    part: Part,
    /// Seconds of measurement. Matching ends with the first round that reaches them; netting has nine runs of each cell
    /// at least.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// Payments in a batch. Matching and netting have no batches.
    #[arg(long, default_value_t = BATCH_RECORDS_MAX)]
    batch: usize,
    /// Solver only: payments a second of which half is offered, as `run steady` found them. By default what the engine
    /// takes without network.
    #[arg(long, value_name = "PER_SECOND", value_parser = clap::value_parser!(u64).range(10_000..=10_000_000))]
    highest: Option<u64>,
    #[command(flatten)]
    restart: restart::Args,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Figures {
    part: String,
    payments: u64,
    seconds: f64,
    payments_per_second: f64,
    nanoseconds_per_payment: f64,
    detail: Vec<(String, f64)>,
}

/// Measures a part.
///
/// # Errors
/// If files cannot be written, or something was not settled or not matched as it must be.
pub fn run(args: &Args) -> Result<String, Failure> {
    let figures = match args.part {
        Part::Core => core(args)?,
        Part::CountedPlain => counted::run(args.batch, false)?,
        Part::CountedMixed => counted::run(args.batch, true)?,
        Part::Engine => engine(args)?,
        Part::Formats => formats(args)?,
        Part::Exchange => return exchange::run(args.seconds, args.json),
        Part::Solver => return solver::run(args.seconds, args.highest, args.json),
        Part::Plans => return plans::run(args.seconds, args.json),
        Part::Netting => return netting::run(args.seconds, args.json),
        Part::Restart => return restart::run(&args.restart, args.batch, args.json),
        Part::Matching => return matching::run(Duration::from_secs(args.seconds), args.json),
    };
    if args.json {
        return report::json(&figures);
    }
    let mut text = format!(
        "{}: {:.0} payments/s, {:.1} ns each ({} payments in {:.2} s, batches of {})",
        figures.part,
        figures.payments_per_second,
        figures.nanoseconds_per_payment,
        figures.payments,
        figures.seconds,
        args.batch
    );
    for (what, ns) in &figures.detail {
        text.push_str(&format!("\n  {what}: {ns:.1} ns a payment"));
    }
    Ok(text)
}

/// A ledger of its own, and its banks' keys.
struct Bench {
    genesis: Genesis,
    node: SigningKey,
    keys: Vec<SigningKey>,
    world: World,
    random: Random,
    numbers: Vec<u64>,
    /// Keys of the operator, one for each person.
    operators: [SigningKey; 2],
    operator_number: u64,
    now: Timestamp,
}

const OPERATOR: ParticipantId = ParticipantId(0);

fn key(seed: u64) -> Result<SigningKey, Failure> {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    SigningKey::from_seed(bytes).map_err(|e| Failure::Io(e.to_string()))
}

impl Bench {
    fn new() -> Result<Self, Failure> {
        Self::with_cap(1 << 50)
    }

    /// All accounts may go so far below zero, in minor units.
    fn with_cap(cap: u64) -> Result<Self, Failure> {
        Self::with_caps(|_| cap)
    }

    /// The accounts of each bank may go so far below zero, in minor units.
    fn with_caps(cap: impl Fn(usize) -> u64) -> Result<Self, Failure> {
        let world = World::new(64, 600, 10_000);
        let node = key(u64::MAX)?;
        let agent = key(u64::MAX - 1)?;
        let operators = [key(u64::MAX - 2)?, key(u64::MAX - 3)?];
        let grant = |id: u32, name: String, roles: u8, publics: Vec<PublicKey>| ParticipantGrant {
            name,
            roles,
            keys: (1..)
                .zip(publics)
                .map(|(person, public)| KeyGrant {
                    key: KeyId(person),
                    person,
                    rights: right::INSTRUCT | right::CONTROL,
                    public,
                })
                .collect(),
            accounts: world
                .holders
                .iter()
                .filter(|(_, holders)| holders.contains(&id))
                .map(|(currency, _)| AccountGrant {
                    currency: *currency,
                    cap: cap(id.saturating_sub(FIRST_BANK) as usize),
                })
                .collect(),
        };
        let mut participants = vec![
            grant(
                0,
                "OPERATOR".into(),
                role::OPERATOR,
                operators.iter().map(SigningKey::public).collect(),
            ),
            grant(1, "AGENT".into(), role::SETTLEMENT_AGENT, vec![agent.public()]),
        ];
        let mut keys = Vec::new();
        for bank in 0..world.participants {
            let own = key(bank as u64)?;
            let id = FIRST_BANK + bank as u32;
            participants.push(grant(
                id,
                World::name(bank),
                role::PARTICIPANT,
                vec![own.public()],
            ));
            keys.push(own);
        }
        let carries = ParticipantId(1);
        let genesis = Genesis {
            rules: RULES_VERSION,
            name: "bench".into(),
            nonce: [0; 16],
            created: Timestamp(1),
            id_capacity: 100_000_000,
            queue_capacity: 1_000_000,
            nodes: vec![NodeGrant {
                name: "bench".into(),
                public: node.public(),
            }],
            participants,
            currencies: world
                .holders
                .iter()
                .map(|(currency, _)| CurrencyGrant {
                    currency: *currency,
                    agent: carries,
                })
                .collect(),
        };
        let numbers = vec![0; world.participants];
        let now = causeway_engine::clock::now();
        Ok(Self {
            genesis,
            node,
            keys,
            world,
            random: Random::new(1),
            numbers,
            operators,
            operator_number: 0,
            now,
        })
    }

    /// Head of a bank's next batch.
    fn head(&mut self, bank: usize) -> BatchHead {
        self.numbers[bank] += 1;
        BatchHead {
            ledger: self.genesis.ledger_id(),
            participant: ParticipantId(FIRST_BANK + bank as u32),
            key: KeyId(1),
            session: SessionId(1),
            number: self.numbers[bank],
            not_after: (self.now.seconds() + 80_000) as u32,
        }
    }

    fn frame(&mut self, bank: usize, count: usize) -> Result<Vec<u8>, Failure> {
        let mut records = Vec::new();
        self.world.payments(bank, count, &mut self.random, &mut records);
        let head = self.head(bank);
        build(&head, &records, &[], &self.keys[bank]).map_err(|e| Failure::Io(e.to_string()))
    }

    fn sign(&mut self, bank: usize, records: &[Instruction], area: &[u8]) -> Result<VerifiedBatch, Failure> {
        let head = self.head(bank);
        let frame = build(&head, records, area, &self.keys[bank]).map_err(|e| Failure::Io(e.to_string()))?;
        VerifiedBatch::verify(frame, self.genesis.ledger_id(), &self.keys[bank].public())
            .map_err(|e| Failure::Io(e.to_string()))
    }

    /// Payments of some banks in rings, an amount and a currency each, by bank in order of the rings: together they need
    /// no money, and each ring settles after those before it.
    fn rings(&mut self, first: usize, banks: usize, count: usize) -> Vec<Vec<Instruction>> {
        let currencies: Vec<u16> = self.world.holders.iter().map(|(code, _)| *code).collect();
        let mut of: Vec<Vec<Instruction>> = vec![Vec::new(); banks];
        for _ in 0..count {
            let currency = currencies[self.random.below(currencies.len() as u64) as usize];
            let amount = 1 + self.random.below(1_000_000);
            let step = 1 + self.random.below(banks as u64 - 1) as usize;
            for (bank, records) in of.iter_mut().enumerate() {
                let [debtor, creditor] = [bank, (bank + step) % banks]
                    .map(|bank| ParticipantId(FIRST_BANK + (first + bank) as u32));
                let (id, uetr) = (InstructionId(self.random.id()), Uetr(self.random.id()));
                records.push(Instruction::payment(id, uetr, debtor, creditor, currency, amount));
            }
        }
        of
    }

    fn batch(&mut self, bank: usize, count: usize, ledger: LedgerId) -> Result<VerifiedBatch, Failure> {
        let frame = self.frame(bank, count)?;
        VerifiedBatch::verify(frame, ledger, &self.keys[bank].public())
            .map_err(|e| Failure::Io(e.to_string()))
    }
}

/// Milliseconds within which a share of sorted times lies.
fn within_ms(sorted: &[Duration], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share) as usize;
    let took = sorted.get(place.min(sorted.len().saturating_sub(1)));
    took.map_or(0.0, |took| took.as_secs_f64() * 1e3)
}

fn figures(part: &str, payments: u64, took: Duration, detail: Vec<(String, f64)>) -> Figures {
    let seconds = took.as_secs_f64();
    Figures {
        part: part.to_owned(),
        payments,
        seconds,
        payments_per_second: payments as f64 / seconds,
        nanoseconds_per_payment: seconds * 1e9 / payments.max(1) as f64,
        detail,
    }
}

fn core(args: &Args) -> Result<Figures, Failure> {
    let mut bench = Bench::new()?;
    let mut ledger = Ledger::new(&bench.genesis, 42)
        .map_err(|(status, what)| Failure::Io(format!("{what}: {}", status.name())))?;
    let id = ledger.id();
    let mut outcome = Outcome::default();
    let (mut index, mut payments, mut took) = (0, 0u64, Duration::ZERO);
    while took < Duration::from_secs(args.seconds) {
        let bank = bench.random.below(bench.world.banks as u64) as usize;
        let batch = bench.batch(bank, args.batch, id)?;
        index += 1;
        let at = Timestamp(bench.now.0 + index);
        let started = Instant::now();
        ledger.apply(index, at, Input::Batch(&batch), &NoPast, &mut outcome);
        took += started.elapsed();
        payments += settled(&outcome, args.batch)?;
    }
    ledger.audit();
    Ok(figures("core", payments, took, vec![]))
}

fn settled(outcome: &Outcome, expected: usize) -> Result<u64, Failure> {
    let settled = outcome
        .answers
        .iter()
        .filter(|a| a.status() == Some(causeway_message::Status::Settled))
        .count();
    if settled == expected {
        Ok(settled as u64)
    } else {
        Err(Failure::Check(format!("{settled} of {expected} settled")))
    }
}

fn engine(args: &Args) -> Result<Figures, Failure> {
    let mut bench = Bench::new()?;
    let dir = tempfile::tempdir()?;
    let config = EngineConfig::new(dir.path(), "bench");
    let node = SigningKey::from_seed(*bench.node.seed()).map_err(|e| Failure::Io(e.to_string()))?;
    let engine = Engine::start(&config, &bench.genesis, node).map_err(|e| Failure::Io(e.to_string()))?;
    let (done, answers) = mpsc::channel();
    let (mut payments, mut took) = (0u64, Duration::ZERO);
    // Rounds: batches are prepared outside the clock, then all submitted at once.
    let round = (4_000_000 / args.batch.max(1)).clamp(1, 400);
    while took < Duration::from_secs(args.seconds) {
        let mut batches = Vec::with_capacity(round);
        for n in 0..round {
            batches.push(Arc::new(bench.batch(
                n % bench.world.banks,
                args.batch,
                engine.ledger(),
            )?));
        }
        let started = Instant::now();
        for batch in batches {
            let done = done.clone();
            let reply = ReplyTo::new(move |reply| {
                let _ = done.send(matches!(reply, Reply::Answers(_)));
            });
            let mut submission = Submission { batch, reply };
            while let Err(back) = engine.submit(submission) {
                submission = back;
                std::thread::sleep(Duration::from_micros(50));
            }
        }
        for _ in 0..round {
            if !answers.recv().unwrap_or(false) {
                return Err(Failure::Check("a batch was refused".into()));
            }
        }
        took += started.elapsed();
        payments += (round * args.batch) as u64;
    }
    Ok(figures("engine", payments, took, vec![]))
}

fn formats(args: &Args) -> Result<Figures, Failure> {
    let mut bench = Bench::new()?;
    let ledger = bench.genesis.ledger_id();
    let mut stages = [
        ("make, hash and sign", Duration::ZERO),
        ("leaves", Duration::ZERO),
        ("tree", Duration::ZERO),
        ("verify", Duration::ZERO),
    ];
    let (mut payments, started) = (0u64, Instant::now());
    while started.elapsed() < Duration::from_secs(args.seconds) {
        let at = Instant::now();
        let frame = bench.frame(0, args.batch)?;
        stages[0].1 += at.elapsed();
        let view = BatchView::parse(&frame).map_err(|e| Failure::Io(e.to_string()))?;
        let mut leaves = Vec::new();
        let at = Instant::now();
        record_leaves(view.records, view.extensions, &mut leaves);
        stages[1].1 += at.elapsed();
        let at = Instant::now();
        std::hint::black_box(wide::root_in_place(&mut leaves));
        stages[2].1 += at.elapsed();
        let at = Instant::now();
        VerifiedBatch::verify(frame, ledger, &bench.keys[0].public())
            .map_err(|e| Failure::Io(e.to_string()))?;
        stages[3].1 += at.elapsed();
        payments += args.batch as u64;
    }
    let detail = stages
        .iter()
        .map(|(what, took)| ((*what).to_owned(), took.as_secs_f64() * 1e9 / payments as f64))
        .collect();
    Ok(figures("formats", payments, started.elapsed(), detail))
}
