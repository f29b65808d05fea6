//! What happens in an engine while batches are under way, and which of them it can have held up.
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::super::within_ms;

/// A batch that was due so long before an event counts as beside it: it is still under way. What counts is when it was due,
/// not how long it took: slow ones would be beside more events, and any event would look slow.
const BEFORE: Duration = Duration::from_millis(5);
/// One that was due so long after an event counts, too: it waits behind what the event held up, and is no example of what
/// batches are like without.
const AFTER: Duration = Duration::from_millis(100);

/// Kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A snapshot is encoded and written.
    Snapshot,
    /// The journal goes on in another segment.
    Segment,
    /// A business day opens, cuts off or closes, or what waits at its end is rejected.
    Day,
    /// UETRs of two days ago are forgotten.
    Expiry,
    /// A plan of netting is applied.
    Plan,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Snapshot, Self::Segment, Self::Day, Self::Expiry, Self::Plan];

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Segment => "segment",
            Self::Day => "day",
            Self::Expiry => "expiry",
            Self::Plan => "plan",
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: Kind,
    /// Not later than this it began.
    pub begin: Instant,
    /// Not earlier than this it was over.
    pub end: Instant,
}

/// A batch that was answered.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// When it was meant to be submitted.
    pub due: Instant,
    /// From then to its answer.
    pub took: Duration,
}

/// Latency of some batches, from when they were due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Side {
    pub batches: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
}

/// One kind of event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Beside {
    pub kind: Kind,
    /// How many there were while batches were sent. None is no proof of anything.
    pub events: usize,
    #[serde(flatten)]
    pub side: Side,
    /// p99 beside that of the batches without; none if there was no such event, or no batch beside it.
    pub p99_ratio: Option<f64>,
}

fn side(mut took: Vec<Duration>) -> Side {
    took.sort_unstable();
    Side {
        batches: took.len(),
        p50_ms: within_ms(&took, 0.5),
        p99_ms: within_ms(&took, 0.99),
        max_ms: within_ms(&took, 1.0),
    }
}

/// Which of some spans, sorted by their begin, a batch is beside.
fn beside(spans: &[(Instant, Instant)], longest: Duration, due: Instant) -> bool {
    let behind = spans.partition_point(|(begin, _)| *begin <= due + BEFORE);
    let candidates = spans[..behind].iter().rev();
    candidates
        .take_while(|(begin, _)| *begin + longest + AFTER >= due)
        .any(|(_, end)| *end + AFTER >= due)
}

/// Batches beside each kind of event, and those beside none.
pub fn compare(samples: &[Sample], events: &[Event]) -> (Side, Vec<Beside>) {
    let mut spans: BTreeMap<Kind, Vec<(Instant, Instant)>> = BTreeMap::new();
    let (first, last) = (
        samples.iter().map(|sample| sample.due).min(),
        samples.iter().map(|sample| sample.due).max(),
    );
    let inside = |event: &&Event| {
        first.is_some_and(|first| event.end + AFTER >= first) && last.is_some_and(|last| event.begin <= last)
    };
    for event in events.iter().filter(inside) {
        spans
            .entry(event.kind)
            .or_default()
            .push((event.begin, event.end));
    }
    let mut longest: BTreeMap<Kind, Duration> = BTreeMap::new();
    for (kind, spans) in &mut spans {
        spans.sort_unstable();
        let lengths = spans
            .iter()
            .map(|(begin, end)| end.saturating_duration_since(*begin));
        longest.insert(*kind, lengths.max().unwrap_or_default());
    }
    let (mut without, mut with) = (Vec::new(), BTreeMap::<Kind, Vec<Duration>>::new());
    for sample in samples {
        let mut met = false;
        for (kind, spans) in &spans {
            let longest = longest.get(kind).copied().unwrap_or_default();
            if beside(spans, longest, sample.due) {
                met = true;
                with.entry(*kind).or_default().push(sample.took);
            }
        }
        if !met {
            without.push(sample.took);
        }
    }
    let without = side(without);
    let of = |kind: Kind| {
        let side = side(with.remove(&kind).unwrap_or_default());
        let both = side.batches > 0 && without.batches > 0 && without.p99_ms > 0.0;
        Beside {
            kind,
            events: spans.get(&kind).map_or(0, Vec::len),
            side,
            p99_ratio: both.then(|| side.p99_ms / without.p99_ms),
        }
    };
    let kinds = Kind::ALL.map(of).into();
    (without, kinds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn event(kind: Kind, begin: Instant, end: Instant) -> Event {
        Event { kind, begin, end }
    }

    #[test]
    fn batches_due_around_an_event_are_beside_it_and_others_are_without() {
        let start = Instant::now() + ms(1_000);
        // One each millisecond, of one millisecond; slow ones from 100 to 120.
        let samples: Vec<Sample> = (0..1_000)
            .map(|at| Sample {
                due: start + ms(at),
                took: if (100..120).contains(&at) { ms(8) } else { ms(1) },
            })
            .collect();
        let events = [
            event(Kind::Snapshot, start + ms(100), start + ms(119)),
            event(Kind::Segment, start + ms(500), start + ms(500)),
            // Before and behind all batches.
            event(Kind::Plan, start - ms(300), start - ms(200)),
            event(Kind::Plan, start + ms(5_000), start + ms(5_001)),
        ];
        let (without, kinds) = compare(&samples, &events);
        let find = |kind: Kind| {
            kinds
                .iter()
                .find(|beside| beside.kind == kind)
                .expect("all kinds")
        };
        let snapshot = find(Kind::Snapshot);
        // 95 to 219: both edges, and both margins.
        assert_eq!((snapshot.events, snapshot.side.batches), (1, 125));
        assert_eq!((snapshot.side.p50_ms, snapshot.side.max_ms), (1.0, 8.0));
        assert_eq!(snapshot.p99_ratio, Some(8.0));
        let segment = find(Kind::Segment);
        assert_eq!(
            (segment.events, segment.side.batches, segment.p99_ratio),
            (1, 106, Some(1.0))
        );
        assert_eq!((without.batches, without.p99_ms), (1_000 - 125 - 106, 1.0));
        for kind in [Kind::Plan, Kind::Day, Kind::Expiry] {
            let none = find(kind);
            assert_eq!(
                (none.events, none.p99_ratio),
                (0, None),
                "{kind:?}: none is no proof"
            );
        }
    }

    #[test]
    fn a_long_event_is_found_behind_many_short_ones() {
        let start = Instant::now();
        let mut events = vec![event(Kind::Snapshot, start, start + ms(400))];
        events.extend((10..100).map(|at| event(Kind::Snapshot, start + ms(at), start + ms(at))));
        let sample = Sample {
            due: start + ms(399),
            took: ms(2),
        };
        let (without, kinds) = compare(&[sample], &events);
        assert_eq!((without.batches, kinds[0].side.batches), (0, 1));
        assert_eq!(kinds[0].p99_ratio, None, "nothing to compare with");
    }

    #[test]
    fn without_batches_there_is_nothing() {
        let now = Instant::now();
        let (without, kinds) = compare(&[], &[event(Kind::Day, now, now)]);
        assert_eq!(without, Side::default());
        assert!(kinds.iter().all(|beside| beside.events == 0));
    }
}
