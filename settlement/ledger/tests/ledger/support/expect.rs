//! What a line says must come of it.
use std::collections::BTreeMap;

use causeway_ledger::Outcome;
use causeway_message::answer::{Answer, answer_flags};
use causeway_message::{InstructionId, ParticipantId, Status};

use super::text::{Words, number};

/// What follows `->`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    pub status: Status,
    /// Place in the queue, if told.
    position: Option<u32>,
    pub replayed: bool,
    /// Balance in the detail.
    left: Option<i128>,
    /// A limit or reservation was set below its use.
    below: bool,
    /// Rate, of two decimal places, or zero for two hops; and fee.
    priced: Option<(u64, u64)>,
}

impl Expect {
    pub fn of(status: Status) -> Self {
        Self {
            status,
            position: None,
            replayed: false,
            left: None,
            below: false,
            priced: None,
        }
    }

    /// The same, of a record that was known.
    pub fn known_before(self) -> Self {
        Self {
            replayed: true,
            ..self
        }
    }

    /// `queued 2 left 60`, `settled replayed`, `executed below`.
    pub fn read(text: &str) -> Self {
        let mut words = Words::new(text);
        let mut expect = Self::of(words.status());
        while let Some(word) = words.next() {
            match word {
                "replayed" => expect.replayed = true,
                "below" => expect.below = true,
                "at" => expect.priced = Some((words.number(), 0)),
                "fee" => expect.priced = expect.priced.map(|(rate, _)| (rate, words.number())),
                "left" => expect.left = Some(words.signed()),
                place => expect.position = Some(number(place) as u32),
            }
        }
        expect
    }

    fn holds(&self, answer: &Answer) {
        assert_eq!(answer.status(), Some(self.status), "another status was answered");
        let place = answer.queue_position.get();
        let first_wait = self.status == Status::Queued && !self.replayed;
        match self.position {
            Some(expected) => assert_eq!(place, expected, "another place in the queue"),
            None => assert_eq!(place != 0, first_wait, "place {place} in the queue"),
        }
        let mut flags = 0;
        if self.replayed {
            flags |= answer_flags::REPLAYED;
        }
        if self.replayed || self.left.is_some() || self.priced.is_some() {
            flags |= answer_flags::DETAILED;
        }
        if self.below {
            flags |= answer_flags::BELOW_USE;
        }
        assert_eq!(answer.flags.get(), flags, "other flags");
    }
}

/// Who submitted what under which id.
pub type Key = (ParticipantId, InstructionId);

/// Entry and place of everything that took effect.
pub type Origins = BTreeMap<Key, (u64, u16)>;

/// Holds answers and details of an entry to what was told, and notes where each record stands.
pub fn answers(outcome: &Outcome, index: u64, keys: &[Key], expected: &[Expect], origins: &mut Origins) {
    assert_eq!(outcome.answers.len(), expected.len(), "another number of answers");
    let mut details = outcome.details.iter();
    for (place, ((answer, expect), key)) in outcome.answers.iter().zip(expected).zip(keys).enumerate() {
        expect.holds(answer);
        if !expect.replayed && !matches!(expect.status, Status::IdReused | Status::CapacityExhausted) {
            origins.insert(*key, (index, place as u16));
        }
        if !expect.replayed && expect.left.is_none() && expect.priced.is_none() {
            continue;
        }
        let detail = details.next().expect("a detail goes with the answer");
        let origin = if expect.replayed {
            origins[key]
        } else {
            (index, place as u16)
        };
        assert_eq!(
            usize::from(detail.record.get()),
            place,
            "the detail is of another record"
        );
        assert_eq!(
            (detail.origin_entry.get(), detail.origin_ordinal.get()),
            origin,
            "another origin"
        );
        assert_eq!(detail.balance.get(), expect.left.unwrap_or(0), "another balance");
        assert_eq!(
            (detail.rate.get(), detail.rate_scale.get(), detail.fee.get()),
            expect.priced.map_or((0, 0, 0), |(rate, fee)| (
                rate,
                if rate == 0 { 0 } else { 2 },
                fee
            ))
        );
    }
    assert_eq!(details.next(), None, "a detail that was not asked for");
}
