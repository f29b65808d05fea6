//! The one writer: groups go to disk in one durable write each, from the calling thread.
use std::fmt;

use causeway_message::LedgerId;
use causeway_message::entry::EntryHeader;

use super::blocks::Blocks;
use super::chain::{Tail, check_payload};
use super::config::{BLOCK_BYTES, JournalConfig, SEGMENT_NUMBER_MAX};
use super::directory::Lock;
use super::error::JournalError;
use super::group::{Spot, build, build_seal, entry_bytes, group_bytes, locations};
use super::layout::{FIRST_RECORD, Location, Place, RecordId, SegmentHeader};
use super::recover::{Recovered, See, recover};
use super::segment::{SegmentFile, probe};
use super::zero_ahead::ZeroAhead;
use crate::system::Dir;

/// Appends groups of entries. There is one writer of a journal at a time, in all processes.
pub struct Writer {
    dir: Dir,
    ledger: LedgerId,
    segment_bytes: u64,
    group_bytes: u64,
    direct: bool,
    /// Segment being filled; `None` only while the writer is being opened.
    current: Option<Current>,
    ahead: ZeroAhead,
    /// The last record, and whether nothing yet seals it.
    last: RecordId,
    unsealed: bool,
    tail: Tail,
    buffer: Blocks,
    bytes_written: u64,
    poisoned: Option<JournalError>,
    _lock: Lock,
}

struct Current {
    file: SegmentFile,
    /// Where the next record goes.
    place: Place,
}

impl Writer {
    /// Opens a journal, new or existing, verifying all of it and cutting a torn tail.
    pub fn open(config: JournalConfig, ledger: LedgerId) -> Result<(Self, Recovered), JournalError> {
        Self::open_after(config, ledger, None)
    }

    /// The same, showing each entry as it is verified, so that the journal is read once.
    pub fn open_seen(
        config: JournalConfig,
        ledger: LedgerId,
        see: &mut See<'_>,
    ) -> Result<(Self, Recovered), JournalError> {
        Self::open_from(config, ledger, None, see)
    }

    /// The same, trusting the journal up to an entry: at the location stands the one that the tail describes, or
    /// the one after it.
    pub fn open_after(
        config: JournalConfig,
        ledger: LedgerId,
        trusted: Option<(Location, Tail)>,
    ) -> Result<(Self, Recovered), JournalError> {
        Self::open_from(config, ledger, trusted, &mut |_, _, _| {})
    }

    fn open_from(
        config: JournalConfig,
        ledger: LedgerId,
        trusted: Option<(Location, Tail)>,
        see: &mut See<'_>,
    ) -> Result<(Self, Recovered), JournalError> {
        config.check()?;
        let lock = Lock::take(&config.dir)?;
        let direct = probe(&config.dir, config.direct)?;
        let (walk, recovered) = recover(&config, ledger, trusted, direct, see)?;
        let current = match &walk.open {
            Some(open) => {
                let file = SegmentFile::open(&config.dir, open.path.clone(), direct)?;
                Some(Current {
                    file,
                    place: open.place(walk.pos),
                })
            }
            None => None,
        };
        let mut writer = Self {
            dir: config.dir.clone(),
            ledger,
            segment_bytes: config.segment_bytes,
            group_bytes: config.group_bytes,
            direct,
            current,
            ahead: ZeroAhead::new(config, direct),
            last: walk.last,
            unsealed: walk.unsealed,
            tail: walk.tail,
            buffer: Blocks::default(),
            bytes_written: 0,
            poisoned: None,
            _lock: lock,
        };
        match &writer.current {
            Some(current) => writer.ahead.start(current.place.segment.saturating_add(1))?,
            None => writer.roll()?,
        }
        Ok((writer, recovered))
    }

    /// Writes one group, durable on return. The entries are already chained to the last one and to each other.
    /// `locations` holds where each of them stands, and nothing else, on return.
    ///
    /// An entry that does not follow, or too many bytes, leave the journal as it was. Any other error is final.
    pub fn append(
        &mut self,
        entries: &[(&EntryHeader, &[u8])],
        locations: &mut Vec<Location>,
    ) -> Result<(), JournalError> {
        locations.clear();
        self.usable()?;
        if entries.is_empty() {
            return Ok(());
        }
        let (tail, bytes) = self.check(entries)?;
        let written = self.write_group(entries, bytes, locations);
        self.settle(written)?;
        self.tail = tail;
        Ok(())
    }

    /// Seals the last group unless it is: from then on it can only be whole or damaged, never torn. True if a
    /// seal was written. For when nothing else follows soon.
    pub fn seal(&mut self) -> Result<bool, JournalError> {
        self.usable()?;
        if !self.unsealed {
            return Ok(false);
        }
        let written = self.write_seal();
        self.settle(written)?;
        Ok(true)
    }

    /// The last entry.
    pub const fn tail(&self) -> &Tail {
        &self.tail
    }

    /// Whether writes pass the page cache by.
    pub const fn is_direct(&self) -> bool {
        self.direct
    }

    /// Bytes written since opening, with headers and padding.
    pub const fn bytes_written(&self) -> u64 {
        self.bytes_written
    }

