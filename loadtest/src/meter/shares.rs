//! Shares of the mix: what the scenario asks for, and what was seen of it.
use std::collections::BTreeMap;

use causeway_message::Status;

use crate::books::{REPEATED, REPLAYED};
use crate::plan::Mix;
use crate::report::form::MixShare;
use crate::workload::Drawn;

/// Of so many records answered, by what was drawn for them and what they were answered. Parts that nobody asks for and
/// nobody saw are left out.
pub fn shares(mix: &Mix, records: u64, drawn: &Drawn, otherwise: &BTreeMap<u16, u64>) -> Vec<MixShare> {
    let answered = |number: u16| otherwise.get(&number).copied().unwrap_or(0);
    let status = |status: Status| answered(status as u16);
    let repeated = answered(REPEATED);
    let parts = [
        (
            "duplicates",
            mix.duplicates,
            repeated.saturating_sub(drawn.repeated),
        ),
        ("repeated", mix.repeated, drawn.repeated.min(repeated)),
        ("replays", mix.replays, answered(REPLAYED)),
        ("reused", mix.reused, status(Status::IdReused)),
        ("queued", mix.queued, status(Status::Queued)),
        ("trades", mix.trades, drawn.trades),
        ("fx", mix.fx, drawn.exchanges),
        ("linked", mix.linked, drawn.linked),
    ];
    let part = |(name, asked, seen): (&str, f64, u64)| MixShare {
        name: name.to_owned(),
        asked,
        seen: seen as f64 / records.max(1) as f64,
    };
    let parts = parts.into_iter().map(part);
    parts.filter(|part| part.asked > 0.0 || part.seen > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_all_records_and_repeated_batches_are_no_duplicates() {
        let mix = Mix {
            duplicates: 0.1,
            repeated: 0.05,
            queued: 0.1,
            ..Mix::default()
        };
        let drawn = Drawn {
            repeated: 5,
            ..Drawn::default()
        };
        let otherwise = [(REPEATED, 15), (Status::Queued as u16, 9), (REPLAYED, 3)].into();
        let found = shares(&mix, 100, &drawn, &otherwise);
        let found: Vec<_> = found.iter().map(|part| (part.name.as_str(), part.seen)).collect();
        assert_eq!(
            found,
            [
                ("duplicates", 0.1),
                ("repeated", 0.05),
                ("replays", 0.03),
                ("queued", 0.09)
            ]
        );
    }
}
