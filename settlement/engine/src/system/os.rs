//! The machine that the process runs on.
use std::fs;
use std::io::{self, Write};
use std::num::NonZeroU64;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use causeway_message::keys::random_bytes;
use causeway_message::time::Timestamp;
use rustix::fs::{Advice, FallocateFlags, OFlags, fadvise, fallocate};
use rustix::process::setpriority_process;
use rustix::thread::gettid;
#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::{File, Lock, Name, Open, RawFile, System};
use crate::clock;
#[cfg(target_os = "linux")]
use crate::place::{PROCESSORS_MAX, Processors};

/// The lowest priority.
const LAST: i32 = 19;

#[cfg(target_os = "linux")]
const _: () = assert!(PROCESSORS_MAX as usize <= CpuSet::MAX_CPU);

/// The operating system.
#[derive(Debug)]
pub struct Os {
    started: Instant,
}

impl Default for Os {
    fn default() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

#[derive(Debug)]
struct OsFile(fs::File);

impl System for Os {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn steady(&self) -> Duration {
        self.started.elapsed()
    }

    fn random(&self) -> io::Result<u64> {
        let bytes = random_bytes::<8>().map_err(io::Error::other)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn has_threads(&self) -> bool {
        true
    }

    fn go_last(&self) {
        // On Linux a priority is of a thread, under the number of the thread.
        if let Err(error) = setpriority_process(Some(gettid()), LAST) {
            tracing::debug!(%error, "the priority of a thread stays as it is");
        }
    }

    #[cfg(target_os = "linux")]
    fn run_on(&self, processors: &Processors) -> io::Result<()> {
        let mut set = CpuSet::new();
        for processor in processors.iter() {
            set.set(processor.into());
        }
        Ok(sched_setaffinity(None, &set)?)
    }

    #[cfg(target_os = "linux")]
    fn runs_on(&self) -> io::Result<Processors> {
        let set = sched_getaffinity(None)?;
        let named = (0..PROCESSORS_MAX).filter(|one| set.is_set((*one).into()));
        Ok(Processors::of(named))
    }

    fn open(&self, path: &Path, how: Open) -> io::Result<File> {
        let mut flags = OFlags::empty();
        flags.set(OFlags::DIRECT, how.direct);
        flags.set(OFlags::DSYNC, how.durable);
        let file = fs::OpenOptions::new()
            .read(true)
            .write(how.write)
            .create(how.create)
            .truncate(how.truncate)
            .custom_flags(flags.bits() as i32)
            .open(path)?;
        Ok(File::new(OsFile(file)))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Name>> {
        let name = |found: io::Result<fs::DirEntry>| {
            let found = found?;
            Ok(Name {
                name: found.file_name().to_string_lossy().into_owned(),
                is_file: found.file_type()?.is_file(),
            })
        };
        fs::read_dir(dir)?.map(name).collect()
    }

    fn len(&self, path: &Path) -> io::Result<u64> {
        let metadata = fs::metadata(path)?;
        if metadata.is_file() {
            Ok(metadata.len())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    fn make_dir(&self, dir: &Path) -> io::Result<()> {
        if dir.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(dir)?;
        match dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => self.sync_dir(parent),
            None => Ok(()),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir_all(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        fs::File::open(dir)?.sync_all()
    }

    fn lock(&self, path: &Path) -> io::Result<Lock> {
        let is_dir = path.is_dir();
        let mut file = if is_dir {
            fs::File::open(path)?
        } else {
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(false).open(path)?
        };
        file.try_lock().map_err(io::Error::from)?;
        if !is_dir {
            // For people who wonder which process it is.
            let _ = file
                .set_len(0)
                .and_then(|()| writeln!(file, "{}", std::process::id()));
        }
        Ok(Box::new(file))
    }
}

impl RawFile for OsFile {
    fn read_exact_at(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        self.0.read_exact_at(into, at)
    }

    fn write_all_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, at)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn set_size(&self, bytes: u64) -> io::Result<()> {
        self.0.set_len(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        // The size goes with the bytes; times of access and change are nobody's truth.
        self.0.sync_data()
    }

    fn reserve(&self, bytes: u64) -> io::Result<bool> {
        match fallocate(&self.0, FallocateFlags::empty(), 0, bytes) {
            Ok(()) => Ok(true),
            Err(rustix::io::Errno::OPNOTSUPP) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    fn read_soon(&self, at: u64, bytes: Option<u64>) {
        let advice = match bytes {
            Some(_) => Advice::WillNeed,
            None => Advice::Sequential,
        };
        // Only a hint: reading works without.
        let _ = fadvise(&self.0, at, bytes.and_then(NonZeroU64::new), advice);
    }
}
