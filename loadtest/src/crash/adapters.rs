//! Adapters of a run: each of two banks listens, and sends one message after the other to the other bank. What is
//! killed in the middle is sent again, until the adapter says what became of it.
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use causeway_message::{InstructionId, Uetr};
use serde::Deserialize;

use super::child::{Child, LOOK, clean};
use super::message::{Message, Transfer};
use super::place::{Party, Place};
use crate::error::Failure;
use crate::random::Random;

/// Seconds that `send` waits for the node and for finality.
const SEND_SECONDS: u64 = 20;
/// The same while the run is paused: what waits then waits for good.
const SEND_SECONDS_PAUSED: u64 = 2;
/// One in so many sends repeats a message that is done.
const PROBES: u64 = 8;
/// A `send` that takes so much longer than it was told to hangs.
const OVERTIME: Duration = Duration::from_secs(40);

/// What `send` said of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// As ordered.
    pub transfer: Transfer,
    /// Its instruction.
    pub id: InstructionId,
    /// True if it settled; else it waits.
    pub settled: bool,
}

/// What an adapter has done.
#[derive(Debug, Default)]
pub struct Desk {
    /// Payments that `send` told of, by reference.
    pub sent: BTreeMap<Uetr, Sent>,
    /// Messages that ended, and those sent again.
    pub messages: u64,
    /// Messages sent once more than their answer asked for.
    pub again: u64,
    /// Sends that ended without telling, by themselves: the node was gone too long.
    pub unknown: u64,
    running: Option<Child>,
    fault: Option<Failure>,
}

/// One bank with its adapter.
#[derive(Debug)]
pub struct Adapter {
    /// Who it is.
    pub party: Party,
    /// `listen`.
    pub listen: Child,
    desk: Arc<Mutex<Desk>>,
    paused: Arc<AtomicBool>,
    idle: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What the thread that sends needs.
struct Sender {
    place: Arc<Place>,
    from: Party,
    to: Party,
    dir: PathBuf,
    desk: Arc<Mutex<Desk>>,
    paused: Arc<AtomicBool>,
    idle: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    random: Random,
    /// Messages that are not known to be settled.
    open: Vec<Message>,
    done: Vec<Message>,
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Adapter {
    /// Starts `listen`, and a thread that sends.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(place: &Arc<Place>, at: usize, seed: u64) -> Result<Self, Failure> {
        let (from, to) = (&place.adapters[at], &place.adapters[1 - at]);
        let flag = || Arc::new(AtomicBool::new(false));
        let (paused, idle, stop) = (flag(), flag(), flag());
        let desk = Arc::new(Mutex::new(Desk::default()));
        let sender = Sender {
            place: place.clone(),
            from: from.clone(),
            to: to.clone(),
            dir: place.own(&format!("{}-messages", from.name))?,
            desk: desk.clone(),
            paused: paused.clone(),
            idle: idle.clone(),
            stop: stop.clone(),
            random: Random::new(seed),
            open: Vec::new(),
            done: Vec::new(),
        };
        Ok(Self {
            listen: listen(place, from)?,
            party: from.clone(),
            desk,
            paused,
            idle,
            stop,
            thread: Some(std::thread::spawn(move || sender.run())),
        })
    }

    /// Kills `listen` and starts it again.
    ///
    /// # Errors
    /// If it had ended by itself.
    pub fn kill_listen(&mut self, place: &Place) -> Result<(), Failure> {
        self.listen.kill()?;
        self.listen = listen(place, &self.party)?;
        Ok(())
    }

    /// Kills the `send` that runs; false if none does.
    ///
    /// # Errors
    /// If it cannot be killed.
    pub fn kill_send(&self) -> Result<bool, Failure> {
        let mut desk = lock(&self.desk);
        let Some(child) = &mut desk.running else {
            return Ok(false);
        };
        // It may just have ended by itself, which its thread then finds.
        if child.still_runs().is_err() || child.kill().is_err() {
            return Ok(false);
        }
        desk.running = None;
        Ok(true)
    }

    /// Whether anything is amiss.
    ///
    /// # Errors
    /// What is.
    pub fn sound(&mut self) -> Result<(), Failure> {
        self.listen.still_runs()?;
        lock(&self.desk).fault.take().map_or(Ok(()), Err)
    }

