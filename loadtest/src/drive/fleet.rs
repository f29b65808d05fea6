//! All banks of a run on the threads of the harness.
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use causeway_transport::{Client, ClientConfig};
use tokio::task::JoinSet;

use super::bank::{Bank, Kept, Task};
use super::beside::Beside;
use super::control::{Control, Stage};
use super::seat::Seat;
use super::signals;
use crate::error::Failure;
use crate::meter::Meter;
use crate::workload::Workload;
use crate::world::World;

/// A node that is there answers a client within this time.
const ANSWERS: Duration = Duration::from_secs(10);

/// All banks have held their books to the ledger within this time: longer than one of them may take.
const LEAVING: Duration = Duration::from_secs(180);
/// Threads that were told to end have ended within this time.
const STOPPING: Duration = Duration::from_secs(10);
/// How often threads are looked at.
const LOOK: Duration = Duration::from_millis(5);

/// Where a bank will sit.
#[derive(Debug)]
pub enum Place {
    /// At a client of its own, with this session.
    Network(Box<ClientConfig>, u64),
    /// Beside the engine.
    Beside(Box<Beside>),
}

/// A bank that is to take part.
#[derive(Debug)]
pub struct Member {
    /// What it does.
    pub task: Task,
    /// What it sends.
    pub workload: Workload,
    /// Where it sits.
    pub place: Place,
}

/// The banks.
#[derive(Debug)]
pub struct Fleet {
    /// What all are led by.
    pub control: Arc<Control>,
    /// What all note in.
    pub meter: Arc<Meter>,
    /// How many they are.
    pub banks: usize,
    workers: Vec<JoinHandle<Result<Vec<Kept>, Failure>>>,
}

impl Fleet {
    /// Starts a thread for each part of the banks.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub fn launch(world: &Arc<World>, parts: Vec<Vec<Member>>) -> Result<Self, Failure> {
        let (control, meter) = (Arc::new(Control::new()), Arc::new(Meter::new()?));
        let banks = parts.iter().map(Vec::len).sum();
        let mut workers = Vec::new();
        for (number, part) in parts.into_iter().filter(|part| !part.is_empty()).enumerate() {
            let (world, control, meter) = (world.clone(), control.clone(), meter.clone());
            let work = move || {
                let kept = work(part, &world, &control, &meter);
                if let Err(failure) = &kept {
                    control.fail(failure.again());
                }
                kept
            };
            let thread = std::thread::Builder::new().name(format!("harness-{number}"));
            workers.push(thread.spawn(work)?);
        }
        Ok(Self {
            control,
            meter,
            banks,
            workers,
        })
    }

    /// Ends all banks at once. A thread that does not end is left to the end of the process.
    pub fn stop(self) {
        self.control.lead(Stage::Stop);
        let until = Instant::now() + STOPPING;
        while !self.ended() && Instant::now() < until {
            std::thread::sleep(LOOK);
        }
    }

    fn ended(&self) -> bool {
        self.workers.iter().all(JoinHandle::is_finished)
    }

    /// Waits until all banks have held their books to the ledger; what they leave behind, by their numbers.
    ///
    /// # Errors
    /// If one cannot go on, if they take too long, or somebody wants the run to end.
    pub fn join(self) -> Result<Vec<Kept>, Failure> {
        let until = Instant::now() + LEAVING;
        while !self.ended() {
            let late = || Failure::Io(format!("banks did not close their books within {LEAVING:?}"));
            let over = (Instant::now() > until).then(late);
            if let Some(failure) = over.or_else(|| signals::asked().err()) {
                self.stop();
                return Err(failure);
            }
            std::thread::sleep(LOOK);
        }
        let mut kept = Vec::new();
        for worker in self.workers {
            let part = worker
                .join()
                .map_err(|_| Failure::Io("a thread of the harness broke".into()))?;
            kept.extend(part?);
        }
        kept.sort_by_key(|kept| kept.bank);
        Ok(kept)
    }
}

/// Spreads members over threads.
pub fn spread(members: Vec<Member>, threads: usize) -> Vec<Vec<Member>> {
    let threads = threads.clamp(1, members.len().max(1));
    let mut parts: Vec<Vec<Member>> = (0..threads).map(|_| Vec::new()).collect();
    for (at, member) in members.into_iter().enumerate() {
        parts[at % threads].push(member);
    }
    parts
}

/// Connects, and says plainly if nobody is there.
///
/// # Errors
/// If the node does not answer, or refuses.
pub async fn connect(config: ClientConfig) -> Result<Client, Failure> {
    let address: Option<SocketAddr> = config.addresses.first().copied();
    let shown = address.map_or_else(String::new, |address| address.to_string());
    match tokio::time::timeout(ANSWERS, Client::connect(config)).await {
        Ok(Ok(client)) => Ok(client),
        Ok(Err(error)) if error.is_connection() => {
            Err(Failure::Io(format!("{shown} does not answer: {error}")))
        }
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Failure::Io(format!("{shown} does not answer within {ANSWERS:?}"))),
    }
}

fn work(
    members: Vec<Member>,
    world: &Arc<World>,
    control: &Arc<Control>,
    meter: &Arc<Meter>,
) -> Result<Vec<Kept>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let kept = runtime.block_on(async {
        let mut stages = control.stages();
        let mut tasks = JoinSet::new();
        for Member {
            task,
            workload,
            place,
        } in members
        {
            let (world, control, meter) = (world.clone(), control.clone(), meter.clone());
            tasks.spawn(async move {
                let seat = match place {
                    Place::Network(config, session) => {
                        Seat::at(connect(*config).await?, session, task.replays).await?
                    }
                    Place::Beside(beside) => Seat::Beside(*beside),
                };
                Bank::new(task, seat, world, workload, meter, control).run().await
            });
        }
        let mut kept = Vec::new();
        loop {
            tokio::select! {
                task = tasks.join_next() => match task {
                    None => return Ok(kept),
                    Some(task) => {
                        let task = task.map_err(|error| Failure::Io(error.to_string()))?;
                        kept.push(task?);
                    }
                },
                changed = stages.changed() => {
                    if changed.is_err() || matches!(*stages.borrow_and_update(), Stage::Stop) {
                        return Ok(kept);
                    }
                }
            }
        }
    });
    // Threads that fetch receipts beside the engine end with what they do.
    runtime.shutdown_timeout(Duration::from_secs(1));
    kept
}
