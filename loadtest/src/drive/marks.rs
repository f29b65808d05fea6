//! What a node does beside payments, as marks on the pictures over time: found second by second in its metrics and its
//! journal's directory.
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::meter::Scraped;
use crate::report::form::{Mark, MarkKind};

const SNAPSHOT: &str = "causeway_log_snapshot_index";
const PHASE: &str = "causeway_settlement_day_phase";
const CLOSE: &str = "causeway_settlement_close_timestamp_seconds";
/// Values of [`PHASE`].
const CUT_OFF: f64 = 2.0;
const CLOSED: f64 = 3.0;

/// What was seen last.
#[derive(Debug, Default)]
pub struct Marks {
    snapshot: Option<f64>,
    segments: Option<usize>,
    /// Phase and close of the present day, by currency.
    days: BTreeMap<String, (f64, f64)>,
}

/// Segments in a journal's directory; those that are made ahead have another ending.
fn segments(journal: &Path) -> Option<usize> {
    let files = fs::read_dir(journal).ok()?.flatten();
    let segments = files.filter(|file| file.file_name().to_string_lossy().ends_with(".seg"));
    Some(segments.count())
}

impl Marks {
    /// What happened since the last look, around this second of the window. The first look finds nothing: it has none before.
    pub fn look(&mut self, at: f64, look: Option<&Scraped>, journal: Option<&Path>) -> Vec<Mark> {
        let mut marks = Vec::new();
        let mut mark = |kind, text: String| marks.push(Mark { at, kind, text });
        let segments = journal.and_then(segments);
        if let (Some(before), Some(now)) = (self.segments, segments)
            && now > before
        {
            mark(MarkKind::Segment, format!("segment {now} of the journal"));
        }
        self.segments = segments.or(self.segments);
        let Some(look) = look else { return marks };
        let snapshot = look.value(SNAPSHOT);
        if let (Some(before), Some(now)) = (self.snapshot, snapshot)
            && now > before
        {
            mark(MarkKind::Snapshot, format!("snapshot of entry {now}"));
        }
        self.snapshot = snapshot.or(self.snapshot);
        for (currency, phase) in look.by_currency(PHASE) {
            let close = look.by_currency(CLOSE).find(|(of, _)| *of == currency);
            let now = (phase, close.map_or(0.0, |(_, close)| close));
            let before = self.days.insert(currency.to_owned(), now);
            let text = match before {
                None => continue,
                Some((_, close)) if close.total_cmp(&now.1).is_ne() => "another business day",
                Some((phase, _)) if phase.total_cmp(&now.0).is_eq() => continue,
                Some(_) if now.0.total_cmp(&CUT_OFF).is_eq() => "customers are cut off",
                Some(_) if now.0.total_cmp(&CLOSED).is_eq() => "the day is closed",
                Some(_) => "the day opens",
            };
            mark(MarkKind::Day, format!("{currency}: {text}"));
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(snapshot: u64, phase: u64, close: u64) -> Scraped {
        Scraped::parse(&format!(
            "{SNAPSHOT} {snapshot}\n{PHASE}{{currency=\"USD\"}} {phase}\n{CLOSE}{{currency=\"USD\"}} {close}\n"
        ))
    }

    #[test]
    fn what_changed_between_two_looks_is_marked_once() {
        let mut marks = Marks::default();
        let mut told = |look: &Scraped| {
            let found = marks.look(3.5, Some(look), None);
            let found = found.into_iter().map(|mark| (mark.kind, mark.text));
            found.collect::<Vec<_>>()
        };
        let day = |text: &str| (MarkKind::Day, format!("USD: {text}"));
        assert!(told(&look(7, 1, 100)).is_empty(), "nothing stood before");
        assert!(told(&look(7, 1, 100)).is_empty());
        assert_eq!(
            told(&look(9, 2, 100)),
            [
                (MarkKind::Snapshot, "snapshot of entry 9".to_owned()),
                day("customers are cut off"),
            ]
        );
        assert_eq!(told(&look(9, 3, 100)), [day("the day is closed")]);
        assert_eq!(told(&look(9, 1, 200)), [day("another business day")]);
    }

    #[test]
    fn segments_are_counted_without_those_made_ahead() {
        let dir = tempfile::tempdir().expect("a directory");
        let make = |name: &str| fs::write(dir.path().join(name), "").expect("a file");
        let mut marks = Marks::default();
        make("00000001.seg");
        make("00000002.seg.tmp");
        assert!(marks.look(0.5, None, Some(dir.path())).is_empty());
        make("00000002.seg");
        let found = marks.look(1.5, None, Some(dir.path()));
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].kind, found[0].text.as_str()),
            (MarkKind::Segment, "segment 2 of the journal")
        );
        assert!(marks.look(2.5, None, Some(dir.path())).is_empty());
    }
}
