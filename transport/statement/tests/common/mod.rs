//! A small statement: a funding, a payment and a fee.
#![allow(dead_code, reason = "each test uses a part of it")]

use causeway_message::posting::{Account, Posting, Side, posting_kind};
use causeway_message::time::{Timestamp, days_from_civil};
use causeway_message::wire::{StatementLine, StatementLines};
use causeway_message::{InstructionId, ParticipantId, Uetr};

pub const fn day(liability: bool) -> Account {
    Account {
        participant: ParticipantId(3),
        currency: 978,
        liability,
    }
}

pub fn name(participant: ParticipantId) -> String {
    ["OPERATOR", "ECB, Frankfurt", "BETAFRPP", "ALFADEFF"][participant.0 as usize].to_owned()
}

fn days() -> u64 {
    u64::from(days_from_civil(2026, 11, 30).expect("a date"))
}

/// Midnight of the day of the statement.
pub fn year_2026() -> Timestamp {
    Timestamp::midnight(days())
}

fn at(seconds: u64) -> Timestamp {
    Timestamp(year_2026().0 + seconds * 1_000_000_000)
}

fn line(
    event: u64,
    ordinal: u16,
    time: Timestamp,
    (side, kind, amount, whom): (Side, u8, u64, u32),
) -> StatementLine {
    let fee = kind == posting_kind::FEE;
    let mut uetr = [0x33; 16];
    (uetr[6], uetr[8]) = (0x43, 0x83);
    StatementLine {
        entry: event + 10,
        time,
        event,
        posting: Posting {
            side,
            kind,
            counterparty: ParticipantId(whom),
            amount,
            origin: (event + 10, ordinal),
            id: InstructionId(if fee { [0; 16] } else { [0x22; 16] }),
            uetr: Uetr(if kind == 1 { uetr } else { [0; 16] }),
        },
    }
}

/// All lines, the newest first.
pub fn whole() -> StatementLines {
    let funded = Timestamp(at(8 * 3_600).0 + 250_000_000);
    StatementLines {
        index: 60,
        next: (0, 0),
        opening: -5,
        closing: 355,
        from: 45,
        to: 59,
        from_time: Timestamp(year_2026().0 - 8 * 3_600_000_000_000),
        to_time: at(17 * 3_600 + 1),
        told: 60,
        event: 44,
        date: days() as u16,
        lines: vec![
            line(42, 0, at(17 * 3_600), (Side::Debit, posting_kind::FEE, 1, 0)),
            line(41, 138, at(9 * 3_600), (Side::Debit, 1, 139, 2)),
            line(40, 0, funded, (Side::Credit, posting_kind::FUND, 500, 1)),
        ],
    }
}