    /// Most bytes of one group, to be compared with [`group_bytes`].
    pub const fn group_bytes_max(&self) -> u64 {
        self.group_bytes
    }

    fn usable(&self) -> Result<(), JournalError> {
        self.poisoned.clone().map_or(Ok(()), Err)
    }

    /// A failed write leaves open what is on disk, so nothing may follow it.
    fn settle(&mut self, written: Result<(), JournalError>) -> Result<(), JournalError> {
        if let Err(error) = &written {
            tracing::error!(%error, "the journal has failed and takes nothing more");
            self.poisoned = Some(error.clone());
        }
        written
    }

    /// Checks that the entries follow each other and fit: what is wrong on disk would refuse the next start.
    fn check(&self, entries: &[(&EntryHeader, &[u8])]) -> Result<(Tail, usize), JournalError> {
        let mut tail = self.tail;
        let mut bytes = 0usize;
        for (header, payload) in entries {
            let refused = |rule| JournalError::NotNext {
                index: header.index.get(),
                rule,
            };
            if header.len.get() as usize != payload.len() {
                return Err(refused("the entry's length is not that of its payload"));
            }
            // A pass over all bytes: left to tests.
            if cfg!(debug_assertions) {
                check_payload(header, payload).map_err(refused)?;
            }
            tail.follow(header).map_err(refused)?;
            bytes = bytes.saturating_add(entry_bytes(payload.len()));
        }
        let (bytes, limit) = (group_bytes(bytes), self.group_bytes);
        if bytes as u64 > limit {
            return Err(JournalError::TooLarge {
                bytes: bytes as u64,
                limit,
            });
        }
        Ok((tail, bytes))
    }

    fn write_group(
        &mut self,
        entries: &[(&EntryHeader, &[u8])],
        bytes: usize,
        locations_out: &mut Vec<Location>,
    ) -> Result<(), JournalError> {
        let place = self.room(bytes)?;
        let spot = Spot {
            sealed: self.last,
            tail: &self.tail,
            place,
        };
        let id = build(&mut self.buffer, spot, entries, bytes);
        self.write(id)?;
        self.unsealed = true;
        locations_out.extend(locations(place.segment, place.offset, entries));
        Ok(())
    }

    fn write_seal(&mut self) -> Result<(), JournalError> {
        let begun = self.current.as_ref().map(|current| current.place.segment);
        let place = self.room(BLOCK_BYTES)?;
        // The header of a new segment has sealed it already.
        if begun == Some(place.segment) {
            let id = build_seal(
                &mut self.buffer,
                Spot {
                    sealed: self.last,
                    tail: &self.tail,
                    place,
                },
            );
            self.write(id)?;
        }
        self.unsealed = false;
        Ok(())
    }

    /// Writes the record at the front of the buffer where the next one goes.
    fn write(&mut self, id: RecordId) -> Result<(), JournalError> {
        let Some(current) = &mut self.current else {
            return Ok(());
        };
        current
            .file
            .write(&self.buffer.bytes()[..id.bytes as usize], current.place.offset)?;
        current.place.offset += u64::from(id.bytes);
        self.ahead.writer_at(current.place.offset);
        self.bytes_written += u64::from(id.bytes);
        self.last = id;
        Ok(())
    }

    /// Where a record of so many bytes goes: in the current segment or, if it is full, in the next.
    fn room(&mut self, bytes: usize) -> Result<Place, JournalError> {
        loop {
            if let Some(Current { place, .. }) = &self.current
                && place.offset.saturating_add(bytes as u64) <= place.size
            {
                return Ok(*place);
            }
            self.roll()?;
        }
    }

    /// Begins the next segment. Its header seals the last record.
    fn roll(&mut self) -> Result<(), JournalError> {
        let number = self
            .current
            .as_ref()
            .map_or(0, |current| current.place.segment)
            .saturating_add(1);
        if number >= SEGMENT_NUMBER_MAX {
            return Err(JournalError::Config {
                field: "segment_bytes",
                value: self.segment_bytes,
                rule: "too small: the journal has run out of segment numbers",
            });
        }
        let file = self.ahead.take(number)?;
        let salt = self
            .dir
            .system()
            .random()
            .map_err(|source| JournalError::io(self.dir.path(), "get random numbers", source))?;
        let header = SegmentHeader::block(
            self.ledger,
            number,
            self.segment_bytes,
            salt,
            &self.tail,
            self.last,
        );
        file.write(&header.0, 0)?;
        tracing::debug!(path = %file.path.display(), "began a segment of the journal");
        let place = Place {
            segment: number,
            offset: FIRST_RECORD,
            salt,
            size: self.segment_bytes,
        };
        self.current = Some(Current { file, place });
        self.unsealed = false;
        self.bytes_written += FIRST_RECORD;
        self.ahead.start(number.saturating_add(1))
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segment = self.current.as_ref().map(|current| current.place.segment);
        f.debug_struct("Writer")
            .field("segment", &segment)
            .field("tail", &self.tail)
            .finish_non_exhaustive()
    }
}
