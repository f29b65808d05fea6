//! Netting: a gridlock across currencies is named, and settles when an operator lets it, or by itself.
use causeway_certificate::Document;
use causeway_engine::journal::Scan;
use causeway_message::LedgerId;
use causeway_message::entry::EntryKind;
use causeway_message::ids::hex;
use causeway_message::plan::Plan;
use causeway_netting::Mode;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::pvp::{DATE, side};
use crate::common::town::{A, B, C, D, Town, text};
use crate::common::{causeway, code, stderr, stdout, word};

/// A town whose node proposes nothing by itself, or what the configuration says.
fn open(netting: &str) -> Town {
    let town = Town::configured(3, |node| {
        let text = format!("[netting]\nlook_ms = 20\n{netting}\n");
        let changed = node.replacen("[netting]\n", &text, 1);
        assert_ne!(changed, node);
        changed
    });
    town.day_in("EUR", "open", DATE);
    town.day_in("USD", "open", DATE);
    town
}

/// Five instructions of three banks without any money, of which each waits for another: two payments in euros, one in
/// dollars, and a trade of both.
fn knot(town: &Town) -> Vec<(&'static str, String)> {
    let pay = |from: &'static str, to, currency, amount| {
        let words = ["pay", "--to", to, "--currency", currency, "--amount", amount];
        (from, town.send(from, &words).must_be("queued").id)
    };
    let mut sent = vec![
        pay(B, C, "EUR", "50.00"),
        pay(C, A, "EUR", "50.00"),
        pay(A, B, "USD", "60.00"),
    ];
    let own = town.send(A, &side(B, "EUR:50.00", "USD:60.00", DATE, &[]));
    sent.push((A, own.must_be("unmatched").id));
    let other = town.send(B, &side(A, "USD:60.00", "EUR:50.00", DATE, &[]));
    sent.push((B, other.must_be("matched").id));
    sent
}

fn netting(town: &Town, more: &[&str]) -> Value {
    let address = town.metrics();
    let mut words = vec!["admin", "netting", "--json", "--node", &address];
    words.extend(more);
    town.ledger.ask(&words)
}

#[test]
fn a_gridlock_across_currencies_is_named_and_settles_when_an_operator_lets_it() {
    let mut town = open("gridlock = false");
    let sent = knot(&town);
    let dead = town.pay(D, A, "7.00", &[]).must_be("queued").id;
    for (bank, id) in &sent {
        town.await_reason(bank, id, "gridlock");
    }
    let said = town.say(B, &["explain", &sent[0].1]);
    assert!(said.contains("waits in a gridlock"), "{said}");
    assert_eq!(town.why(D, &dead).0, "funds");
    town.cut_power();
    for (bank, id) in &sent {
        town.await_reason(bank, id, "gridlock");
    }
    let seen = netting(&town, &[]);
    assert_eq!(
        (&seen["gridlock"], &seen["gridlocked"]),
        (&true.into(), &5.into())
    );
    assert_eq!(seen["proposed_for"], Value::Null);

    let done = netting(&town, &["--run"]);
    assert_eq!(
        (text(&done, "proposed_for"), &done["plans"], &done["queued"]),
        ("operator", &1.into(), &6.into())
    );
    let euros = &done["currencies"].as_array().expect("a list")[1];
    assert_eq!(text(euros, "currency"), "EUR");
    assert_eq!(
        ["queued", "liquidity", "found", "saved"].map(|field| text(euros, field)),
        ["15700", "0", "15000", "15000"]
    );
    town.cut_power();
    for (bank, id) in &sent {
        assert_eq!(town.status(bank, id), "settled");
    }
    assert_eq!(town.status(D, &dead), "queued");
    assert_eq!(town.balances([A, B]), ["0.00", "0.00"]);
    // The creditor of a payment is told as by any other settlement, and its receipt can be verified.
    assert_eq!(town.feed(C).of(&sent[0].1), ["credit settled 50.00"]);
}

#[test]
fn a_gridlock_settles_by_itself() {
    let town = open("mode = \"fifo\"");
    let sent = knot(&town);
    for (bank, id) in &sent {
        town.await_status(bank, id, "settled");
    }
    let seen = netting(&town, &[]);
    assert_eq!((text(&seen, "mode"), &seen["gridlock"]), ("fifo", &false.into()));
}

