//! Whoever seals something wrong is told what is wrong, in names.
use causeway_certificate::{Document, verify};
use causeway_netting::{Bound, Chosen, Mode, bound};

use super::{claimed, rich, text};

/// What is said of a certificate of these items.
fn said(items: &[u32], mode: Mode) -> String {
    let named = rich();
    let chosen = Chosen::of(&named.case, items.iter().copied());
    let document = claimed(named, mode, &chosen, None);
    match verify(text(&document).as_bytes()) {
        Ok(_) => "it holds".to_owned(),
        Err(why) => why,
    }
}

#[test]
fn a_sealed_fault_is_named_by_participant_currency_and_row() {
    assert_eq!(said(&[2], Mode::Fifo), "it holds");
    assert_eq!(
        said(&[5, 6], Mode::Bypass),
        "settles: account of Alfa in USD: -50 would be left, and -40 is the least"
    );
    assert_eq!(
        said(&[0, 1, 2, 3], Mode::Fifo),
        "settles: account of Alfa in EUR: a sender limit would be exceeded"
    );
    assert_eq!(
        said(&[0], Mode::Bypass),
        "settles: account of Alfa in EUR: row r1 settles, but one before it in the queue waits that it may not pass"
    );
    assert_eq!(said(&[6], Mode::Bypass), "it holds");
    assert_eq!(
        said(&[6], Mode::Fifo),
        "settles: account of Alfa in USD: row r8 settles, but one before it in the queue waits that it may not pass"
    );
}

#[test]
fn a_bound_that_is_not_proven_does_not_hold() {
    let named = rich();
    let chosen = Chosen::of(&named.case, [2]);
    let honest = bound(&named.case, &mut || true);
    let lower = Bound {
        scaled: honest.scaled - 1,
        multipliers: honest.multipliers.clone(),
    };
    let other = Bound {
        multipliers: honest
            .multipliers
            .iter()
            .map(|multiplier| multiplier + 1)
            .collect(),
        scaled: honest.scaled,
    };
    for wrong in [lower, other] {
        let document = Document::new(rich(), Mode::Fifo, &chosen, wrong, None).expect("written");
        let why = verify(text(&document).as_bytes()).expect_err("the bound is not proven");
        assert!(
            why.starts_with("bound: ") && why.contains("but the multipliers prove"),
            "{why}"
        );
    }
    // Any multipliers will do that prove what is said of them.
    let zero = vec![0; named.case.accounts().len()];
    let scaled = Bound::prove(&named.case, &zero).expect("the value of everything");
    let weak = Bound {
        multipliers: zero,
        scaled,
    };
    let document = Document::new(rich(), Mode::Fifo, &chosen, weak, None).expect("written");
    let weak = verify(text(&document).as_bytes()).expect("it holds");
    assert!(weak.certificate().quality < 1_000);
}
