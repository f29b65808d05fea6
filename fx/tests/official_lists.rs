//! The built-in tables agree with the official lists, where those are at hand.

use causeway_fx::{ACTIVE, Currency, CurrencyError};
use std::collections::{BTreeMap, BTreeSet};

/// The text of `tag` inside one entry of a list.
fn field<'a>(entry: &'a str, tag: &str) -> Option<&'a str> {
    let (_, rest) = entry.split_once(&format!("<{tag}>"))?;
    Some(rest.split_once(&format!("</{tag}>"))?.0.trim())
}

fn official(list: &str) -> Option<String> {
    let Some(samples) = std::env::var_os("CAUSEWAY_SAMPLES") else {
        println!("skipped: CAUSEWAY_SAMPLES is not set");
        return None;
    };
    let path = std::path::Path::new(&samples).join("iso4217").join(list);
    Some(std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

#[test]
fn the_active_table_is_exactly_the_official_list_of_codes_with_minor_units() {
    let Some(list) = official("table_a1.xml") else {
        return;
    };
    let mut expected = BTreeMap::new();
    let mut without = BTreeSet::new();
    for entry in list.split("<CcyNtry>").skip(1) {
        let Some(code) = field(entry, "Ccy") else { continue };
        match field(entry, "CcyMnrUnts").unwrap().parse::<u8>() {
            Ok(units) => {
                let numeric = field(entry, "CcyNbr").unwrap().parse::<u16>().unwrap();
                expected.insert(code, (numeric, units));
            }
            Err(_) => drop(without.insert(code)),
        }
    }
    let actual: BTreeMap<_, _> = ACTIVE
        .iter()
        .map(|row| (row.alpha(), (row.numeric, row.minor_units)))
        .collect();
    assert_eq!(actual, expected);
    assert!(!without.is_empty());
    for code in without {
        assert!(
            matches!(
                Currency::from_alpha(code),
                Err(CurrencyError::NoMinorUnits { .. })
            ),
            "{code}"
        );
    }
}

#[test]
fn every_historic_code_that_is_no_longer_active_is_known_as_retired() {
    let Some(list) = official("table_a2.xml") else {
        return;
    };
    let mut retired = 0;
    for entry in list.split("<HstrcCcyNtry>").skip(1) {
        let Some(code) = field(entry, "Ccy") else { continue };
        match Currency::from_alpha(code) {
            Err(CurrencyError::Retired { .. }) => retired += 1,
            Ok(_) | Err(CurrencyError::NoMinorUnits { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert!(retired > 100, "{retired}");
}
