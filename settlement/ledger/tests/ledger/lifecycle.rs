//! Every state of a payment under every event, against a table written out here; and the diagram that people read.
use causeway_ledger::lifecycle::{Event, next};
use causeway_message::Status;

/// Where an event leads; no other can happen. Written from the rules (section 22), not from the code.
const TABLE: [(Status, Event, Status); 66] = [
    (Status::Queued, Event::Settle, Status::Settled),
    (Status::Queued, Event::SetAside, Status::SetAside),
    (Status::Queued, Event::Hold, Status::Pending),
    (Status::Queued, Event::Cancel, Status::Cancelled),
    (Status::Queued, Event::Expire, Status::Expired),
    (Status::Queued, Event::Suspend, Status::CreditorSuspended),
    (Status::Queued, Event::Close, Status::RejectedClose),
    (Status::Queued, Event::BreakChain, Status::ChainFailed),
    (Status::Warehoused, Event::Join, Status::Queued),
    (Status::Warehoused, Event::Hold, Status::Pending),
    (Status::Warehoused, Event::Cancel, Status::Cancelled),
    (Status::Warehoused, Event::Expire, Status::Expired),
    (Status::Warehoused, Event::Suspend, Status::CreditorSuspended),
    (Status::Warehoused, Event::Close, Status::RejectedClose),
    (Status::Warehoused, Event::BreakChain, Status::ChainFailed),
    (Status::Pending, Event::Join, Status::Queued),
    (Status::Pending, Event::Store, Status::Warehoused),
    (Status::Pending, Event::Cancel, Status::Cancelled),
    (Status::Pending, Event::Expire, Status::Expired),
    (Status::Pending, Event::Suspend, Status::CreditorSuspended),
    (Status::Pending, Event::Reject, Status::RejectedByOrder),
    (Status::Pending, Event::Close, Status::RejectedClose),
    (Status::Pending, Event::BreakChain, Status::ChainFailed),
    (Status::SetAside, Event::Release, Status::Settled),
    (Status::SetAside, Event::Expire, Status::Expired),
    (Status::SetAside, Event::GiveBack, Status::GivenBack),
    (Status::Unmatched, Event::Match, Status::Matched),
    (Status::Unmatched, Event::Replace, Status::Amended),
    (Status::Unmatched, Event::Withdraw, Status::Withdrawn),
    (Status::Unmatched, Event::Expire, Status::Expired),
    (Status::Unmatched, Event::Close, Status::RejectedClose),
    (Status::Matched, Event::Settle, Status::Settled),
    (Status::Matched, Event::Withdraw, Status::Withdrawn),
    (Status::Matched, Event::Expire, Status::Expired),
    (Status::Matched, Event::Close, Status::RejectedClose),
    (Status::Queued, Event::Await, Status::AwaitingQuote),
    (Status::Pending, Event::Await, Status::AwaitingQuote),
    (Status::AwaitingQuote, Event::Join, Status::Queued),
    (Status::AwaitingQuote, Event::Hold, Status::Pending),
    (Status::AwaitingQuote, Event::Cancel, Status::Cancelled),
    (Status::AwaitingQuote, Event::Expire, Status::Expired),
    (Status::AwaitingQuote, Event::Suspend, Status::CreditorSuspended),
    (Status::AwaitingQuote, Event::Close, Status::RejectedClose),
    (Status::AwaitingQuote, Event::LoseLock, Status::QuoteUnknown),
    (Status::Queued, Event::LoseLock, Status::QuoteUnknown),
    (Status::Pending, Event::LoseLock, Status::QuoteUnknown),
    (Status::SetAside, Event::Use, Status::Executed),
    (Status::Queued, Event::Default, Status::Defaulted),
    (Status::Warehoused, Event::Default, Status::Defaulted),
    (Status::Pending, Event::Default, Status::Defaulted),
    (Status::AwaitingQuote, Event::Default, Status::Defaulted),
    (Status::Unmatched, Event::Default, Status::Defaulted),
    (Status::Matched, Event::Default, Status::Defaulted),
    (Status::SetAside, Event::Default, Status::Defaulted),
    (Status::Collected, Event::Join, Status::Queued),
    (Status::Collected, Event::Hold, Status::Pending),
    (Status::Collected, Event::Cancel, Status::Cancelled),
    (Status::Collected, Event::Suspend, Status::CreditorSuspended),
    (Status::Collected, Event::Close, Status::RejectedClose),
    (Status::Collected, Event::Default, Status::Defaulted),
    (Status::Warehoused, Event::Await, Status::AwaitingQuote),
    (Status::Warehoused, Event::LoseLock, Status::QuoteUnknown),
    (Status::Warehoused, Event::LoseDate, Status::ValueDateClosed),
    (Status::Pending, Event::LoseDate, Status::ValueDateClosed),
    (Status::AwaitingQuote, Event::LoseDate, Status::ValueDateClosed),
    (Status::AwaitingQuote, Event::Store, Status::Warehoused),
];

#[test]
fn every_event_in_every_state_leads_where_the_table_says() {
    for state in Status::ALL {
        for event in Event::ALL {
            let expected = TABLE
                .iter()
                .find(|(from, by, _)| (from, by) == (state, &event))
                .map(|(_, _, to)| *to);
            assert_eq!(
                next(*state, event),
                expected,
                "{} under {}",
                state.name(),
                event.name()
            );
        }
    }
}

#[test]
fn every_state_that_waits_may_end_and_no_end_is_left() {
    for (state, _, after) in &TABLE {
        assert!(state.is_transient());
        let leads_on = TABLE.iter().any(|(from, _, _)| from == after);
        assert_eq!(leads_on, after.is_transient(), "{}", after.name());
    }
}

/// The diagram, from the code.
fn diagram() -> String {
    let mut text = String::from(
        "# The lifecycle of a payment\n\n\
         Generated from `settlement/ledger/src/lifecycle.rs`; `CAUSEWAY_WRITE_DOCS=1 cargo test -p causeway-ledger` writes it\n\
         anew. What settles, or is rejected, on entry has this status from the start. A payment that waits beside its queue\n\
         and settles at once joins it first.\n\n\
         ```mermaid\nstateDiagram-v2\n",
    );
    for state in [
        "queued",
        "warehoused",
        "pending",
        "set_aside",
        "unmatched",
        "matched",
        "collected",
    ] {
        text += &format!("    [*] --> {state}\n");
    }
    let mut ends = Vec::new();
    for state in Status::ALL {
        for event in Event::ALL {
            let Some(after) = next(*state, event) else {
                continue;
            };
            text += &format!("    {} --> {}: {}\n", state.name(), after.name(), event.name());
            if after.is_final() && !ends.contains(&after) {
                ends.push(after);
            }
        }
    }
    for end in ends {
        text += &format!("    {} --> [*]\n", end.name());
    }
    text + "```\n"
}

#[test]
fn the_diagram_shows_the_lifecycle_as_it_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/LIFECYCLE.md");
    if std::env::var_os("CAUSEWAY_WRITE_DOCS").is_some_and(|write| write == "1") {
        std::fs::write(path, diagram()).expect("the diagram is written");
    }
    let shown = std::fs::read_to_string(path).expect("the diagram is there");
    assert_eq!(shown, diagram(), "CAUSEWAY_WRITE_DOCS=1 writes it anew");
}
