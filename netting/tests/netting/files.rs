//! Files that are wrong say where and which rule; files that are right mean what they say.
use std::collections::BTreeSet;

use causeway_netting::case::{Named, Priority, read};
use causeway_netting::{CashOnly, fifo};

const BALANCES: &str = "participant,currency,balance,limit\nA,USD,5,0\nB,EUR,5,2\n";
const HEADER: &str = "id,debtor,creditor,currency,amount,priority,trade\n";

fn queue(rows: &str) -> Result<Named, String> {
    let queue = format!("{HEADER}{rows}");
    read(("b.csv", BALANCES.as_bytes()), ("q.csv", queue.as_bytes()), None).map_err(|error| error.to_string())
}

fn balances(text: &str) -> Result<Named, String> {
    read(("b.csv", text.as_bytes()), ("q.csv", HEADER.as_bytes()), None).map_err(|error| error.to_string())
}

fn refused(rows: &str, expected: &str) {
    assert_eq!(queue(rows).err().as_deref(), Some(expected), "{rows}");
}

#[test]
fn rows_that_are_wrong_name_line_column_and_rule() {
    refused(
        "1,A,B,USD,5,normal,\n1,A,B,USD,5,normal,\n",
        "q.csv: line 3, column 1 (id): `1` stands on line 2 already",
    );
    refused(",A,B,USD,5,normal,\n", "q.csv: line 2, column 1 (id): empty");
    refused("1,,B,USD,5,normal,\n", "q.csv: line 2, column 2 (debtor): empty");
    refused(
        "1,A,,USD,5,normal,\n",
        "q.csv: line 2, column 3 (creditor): empty",
    );
    refused(
        "1,A,A,USD,5,normal,\n",
        "q.csv: line 2, column 3 (creditor): debtor and creditor are the same",
    );
    refused("1,A,B,,5,normal,\n", "q.csv: line 2, column 4 (currency): empty");
    refused(
        "1,A,B,USD,-5,normal,\n",
        "q.csv: line 2, column 5 (amount): `-5` is below zero",
    );
    refused(
        "1,A,B,USD,0,normal,\n",
        "q.csv: line 2, column 5 (amount): an amount of zero",
    );
    let huge = "18446744073709551616";
    let text = format!("q.csv: line 2, column 5 (amount): `{huge}` is too large");
    refused(&format!("1,A,B,USD,{huge},normal,\n"), &text);
    for bad in ["1.5", "1e3", "+5", " 5", "five", "-"] {
        let text = format!("q.csv: line 2, column 5 (amount): `{bad}` is not a whole number of minor units");
        refused(&format!("1,A,B,USD,{bad},normal,\n"), &text);
    }
    refused("1,A,B,USD,5,,\n", "q.csv: line 2, column 6 (priority): empty");
    refused(
        "1,A,B,USD,5,Urgent,\n",
        "q.csv: line 2, column 6 (priority): `Urgent` is none of urgent, high, normal",
    );
    refused(
        "1,A,B,USD,5,normal\n",
        "q.csv: line 2, column 6 (priority): 6 fields, not 7",
    );
    refused(
        "1,A,B,USD,5,normal,,\n",
        "q.csv: line 2, column 8: 8 fields, not 7",
    );
    refused(
        "1,A,B,USD,5,normal,\n\n",
        "q.csv: line 3, column 1 (id): 1 fields, not 7",
    );
}

