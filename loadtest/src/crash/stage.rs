//! Everything that runs in a run: the node, the banks, the adapters, and the checks between.
use std::sync::Arc;
use std::time::{Duration, Instant};

use causeway_message::Status;

use super::adapters::Adapter;
use super::banks::{self, Load, Teller};
use super::check::{self, Depth};
use super::node::{Marks, Node};
use super::place::Place;
use super::report::{Counts, Summary};
use super::{check_adapters, clock, days, discipline, funding, trades};
use crate::error::Failure;
use crate::random::Random;

/// Longest time until banks are answered again after a node came back, on a machine that others use, too.
pub const RETURN: Duration = Duration::from_secs(40);
/// Longest time that the node may take to end when it is asked to.
const ENDS_WITHIN: Duration = Duration::from_secs(30);
/// Longest time until all is quiet.
const QUIET: Duration = Duration::from_secs(90);

/// The processes.
pub struct Stage {
    /// Where.
    pub place: Arc<Place>,
    /// The node.
    pub node: Node,
    /// Banks that pay through the SDK.
    pub banks: Vec<Teller>,
    /// Banks that pay through adapters.
    pub adapters: Vec<Adapter>,
    /// Snapshots and segments seen.
    pub marks: Marks,
    /// Whether business days turn.
    pub days: bool,
    /// Counters.
    pub counts: Counts,
    /// Most that a start took.
    pub longest_start: Duration,
    /// What a start usually takes.
    pub usual_start: Duration,
    /// Times until a bank was answered after a kill.
    pub returns: Vec<Duration>,
}

/// Runs a piece of asynchronous work.
///
/// # Errors
/// Those of the work.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(work)
}

impl Stage {
    /// Starts a node, funds everybody, and starts banks and adapters.
    ///
    /// # Errors
    /// If something does not start.
    pub fn open(place: Place, load: Load, random: &mut Random) -> Result<Self, Failure> {
        let place = Arc::new(place);
        let mut node = Node::start(&place, &[])?;
        let start = node.ready()?;
        block_on(funding::fund(&place, random))?;
        if load.trades != 0 {
            block_on(discipline::set(&place, random))?;
        }
        if load.days {
            block_on(days::schedule(&place, random))?;
        }
        let mut banks = Vec::new();
        for party in &place.banks {
            banks.push(Teller::start(&place, party, load, random)?);
        }
        let adapters = (0..place.adapters.len()).map(|at| Adapter::start(&place, at, random.next()));
        Ok(Self {
            marks: Marks::new(place.data()),
            adapters: adapters.collect::<Result<_, _>>()?,
            place,
            node,
            banks,
            days: load.days,
            counts: Counts::default(),
            longest_start: start,
            usual_start: start,
            returns: Vec::new(),
        })
    }

    /// Waits until the node listens.
    ///
    /// # Errors
    /// If it does not.
    pub fn node_ready(&mut self) -> Result<(), Failure> {
        let took = self.node.ready()?;
        self.marks.look();
        self.longest_start = self.longest_start.max(took);
        self.usual_start = (self.usual_start * 3 + took) / 4;
        Ok(())
    }

    /// Waits until a bank is answered.
    ///
    /// # Errors
    /// If none is, or something has ended.
    pub fn answered_again(&mut self) -> Result<(), Failure> {
        let (before, _) = banks::moved(&self.banks);
        let started = Instant::now();
        let until = started + RETURN;
        while banks::moved(&self.banks).0 == before {
            self.sound()?;
            if Instant::now() > until {
                let text = format!("no bank was answered within {RETURN:?} after the node came back");
                return Err(Failure::Check(text));
            }
            std::thread::sleep(super::child::LOOK * 2);
        }
        self.returns.push(started.elapsed());
        Ok(())
    }

    /// Everything that should run runs.
    ///
    /// # Errors
    /// What ended by itself.
    pub fn sound(&mut self) -> Result<(), Failure> {
        self.node.child.still_runs()?;
        self.all_but_the_node_sound()
    }

    /// The same for those who outlive the node.
    ///
    /// # Errors
    /// What ended by itself.
    pub fn all_but_the_node_sound(&mut self) -> Result<(), Failure> {
        for bank in &mut self.banks {
            bank.process().still_runs()?;
        }
        self.adapters.iter_mut().try_for_each(Adapter::sound)
    }