    /// Lets it finish what is under way, or go on.
    pub fn pause(&self, pause: bool) {
        self.idle.store(false, Ordering::Release);
        self.paused.store(pause, Ordering::Release);
    }

    /// Waits until every message was answered after the pause began.
    ///
    /// # Errors
    /// If something is amiss, or it takes too long.
    pub fn quiet(&mut self, until: Instant) -> Result<(), Failure> {
        while !self.idle.load(Ordering::Acquire) {
            self.sound()?;
            if Instant::now() > until {
                return Err(Failure::Check(format!(
                    "{}: its messages are not answered",
                    self.party.name
                )));
            }
            std::thread::sleep(LOOK * 5);
        }
        Ok(())
    }

    /// What it has done.
    pub fn desk(&self) -> MutexGuard<'_, Desk> {
        lock(&self.desk)
    }
}

impl Drop for Adapter {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            while !thread.is_finished() {
                // A process that is dropped is killed.
                drop(lock(&self.desk).running.take());
                std::thread::sleep(LOOK);
            }
            let _ = thread.join();
        }
    }
}

fn listen(place: &Place, party: &Party) -> Result<Child, Failure> {
    let mut command = clean(&place.programs.adapter);
    command
        .args(["listen", "--json", "--config"])
        .arg(place.config(&party.name));
    let name = format!("{}-listen", party.name);
    Child::start(&name, &mut command, &place.log(&name), |_| {})
}

/// What `send --json` prints, as far as it is read here.
#[derive(Debug, Deserialize)]
struct Printed {
    messages: Vec<PrintedMessage>,
}

#[derive(Debug, Deserialize)]
struct PrintedMessage {
    transactions: Vec<PrintedPayment>,
}

#[derive(Debug, Deserialize)]
struct PrintedPayment {
    uetr: String,
    instruction_id: String,
    amount: u64,
    status: String,
    replayed: bool,
    receipt: Option<String>,
}

impl Sender {
    fn run(mut self) {
        let mut count = 0;
        while !self.stop.load(Ordering::Acquire) {
            if let Err(failure) = self.turn(&mut count) {
                lock(&self.desk).fault = Some(failure);
                return;
            }
        }
    }

    fn turn(&mut self, count: &mut u64) -> Result<(), Failure> {
        if self.paused.load(Ordering::Acquire) {
            if !self.idle.load(Ordering::Acquire) {
                self.finish()?;
                self.idle.store(true, Ordering::Release);
            }
            std::thread::sleep(LOOK * 5);
            return Ok(());
        }
        if !self.done.is_empty() && self.random.below(PROBES) == 0 {
            let at = self.random.below(self.done.len() as u64) as usize;
            let message = self.done[at].clone();
            return self.repeat(&message);
        }
        if !self.open.is_empty() && self.random.below(3) == 0 {
            let message = self.open.remove(0);
            return self.send(message, SEND_SECONDS);
        }
        *count += 1;
        let message = Message::draw(format!("{}-{count:06}", self.from.name), &mut self.random);
        let text = message.text(&self.from.name, &self.to.name);
        fs::write(self.file(&message), text)?;
        self.send(message, SEND_SECONDS)
    }

    /// Learns what became of everything that is open.
    fn finish(&mut self) -> Result<(), Failure> {
        for message in std::mem::take(&mut self.open) {
            self.send(message, SEND_SECONDS_PAUSED)?;
        }
        Ok(())
    }

    fn file(&self, message: &Message) -> PathBuf {
        self.dir.join(format!("{}.xml", message.id))
    }

    fn repeat(&mut self, message: &Message) -> Result<(), Failure> {
        if let Some(printed) = self.ask(message, SEND_SECONDS)? {
            self.note(message, &printed)?;
            let known = printed
                .messages
                .iter()
                .flat_map(|m| &m.transactions)
                .all(|one| one.replayed);
            if !known {
                return Err(self.wrong(message, "was settled before and is taken for new"));
            }
            lock(&self.desk).again += 1;
        }
        Ok(())
    }

