//! Bytes of a simulated file: what reads see, and what a power cut would leave.
use std::collections::BTreeMap;

/// Bytes of a page: what the page cache writes back at once.
pub const PAGE: usize = 4_096;
/// Bytes of a sector: what a disk writes whole or not at all.
pub const SECTOR: usize = 512;

type Page = Box<[u8; PAGE]>;

/// A file's bytes. A page that is not there is zeros.
#[derive(Debug, Default)]
pub struct Content {
    pages: BTreeMap<u64, Page>,
    size: u64,
    /// What was durable of pages that were changed since; `None` where the page was zeros.
    before: BTreeMap<u64, Option<Page>>,
    size_before: Option<u64>,
}

/// What becomes of a page, or of a size, that was changed and never synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It reached the disk.
    Kept,
    /// It did not.
    Lost,
    /// Only the sectors with a bit set did.
    Torn(u8),
}

impl Content {
    /// Bytes of the file.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Pages that hold anything.
    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    /// True if nothing is lost with the power.
    pub fn is_durable(&self) -> bool {
        self.before.is_empty() && self.size_before.is_none()
    }

    /// Fills the buffer; false if the file ends before.
    pub fn read(&self, into: &mut [u8], at: u64) -> bool {
        if at.saturating_add(into.len() as u64) > self.size {
            return false;
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
        true
    }

    /// Writes to the page cache.
    pub fn write(&mut self, bytes: &[u8], at: u64) {
        self.put(bytes, at, true);
    }

    /// Writes past the page cache: durable at once.
    pub fn write_through(&mut self, bytes: &[u8], at: u64) {
        self.put(bytes, at, false);
    }

    fn put(&mut self, bytes: &[u8], at: u64, cached: bool) {
        let end = at + bytes.len() as u64;
        if end > self.size {
            self.resize(end, cached);
        }
        let mut done = 0;
        while done < bytes.len() {
            let (page, offset, len) = span(at + done as u64, bytes.len() - done);
            let part = &bytes[done..done + len];
            done += len;
            if cached {
                self.note(page);
            }
            if part.iter().all(|byte| *byte == 0) && !self.pages.contains_key(&page) {
                continue;
            }
            let target = self.pages.entry(page).or_insert_with(|| Box::new([0; PAGE]));
            target[offset..offset + len].copy_from_slice(part);
        }
    }

    fn note(&mut self, page: u64) {
        let pages = &self.pages;
        self.before
            .entry(page)
            .or_insert_with(|| pages.get(&page).cloned());
    }

    /// Cuts the file or fills it up with zeros.
    pub fn set_size(&mut self, bytes: u64) {
        self.resize(bytes, true);
    }

    fn resize(&mut self, bytes: u64, cached: bool) {
        if cached {
            self.size_before.get_or_insert(self.size);
        }
        if bytes < self.size {
            let first_gone = bytes.div_ceil(PAGE as u64);
            let gone: Vec<u64> = self.pages.range(first_gone..).map(|(page, _)| *page).collect();
            for page in gone {
                self.note(page);
                self.pages.remove(&page);
            }
            let rest = (bytes % PAGE as u64) as usize;
            let last = bytes / PAGE as u64;
            if rest != 0 && self.pages.contains_key(&last) {
                self.note(last);
                if let Some(page) = self.pages.get_mut(&last) {
                    page[rest..].fill(0);
                }
            }
        }
        self.size = bytes;
    }

    /// Makes everything durable.
    pub fn sync(&mut self) {
        self.before.clear();
        self.size_before = None;
    }

    /// Makes the pages durable for which `reaches` holds: what a sync that fails, or the system by itself, may do.
    pub fn sync_some(&mut self, mut reaches: impl FnMut() -> bool) {
        self.before.retain(|_, _| !reaches());
    }

    /// The power goes: each change that was never synced meets its fate.
    pub fn lose_power(&mut self, mut fate: impl FnMut() -> Fate) {
        let size = match self.size_before.take() {
            Some(before) if fate() != Fate::Kept => before,
            _ => self.size,
        };
        for (page, old) in std::mem::take(&mut self.before) {
            match fate() {
                Fate::Kept => {}
                Fate::Lost => self.set_page(page, old),
                Fate::Torn(sectors) => {
                    let mut mixed = old.unwrap_or_else(|| Box::new([0; PAGE]));
                    if let Some(new) = self.pages.get(&page) {
                        merge(&mut mixed, new, sectors);
                    }
                    self.set_page(page, Some(mixed));
                }
            }
        }
        self.resize(size, false);
        self.sync();
    }

    fn set_page(&mut self, page: u64, bytes: Option<Page>) {
        match bytes {
            Some(bytes) => self.pages.insert(page, bytes),
            None => self.pages.remove(&page),
        };
    }

    /// Changes one bit, on the disk and in what is read.
    pub fn flip(&mut self, at: u64, bit: u8) {
        let (page, offset, _) = span(at, 1);
        let target = self.pages.entry(page).or_insert_with(|| Box::new([0; PAGE]));
        target[offset] ^= 1 << (bit % 8);
        if let Some(Some(old)) = self.before.get_mut(&page) {
            old[offset] ^= 1 << (bit % 8);
        }
    }
}

/// Takes the sectors over whose bit is set.
fn merge(into: &mut [u8; PAGE], from: &[u8; PAGE], sectors: u8) {
    let parts = into.chunks_mut(SECTOR).zip(from.chunks(SECTOR));
    for (sector, (into, from)) in parts.enumerate() {
        if sectors & (1 << sector) != 0 {
            into.copy_from_slice(from);
        }
    }
}

/// Page, offset in it, and bytes of it, of a run.
fn span(at: u64, len: usize) -> (u64, usize, usize) {
    let offset = (at % PAGE as u64) as usize;
    (at / PAGE as u64, offset, len.min(PAGE - offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(content: &Content) -> Vec<u8> {
        let mut bytes = vec![0; content.size() as usize];
        assert!(content.read(&mut bytes, 0));
        bytes
    }

    #[test]
    fn what_was_synced_stays_and_the_rest_meets_its_fate() {
        for (fate, expected) in [
            (Fate::Kept, [2u8; 6_000].to_vec()),
            (Fate::Lost, [1u8; 5_000].to_vec()),
        ] {
            let mut content = Content::default();
            content.write(&[1; 5_000], 0);
            content.sync();
            content.write(&[2; 6_000], 0);
            content.lose_power(|| fate);
            assert_eq!(all(&content), expected, "{fate:?}");
            assert!(content.is_durable());
        }
    }

    #[test]
    fn a_torn_page_is_old_and_new_by_sectors() {
        let mut content = Content::default();
        content.write(&[1; PAGE], 0);
        content.sync();
        content.write(&[2; PAGE], 0);
        content.lose_power(|| Fate::Torn(0b0000_0101));
        let bytes = all(&content);
        assert_eq!(
            (bytes[0], bytes[SECTOR], bytes[2 * SECTOR], bytes[PAGE - 1]),
            (2, 1, 2, 1)
        );
    }

    #[test]
    fn a_cut_comes_back_with_the_power_unless_it_was_synced() {
        let mut content = Content::default();
        content.write(&[3; 9_000], 0);
        content.sync();
        content.set_size(100);
        content.write(&[4; 10], 50);
        assert_eq!(all(&content)[50], 4);
        content.lose_power(|| Fate::Lost);
        assert_eq!(all(&content), [3; 9_000]);
        content.set_size(100);
        content.sync();
        content.lose_power(|| Fate::Lost);
        assert_eq!(all(&content), [3; 100]);
        content.set_size(9_000);
        assert_eq!(all(&content)[100..], [0; 8_900]);
    }

    #[test]
    fn what_is_written_through_outlives_the_power() {
        let mut content = Content::default();
        content.set_size(8_192);
        content.sync();
        content.write_through(&[5; PAGE], PAGE as u64);
        content.lose_power(|| Fate::Lost);
        assert_eq!(all(&content)[PAGE..], [5; PAGE]);
        assert!(content.pages() == 1);
    }
}
