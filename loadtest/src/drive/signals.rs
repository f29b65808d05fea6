//! Signals: the first ends a run with what was measured until then, at its next step. Whoever sends another does not
//! want to wait for that: the node of the run and its temporary directory are gone before the process is.
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid,
};
use tokio::signal::unix::{SignalKind, signal};

use crate::error::Failure;

/// How often a step that waits asks whether it should end.
const LOOK: Duration = Duration::from_millis(20);
/// How often a directory is emptied into which a process wrote that is just ending.
const SWEEPS: usize = 20;

const NONE: u8 = 0;
const INTERRUPTED: u8 = 1;
const TERMINATED: u8 = 2;

static HEARD: AtomicU8 = AtomicU8::new(NONE);
static LEFT: Mutex<Left> = Mutex::new(Left {
    nodes: Vec::new(),
    directories: Vec::new(),
});

/// What a process that ends at once would leave behind.
struct Left {
    /// Names of processes that stay theirs, also once they have ended.
    nodes: Vec<OwnedFd>,
    directories: Vec<PathBuf>,
}

fn left() -> MutexGuard<'static, Left> {
    LEFT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hears signals from now on.
///
/// # Errors
/// If no thread can be started for that.
pub fn listen() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // Before the thread: a signal that comes meanwhile is heard, too.
    let (mut interrupt, mut terminate) = {
        let _within = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    let heard = move || {
        runtime.block_on(async {
            for _ in 0..2 {
                let which = tokio::select! {
                    _ = interrupt.recv() => INTERRUPTED,
                    _ = terminate.recv() => TERMINATED,
                };
                // The first is the reason.
                let _ = HEARD.compare_exchange(NONE, which, Ordering::AcqRel, Ordering::Acquire);
            }
        });
        end();
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(heard)?;
    Ok(())
}

fn end() {
    let left = left();
    for node in &left.nodes {
        // One that has ended is not there any more.
        let _ = pidfd_send_signal(node, Signal::KILL);
    }
    for node in &left.nodes {
        let _ = waitid(WaitId::PidFd(node.as_fd()), WaitIdOptions::EXITED);
    }
    for directory in &left.directories {
        for _ in 0..SWEEPS {
            if std::fs::remove_dir_all(directory).is_ok() || !directory.exists() {
                break;
            }
            std::thread::sleep(LOOK);
        }
    }
    let _ = writeln!(std::io::stderr(), "causeway-loadtest: ended by a second signal");
    std::process::exit(i32::from(Failure::Io(String::new()).code()));
}

/// Whether somebody wants the run to end.
///
/// # Errors
/// If so.
pub fn asked() -> Result<(), Failure> {
    match HEARD.load(Ordering::Acquire) {
        NONE => Ok(()),
        INTERRUPTED => Err(Failure::Io("interrupted".into())),
        _ => Err(Failure::Io("asked to stop".into())),
    }
}

/// Waits for a step, unless somebody wants the run to end.
///
/// # Errors
/// If so, and those of the step.
pub async fn unless_asked<T>(step: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let asking = async {
        loop {
            if let Err(failure) = asked() {
                return failure;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        done = step => done,
        failure = asking => Err(failure),
    }
}

/// A node that may not outlive this process.
pub fn own_node(id: u32) {
    let pid = Pid::from_raw(id as i32);
    let node = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    left().nodes.extend(node);
}

/// A directory that may not, either.
pub fn own_directory(path: &Path) {
    left().directories.push(path.to_owned());
}

/// It is gone.
pub fn gone(path: &Path) {
    left().directories.retain(|own| own != path);
}