    /// Sends until it is told what became of it; what waits is asked for again later.
    fn send(&mut self, message: Message, seconds: u64) -> Result<(), Failure> {
        let printed = loop {
            if self.stop.load(Ordering::Acquire) {
                return Ok(());
            }
            if let Some(printed) = self.ask(&message, seconds)? {
                break printed;
            }
        };
        if self.note(&message, &printed)? {
            lock(&self.desk).messages += 1;
            self.done.push(message);
        } else {
            self.open.push(message);
        }
        Ok(())
    }

    /// Runs `send`; none if it was killed or could not tell.
    fn ask(&self, message: &Message, seconds: u64) -> Result<Option<Printed>, Failure> {
        let out = Arc::new(Mutex::new(String::new()));
        let text = out.clone();
        let name = format!("{}-send", self.from.name);
        let mut command = clean(&self.place.programs.adapter);
        command
            .args(["send", "--json", "--timeout", &seconds.to_string(), "--config"])
            .arg(self.place.config(&self.from.name))
            .arg(self.file(message));
        let child = Child::start(&name, &mut command, &self.place.log(&name), move |line| {
            text.lock().unwrap_or_else(PoisonError::into_inner).push_str(line);
        })?;
        lock(&self.desk).running = Some(child);
        let begun = Instant::now();
        let until = begun + Duration::from_secs(seconds) + OVERTIME;
        let (status, words) = loop {
            std::thread::sleep(LOOK * 5);
            let mut desk = lock(&self.desk);
            let Some(child) = &mut desk.running else {
                return Ok(None);
            };
            if let Some(status) = child.wait(Duration::ZERO)? {
                let words = child.last_words();
                desk.running = None;
                break (status, words);
            }
            if Instant::now() > until {
                return Err(self.wrong(message, "`send` does not end"));
            }
        };
        match status.code() {
            Some(0 | 1) => {}
            // Only time may run out for it: a node that goes away is waited for.
            Some(3) if begun.elapsed() >= Duration::from_secs(seconds) => {
                lock(&self.desk).unknown += 1;
                return Ok(None);
            }
            _ => return Err(self.wrong(message, &format!("`send` ended with {status}: {words}"))),
        }
        // The reading thread may be a moment behind the process.
        let read_until = Instant::now() + Duration::from_secs(5);
        loop {
            let text = out.lock().unwrap_or_else(PoisonError::into_inner).clone();
            match serde_json::from_str(&text) {
                Ok(printed) => return Ok(Some(printed)),
                Err(error) if Instant::now() > read_until => {
                    return Err(self.wrong(message, &format!("`send` printed no JSON: {error}: {words}")));
                }
                Err(_) => std::thread::sleep(LOOK),
            }
        }
    }

    /// Notes what was told; true if everything settled.
    fn note(&self, message: &Message, printed: &Printed) -> Result<bool, Failure> {
        let told: Vec<&PrintedPayment> = printed.messages.iter().flat_map(|m| &m.transactions).collect();
        if told.len() != message.transfers.len() {
            return Err(self.wrong(message, "not every payment is reported"));
        }
        let mut desk = lock(&self.desk);
        let mut all = true;
        for (transfer, told) in message.transfers.iter().zip(told) {
            let settled = match told.status.as_str() {
                "settled" => true,
                "queued" => false,
                other => return Err(self.wrong(message, &format!("a payment is {other}"))),
            };
            all &= settled;
            let id = InstructionId::from_hex(&told.instruction_id).unwrap_or_default();
            if told.uetr != transfer.uetr.to_string() || told.amount != transfer.amount {
                return Err(self.wrong(message, "another payment is reported"));
            }
            if settled && told.receipt.is_none() {
                return Err(self.wrong(message, "a settled payment has no receipt"));
            }
            let sent = Sent {
                transfer: *transfer,
                id,
                settled,
            };
            if let Some(before) = desk.sent.insert(transfer.uetr, sent)
                && (before.id != id || (before.settled && !settled))
            {
                return Err(self.wrong(message, "is reported otherwise than before"));
            }
        }
        Ok(all)
    }

    fn wrong(&self, message: &Message, what: &str) -> Failure {
        Failure::Check(format!(
            "adapter of {}, message {}: {what}",
            self.from.name, message.id
        ))
    }
}
