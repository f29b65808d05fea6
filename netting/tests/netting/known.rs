//! Worked cases of others, with the greatest FIFO set and the exact optimum.
use std::path::{Path, PathBuf};

use causeway_netting::case::{Named, read};
use causeway_netting::{CashOnly, Chosen, fifo, gross};

/// What `expected.json` says. A reader for these files only: numbers, and one object and one list of numbers.
pub struct Expected {
    pub settled: usize,
    pub value: u128,
    pub balances: Vec<(String, i128)>,
    pub ids: Option<Vec<String>>,
    pub optimum: u128,
}

fn after<'a>(text: &'a str, key: &str) -> &'a str {
    let at = text.find(&format!("\"{key}\":")).expect("the key is there");
    text[at + key.len() + 3..].trim_start()
}

fn number<T: std::str::FromStr>(text: &str, key: &str) -> T {
    let text = after(text, key);
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '-')
        .unwrap_or(text.len());
    text[..end].parse().ok().expect("a number")
}

fn between(text: &str, open: char, close: char) -> Vec<&str> {
    let inside = text
        .strip_prefix(open)
        .and_then(|text| text.split_once(close))
        .expect("brackets")
        .0;
    inside
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

pub fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/netting");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .expect("fixtures")
        .map(|dir| dir.unwrap().path())
        .collect();
    folders.sort();
    assert_eq!(folders.len(), 9);
    folders
}

pub fn load(folder: &Path) -> (Named, Expected) {
    let bytes = |name: &str| std::fs::read(folder.join(name)).expect("the fixture is there");
    let (balances, queue) = (bytes("balances.csv"), bytes("queue.csv"));
    let named = read(("balances.csv", &balances), ("queue.csv", &queue), None).expect("the fixture is sound");
    let text = String::from_utf8(bytes("expected.json")).expect("text");
    let pair = |part: &str| {
        let (name, balance) = part.split_once(':').expect("a pair");
        (
            name.trim().trim_matches('"').to_owned(),
            balance.trim().parse().expect("a number"),
        )
    };
    let ids = after(&text, "ids");
    let ids =
        (!ids.starts_with("null")).then(|| between(ids, '[', ']').into_iter().map(str::to_owned).collect());
    let expected = Expected {
        settled: number(&text, "settled"),
        value: number(&text, "value"),
        balances: between(after(&text, "final"), '{', '}')
            .into_iter()
            .map(pair)
            .collect(),
        ids,
        optimum: number(&text, "optimum_value"),
    };
    (named, expected)
}

pub fn ids(named: &Named, chosen: &Chosen) -> Vec<String> {
    let rows = named
        .rows
        .iter()
        .zip(&named.item_of)
        .filter(|(_, item)| chosen.contains(**item));
    rows.map(|(id, _)| id.clone()).collect()
}

#[test]
fn fifo_gives_what_each_case_says() {
    for folder in folders() {
        let (named, expected) = load(&folder);
        let chosen = fifo(&named.case, &CashOnly).chosen(&named.case);
        assert_eq!(
            (chosen.len(), chosen.value(&named.case)),
            (expected.settled, expected.value),
            "{folder:?}"
        );
        if let Some(expected) = expected.ids {
            assert_eq!(ids(&named, &chosen), expected, "{folder:?}");
        }
        let balances = chosen.balances(&named.case);
        for (name, balance) in expected.balances {
            let participant = named
                .participants
                .iter()
                .position(|known| *known == name)
                .expect("named");
            let own = |account: &causeway_netting::case::Account| account.participant as usize == participant;
            let account = named.case.accounts().iter().position(own).expect("an account");
            assert_eq!(balances[account], balance, "{folder:?} {name}");
        }
    }
}

#[test]
fn the_central_banks_case_is_4500_payments_of_31132000_and_none_of_them_gross() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/netting/mas-ubin-4x5000");
    let (named, _) = load(&root);
    let chosen = fifo(&named.case, &CashOnly).chosen(&named.case);
    assert_eq!((named.case.items(), chosen.len()), (5_000, 4_500));
    assert_eq!(chosen.moved(&named.case), [31_132_000]);
    assert!(gross(&named.case, &CashOnly).is_empty());
}