#[test]
fn netting_that_is_off_says_so_and_a_node_that_is_not_there_too() {
    let town = open("mode = \"off\"");
    let address = town.metrics();
    let off = causeway(&["admin", "netting", "--run", "--node", &address]);
    assert_eq!(code(&off), 1, "{}", stdout(&off));
    assert!(stderr(&off).contains("netting is off"), "{}", stderr(&off));
    drop(town);
    let gone = causeway(&["admin", "netting", "--node", &address]);
    assert_eq!(code(&gone), 3);
    assert!(stderr(&gone).contains(&address), "{}", stderr(&gone));
}

/// Certificates that are there, oldest first.
fn certificates(town: &Town) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(town.ledger.dir.join("netting")) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    paths.sort();
    paths
}

/// Waits for so many certificates of which the newest is another than one.
fn await_certificates(town: &Town, count: usize, other_than: Option<&PathBuf>) -> Vec<PathBuf> {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let there = certificates(town);
        if there.len() == count && there.last() != other_than {
            return there;
        }
        assert!(Instant::now() < until, "not {count} certificates: {there:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Hash of the header of a log entry, and the ids of the instructions of its plan.
fn plan_at(town: &Town, entry: u64) -> (String, Vec<String>) {
    let ledger = LedgerId::from_hex(text(&town.node().ready, "ledger")).expect("a ledger");
    let mut scan = Scan::from_start(town.ledger.dir.join("journal"), ledger).expect("a journal");
    while let Some((header, payload, _)) = scan.next().expect("it holds") {
        if header.index.get() == entry {
            assert_eq!(header.kind(), Ok(EntryKind::Plan));
            let plan = Plan::read(&payload).expect("a plan");
            let ids = plan.instructions.iter().map(|(_, id)| id.to_string());
            return (hex(&header.hash()), ids.collect());
        }
    }
    panic!("no entry {entry}")
}

#[test]
fn what_a_node_netted_is_certified_and_tied_to_its_log() {
    let town = open("");
    let dead = town.pay(D, A, "7.00", &[]).must_be("queued").id;
    let sent = knot(&town);
    for (bank, id) in &sent {
        town.await_status(bank, id, "settled");
    }
    let file = await_certificates(&town, 1, None).remove(0);
    let told = town.ledger.ask(&["verify", "netting", word(&file), "--json"]);
    assert_eq!(
        (
            &told["holds"],
            &told["settled"],
            &told["currencies"]["EUR"]["settled_value"]
        ),
        (&true.into(), &4.into(), &15_000.into())
    );
    let entry = told["log_entry"].as_u64().expect("an entry");
    assert_eq!(
        file.file_name().and_then(|name| name.to_str()),
        Some(&*format!("{entry:020}.json"))
    );
    let (hash, mut planned) = plan_at(&town, entry);
    assert_eq!(text(&told, "log_digest"), hash);

    let written = std::fs::read_to_string(&file).expect("a file");
    let form: Value = serde_json::from_str(&written).expect("JSON");
    let items = form["items"].as_array().expect("items");
    let settling = items.iter().filter(|item| item["settles"] == json!(true));
    let rows = settling.flat_map(|item| item["rows"].as_array().expect("rows"));
    let mut settling: Vec<String> = rows.map(|row| text(row, "id").to_owned()).collect();
    settling.sort();
    let mut ids: Vec<&str> = settling.iter().filter_map(|row| row.rsplit('/').next()).collect();
    ids.sort_unstable();
    planned.sort();
    assert_eq!(ids, planned);
    let mut of_banks: Vec<String> = sent.iter().map(|(bank, id)| format!("{bank}/{id}")).collect();
    of_banks.sort();
    assert_eq!(settling, of_banks);
    assert!(!settling.contains(&format!("{D}/{dead}")));
    // Nobody is in it who pays and gets nothing.
    let accounts = form["accounts"].as_array().expect("accounts");
    let banks = [A, B, C, D].map(Value::from);
    assert!(
        accounts
            .iter()
            .all(|account| banks.contains(&account["participant"]))
    );

    let dir = town.ledger.dir.clone();
    town.ledger
        .ask(&["verify", "netting", word(&file), "--log", word(&dir), "--json"]);
    let vector = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../netting/certificate/vectors/fifo.json"
    );
    let untied = causeway(&["verify", "netting", vector, "--log", word(&dir)]);
    assert_eq!(code(&untied), 1);
    assert!(
        stderr(&untied).contains("log: it is tied to none"),
        "{}",
        stderr(&untied)
    );
    // One that holds by itself, and is tied to the entry, but has other ids.
    let document = Document::read(written.as_bytes()).expect("a certificate");
    let mut named = document.named().clone();
    let row = named
        .rows
        .iter_mut()
        .find(|row| **row == settling[0])
        .expect("a row");
    row.pop();
    row.push('x');
    let (chosen, bound) = (document.chosen(), document.certificate().bound.clone());
    let forged = Document::new(named, Mode::Bypass, &chosen, bound, document.log().copied());
    let file_of_it = town.ledger.file("forged.json");
    std::fs::write(&file_of_it, forged.expect("a form").to_json().expect("JSON")).expect("written");
    town.ledger
        .ask(&["verify", "netting", word(&file_of_it), "--json"]);
    let forged = causeway(&["verify", "netting", word(&file_of_it), "--log", word(&dir)]);
    assert_eq!(code(&forged), 1);
    assert!(
        stderr(&forged).contains("do not name the rows"),
        "{}",
        stderr(&forged)
    );
    // The log of another ledger.
    let other = crate::common::town::under_rules(3, |text| text);
    let elsewhere = causeway(&["verify", "netting", word(&file), "--log", word(&other.dir)]);
    assert_ne!(code(&elsewhere), 0, "{}", stdout(&elsewhere));

    let changed = town.ledger.file("changed.json");
    for (from, to) in [
        ("\"amount\":\"5000\"", "\"amount\":\"5001\""),
        (
            &*format!("\"entry\":\"{entry}\""),
            &*format!("\"entry\":\"{}\"", entry + 1),
        ),
    ] {
        let other = written.replacen(from, to, 1);
        assert_ne!(other, written, "{from}");
        std::fs::write(&changed, other).expect("written");
        let refused = causeway(&["verify", "netting", word(&changed)]);
        assert_eq!(code(&refused), 1, "{to}: {}", stdout(&refused));
    }
}

#[test]
fn so_many_of_the_newest_certificates_are_kept_as_the_configuration_says() {
    for (kept, there) in [(2, 2), (0, 0)] {
        let mut town = open(&format!("gridlock = false\ncertificates = {kept}"));
        let mut newest = None;
        for round in 1..=4 {
            town.pay(A, B, "5.00", &[]).must_be("queued");
            town.pay(B, A, "5.00", &[]).must_be("queued");
            let done = netting(&town, &["--run"]);
            assert_eq!(text(&done, "proposed_for"), "operator");
            if there != 0 {
                let files = await_certificates(&town, there.min(round), newest.as_ref());
                newest = files.last().cloned();
            }
            if round == 3 {
                // What was there before counts, too.
                town.cut_power();
            }
        }
        assert_eq!(certificates(&town).len(), there);
    }
}

#[test]
fn where_no_certificate_can_be_written_payments_settle_all_the_same() {
    let mut town = open("gridlock = false");
    let place = town.ledger.dir.join("netting");
    town.cut_power_while(|| std::fs::write(&place, "in the way").expect("written"));
    let count = |town: &Town, state: &str| {
        let with = format!("state=\"{state}\"");
        town.node().metric("causeway_netting_certificates_total", &with)
    };
    let pair = |town: &Town| {
        let sent = [(A, town.pay(A, B, "5.00", &[])), (B, town.pay(B, A, "5.00", &[]))];
        netting(town, &["--run"]);
        for (bank, sent) in sent {
            assert_eq!(town.status(bank, &sent.id), "settled");
        }
    };
    let shows = |state: &str| {
        let until = Instant::now() + Duration::from_secs(10);
        while count(&town, state) != 1.0 {
            assert!(Instant::now() < until, "none is {state}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    pair(&town);
    shows("failed");
    std::fs::remove_file(&place).expect("removed");
    pair(&town);
    shows("written");
    assert_eq!((count(&town, "failed"), certificates(&town).len()), (1.0, 1));
}