#[test]
fn half_a_trade_or_one_of_too_many_legs_is_refused() {
    let half = "half a trade: in `T` A only pays or only gets";
    refused(
        "1,A,B,USD,5,normal,T\n",
        &format!("q.csv: line 2, column 7 (trade): {half}"),
    );
    refused(
        "0,B,A,USD,1,high,\n1,A,B,USD,5,normal,T\n2,A,B,EUR,5,normal,T\n",
        &format!("q.csv: line 3, column 7 (trade): {half}"),
    );
    refused(
        "1,A,B,USD,5,normal,T\n2,C,A,EUR,5,normal,T\n",
        "q.csv: line 2, column 7 (trade): half a trade: in `T` B only pays or only gets",
    );
    let legs = |count: usize| -> String {
        let leg = |at: usize| match at % 2 {
            0 => format!("{at},A,B,USD,5,normal,T\n"),
            _ => format!("{at},B,A,EUR,5,normal,T\n"),
        };
        (0..count).map(leg).collect()
    };
    queue(&legs(64)).expect("as many legs as a trade may have");
    refused(
        &legs(65),
        "q.csv: line 2, column 7 (trade): a trade of more than 64 legs",
    );
    assert!(queue("1,A,B,USD,5,normal,T\n2,B,A,EUR,5,normal,T\n").is_ok());
    assert!(queue("1,A,B,USD,5,normal,T\n2,B,C,EUR,5,normal,T\n3,C,A,GBP,5,normal,T\n").is_ok());
}

#[test]
fn balances_that_are_wrong_name_line_column_and_rule() {
    let header = "participant,currency,balance,limit\n";
    let refused = |rows: &str, expected: &str| {
        assert_eq!(
            balances(&format!("{header}{rows}")).err().as_deref(),
            Some(expected),
            "{rows}"
        );
    };
    refused(
        "A,USD,1,0\nB,USD,1,0\nA,USD,1,0\n",
        "b.csv: line 4, column 1 (participant): `A,USD` stands on line 2 already",
    );
    refused(
        "A,USD,x,0\n",
        "b.csv: line 2, column 3 (balance): `x` is not a whole number of minor units",
    );
    refused("A,USD,,0\n", "b.csv: line 2, column 3 (balance): empty");
    refused(
        "A,USD,1,-1\n",
        "b.csv: line 2, column 4 (limit): `-1` is below zero",
    );
    let huge = "9".repeat(40);
    refused(
        &format!("A,USD,{huge},0\n"),
        &format!("b.csv: line 2, column 3 (balance): `{huge}` is too large"),
    );
    refused(
        &format!("A,USD,1,{huge}\n"),
        &format!("b.csv: line 2, column 4 (limit): `{huge}` is too large"),
    );
}

#[test]
fn a_wrong_header_is_named() {
    for (text, column) in [
        ("", "1 (participant)"),
        ("participant,currency,limit,balance\n", "3 (balance)"),
        ("participant,currency,balance\n", "4 (limit)"),
        ("participant,currency,balance,limit,\n", "5"),
        ("participant,currency,balance,limit \n", "4 (limit)"),
        ("A,USD,1,0\n", "1 (participant)"),
        ("\"participant\n", "1 (participant)"),
        ("participant,\"currency\n", "2 (currency)"),
    ] {
        let expected = format!(
            "b.csv: line 1, column {column}: expected the header `participant,currency,balance,limit`"
        );
        assert_eq!(balances(text).err(), Some(expected), "{text}");
    }
}

#[test]
fn quotes_follow_the_standard() {
    refused(
        "1,A,\"B,USD,5,normal,\n",
        "q.csv: line 2, column 3 (creditor): a quoted field that does not end",
    );
    let stray = "a stray quote: a field is quoted whole, and a quote in it doubled";
    refused(
        "1,A,B\"C,USD,5,normal,\n",
        &format!("q.csv: line 2, column 3 (creditor): {stray}"),
    );
    refused(
        "1,A,\"B\"C,USD,5,normal,\n",
        &format!("q.csv: line 2, column 3 (creditor): {stray}"),
    );
    let named = queue("1,A,\"B, \"\"the\"\" bank\",USD,5,normal,\r\n").expect("sound");
    assert_eq!(named.participants[2], "B, \"the\" bank");
}

