//! A machine whose files are in memory: fuzzing opens thousands of stores a second.
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use causeway_message::time::Timestamp;

use crate::system::{Dir, File, Lock, Name, Open, RawFile, System};

/// Most bytes of a file.
const FILE_BYTES_MAX: u64 = 64 << 20;

type Bytes = Arc<Mutex<Vec<u8>>>;

/// The machine.
#[derive(Debug, Default)]
pub struct Memory {
    files: Mutex<BTreeMap<PathBuf, Bytes>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    /// A directory with these files.
    pub fn with(files: &[(&str, &[u8])]) -> (Arc<Self>, Dir) {
        let memory = Arc::new(Self::default());
        for (name, bytes) in files {
            memory.put(name, bytes);
        }
        let dir = Dir::new(memory.clone(), "/");
        (memory, dir)
    }

    /// Writes a file.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let file = Arc::new(Mutex::new(bytes.to_vec()));
        lock(&self.files).insert(Path::new("/").join(name), file);
    }

    /// Bytes of all files, by name.
    pub fn all(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = lock(&self.files);
        files
            .iter()
            .map(|(path, bytes)| (path.clone(), lock(bytes).clone()))
            .collect()
    }

    fn file(&self, path: &Path) -> io::Result<Bytes> {
        let files = lock(&self.files);
        files
            .get(path)
            .cloned()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl System for Memory {
    fn now(&self) -> Timestamp {
        Timestamp(1)
    }

    fn steady(&self) -> Duration {
        Duration::ZERO
    }

    fn random(&self) -> io::Result<u64> {
        Ok(7)
    }

    fn has_threads(&self) -> bool {
        false
    }

    fn open(&self, path: &Path, how: Open) -> io::Result<File> {
        if how.create {
            lock(&self.files).entry(path.to_owned()).or_default();
        }
        let bytes = self.file(path)?;
        if how.truncate {
            lock(&bytes).clear();
        }
        Ok(File::new(MemoryFile(bytes)))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Name>> {
        let files = lock(&self.files);
        let names = files
            .keys()
            .filter(|path| path.parent() == Some(dir))
            .filter_map(|path| path.file_name());
        Ok(names
            .map(|name| Name {
                name: name.to_string_lossy().into_owned(),
                is_file: true,
            })
            .collect())
    }

    fn len(&self, path: &Path) -> io::Result<u64> {
        Ok(lock(&*self.file(path)?).len() as u64)
    }

    fn make_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut files = lock(&self.files);
        let file = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let removed = lock(&self.files).remove(path);
        removed.map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        lock(&self.files).retain(|path, _| !path.starts_with(dir));
        Ok(())
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, _: &Path) -> io::Result<Lock> {
        Ok(Box::new(()))
    }
}

#[derive(Debug)]
struct MemoryFile(Bytes);

/// Where a range ends; no file is so long that it could end beyond.
fn end(at: u64, len: usize) -> io::Result<usize> {
    let end = at.checked_add(len as u64).filter(|end| *end <= FILE_BYTES_MAX);
    end.map(|end| end as usize)
        .ok_or_else(|| io::ErrorKind::FileTooLarge.into())
}

impl RawFile for MemoryFile {
    fn read_exact_at(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        let end = end(at, into.len()).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let bytes = lock(&self.0);
        into.copy_from_slice(bytes.get(at as usize..end).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_all_at(&self, from: &[u8], at: u64) -> io::Result<()> {
        let end = end(at, from.len())?;
        let mut bytes = lock(&self.0);
        let len = bytes.len().max(end);
        bytes.resize(len, 0);
        bytes[at as usize..end].copy_from_slice(from);
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(lock(&self.0).len() as u64)
    }

    fn set_size(&self, size: u64) -> io::Result<()> {
        lock(&self.0).resize(end(size, 0)?, 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn reserve(&self, _: u64) -> io::Result<bool> {
        Ok(false)
    }
}
