//! What the engine needs of the machine below it: time, randomness, files. Nothing else in the engine asks the
//! operating system for any of these, so that a simulated machine can stand in its place.
mod dir;
mod os;

use std::any::Any;
use std::fmt::Debug;
use std::io;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use causeway_message::time::Timestamp;

use crate::place::Processors;

pub use dir::Dir;
pub use os::Os;

/// Whatever keeps a lock: dropping it gives the lock back.
pub type Lock = Box<dyn Any + Send + Sync>;

/// How a file is opened. Always for reading; a file that is written is there for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Open {
    /// For writing as well.
    pub write: bool,
    /// Made if it is not there.
    pub create: bool,
    /// Emptied.
    pub truncate: bool,
    /// Past the page cache (`O_DIRECT`): offsets, lengths and memory are multiples of a block.
    pub direct: bool,
    /// Each write is durable when it returns (`O_DSYNC`).
    pub durable: bool,
}

impl Open {
    /// For reading what is there.
    pub const READ: Self = Self {
        write: false,
        create: false,
        truncate: false,
        direct: false,
        durable: false,
    };
    /// For writing what is there or is to be made.
    pub const KEEP: Self = Self {
        write: true,
        create: true,
        ..Self::READ
    };
    /// For writing anew.
    pub const ANEW: Self = Self {
        truncate: true,
        ..Self::KEEP
    };
}

/// What stands in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Its name.
    pub name: String,
    /// True of a regular file.
    pub is_file: bool,
}

/// A machine. Errors are those of the operating system.
pub trait System: Send + Sync + Debug {
    /// The wall clock, in UTC.
    fn now(&self) -> Timestamp;
    /// A clock that only goes forward, from an instant of its own.
    fn steady(&self) -> Duration;
    /// Eight random bytes. They scatter and tell apart; no outcome depends on them.
    ///
    /// # Errors
    /// If there are none.
    fn random(&self) -> io::Result<u64>;
    /// Whether work may be done ahead on threads of its own.
    fn has_threads(&self) -> bool;

    /// Lets all other threads go first from here on, where the machine knows how.
    fn go_last(&self) {}
    /// Lets the calling thread, and those it starts, run on these processors alone, where the machine knows how.
    ///
    /// # Errors
    /// `InvalidInput` if the process may use none of them.
    fn run_on(&self, _processors: &Processors) -> io::Result<()> {
        Ok(())
    }
    /// What the calling thread runs on; empty where the machine does not tell.
    ///
    /// # Errors
    /// If the machine has more than can be named.
    fn runs_on(&self) -> io::Result<Processors> {
        Ok(Processors::default())
    }
    /// Opens a file.
    ///
    /// # Errors
    /// `InvalidInput` where the filesystem does not take the way of opening.
    fn open(&self, path: &Path, how: Open) -> io::Result<File>;
    /// What stands in a directory, in no order.
    ///
    /// # Errors
    /// `NotFound` if there is no such directory.
    fn list(&self, dir: &Path) -> io::Result<Vec<Name>>;
    /// Bytes of a regular file.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    fn len(&self, path: &Path) -> io::Result<u64>;
    /// Makes a directory and those above it, durable with their names; nothing if it is there.
    ///
    /// # Errors
    /// If it cannot be made.
    fn make_dir(&self, dir: &Path) -> io::Result<()>;
    /// Gives a file another name, over one that has it. Durable after [`Self::sync_dir`].
    ///
    /// # Errors
    /// If it is not there.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes a directory with all that is in it.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    fn remove_dir(&self, dir: &Path) -> io::Result<()>;
    /// Makes the names in a directory durable.
    ///
    /// # Errors
    /// If it cannot be synced.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    /// Takes a lock that one process has at a time: of a directory, or of a file that is made for it.
    ///
    /// # Errors
    /// `WouldBlock` if another has it.
    fn lock(&self, path: &Path) -> io::Result<Lock>;
}

/// An open file; all operations name their place, so clones may be used side by side.
pub trait RawFile: Send + Sync + Debug {
    /// Fills the buffer from a place.
    ///
    /// # Errors
    /// `UnexpectedEof` if the file ends before.
    fn read_exact_at(&self, into: &mut [u8], at: u64) -> io::Result<()>;
    /// Writes all bytes at a place. Durable after a sync, or at once if so opened.
    ///
    /// # Errors
    /// What is in the file at that place is then unknown.
    fn write_all_at(&self, bytes: &[u8], at: u64) -> io::Result<()>;
    /// Bytes of the file.
    ///
    /// # Errors
    /// If they cannot be told.
    fn size(&self) -> io::Result<u64>;
    /// Cuts the file, or fills it up with zeros.
    ///
    /// # Errors
    /// If it cannot be changed.
    fn set_size(&self, bytes: u64) -> io::Result<()>;
    /// Makes its bytes durable, and its size.
    ///
    /// # Errors
    /// What is durable is then unknown.
    fn sync(&self) -> io::Result<()>;
    /// Reserves room up to so many bytes, which read as zeros; false where the filesystem cannot.
    ///
    /// # Errors
    /// If there is no room.
    fn reserve(&self, bytes: u64) -> io::Result<bool>;
    /// A hint that this range is read soon; without a length, that all is read from front to back.
    fn read_soon(&self, _at: u64, _bytes: Option<u64>) {}
}

/// An open file of whatever machine.
#[derive(Debug, Clone)]
pub struct File(Arc<dyn RawFile>);

impl File {
    /// A file of a machine.
    pub fn new(file: impl RawFile + 'static) -> Self {
        Self(Arc::new(file))
    }
}

impl Deref for File {
    type Target = dyn RawFile;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}
