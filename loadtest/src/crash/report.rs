//! What a run counted, for people and for scripts.
use std::fmt::Write;

use serde::Serialize;

use super::fault::Faults;

/// Counters of a run.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Counts {
    /// Processes killed, all of them.
    pub kills: u64,
    /// Of these, nodes.
    pub kills_of_nodes: u64,
    /// Of these, banks.
    pub kills_of_banks: u64,
    /// Of these, adapters that sent.
    pub kills_of_send: u64,
    /// Of these, adapters that listened.
    pub kills_of_listen: u64,
    /// Of these, nodes that had not come back yet.
    pub kills_in_recovery: u64,
    /// Kills at once with others.
    pub kills_together: u64,
    /// Of these, right after an answer or an event.
    pub kills_after_an_answer_or_event: u64,
    /// Of these, right after a snapshot appeared.
    pub kills_after_a_snapshot: u64,
    /// Of these, right after a segment was begun.
    pub kills_after_a_segment: u64,
    /// Processes held still for a while.
    pub held_still: u64,
    /// Snapshots seen.
    pub snapshots: u64,
    /// Segments of the journal that were begun.
    pub segments: u64,
    /// Payments acknowledged to banks.
    pub payments_acknowledged: u64,
    /// Of these, settled.
    pub payments_settled: u64,
    /// Of these, settled after they had waited.
    pub payments_released: u64,
    /// Of these, refused after a cut-off or ended by a close.
    pub payments_rejected: u64,
    /// Business days that closed, each with a statement of every account.
    pub days_closed: u64,
    /// Trades of which both sides settled in one entry.
    pub trades_settled: u64,
    /// Of these, settled after they had waited.
    pub trades_released: u64,
    /// Trades that are matched and wait at the end.
    pub trades_waiting: u64,
    /// Sides that wait at the end for another side.
    pub trade_sides_unmatched: u64,
    /// Sides that ended without a trade, or with one that did not settle.
    pub trade_sides_ended: u64,
    /// Sides that settled without the other: more than none is a finding.
    pub trades_half_settled: u64,
    /// Batches sent in more than one life of a bank.
    pub batches_resent: u64,
    /// Orders sent again and answered from what had happened.
    pub replays_answered: u64,
    /// Events of feeds.
    pub feed_events: u64,
    /// Receipts verified with the pinned key.
    pub receipts: u64,
    /// Messages that adapters settled.
    pub adapter_messages: u64,
    /// Messages sent once more than their answer asked for.
    pub adapter_messages_again: u64,
    /// Sends that could not tell, with the node away for longer than they were to wait.
    pub adapter_sends_unknown: u64,
    /// Times that all books were held to the ledger.
    pub checks: u64,
}

/// The result of a run.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// What was done.
    pub scenario: &'static str,
    /// Its seed.
    pub seed: u64,
    /// True if nothing contradicts.
    pub holds: bool,
    /// Seconds in all.
    pub seconds: f64,
    /// Most that a start of the node took, in milliseconds.
    pub longest_start_ms: u64,
    /// Half of the times until a bank was answered after a kill were shorter, in milliseconds.
    pub median_return_ms: u64,
    /// The longest of these times.
    pub longest_return_ms: u64,
    /// Faults of the file system, where they were made.
    #[serde(flatten)]
    pub faults: Option<Faults>,
    /// The counters.
    #[serde(flatten)]
    pub counts: Counts,
}

impl Summary {
    /// For people.
    pub fn to_text(&self) -> String {
        let c = &self.counts;
        let mut text = match &self.faults {
            Some(faults) => self.faults_text(faults),
            None => self.kills_text(),
        };
        let _ = writeln!(
            text,
            "  crossed: {} snapshots, {} segments; starts at most {} ms, answers again after {} ms (median), {} ms (most)",
            c.snapshots, c.segments, self.longest_start_ms, self.median_return_ms, self.longest_return_ms
        );
        let _ = writeln!(
            text,
            "  {} payments acknowledged, {} settled, {} of them after waiting; {} batches sent again, {} replays",
            c.payments_acknowledged,
            c.payments_settled,
            c.payments_released,
            c.batches_resent,
            c.replays_answered
        );
        if c.days_closed != 0 {
            let _ = writeln!(
                text,
                "  {} business days closed, each with a statement of every account; {} payments came too late or were rejected at close",
                c.days_closed, c.payments_rejected
            );
        }
        let _ = writeln!(
            text,
            "  {} trades settled, both sides in one entry, {} of them after waiting; {} half-settled; {} wait matched, {} \
             sides unmatched, {} sides ended",
            c.trades_settled,
            c.trades_released,
            c.trades_half_settled,
            c.trades_waiting,
            c.trade_sides_unmatched,
            c.trade_sides_ended
        );
        let _ = writeln!(
            text,
            "  {} messages of adapters ({} again, {} sends could not tell); {} receipts verified; {} checks",
            c.adapter_messages, c.adapter_messages_again, c.adapter_sends_unknown, c.receipts, c.checks
        );
        text.trim_end().to_owned()
    }

    fn kills_text(&self) -> String {
        let c = &self.counts;
        format!(
            "{} kills in {:.0} s, seed {}: nothing lost, nothing twice\n  \
             killed: {} nodes ({} while they recovered), {} banks, {} adapters sending, {} listening; {} held still\n  \
             aimed: {} after an answer or event, {} after a snapshot, {} after a new segment\n",
            c.kills,
            self.seconds,
            self.seed,
            c.kills_of_nodes,
            c.kills_in_recovery,
            c.kills_of_banks,
            c.kills_of_send,
            c.kills_of_listen,
            c.held_still,
            c.kills_after_an_answer_or_event,
            c.kills_after_a_snapshot,
            c.kills_after_a_segment
        )
    }

    fn faults_text(&self, faults: &Faults) -> String {
        let hit: Vec<String> = faults
            .hit
            .iter()
            .map(|(part, count)| format!("{part} {count}"))
            .collect();
        format!(
            "{} faults ({}) in {:.0} s, seed {}: the node stopped each time; nothing lost, nothing twice\n  \
             hit: {}; {} while it recovered; {} starts refused without room; {} times made anew; {} rounds out of \
             reach\n",
            faults.faults,
            faults.method,
            self.seconds,
            self.seed,
            hit.join(", "),
            faults.faults_in_recovery,
            faults.starts_refused,
            faults.made_anew,
            faults.out_of_reach
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_of_a_result_hides_another() {
        let summary = Summary {
            scenario: "kills",
            seed: 1,
            holds: true,
            seconds: 1.0,
            longest_start_ms: 1,
            median_return_ms: 1,
            longest_return_ms: 1,
            faults: Some(Faults::default()),
            counts: Counts::default(),
        };
        let text = serde_json::to_string_pretty(&summary).expect("JSON");
        let keys = text.lines().filter(|line| line.contains("\": ")).count();
        let read: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).expect("a map");
        assert_eq!(read.len(), keys, "{text}");
        assert_eq!(read["holds"], true);
    }
}
