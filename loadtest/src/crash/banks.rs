//! The banks of a run as their supervisor sees them.
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::bank::BOOK;
use super::bank::book::BookReader;
use super::books::Books;
use super::child::{Child, LOOK};
use super::place::{Party, Place};
use super::trades;
use crate::error::Failure;
use crate::random::Random;

/// What a bank has told of itself.
#[derive(Debug, Default)]
struct Progress {
    /// Lines about answers, over all lives.
    answers: AtomicU64,
    /// Lines about its feed, over all lives.
    events: AtomicU64,
    idle: AtomicBool,
}

/// A bank process over all its lives, and what its book says.
#[derive(Debug)]
pub struct Teller {
    /// Who it is.
    pub party: Party,
    /// Its books as read last.
    pub books: Books,
    reader: BookReader,
    process: Child,
    progress: Arc<Progress>,
    pays: String,
    load: Load,
}

/// How much banks do at once, and what.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Records in the largest batch.
    pub batch: u64,
    /// Share of orders that are one side of a trade, in percent.
    pub trades: u64,
    /// Whether business days turn in one currency.
    pub days: bool,
}

impl Teller {
    /// Starts the bank's first life.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(place: &Place, party: &Party, load: Load, random: &mut Random) -> Result<Self, Failure> {
        let others = place.banks.iter().filter(|other| other.id != party.id);
        let pays: Vec<String> = others.map(|other| other.id.to_string()).collect();
        let pays = pays.join(",");
        let progress = Arc::new(Progress::default());
        let process = spawn(place, party, &pays, load, &progress, random)?;
        Ok(Self {
            reader: BookReader::new(&place.own(&party.name)?.join(BOOK)),
            books: Books::new(party.id),
            party: party.clone(),
            process,
            progress,
            pays,
            load,
        })
    }

    /// Kills it and starts its next life.
    ///
    /// # Errors
    /// If it had ended by itself, or cannot be started.
    pub fn kill(&mut self, place: &Place, random: &mut Random) -> Result<(), Failure> {
        self.process.kill()?;
        self.process = spawn(place, &self.party, &self.pays, self.load, &self.progress, random)?;
        Ok(())
    }

    /// The process.
    pub const fn process(&mut self) -> &mut Child {
        &mut self.process
    }

    /// How often it was answered, and how often its feed told something.
    pub fn moved(&self) -> (u64, u64) {
        let of = |count: &AtomicU64| count.load(Ordering::Acquire);
        (of(&self.progress.answers), of(&self.progress.events))
    }

    /// Lets it finish what is under way, or go on.
    ///
    /// # Errors
    /// If it cannot be told.
    pub fn pause(&mut self, pause: bool) -> Result<(), Failure> {
        self.process.still_runs()?;
        self.progress.idle.store(false, Ordering::Release);
        let order = if pause { "pause" } else { "resume" };
        if let Some(input) = self.process.input() {
            writeln!(input, "{order}")?;
        }
        Ok(())
    }

    /// Waits until everything is answered.
    ///
    /// # Errors
    /// If it ended, or takes too long.
    pub fn quiet(&mut self, until: Instant) -> Result<(), Failure> {
        while !self.progress.idle.load(Ordering::Acquire) {
            self.process.still_runs()?;
            if Instant::now() > until {
                return Err(Failure::Check(format!(
                    "{}: not everything it sent is answered",
                    self.party.name
                )));
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }

    /// Reads on in its book. Returns how many lines were new.
    ///
    /// # Errors
    /// What contradicts what was read before.
    pub fn read(&mut self) -> Result<usize, Failure> {
        let lines = self.reader.read()?;
        let count = lines.len();
        for line in lines {
            let taken = self.books.take(line);
            taken.map_err(|what| Failure::Check(format!("participant {}: {what}", self.party.name)))?;
        }
        Ok(count)
    }
}

fn spawn(
    place: &Place,
    party: &Party,
    pays: &str,
    load: Load,
    progress: &Arc<Progress>,
    random: &mut Random,
) -> Result<Child, Failure> {
    let mut command = super::child::clean(&place.programs.own);
    command
        .arg("crash-bank")
        .arg("--config")
        .arg(place.config(&party.name))
        .arg("--dir")
        .arg(place.own(&party.name)?)
        .args(["--pays", pays, "--batch", &load.batch.to_string()])
        .args(["--trades", &load.trades.to_string()])
        .args(["--seed", &random.next().to_string()]);
    let heard = progress.clone();
    Child::start(&party.name, &mut command, &place.log(&party.name), move |line| {
        let add = |count: &AtomicU64| {
            count.fetch_add(1, Ordering::AcqRel);
        };
        match line.split(' ').next() {
            Some("answered") => add(&heard.answers),
            Some("heard") => add(&heard.events),
            Some("idle") => heard.idle.store(true, Ordering::Release),
            _ => {}
        }
    })
}

/// Answers and events of all banks.
pub fn moved(banks: &[Teller]) -> (u64, u64) {
    let each = banks.iter().map(Teller::moved);
    each.fold((0, 0), |(a, b), (c, d)| (a + c, b + d))
}

/// For so long nothing new may stand in any book before all is quiet.
const STILL: Duration = Duration::from_millis(250);

/// Waits until all is answered, every credit has been told, and trades have ended or wait with both sides.
///
/// # Errors
/// If that takes too long, or a book contradicts itself.
pub fn quiet(banks: &mut [Teller], patience: Duration) -> Result<(), Failure> {
    let until = Instant::now() + patience;
    for bank in banks.iter_mut() {
        bank.pause(true)?;
    }
    for bank in banks.iter_mut() {
        bank.quiet(until)?;
    }
    let mut last = Instant::now();
    loop {
        for bank in banks.iter_mut() {
            if bank.read()? != 0 {
                last = Instant::now();
            }
        }
        let debits: usize = banks.iter().map(|bank| bank.books.settled().count()).sum();
        let credits: usize = banks.iter().map(|bank| bank.books.credits.len()).sum();
        let open = banks.iter().flat_map(|bank| bank.books.unanswered()).count();
        let still = last.elapsed() > STILL;
        let late = Instant::now() > until;
        let unrest = if still || late {
            let books: Vec<&Books> = banks.iter().map(|bank| &bank.books).collect();
            trades::unrest(&books)
        } else {
            None
        };
        if still && debits == credits && open == 0 && unrest.is_none() {
            return Ok(());
        }
        if late {
            return Err(Failure::Check(format!(
                "{debits} debits settled, creditors were told of {credits}; {open} batches are not answered; trades: {}",
                unrest.unwrap_or_else(|| "quiet".into())
            )));
        }
        std::thread::sleep(LOOK * 10);
    }
}