    /// Waits until all is told, and nothing that waits would be settled by netting a moment later.
    fn rest(&mut self, until: Instant) -> Result<(), Failure> {
        loop {
            self.adapters.iter().for_each(|adapter| adapter.pause(true));
            banks::quiet(&mut self.banks, QUIET)?;
            // Twice: what waited may have been released while others were asked.
            for _ in 0..2 {
                self.adapters.iter().for_each(|adapter| adapter.pause(true));
                self.adapters
                    .iter_mut()
                    .try_for_each(|adapter| adapter.quiet(until))?;
            }
            check_adapters::wait_for_credits(&self.place, &mut self.adapters, QUIET)?;
            if !self.node.nets(&self.place)? {
                return Ok(());
            }
            if Instant::now() > until {
                let text = format!("netting goes on proposing what does not settle, for {QUIET:?}");
                return Err(Failure::Check(text));
            }
        }
    }

    /// Lets everything come to rest, holds all books to the ledger, and goes on.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn check(&mut self, depth: Depth, random: &mut Random) -> Result<(), Failure> {
        clock::stay_clear_of_midnight();
        if self.days {
            block_on(days::over(&self.place))?;
        }
        self.rest(Instant::now() + QUIET)?;
        let (place, counts) = (self.place.clone(), &mut self.counts);
        block_on(check::banks(&place, &self.banks, depth, random, counts))?;
        if self.days {
            counts.days_closed = block_on(days::check(&place, &self.banks))?;
        }
        block_on(check_adapters::stores(&place, &self.adapters, counts))?;
        place.verify_log()?;
        self.counts.checks += 1;
        Ok(())
    }

    /// Lets the banks finish what is under way; adapters go on.
    ///
    /// # Errors
    /// If a bank has ended.
    pub fn pause_banks(&mut self) -> Result<(), Failure> {
        clock::stay_clear_of_midnight();
        banks::quiet(&mut self.banks, QUIET)
    }

    /// Enters the next business days, if they turn.
    ///
    /// # Errors
    /// If the node does not take them.
    pub fn next_days(&mut self, random: &mut Random) -> Result<(), Failure> {
        if self.days {
            block_on(days::schedule(&self.place, random))?;
        }
        Ok(())
    }

    /// Goes on after a check.
    ///
    /// # Errors
    /// If a bank has ended.
    pub fn resume(&mut self) -> Result<(), Failure> {
        self.adapters.iter().for_each(|adapter| adapter.pause(false));
        self.banks.iter_mut().try_for_each(|bank| bank.pause(false))
    }

    /// Counts, and ends everything: the node as a service manager does, which must go well.
    ///
    /// # Errors
    /// If it does not.
    pub fn end(mut self) -> Result<Summary, Failure> {
        self.count();
        let Self {
            node,
            banks,
            adapters,
            counts,
            longest_start,
            mut returns,
            ..
        } = self;
        drop((banks, adapters));
        let status = node.child.terminate(ENDS_WITHIN)?;
        if !status.success() {
            let text = format!("the node ended with {status} when it was asked to end");
            return Err(Failure::Check(text));
        }
        returns.sort_unstable();
        let millis = |time: Option<&Duration>| time.map_or(0, |time| time.as_millis() as u64);
        Ok(Summary {
            scenario: "kills",
            seed: 0,
            holds: true,
            seconds: 0.0,
            longest_start_ms: longest_start.as_millis() as u64,
            median_return_ms: millis(returns.get(returns.len() / 2)),
            longest_return_ms: millis(returns.last()),
            faults: None,
            counts,
        })
    }

    /// Counts what the books say.
    fn count(&mut self) {
        self.marks.look();
        let counts = &mut self.counts;
        counts.snapshots = self.marks.snapshots_seen;
        counts.segments = u64::from(self.marks.segment);
        for bank in &self.banks {
            let books = &bank.books;
            let payments = || books.orders.values().filter(|known| known.order.4.is_none());
            let answered = payments().filter(|known| known.answered.is_some());
            counts.payments_acknowledged += answered.count() as u64;
            counts.payments_settled += books.settled().count() as u64;
            let released = payments().filter(|known| known.later == Some(Status::Settled));
            let late = [Status::RejectedCutOff, Status::RejectedClose];
            let rejected = payments().filter(|known| known.status().is_some_and(|now| late.contains(&now)));
            counts.payments_rejected += rejected.count() as u64;
            counts.payments_released += released.count() as u64;
            counts.batches_resent += books.resent;
            counts.replays_answered += books.replayed;
            counts.feed_events += books.next_event - 1;
        }
        trades::count(self.banks.iter().map(|bank| &bank.books), counts);
        for adapter in &self.adapters {
            let desk = adapter.desk();
            counts.adapter_messages += desk.messages;
            counts.adapter_messages_again += desk.again;
            counts.adapter_sends_unknown += desk.unknown;
        }
    }
}
