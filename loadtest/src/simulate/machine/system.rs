//! The simulated machine as the engine sees it.
use std::io;
use std::path::Path;
use std::time::Duration;

use causeway_engine::system::{File, Lock, Name, Open, RawFile, System};
use causeway_message::time::Timestamp;

use super::Machine;
use super::disk::Inode;

#[derive(Debug)]
struct SimulatedFile {
    machine: Machine,
    inode: Inode,
    /// Each write is durable when it returns.
    durable: bool,
}

impl System for Machine {
    fn now(&self) -> Timestamp {
        Timestamp(self.state().wall)
    }

    fn steady(&self) -> Duration {
        Duration::from_nanos(self.state().elapsed)
    }

    fn random(&self) -> io::Result<u64> {
        Ok(self.word())
    }

    fn has_threads(&self) -> bool {
        false
    }

    fn open(&self, path: &Path, how: Open) -> io::Result<File> {
        let mut state = self.state();
        state.begin()?;
        let found = state.disk.find(path);
        let inode = match found {
            Some(inode) => inode,
            None if how.create => {
                state.begin_change()?;
                state.disk.create(path)?
            }
            None => return Err(io::ErrorKind::NotFound.into()),
        };
        if let Some(content) = state.disk.content_mut(inode).filter(|_| how.truncate) {
            content.set_size(0);
        }
        drop(state);
        Ok(File::new(SimulatedFile {
            machine: self.clone(),
            inode,
            durable: how.durable,
        }))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Name>> {
        let mut state = self.state();
        state.begin()?;
        let found = state.disk.list(dir).ok_or(io::ErrorKind::NotFound)?;
        Ok(found
            .into_iter()
            .map(|(name, is_file)| Name { name, is_file })
            .collect())
    }

    fn len(&self, path: &Path) -> io::Result<u64> {
        let mut state = self.state();
        state.begin()?;
        let content = state.disk.find(path).and_then(|inode| state.disk.content(inode));
        content
            .map(super::Content::size)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn make_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        if state.disk.is_dir(dir) {
            return state.begin();
        }
        state.begin_change()?;
        state.disk.make_dir(dir);
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin_change()?;
        state.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin_change()?;
        state.disk.remove(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin_change()?;
        state.disk.remove_dir(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin_change()?;
        state.disk.sync_dir(dir);
        Ok(())
    }

    fn lock(&self, _path: &Path) -> io::Result<Lock> {
        // One process is simulated at a time.
        self.state().begin()?;
        Ok(Box::new(()))
    }
}

impl RawFile for SimulatedFile {
    fn read_exact_at(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        self.machine.state().read(self.inode, into, at)
    }

    fn write_all_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.machine.state().write(self.inode, bytes, at, self.durable)
    }

    fn size(&self) -> io::Result<u64> {
        let mut state = self.machine.state();
        state.begin()?;
        let content = state.disk.content(self.inode).ok_or(io::ErrorKind::NotFound)?;
        Ok(content.size())
    }

    fn set_size(&self, bytes: u64) -> io::Result<()> {
        let mut state = self.machine.state();
        state.begin_change()?;
        let content = state
            .disk
            .content_mut(self.inode)
            .ok_or(io::ErrorKind::NotFound)?;
        // As `open` of the derived files asks for it at every start, mostly without a change.
        if content.size() != bytes {
            content.set_size(bytes);
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.machine.state().sync(self.inode)
    }

    fn reserve(&self, bytes: u64) -> io::Result<bool> {
        let mut state = self.machine.state();
        state.begin_change()?;
        if state.plan.full {
            state.struck = true;
            state.note(super::FaultKind::Full);
            return Err(io::ErrorKind::StorageFull.into());
        }
        let content = state
            .disk
            .content_mut(self.inode)
            .ok_or(io::ErrorKind::NotFound)?;
        if content.size() < bytes {
            content.set_size(bytes);
        }
        Ok(true)
    }
}
