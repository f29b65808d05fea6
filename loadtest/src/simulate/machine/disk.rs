//! A simulated disk: names, files, and what of both a power cut leaves.
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::content::{Content, Fate};

/// Number of a file, whatever its name is.
pub type Inode = u64;

/// A change of names that is not durable.
#[derive(Debug, Clone)]
enum Change {
    Set { path: PathBuf, before: Option<Inode> },
    Gone { path: PathBuf, before: Inode },
}

impl Change {
    fn path(&self) -> &Path {
        match self {
            Self::Set { path, .. } | Self::Gone { path, .. } => path,
        }
    }
}

/// The disk.
#[derive(Debug, Default)]
pub struct Disk {
    names: BTreeMap<PathBuf, Inode>,
    dirs: BTreeSet<PathBuf>,
    files: BTreeMap<Inode, Content>,
    next: Inode,
    /// Changes of names, oldest first.
    changes: Vec<Change>,
}

impl Disk {
    /// The file of a name.
    pub fn find(&self, path: &Path) -> Option<Inode> {
        self.names.get(path).copied()
    }

    /// A file's bytes.
    pub fn content(&self, inode: Inode) -> Option<&Content> {
        self.files.get(&inode)
    }

    /// A file's bytes, to change.
    pub fn content_mut(&mut self, inode: Inode) -> Option<&mut Content> {
        self.files.get_mut(&inode)
    }

    /// All names with their files.
    pub fn names(&self) -> impl Iterator<Item = (&PathBuf, Inode)> {
        self.names.iter().map(|(path, inode)| (path, *inode))
    }

    /// Bytes that pages take.
    pub fn bytes(&self) -> u64 {
        let pages: usize = self.files.values().map(Content::pages).sum();
        (pages * super::content::PAGE) as u64
    }

    /// True of a directory that was made.
    pub fn is_dir(&self, path: &Path) -> bool {
        self.dirs.contains(path)
    }

    /// Makes a directory and those above; durable, as the engine asks for it.
    pub fn make_dir(&mut self, path: &Path) {
        self.dirs.extend(path.ancestors().map(Path::to_owned));
    }

    /// Makes an empty file, or gives the one that is there.
    ///
    /// # Errors
    /// `NotFound` without its directory.
    pub fn create(&mut self, path: &Path) -> io::Result<Inode> {
        if let Some(found) = self.find(path) {
            return Ok(found);
        }
        if !path.parent().is_some_and(|parent| self.is_dir(parent)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.next += 1;
        self.files.insert(self.next, Content::default());
        self.set(path, self.next);
        Ok(self.next)
    }

    fn set(&mut self, path: &Path, inode: Inode) {
        let before = self.names.insert(path.to_owned(), inode);
        self.changes.push(Change::Set {
            path: path.to_owned(),
            before,
        });
    }

    /// Removes a name.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub fn remove(&mut self, path: &Path) -> io::Result<()> {
        let before = self.names.remove(path).ok_or(io::ErrorKind::NotFound)?;
        self.changes.push(Change::Gone {
            path: path.to_owned(),
            before,
        });
        Ok(())
    }

    /// Removes a directory and everything below it.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub fn remove_dir(&mut self, dir: &Path) -> io::Result<()> {
        if !self.is_dir(dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let below: Vec<PathBuf> = self
            .names
            .keys()
            .filter(|path| path.starts_with(dir))
            .cloned()
            .collect();
        for path in below {
            self.remove(&path)?;
        }
        self.dirs.retain(|path| !path.starts_with(dir));
        Ok(())
    }

