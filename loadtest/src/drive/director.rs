//! Leads all banks through the legs of a run, and watches what happens meanwhile: each second, the node's life, and
//! whether somebody wants it to end.
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::control::{Control, Leg, Pace, Stage};
use super::marks::Marks;
use super::node::Node;
use super::schedule::{Offered, meant};
use super::signals;
use crate::error::Failure;
use crate::meter::{Counts, Engine, Meter, Part, Processes, Scraped, Source, Totals};
use crate::plan::Outage;
use crate::report::form::{Mark, MarkKind, Second};

/// Between the order to send and the first batch.
const LEAD: Duration = Duration::from_millis(20);
/// How long answers are waited for behind a window.
const GRACE: Duration = Duration::from_secs(20);
/// How often one looks around.
const TICK: Duration = Duration::from_millis(5);
/// How often one looks at what is behind, where the load changes.
const LOOK: Duration = Duration::from_millis(100);
/// Connections and sessions of all banks are there within this time.
const READY: Duration = Duration::from_secs(120);
/// The last answers are there within this time.
const SETTLED: Duration = Duration::from_secs(180);

/// What a leg is.
#[derive(Debug, Clone)]
pub struct Order {
    /// How batches follow one another.
    pub pace: Pace,
    /// Payments in a batch.
    pub batch: usize,
    /// Seconds before the window.
    pub warm_up: u64,
    /// Seconds of the window.
    pub seconds: u64,
    /// The node is killed meanwhile.
    pub outage: Option<Outage>,
}

/// What a leg came to.
#[derive(Debug)]
pub struct Ran {
    /// What banks counted.
    pub counts: Counts,
    /// Length of the window.
    pub window: f64,
    /// Second by second.
    pub series: Vec<Second>,
    /// What happened.
    pub marks: Vec<Mark>,
    /// The node's metrics at begin and end.
    pub looks: Option<(Scraped, Scraped)>,
    /// Processor seconds in the window, by part.
    pub processor: std::collections::BTreeMap<String, f64>,
    /// Payments intended and neither answered nor shed when the window ended.
    pub backlog: u64,
    /// The same meanwhile, each with its time in seconds of the window; only where the load has phases.
    pub behind: Vec<(f64, u64)>,
}

/// Leads a run.
#[derive(Debug)]
pub struct Director<'a> {
    /// What all share.
    pub control: &'a Arc<Control>,
    /// What all note in.
    pub meter: &'a Arc<Meter>,
    /// How many send.
    pub banks: usize,
    /// The node, if it is this run's.
    pub node: Option<&'a mut Node>,
    /// Shows how far it is.
    pub progress: ProgressBar,
    /// Metrics of the engine, if this process holds it.
    pub own: Option<Source>,
    /// Directory of the journal, if it is on this machine.
    pub journal: Option<PathBuf>,
    /// It was killed on purpose and is away.
    away: bool,
    /// What was seen of the leg under way when it broke.
    pub broken: Option<Ran>,
}

impl<'a> Director<'a> {
    /// Of so many banks.
    pub const fn new(
        control: &'a Arc<Control>,
        meter: &'a Arc<Meter>,
        banks: usize,
        node: Option<&'a mut Node>,
        progress: ProgressBar,
    ) -> Self {
        Self {
            control,
            meter,
            banks,
            node,
            progress,
            own: None,
            journal: None,
            away: false,
            broken: None,
        }
    }

