//! This machine, watched: when the engine makes a snapshot and when it begins a segment of its journal; and with a clock
//! that can be set ahead, so that what comes once a day comes when it is measured.
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use causeway_engine::system::{File, Lock, Name, Open, Os, RawFile, System};
use causeway_message::time::Timestamp;

use super::events::{Event, Kind};

/// Before a segment's first write lies the wait for it to be ready; before a snapshot's first sync its encoding.
const LEAD: Duration = Duration::from_millis(10);

/// What was seen, and how far the clock is ahead.
#[derive(Debug, Default)]
struct Seen {
    events: Mutex<Vec<Event>>,
    /// When the snapshot under way began to make the derived files durable.
    snapshot: Mutex<Option<Instant>>,
    ahead: AtomicU64,
}

/// The machine.
#[derive(Debug, Clone, Default)]
pub struct Watched {
    os: Arc<Os>,
    seen: Arc<Seen>,
}

/// What a file is to whoever watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A segment of the journal under its own name.
    Segment,
    /// A derived file, which only a snapshot makes durable.
    Derived,
    /// Any other.
    Other,
}

impl Role {
    fn of(path: &Path) -> Self {
        let directory = path.parent().and_then(Path::file_name);
        let segment = path.extension().is_some_and(|extension| extension == "seg");
        match directory.and_then(|name| name.to_str()) {
            Some("journal") if segment => Self::Segment,
            Some("derived" | "tree") => Self::Derived,
            _ => Self::Other,
        }
    }
}

impl Seen {
    fn note(&self, kind: Kind, begin: Instant) {
        let event = Event {
            kind,
            begin: begin.checked_sub(LEAD).unwrap_or(begin),
            end: Instant::now(),
        };
        self.events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(event);
    }
}

impl Watched {
    /// Sets the clock so far ahead of this machine's.
    pub fn set_ahead(&self, ahead: Duration) {
        self.seen.ahead.store(ahead.as_nanos() as u64, Ordering::Release);
    }

    /// What was seen since the last time. A snapshot under way begins anew: a start makes derived files durable, too.
    pub fn take(&self) -> Vec<Event> {
        *self.seen.snapshot.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let mut events = self.seen.events.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *events)
    }
}

impl System for Watched {
    fn now(&self) -> Timestamp {
        Timestamp(self.os.now().0 + self.seen.ahead.load(Ordering::Acquire))
    }

    fn steady(&self) -> Duration {
        self.os.steady()
    }

    fn random(&self) -> io::Result<u64> {
        self.os.random()
    }

    fn has_threads(&self) -> bool {
        self.os.has_threads()
    }

    fn go_last(&self) {
        self.os.go_last();
    }

    fn open(&self, path: &Path, how: Open) -> io::Result<File> {
        let file = self.os.open(path, how)?;
        match Role::of(path) {
            Role::Other => Ok(file),
            role => Ok(File::new(WatchedFile {
                file,
                role,
                seen: self.seen.clone(),
            })),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Name>> {
        self.os.list(dir)
    }

    fn len(&self, path: &Path) -> io::Result<u64> {
        self.os.len(path)
    }

    fn make_dir(&self, dir: &Path) -> io::Result<()> {
        self.os.make_dir(dir)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.os.rename(from, to)?;
        if to.extension().is_some_and(|extension| extension == "snap") {
            let mut snapshot = self.seen.snapshot.lock().unwrap_or_else(PoisonError::into_inner);
            self.seen
                .note(Kind::Snapshot, snapshot.take().unwrap_or_else(Instant::now));
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.os.remove(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.os.remove_dir(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.os.sync_dir(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<Lock> {
        self.os.lock(path)
    }
}

#[derive(Debug)]
struct WatchedFile {
    file: File,
    role: Role,
    seen: Arc<Seen>,
}

impl RawFile for WatchedFile {
    fn read_exact_at(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        self.file.read_exact_at(into, at)
    }

    fn write_all_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        let begin = Instant::now();
        self.file.write_all_at(bytes, at)?;
        if self.role == Role::Segment && at == 0 {
            self.seen.note(Kind::Segment, begin);
        }
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn set_size(&self, bytes: u64) -> io::Result<()> {
        self.file.set_size(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        if self.role == Role::Derived {
            let mut snapshot = self.seen.snapshot.lock().unwrap_or_else(PoisonError::into_inner);
            snapshot.get_or_insert_with(Instant::now);
        }
        self.file.sync()
    }

    fn reserve(&self, bytes: u64) -> io::Result<bool> {
        self.file.reserve(bytes)
    }

    fn read_soon(&self, at: u64, bytes: Option<u64>) {
        self.file.read_soon(at, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_write_to_a_segment_and_a_named_snapshot_are_seen_and_nothing_else() {
        let dir = tempfile::tempdir().expect("a directory");
        let machine = Watched::default();
        for name in ["journal", "derived", "snapshots"] {
            machine.make_dir(&dir.path().join(name)).expect("made");
        }
        let path = |name: &str| dir.path().join(name);
        let open = |name: &str| machine.open(&path(name), Open::KEEP).expect("open");
        open("journal/00000002.seg.tmp")
            .write_all_at(b"zeros", 0)
            .expect("written");
        open("documents").write_all_at(b"text", 0).expect("written");
        assert!(machine.take().is_empty());
        let segment = open("journal/00000002.seg");
        segment.write_all_at(b"header", 0).expect("written");
        segment.write_all_at(b"group", 4_096).expect("written");
        let derived = Instant::now();
        open("derived/effects").sync().expect("durable");
        open("snapshots/writing.tmp")
            .write_all_at(b"state", 0)
            .expect("written");
        machine
            .rename(&path("snapshots/writing.tmp"), &path("snapshots/1.snap"))
            .expect("named");
        let seen = machine.take();
        let kinds: Vec<Kind> = seen.iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [Kind::Segment, Kind::Snapshot]);
        assert!(seen[1].begin + LEAD >= derived && seen[1].begin <= seen[1].end);
        assert!(machine.take().is_empty(), "taken once");
    }

    #[test]
    fn the_clock_is_as_far_ahead_as_it_is_set() {
        let machine = Watched::default();
        let day = Duration::from_secs(86_400);
        machine.set_ahead(day);
        let ahead = machine.now().0 - Os::default().now().0;
        assert!(Duration::from_nanos(ahead) > day - Duration::from_secs(60));
        assert!(Duration::from_nanos(ahead) < day + Duration::from_secs(60));
    }
}
