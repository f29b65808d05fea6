//! A directory on a machine: what the parts of the engine are given instead of a path.
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{File, Open, Os, System};

/// A directory. It need not be there.
#[derive(Clone)]
pub struct Dir {
    system: Arc<dyn System>,
    path: PathBuf,
}

impl Dir {
    /// A directory of this machine or of another.
    pub fn new(system: Arc<dyn System>, path: impl Into<PathBuf>) -> Self {
        Self {
            system,
            path: path.into(),
        }
    }

    /// The machine.
    pub const fn system(&self) -> &Arc<dyn System> {
        &self.system
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A directory in it.
    #[must_use]
    pub fn sub(&self, name: &str) -> Self {
        Self::new(self.system.clone(), self.path.join(name))
    }

    /// Path of something in it.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// For people.
    pub fn display(&self) -> std::path::Display<'_> {
        self.path.display()
    }

    /// Opens a file in it.
    ///
    /// # Errors
    /// As [`System::open`].
    pub fn open(&self, name: impl AsRef<Path>, how: Open) -> io::Result<File> {
        self.system.open(&self.join(name), how)
    }

    /// Reads a whole file.
    ///
    /// # Errors
    /// If it is not there or cannot be read.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = self.system.open(path, Open::READ)?;
        let size = usize::try_from(file.size()?).map_err(io::Error::other)?;
        let mut bytes = vec![0; size];
        file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    /// Makes it, if it is not there.
    ///
    /// # Errors
    /// As [`System::make_dir`].
    pub fn make(&self) -> io::Result<()> {
        self.system.make_dir(&self.path)
    }

    /// Makes the names in it durable.
    ///
    /// # Errors
    /// As [`System::sync_dir`].
    pub fn sync(&self) -> io::Result<()> {
        self.system.sync_dir(&self.path)
    }
}

impl fmt::Debug for Dir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}

impl AsRef<Path> for Dir {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl From<&Self> for Dir {
    fn from(dir: &Self) -> Self {
        dir.clone()
    }
}

impl From<PathBuf> for Dir {
    fn from(path: PathBuf) -> Self {
        Self::new(Arc::new(Os::default()), path)
    }
}

impl From<&PathBuf> for Dir {
    fn from(path: &PathBuf) -> Self {
        path.clone().into()
    }
}

impl From<&Path> for Dir {
    fn from(path: &Path) -> Self {
        path.to_owned().into()
    }
}