    /// Gives a file another name, over one that has it.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let inode = self.find(from).ok_or(io::ErrorKind::NotFound)?;
        self.set(to, inode);
        self.remove(from)
    }

    /// Makes the names in a directory durable.
    pub fn sync_dir(&mut self, dir: &Path) {
        self.changes.retain(|change| change.path().parent() != Some(dir));
        self.forget_nameless();
    }

    /// What stands in a directory: names, and whether they are files.
    pub fn list(&self, dir: &Path) -> Option<Vec<(String, bool)>> {
        if !self.is_dir(dir) {
            return None;
        }
        let inside = |path: &&PathBuf| path.parent() == Some(dir);
        let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let files = self
            .names
            .keys()
            .filter(inside)
            .filter_map(name)
            .map(|name| (name, true));
        let dirs = self
            .dirs
            .iter()
            .filter(inside)
            .filter_map(name)
            .map(|name| (name, false));
        Some(files.chain(dirs).collect())
    }

    /// The power goes. Names survive up to one of their changes in each directory, files page by page. Tells of each
    /// change that did not survive whole.
    pub fn lose_power(&mut self, mut keep: impl FnMut() -> bool, mut fate: impl FnMut() -> Fate) -> u64 {
        let mut cut: BTreeSet<PathBuf> = BTreeSet::new();
        let mut undo = Vec::new();
        for change in std::mem::take(&mut self.changes) {
            let dir = change.path().parent().unwrap_or(Path::new("")).to_owned();
            // In one directory a later change does not survive an earlier one.
            if cut.contains(&dir) || !keep() {
                cut.insert(dir);
                undo.push(change);
            }
        }
        let lost = undo.len() as u64;
        for change in undo.into_iter().rev() {
            match change {
                Change::Set { path, before } => match before {
                    Some(inode) => drop(self.names.insert(path, inode)),
                    None => drop(self.names.remove(&path)),
                },
                Change::Gone { path, before } => {
                    self.dirs.extend(
                        path.parent()
                            .into_iter()
                            .flat_map(Path::ancestors)
                            .map(Path::to_owned),
                    );
                    self.names.insert(path, before);
                }
            }
        }
        for content in self.files.values_mut().filter(|content| !content.is_durable()) {
            content.lose_power(&mut fate);
        }
        self.forget_nameless();
        lost
    }

    /// Files that no name leads to and none can come back for.
    fn forget_nameless(&mut self) {
        let mut named: BTreeSet<Inode> = self.names.values().copied().collect();
        named.extend(self.changes.iter().filter_map(|change| match change {
            Change::Set { before, .. } => *before,
            Change::Gone { before, .. } => Some(*before),
        }));
        self.files.retain(|inode, _| named.contains(inode));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk() -> Disk {
        let mut disk = Disk::default();
        disk.make_dir(Path::new("/d"));
        disk
    }

    #[test]
    fn a_name_is_lost_with_the_power_until_its_directory_is_synced() {
        let mut disk = disk();
        let (a, b) = (Path::new("/d/a"), Path::new("/d/b"));
        disk.create(a).expect("made");
        disk.sync_dir(Path::new("/d"));
        let inode = disk.find(a).expect("there");
        disk.rename(a, b).expect("renamed");
        assert_eq!((disk.find(a), disk.find(b)), (None, Some(inode)));
        disk.lose_power(|| false, || Fate::Lost);
        assert_eq!((disk.find(a), disk.find(b)), (Some(inode), None));
        disk.rename(a, b).expect("renamed");
        disk.sync_dir(Path::new("/d"));
        disk.lose_power(|| false, || Fate::Lost);
        assert_eq!((disk.find(a), disk.find(b)), (None, Some(inode)));
    }

    #[test]
    fn a_file_whose_name_replaced_another_comes_back_with_its_bytes() {
        let mut disk = disk();
        let (old, new) = (Path::new("/d/old"), Path::new("/d/new"));
        let first = disk.create(old).expect("made");
        disk.content_mut(first).expect("there").write(&[1; 10], 0);
        disk.content_mut(first).expect("there").sync();
        disk.sync_dir(Path::new("/d"));
        disk.create(new).expect("made");
        disk.rename(new, old).expect("renamed");
        disk.lose_power(|| false, || Fate::Lost);
        assert_eq!(disk.find(old), Some(first));
        assert_eq!(disk.content(first).expect("there").size(), 10);
    }
}
