//! What `control statement` writes reads back in `control reconcile`, and is held to the ledger by its references alone.
use causeway_fx::Currency;
use causeway_message::posting::{Account, Posting, Side as Way, posting_kind};
use causeway_message::time::Timestamp;
use causeway_message::wire::{StatementLine, StatementLines};
use causeway_message::{InstructionId, ParticipantId, Uetr};
use causeway_ops::reconcile::{Booked, Date, Kind, Side, Statement, compare};
use causeway_statement::{Statement as Own, camt, csv};

const DATE: Date = Date(9_830);
/// Log index of the first.
const FIRST: u64 = 10;

type Row = (&'static str, Side, u64);

const LEDGER: [Row; 6] = [
    ("R-1", Side::Credit, 10_000),
    ("=R+2", Side::Credit, 25_050),
    ("R-3", Side::Credit, 7_000),
    ("@P-1", Side::Debit, 5_000),
    ("'-4", Side::Credit, 100),
    // Log index of the first.
    ("10", Side::Credit, 200),
];

fn ledger(rows: &[Row]) -> Vec<Booked> {
    let one = |(entry, (reference, side, amount)): (u64, &Row)| Booked {
        entry,
        date: DATE,
        reference: (*reference).to_owned(),
        side: *side,
        amount: *amount,
        participant: "ALFADEFF".to_owned(),
    };
    (FIRST..).zip(rows).map(one).collect()
}

/// The liability as the ledger tells it; references only where they are known.
fn own(rows: &[Row], referenced: bool) -> Own {
    let line = |(entry, (_, side, amount)): (u64, &Row)| StatementLine {
        entry,
        time: Timestamp::midnight(DATE.0.into()),
        event: entry,
        posting: Posting {
            side: if *side == Side::Credit {
                Way::Credit
            } else {
                Way::Debit
            },
            kind: if *side == Side::Credit {
                posting_kind::FUND
            } else {
                posting_kind::PAY_OUT
            },
            counterparty: ParticipantId(2),
            amount: *amount,
            origin: (entry, 0),
            id: InstructionId([7; 16]),
            uetr: Uetr([0; 16]),
        },
    };
    let mut lines: Vec<_> = (FIRST..).zip(rows).map(line).collect();
    lines.reverse();
    let whole = StatementLines {
        index: 20,
        next: (0, 0),
        opening: 0,
        closing: rows.iter().map(|(_, side, amount)| side.signed(*amount)).sum(),
        from: 0,
        to: 20,
        from_time: Timestamp(0),
        to_time: Timestamp::midnight(DATE.0.into()),
        told: 21,
        event: 21,
        date: DATE.0,
        lines,
    };
    let account = Account {
        participant: ParticipantId(1),
        currency: 978,
        liability: true,
    };
    let reference = |line: &StatementLine| {
        let at = usize::try_from(line.entry - FIRST).expect("a place");
        rows.get(at)
            .filter(|_| referenced)
            .map(|(reference, _, _)| (*reference).to_owned())
    };
    let name = |who: ParticipantId| format!("=BANK, {who}");
    Own::new(account, false, &whole, name, reference).expect("a statement")
}

fn read(text: &str, code: &str) -> Result<Statement, String> {
    let currency = Currency::from_alpha(code).expect("a currency");
    Statement::read(text.as_bytes(), currency).map_err(|fault| fault.to_string())
}

#[test]
fn the_statement_of_the_liability_reads_back_and_agrees() {
    let own = own(&LEDGER, true);
    for text in [csv(&own), camt::camt053(&own).expect("written")] {
        let statement = read(&text, "EUR").unwrap_or_else(|fault| panic!("{fault}: {text}"));
        assert_eq!((statement.from, statement.to), (DATE, DATE));
        assert_eq!((statement.opening, statement.closing), (Some(0), Some(37_350)));
        let told = compare(&statement, &ledger(&LEDGER));
        let all = (LEDGER.len(), Vec::new());
        assert_eq!((told.agreed, told.differences), all, "{text}");
        // Its currency stands in it.
        assert!(read(&text, "USD").is_err(), "{text}");
    }
    assert!(
        csv(&own).contains(",EUR,\"'=BANK, 2\",fund,'=R+2,"),
        "{}",
        csv(&own)
    );
}

#[test]
fn a_reference_that_looks_like_a_place_in_the_log_is_not_taken_for_it() {
    // The third stands in entry 12, and the ledger knows its money under the reference 12.
    let mut known = LEDGER;
    known[2].0 = "12";
    for referenced in [true, false] {
        let xml = camt::camt053(&own(&LEDGER, referenced)).expect("written");
        let told = compare(&read(&xml, "EUR").expect("a statement"), &ledger(&known));
        let third = told.differences.iter().find(|one| {
            let says = one.ledger.as_ref().and_then(|known| known.reference.as_deref());
            says == Some("12")
        });
        assert_eq!(
            third.map(|one| one.kind),
            Some(Kind::ReferenceDiffers),
            "{told:?}"
        );
    }
}

#[test]
fn a_single_quote_of_another_bank_is_its_own() {
    let text = "date,reference,side,amount\n2026-11-30,'-4,credit,1.00\n";
    let statement = read(text, "EUR").expect("a statement");
    assert_eq!(statement.lines[0].references, ["'-4"]);
}
