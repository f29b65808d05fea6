//! The bank's feed, from where its last life ended.
use std::sync::Arc;

use causeway_message::Status;
use causeway_message::action::Action;
use causeway_message::event::{Event, Role};
use causeway_message::record::{Instruction, Kind};

use super::Bank;
use super::book::{Heard, Line, Side, Terms};
use crate::error::Failure;

/// Follows the feed for ever.
pub(super) async fn follow(bank: Arc<Bank>) -> Result<(), Failure> {
    let from = bank.books().next_event;
    let mut feed = bank.client.feed(from);
    loop {
        let entry = feed
            .next()
            .await
            .map_err(|e| Failure::Check(format!("feed: {e}")))?;
        let (mut first, mut next) = (None, 0);
        let mut heard = Vec::new();
        for (number, event) in entry.events() {
            first.get_or_insert(number);
            next = number + 1;
            heard.extend(hear(number, entry.leaf.index, &event));
        }
        let first = first.ok_or_else(|| Failure::Check("feed: an entry without events".into()))?;
        bank.take(Line::Feed { first, next, heard })?;
        bank.say(&format!("heard {next}"))?;
    }
}

/// What moved money, or told of a trade.
fn hear(number: u64, entry: u64, event: &Event<'_>) -> Option<Heard> {
    let (role, status) = (event.head.role, event.head.status.get());
    if let Some((record, _)) = event.payment() {
        return Some(Heard(
            number,
            role,
            status,
            record.debtor.get(),
            record.id().to_string(),
            record.currency.get(),
            event.head.amount.get(),
            side(entry, event, record),
        ));
    }
    let (_, id, action) = event.control()?;
    let Action::Fund { currency, amount, .. } = action else {
        return None;
    };
    let is_effect = event.role() == Some(Role::Subject) && event.status() == Some(Status::Executed);
    is_effect.then(|| Heard(number, role, status, 0, id.to_string(), currency, amount, None))
}

/// What is told of a side of a trade.
fn side(entry: u64, event: &Event<'_>, record: &Instruction) -> Option<Side> {
    (record.kind == Kind::Pvp as u8).then(|| Side {
        entry,
        creditor: record.creditor.get(),
        pays: record.amount.get(),
        terms: Terms {
            gets: (record.counter_currency.get(), record.counter_amount.get()),
            date: record.value_date.get(),
            ends: record.expires_at.get(),
        },
        got: event.head.counter_amount.get(),
    })
}
