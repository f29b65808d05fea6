//! What an entry holds and what came of it, in words: for people who look at why auditor and ledger differ.
use std::fmt::Write;

use causeway_message::Status;
use causeway_message::answer::Answer;
use causeway_message::batch::BatchView;
use causeway_message::control::ControlView;
use causeway_message::event::{EventKind, each};
use causeway_message::extension;
use causeway_message::record::Instruction;

fn short(id: &[u8; 16]) -> String {
    id.iter().take(3).map(|byte| format!("{byte:02x}")).collect()
}

/// A record on one line.
pub fn record(record: &Instruction, extensions: &[u8]) -> String {
    let mut line = format!(
        "kind {} {} of {} -> {}, {} in {}, class {}, flags {}",
        record.kind,
        short(&record.instruction_id),
        record.debtor.get(),
        record.creditor.get(),
        record.amount.get(),
        record.currency.get(),
        record.priority,
        record.flags.get()
    );
    if record.counter_amount.get() != 0 {
        let _ = write!(
            line,
            " for {} in {} on day {}",
            record.counter_amount.get(),
            record.counter_currency.get(),
            record.value_date.get()
        );
    }
    if record.related != [0; 16] {
        let _ = write!(line, ", about {}", short(&record.related));
    }
    if record.expires_at.get() != 0 {
        let _ = write!(line, ", ends {}", record.expires_at.get());
    }
    if record.quote.get() != 0 {
        let _ = write!(line, ", lock {}", record.quote.get());
    }
    for found in extension::each(extensions) {
        let number = extension::number(found.bytes);
        let _ = write!(line, ", extension {} {number:?}", found.kind);
    }
    line
}

fn status(number: u16) -> &'static str {
    Status::from_number(number).map_or("-", Status::name)
}

/// Answers side by side with the records of the batch.
pub fn answers(payload: &[u8], answers: &[Answer]) -> String {
    let mut text = String::new();
    if let Ok(view) = BatchView::parse(payload) {
        let mut walk = extension::Walk::new(view.extensions);
        for (place, own) in view.records.iter().enumerate() {
            let _ = writeln!(text, "  {place}: {}", record(own, walk.of(place)));
        }
    } else if let Ok(view) = ControlView::parse(payload) {
        for own in &view.records {
            let _ = writeln!(text, "  {:?}", own.control);
        }
    }
    for answer in answers {
        let (flags, position) = (answer.flags.get(), answer.queue_position.get());
        let _ = writeln!(
            text,
            "    {} flags {flags} position {position}",
            status(answer.status.get())
        );
    }
    text
}

/// A run of events, one on each line.
pub fn events(run: &[u8]) -> String {
    let mut text = String::new();
    for event in each(run) {
        let head = event.head;
        let _ = write!(
            text,
            "    event kind {} role {} {} amount {} for {} origin {}.{}",
            head.kind,
            head.role,
            status(head.status.get()),
            head.amount.get(),
            head.counter_amount.get(),
            head.origin_entry.get(),
            head.origin_ordinal.get()
        );
        match (event.kind(), event.payment(), event.control(), event.fee()) {
            (Some(EventKind::Payment), Some((own, extensions)), ..) => {
                let _ = write!(text, ": {}", record(own, extensions));
            }
            (_, _, Some((_, _, action)), _) => {
                let _ = write!(text, ": {action:?}");
            }
            (Some(EventKind::Exchange), ..) => {
                if let Some((told, own, extensions)) = event.exchange() {
                    let _ = write!(text, ": {} as {told:?}", record(own, extensions));
                }
            }
            (_, _, _, Some(fee)) => {
                let _ = write!(text, ": {fee:?}");
            }
            _ => {}
        }
        text.push('\n');
    }
    text
}
