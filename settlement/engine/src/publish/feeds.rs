//! Where each participant's feed stands: the next number, and notes of which entry holds which number.
use causeway_message::FormatError;
use causeway_message::codec::{Put, Reader};

use crate::limits::FEED_SAMPLE;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Line {
    /// Events so far.
    events: u64,
    /// Groups so far.
    groups: u64,
    /// Entry of the newest group; zero if none.
    last: u64,
    /// First number and entry of every so many groups.
    samples: Vec<(u64, u64)>,
}

/// All feeds, by participant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feeds {
    lines: Vec<Line>,
}

impl Feeds {
    /// Gives a group its first number and the entry of the group before, and counts it.
    pub fn number(&mut self, participant: u32, count: u32, entry: u64) -> (u64, u64) {
        let at = participant as usize;
        if self.lines.len() <= at {
            self.lines.resize(at + 1, Line::default());
        }
        let line = &mut self.lines[at];
        let (first, previous) = (line.events + 1, line.last);
        if line.groups.is_multiple_of(FEED_SAMPLE) {
            line.samples.push((first, entry));
        }
        line.events += u64::from(count);
        line.groups += 1;
        line.last = entry;
        (first, previous)
    }

    /// Number of the next event of a participant.
    pub fn next(&self, participant: u32) -> u64 {
        self.lines
            .get(participant as usize)
            .map_or(1, |line| line.events + 1)
    }

    /// An entry whose group begins behind `number`, or the newest: from there the groups are walked back.
    pub fn anchor(&self, participant: u32, number: u64) -> Option<u64> {
        let line = self.lines.get(participant as usize)?;
        let behind = line.samples.partition_point(|(first, _)| *first <= number);
        let entry = line.samples.get(behind).map_or(line.last, |(_, entry)| *entry);
        (entry != 0).then_some(entry)
    }

    /// Entry of the participant's newest group; zero if there is none.
    pub fn newest(&self, participant: u32) -> u64 {
        self.lines.get(participant as usize).map_or(0, |line| line.last)
    }

    /// A noted entry of a group not before `entry`, or the newest: from there the groups are walked back.
    pub fn not_before(&self, participant: u32, entry: u64) -> u64 {
        let Some(line) = self.lines.get(participant as usize) else {
            return 0;
        };
        let behind = line.samples.partition_point(|(_, at)| *at < entry);
        line.samples.get(behind).map_or(line.last, |(_, at)| *at)
    }

    /// Appends all of it.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.put_u32(self.lines.len() as u32);
        for line in &self.lines {
            out.put_u64(line.events).put_u64(line.groups).put_u64(line.last);
            out.put_u32(line.samples.len() as u32);
            for (first, entry) in &line.samples {
                out.put_u64(*first).put_u64(*entry);
            }
        }
    }

    /// Reads it back.
    ///
    /// # Errors
    /// If the bytes do not have their form.
    pub fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let mut feeds = Self::default();
        for _ in 0..r.u32("feeds")? {
            let (events, groups, last) = (r.u64("feed.events")?, r.u64("feed.groups")?, r.u64("feed.last")?);
            let count = r.u32("feed.samples")?;
            // The next number must be one.
            if events == u64::MAX || groups == u64::MAX {
                return Err(FormatError::rule("feed.events", "no feed has so many events"));
            }
            let samples = (0..count)
                .map(|_| Ok((r.u64("feed.first")?, r.u64("feed.entry")?)))
                .collect::<Result<_, FormatError>>()?;
            feeds.lines.push(Line {
                events,
                groups,
                last,
                samples,
            });
        }
        Ok(feeds)
    }
}