#[test]
fn names_have_no_control_characters_and_no_spaces_around_them() {
    let columns = [
        (1, "id"),
        (2, "debtor"),
        (3, "creditor"),
        (4, "currency"),
        (7, "trade"),
    ];
    let row = |column: usize, name: &str| {
        let mut fields = ["1", "A", "B", "USD", "5", "normal", "T"];
        fields[column - 1] = name;
        format!("0,A,B,USD,1,high,\n{}\n", fields.join(","))
    };
    for (column, field) in columns {
        for bad in [
            "x\ty",
            "\"x\ny\"",
            "x\u{1b}[31m",
            "x\0",
            "\rx",
            "\u{7f}",
            "\u{85}",
        ] {
            let place = format!("q.csv: line 3, column {column} ({field})");
            refused(&row(column, bad), &format!("{place}: has a control character"));
        }
        for bad in [" x", "x ", "\" x\"", " ", "\u{a0}x"] {
            let place = format!("q.csv: line 3, column {column} ({field})");
            refused(
                &row(column, bad),
                &format!("{place}: begins or ends with a space"),
            );
        }
    }
    let header = "participant,currency,balance,limit\n";
    for (row, place) in [
        ("x\ty,USD,1,0\n", "1 (participant): has a control character"),
        ("x ,USD,1,0\n", "1 (participant): begins or ends with a space"),
        ("A,U\0D,1,0\n", "2 (currency): has a control character"),
        ("A, USD,1,0\n", "2 (currency): begins or ends with a space"),
    ] {
        let said = balances(&format!("{header}{row}")).err();
        assert_eq!(said, Some(format!("b.csv: line 2, column {place}")), "{row:?}");
    }
    let inside = queue("a 1,Bank of A,Bank of B,USD,5,normal,\n").expect("a space within is none around");
    assert_eq!(inside.participants[2], "Bank of A");
}

#[test]
fn what_is_no_text_or_too_long_is_refused() {
    let bytes = [HEADER.as_bytes(), b"1,A,\xff,USD,5,normal,\n"].concat();
    let error = read(("b", BALANCES.as_bytes()), ("q", &bytes), None)
        .err()
        .map(|error| error.to_string());
    assert_eq!(
        error.as_deref(),
        Some("q: line 2, column 3 (creditor): not UTF-8")
    );
    refused(
        &format!("1,A,{},USD,5,normal,\n", "B".repeat(5_000)),
        "q.csv: line 2, column 3 (creditor): longer than 4096 bytes",
    );
    refused(
        &format!("1,A,\"{}\",USD,5,normal,\n", "B".repeat(5_000)),
        "q.csv: line 2, column 3 (creditor): longer than 4096 bytes",
    );
    let half = "B".repeat(2_048);
    refused(
        &format!("1,{half},{half},USD,5,normal,\n"),
        "q.csv: line 2, column 3 (creditor): longer than 4096 bytes",
    );
}

#[test]
fn a_roster_says_who_is_known() {
    let roster: BTreeSet<String> = ["A", "B"].map(str::to_owned).into();
    let text = format!("{HEADER}1,A,C,USD,5,normal,\n");
    let error = read(("b", BALANCES.as_bytes()), ("q", text.as_bytes()), Some(&roster)).err();
    assert_eq!(
        error.map(|error| error.to_string()).as_deref(),
        Some("q: line 2, column 3 (creditor): participant `C` is unknown")
    );
}

#[test]
fn rows_of_a_trade_stand_at_the_place_and_in_the_class_of_the_first() {
    let named = queue("1,A,B,USD,5,high,T\n2,B,A,EUR,3,urgent,\n3,B,A,EUR,4,urgent,T\n4,B,A,EUR,3,high,\n")
        .expect("sound");
    assert_eq!(named.item_of, [0, 1, 0, 2]);
    assert_eq!(
        named
            .case
            .legs(0)
            .iter()
            .map(|leg| leg.priority)
            .collect::<Vec<_>>(),
        [Priority::High; 2]
    );
    let payer = named.case.legs(1)[0].debtor;
    assert_eq!(named.case.queue(payer).collect::<Vec<_>>(), [1, 0, 2]);
    // B may pay 5 + 2: the urgent 3, and the trade's 4 behind it, but not 3 more.
    assert_eq!(
        fifo(&named.case, &CashOnly)
            .chosen(&named.case)
            .iter()
            .collect::<Vec<_>>(),
        [0, 1]
    );
}
