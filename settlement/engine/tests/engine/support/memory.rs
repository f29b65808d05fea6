//! A machine in memory, without threads: its disk is copied in no time, changed at will and compared, and its clock is
//! the test's.
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use causeway_engine::system::{File, Lock, Name, Open, RawFile, System};
use causeway_message::time::Timestamp;

const PAGE: usize = 4_096;
/// Time passes with every look at the clock.
const TICK: u64 = 1_000;

type Page = Arc<[u8; PAGE]>;

/// Bytes of a file; a page that is not there is zeros.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Content {
    pages: BTreeMap<u64, Page>,
    size: u64,
}

/// Page, offset in it, and bytes of it, of a run.
fn span(at: u64, len: usize) -> (u64, usize, usize) {
    let offset = (at % PAGE as u64) as usize;
    (at / PAGE as u64, offset, len.min(PAGE - offset))
}

impl Content {
    fn read(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        let end = at.checked_add(into.len() as u64);
        if end.is_none_or(|end| end > self.size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut done = 0;
        while done < into.len() {
            let (page, offset, len) = span(at + done as u64, into.len() - done);
            let target = &mut into[done..done + len];
            match self.pages.get(&page) {
                Some(bytes) => target.copy_from_slice(&bytes[offset..offset + len]),
                None => target.fill(0),
            }
            done += len;
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8], at: u64) {
        self.size = self.size.max(at + bytes.len() as u64);
        let mut done = 0;
        while done < bytes.len() {
            let (page, offset, len) = span(at + done as u64, bytes.len() - done);
            let part = &bytes[done..done + len];
            done += len;
            if !self.pages.contains_key(&page) && part.iter().all(|byte| *byte == 0) {
                continue;
            }
            let target = self.pages.entry(page).or_insert_with(|| Arc::new([0; PAGE]));
            Arc::make_mut(target)[offset..offset + len].copy_from_slice(part);
        }
    }

    fn set_size(&mut self, size: u64) {
        if size < self.size {
            self.pages.retain(|page, _| page * (PAGE as u64) < size);
            let (page, offset, _) = span(size, 0);
            if let Some(page) = self.pages.get_mut(&page) {
                Arc::make_mut(page)[offset..].fill(0);
            }
        }
        self.size = size;
    }
}

/// All files. A copy shares its pages until they change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Disk {
    files: BTreeMap<PathBuf, Content>,
    dirs: BTreeSet<PathBuf>,
}

impl Disk {
    /// Paths of the files below a directory that hold anything, with their sizes.
    pub fn files(&self, dir: &Path) -> Vec<(PathBuf, u64)> {
        let below = self.files.iter().filter(|(path, _)| path.starts_with(dir));
        below
            .map(|(path, content)| (path.clone(), content.size))
            .filter(|(_, size)| *size > 0)
            .collect()
    }

    /// All bytes of a file.
    pub fn bytes(&self, path: &Path) -> Vec<u8> {
        let content = &self.files[path];
        let mut bytes = vec![0; content.size as usize];
        content.read(&mut bytes, 0).expect("as many as there are");
        bytes
    }

    /// Writes over bytes of a file.
    pub fn write(&mut self, path: &Path, at: u64, bytes: &[u8]) {
        self.files.get_mut(path).expect("the file").write(bytes, at);
    }

    /// Cuts a file, or fills it up with zeros.
    pub fn set_size(&mut self, path: &Path, size: u64) {
        self.files.get_mut(path).expect("the file").set_size(size);
    }

    /// Changes one bit.
    pub fn flip(&mut self, path: &Path, at: u64, bit: u8) {
        let content = self.files.get_mut(path).expect("the file");
        assert!(at < content.size);
        let (page, offset, _) = span(at, 1);
        let page = content.pages.entry(page).or_insert_with(|| Arc::new([0; PAGE]));
        Arc::make_mut(page)[offset] ^= 1 << bit;
    }
}

#[derive(Debug)]
struct State {
    disk: Disk,
    wall: u64,
    steady: u64,
}

/// The machine.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Mutex<State>>);

impl Memory {
    /// A machine with this disk whose clock stands here.
    pub fn new(disk: Disk, now: Timestamp) -> Self {
        let (wall, steady) = (now.0, 0);
        Self(Arc::new(Mutex::new(State { disk, wall, steady })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("the machine")
    }

    /// A copy of the disk.
    pub fn disk(&self) -> Disk {
        self.state().disk.clone()
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        let nanos = time.as_nanos() as u64;
        let mut state = self.state();
        state.wall += nanos;
        state.steady += nanos;
    }

    fn content<T>(&self, path: &Path, use_it: impl FnOnce(&mut Content) -> T) -> io::Result<T> {
        let mut state = self.state();
        let found = state.disk.files.get_mut(path);
        found.map(use_it).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl System for Memory {
    fn now(&self) -> Timestamp {
        self.pass(Duration::from_nanos(TICK));
        Timestamp(self.state().wall)
    }

    fn steady(&self) -> Duration {
        Duration::from_nanos(self.state().steady)
    }

    fn random(&self) -> io::Result<u64> {
        Ok(0x5eed)
    }

    fn has_threads(&self) -> bool {
        false
    }

    fn open(&self, path: &Path, how: Open) -> io::Result<File> {
        let mut state = self.state();
        if how.create {
            state.disk.files.entry(path.to_owned()).or_default();
        }
        let content = state.disk.files.get_mut(path).ok_or(io::ErrorKind::NotFound)?;
        if how.truncate {
            content.set_size(0);
        }
        Ok(File::new(MemoryFile {
            machine: self.clone(),
            path: path.to_owned(),
        }))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Name>> {
        let state = self.state();
        let is_there = state.disk.dirs.contains(dir);
        let within = |path: &&PathBuf| path.parent() == Some(dir);
        let name = |path: &PathBuf, is_file| Name {
            name: path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            is_file,
        };
        let files = state
            .disk
            .files
            .keys()
            .filter(within)
            .map(|path| name(path, true));
        let dirs = state
            .disk
            .dirs
            .iter()
            .filter(within)
            .map(|path| name(path, false));
        let names = files.chain(dirs).collect();
        is_there
            .then_some(names)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn len(&self, path: &Path) -> io::Result<u64> {
        self.content(path, |content| content.size)
    }

    fn make_dir(&self, dir: &Path) -> io::Result<()> {
        let above = dir.ancestors().map(Path::to_owned);
        self.state().disk.dirs.extend(above);
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        let content = state.disk.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.disk.files.insert(to.to_owned(), content);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let removed = self.state().disk.files.remove(path);
        removed.map(|_| ()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        let disk = &mut self.state().disk;
        disk.files.retain(|path, _| !path.starts_with(dir));
        disk.dirs.retain(|path| !path.starts_with(dir));
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
struct MemoryFile {
    machine: Memory,
    path: PathBuf,
}

impl RawFile for MemoryFile {
    fn read_exact_at(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        self.machine
            .content(&self.path, |content| content.read(into, at))?
    }

    fn write_all_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.machine
            .content(&self.path, |content| content.write(bytes, at))
    }

    fn size(&self) -> io::Result<u64> {
        self.machine.len(&self.path)
    }

    fn set_size(&self, bytes: u64) -> io::Result<()> {
        self.machine
            .content(&self.path, |content| content.set_size(bytes))
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn reserve(&self, bytes: u64) -> io::Result<bool> {
        let grow = |content: &mut Content| content.size = content.size.max(bytes);
        self.machine.content(&self.path, grow).map(|()| true)
    }
}