    /// One look around.
    async fn tick(&mut self) -> Result<(), Failure> {
        signals::asked()?;
        tokio::time::sleep(TICK).await;
        if let Some(node) = self.node.as_deref_mut().filter(|_| !self.away)
            && let Some(how) = node.ended()
        {
            return Err(Failure::Io(how));
        }
        match self.control.failed() {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    /// Waits until all banks have done what they were led to do.
    ///
    /// # Errors
    /// If somebody cannot go on.
    pub async fn all(&mut self, what: &str, patience: Duration) -> Result<(), Failure> {
        let until = Instant::now() + patience;
        while self.control.done_by() < self.banks {
            self.tick().await?;
            if Instant::now() > until {
                let (done, banks) = (self.control.done_by(), self.banks);
                return Err(Failure::Io(format!(
                    "{what}: {done} of {banks} banks within {patience:?}"
                )));
            }
        }
        Ok(())
    }

    /// Waits until all banks are connected.
    ///
    /// # Errors
    /// If somebody cannot.
    pub async fn ready(&mut self) -> Result<(), Failure> {
        self.all("connecting", READY).await
    }

    /// Waits until everybody has been answered.
    ///
    /// # Errors
    /// If somebody cannot go on.
    pub(super) async fn settle(&mut self) -> Result<(), Failure> {
        self.control.hurry();
        self.control.lead(Stage::Settle);
        self.all("waiting for the last answers", SETTLED).await
    }

    /// Runs a leg.
    ///
    /// # Errors
    /// If somebody cannot go on, the node ends, or the user wants it to end; what was seen is in `broken`.
    pub async fn leg(&mut self, order: &Order) -> Result<Ran, Failure> {
        let start = Instant::now() + LEAD;
        let begin = start + Duration::from_secs(order.warm_up);
        let end = begin + Duration::from_secs(order.seconds);
        let leg = Leg {
            start,
            begin,
            end,
            deadline: end + GRACE,
            pace: order.pace.clone(),
        };
        self.meter.open(begin, end, matches!(order.pace, Pace::Open(_)))?;
        let mut watch = Watch::new(self, order, &leg);
        self.control.lead(Stage::Send(leg));
        match self.follow(&mut watch, order).await {
            Ok(()) => Ok(watch.ran(self.meter.close())),
            Err(failure) => {
                let now = Instant::now();
                let counts = match &order.pace {
                    Pace::Open(open) => self.meter.break_off(now, meant(open, start, begin, end, now)),
                    Pace::Closed(_) => self.meter.break_off(now, std::iter::empty()),
                };
                self.broken = Some(watch.ran(counts));
                Err(failure)
            }
        }
    }

    async fn follow(&mut self, watch: &mut Watch, order: &Order) -> Result<(), Failure> {
        loop {
            self.tick().await?;
            let now = Instant::now();
            if now < watch.begin {
                continue;
            }
            if !watch.begun {
                watch.begin(&self.seen(), self.meter.totals());
                self.meter.second();
            }
            if let Some(outage) = &order.outage {
                self.outage(outage, watch, now)?;
            }
            if !watch.over && now >= watch.look {
                watch.look(self.meter.totals(), now);
            }
            if !watch.over && now >= watch.next {
                let part = self.meter.second();
                let totals = self.meter.totals();
                watch.sample(&part, totals, now, &self.seen());
                self.progress.inc(1);
                self.progress.set_message(watch.told());
            }
            if watch.over && self.control.done_by() >= self.banks {
                return Ok(());
            }
        }
    }

    /// What can be seen of the engine now.
    fn seen(&self) -> Sight {
        let node = self.node.as_deref().filter(|_| !self.away);
        let engine = match (node, &self.own) {
            (Some(node), _) => Engine::Process(node.id()),
            (None, Some(_)) => Engine::Within,
            (None, None) => Engine::Elsewhere,
        };
        let metrics = node.and_then(|node| node.metrics).map(Source::Address);
        Sight {
            engine,
            metrics: metrics.or_else(|| self.own.clone()),
            journal: self.journal.clone(),
        }
    }

    /// Kills the node and starts it again, at its times.
    fn outage(&mut self, outage: &Outage, watch: &mut Watch, now: Instant) -> Result<(), Failure> {
        let Some(node) = self.node.as_deref_mut() else {
            return Ok(());
        };
        let passed = now.duration_since(watch.begin).as_secs_f64();
        if !watch.killed && passed >= outage.at as f64 {
            node.kill()?;
            (self.away, watch.killed) = (true, true);
            watch.mark(passed, MarkKind::Outage, "the node is killed");
        } else if self.away && passed >= (outage.at + outage.seconds) as f64 {
            let took = node.again()?;
            self.away = false;
            let text = format!("the node is back after {:.2} s of recovery", took.as_secs_f64());
            watch.mark(passed + took.as_secs_f64(), MarkKind::Outage, &text);
        }
        Ok(())
    }
}

/// What can be seen of an engine.
#[derive(Debug)]
struct Sight {
    engine: Engine,
    metrics: Option<Source>,
    journal: Option<PathBuf>,
}

/// What is watched of one leg.
#[derive(Debug)]
struct Watch {
    begin: Instant,
    end: Instant,
    /// When the next second is over.
    next: Instant,
    begun: bool,
    engine: Engine,
    over: bool,
    killed: bool,
    batch: u64,
    offered: Option<Offered>,
    offered_before: u64,
    /// What became of payments before the leg, and before the second under way.
    before_leg: Totals,
    before: Totals,
    /// When one looks again at what is behind.
    look: Instant,
    behind: Vec<(f64, u64)>,
    processes: Option<Processes>,
    whole: Option<Processes>,
    used: std::collections::BTreeMap<String, f64>,
    first: Option<Scraped>,
    last: Option<Scraped>,
    series: Vec<Second>,
    marks: Vec<Mark>,
    found: Marks,
    window: f64,
    sampled: Instant,
    phases: Arc<[crate::plan::Phase]>,
}

impl Watch {
    fn new(director: &Director<'_>, order: &Order, leg: &Leg) -> Self {
        let (offered, phases) = match &order.pace {
            Pace::Open(open) => {
                let offered = Offered::new(open, leg.start, leg.begin, leg.end);
                (Some(offered), open.phases.clone())
            }
            Pace::Closed(_) => (None, Arc::default()),
        };
        Self {
            begin: leg.begin,
            end: leg.end,
            next: leg.begin + Duration::from_secs(1),
            begun: false,
            engine: Engine::Elsewhere,
            over: false,
            killed: false,
            batch: order.batch as u64,
            offered,
            offered_before: 0,
            before_leg: director.meter.totals(),
            before: director.meter.totals(),
            look: leg.begin,
            behind: Vec::new(),
            processes: None,
            whole: None,
            used: std::collections::BTreeMap::new(),
            first: None,
            last: None,
            series: Vec::new(),
            marks: Vec::new(),
            found: Marks::default(),
            window: 0.0,
            sampled: leg.begin,
            phases,
        }
    }

    fn begin(&mut self, seen: &Sight, totals: Totals) {
        self.before = totals;
        self.begun = true;
        self.engine = seen.engine;
        self.processes = Some(Processes::new(seen.engine));
        self.whole = Some(Processes::new(seen.engine));
        self.first = seen.metrics.as_ref().and_then(Source::look);
        // What stands before the window is no mark.
        self.found.look(0.0, self.first.as_ref(), seen.journal.as_deref());
        self.last.clone_from(&self.first);
        self.mark_phases();
    }

    fn mark(&mut self, at: f64, kind: MarkKind, text: &str) {
        self.marks.push(Mark {
            at,
            kind,
            text: text.to_owned(),
        });
    }

    /// Where the offered rate changes.
    fn mark_phases(&mut self) {
        let all: u64 = self.phases.iter().map(|phase| phase.seconds).sum();
        let window = self.end.duration_since(self.begin).as_secs();
        let phases = self.phases.clone();
        let mut at = 0;
        while all > 0 && at < window {
            for phase in phases.iter() {
                if at < window {
                    self.mark(at as f64, MarkKind::Load, &format!("× {}", phase.factor));
                }
                at += phase.seconds;
            }
        }
    }

    /// Notes what is behind.
    fn look(&mut self, totals: Totals, now: Instant) {
        self.look = now + LOOK;
        if let Some(offered) = self.offered.as_mut().filter(|_| !self.phases.is_empty()) {
            offered.look(now.min(self.end));
            let behind = behind(offered.batches * self.batch, totals, self.before_leg);
            let at = now.saturating_duration_since(self.begin).as_secs_f64();
            self.behind.push((at, behind));
        }
    }

    /// Takes what the second that is over brought.
    fn sample(&mut self, part: &Part, totals: Totals, now: Instant, seen: &Sight) {
        let passed = now.duration_since(self.sampled).as_secs_f64();
        self.sampled = now;
        let used = self
            .processes
            .as_mut()
            .map(|processes| processes.sample(seen.engine, passed));
        let used = used.unwrap_or_default();
        let look = seen.metrics.as_ref().and_then(Source::look);
        // Somewhere in the second that is over.
        let at = self.series.len() as f64 + 0.5;
        let marks = self.found.look(at, look.as_ref(), seen.journal.as_deref());
        self.marks.extend(marks);
        let before = std::mem::replace(&mut self.before, totals);
        let mut second = Second {
            at: self.series.len() as u64,
            settled: part.settled,
            answered: totals.answered - before.answered,
            shed: totals.shed - before.shed,
            node_mib: used.node_mib,
            harness_mib: used.harness_mib,
            processor: used.processor,
            udp_drops: used.udp_drops,
            ..Second::default()
        };
        if !part.latency.is_empty() {
            let ms = |quantile: f64| Some(part.latency.value_at_quantile(quantile) as f64 / 1e3);
            (second.p50_ms, second.p99_ms, second.max_ms) = (ms(0.5), ms(0.99), ms(1.0));
        }
        if let Some(offered) = &mut self.offered {
            offered.look(now.min(self.end));
            second.offered = offered.inside * self.batch - self.offered_before;
            self.offered_before = offered.inside * self.batch;
            second.backlog = behind(offered.batches * self.batch, totals, self.before_leg);
        }
        if let Some(look) = look {
            let before = self.last.take().unwrap_or_default();
            second.queued = look.value("causeway_queue_waiting").map(|count| count as u64);
            second.journal_mib = look
                .value("causeway_log_bytes_total")
                .map(|bytes| (bytes / 1_048_576.0) as u64);
            let groups = look.rose(&before, "causeway_log_group_entries_count");
            let entries = look.rose(&before, "causeway_log_group_entries_sum");
            second.group_entries = groups
                .zip(entries)
                .filter(|(groups, _)| *groups > 0.0)
                .map(|(groups, all)| all / groups);
            self.last = Some(look);
        }
        self.series.push(second);
        self.next += Duration::from_secs(1);
        if now >= self.end {
            self.over = true;
            self.window = self.end.duration_since(self.begin).as_secs_f64();
            self.used = self.whole(seen.engine);
        }
    }

    /// Processor seconds since the window began.
    fn whole(&mut self, engine: Engine) -> std::collections::BTreeMap<String, f64> {
        self.whole
            .as_mut()
            .map(|whole| whole.sample(engine, 1.0).processor)
            .unwrap_or_default()
    }

    /// What progress says.
    fn told(&self) -> String {
        let last = self.series.last();
        last.map_or_else(String::new, |second| {
            let latency = second
                .p99_ms
                .map_or_else(String::new, |ms| format!(", p99 {ms:.1} ms"));
            let backlog = match second.backlog {
                0 => String::new(),
                backlog => format!(", {backlog} not answered yet"),
            };
            format!("{} payments/s{latency}{backlog}", second.settled)
        })
    }

    fn ran(mut self, mut counts: Counts) -> Ran {
        if !self.over {
            // The leg broke: as much as there was of the window.
            self.window = Instant::now().saturating_duration_since(self.begin).as_secs_f64();
            self.used = self.whole(self.engine);
        }
        if let Some(offered) = &mut self.offered {
            offered.look(Instant::now().min(self.end));
            counts.offered = offered.inside * self.batch;
        }
        Ran {
            backlog: self.series.last().map_or(0, |second| second.backlog),
            behind: self.behind,
            counts,
            window: self.window,
            series: self.series,
            marks: self.marks,
            looks: self.first.zip(self.last),
            processor: self.used,
        }
    }
}

/// Payments offered in a leg that are neither answered nor shed.
const fn behind(offered: u64, now: Totals, before: Totals) -> u64 {
    let done = (now.answered - before.answered) + (now.shed - before.shed);
    offered.saturating_sub(done)
}
