//! Real messages from public repositories settle end to end, where they are at hand: every agent that they name
//! becomes a participant, every bank sends its own, and the sums match on both sides.
mod ledger;

use causeway_adapter::iso::{FILE_BYTES_MAX, Kind, Message, parse_file};
use ledger::Ledger;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Sums of minor units by participant and currency.
type Sums = BTreeMap<String, BTreeMap<String, i128>>;

/// Messages to be sent by one bank.
#[derive(Default)]
struct Selected {
    files: BTreeMap<String, Vec<PathBuf>>,
    messages: usize,
    paid: Sums,
    received: Sums,
    seen: BTreeSet<(String, String)>,
}

fn add(sums: &mut Sums, who: &str, currency: &str, amount: u64) {
    let accounts = sums.entry(who.to_owned()).or_default();
    *accounts.entry(currency.to_owned()).or_default() += i128::from(amount);
}

/// The one bank that a message can be sent by; none if it orders nothing that a ledger could settle.
fn sender(message: &Message) -> Option<String> {
    let first = message.transactions.first()?.settlement_debtor().key();
    let sendable = |one: &causeway_adapter::iso::Transaction| {
        let (debtor, creditor) = (one.settlement_debtor().key(), one.settlement_creditor().key());
        debtor == first && debtor != creditor && one.amount.minor > 0
    };
    // A return needs the payment that it pays back, and its bank must have received that.
    let pays = message.message_type.kind != Kind::PaymentReturn;
    let orders = pays && !message.is_announcement() && message.warnings.is_empty();
    (orders && message.transactions.iter().all(sendable)).then_some(first)
}

impl Selected {
    fn take(&mut self, path: &Path, messages: &[Message]) {
        let senders: BTreeSet<_> = messages.iter().map(sender).collect();
        let mut senders = senders.into_iter();
        let (Some(Some(bank)), None) = (senders.next(), senders.next()) else {
            return;
        };
        // Samples repeat ids; the same id from the same bank is the same payment, and so is the same UETR between the
        // same banks, which the ledger suspects.
        let ids = messages.iter().map(|one| (bank.clone(), one.message_id.clone()));
        let transactions = messages.iter().flat_map(|message| &message.transactions);
        let uetrs = transactions.filter_map(|one| {
            let creditor = one.settlement_creditor().key();
            Some((format!("{bank} {creditor}"), format!("{:?}", one.uetr?)))
        });
        let names: Vec<_> = ids.chain(uetrs).collect();
        let distinct: BTreeSet<_> = names.iter().collect();
        if distinct.len() < names.len() || names.iter().any(|name| self.seen.contains(name)) {
            return;
        }
        self.seen.extend(names);
        for one in messages.iter().flat_map(|message| &message.transactions) {
            let currency = one.amount.currency.alpha();
            add(&mut self.paid, &bank, currency, one.amount.minor);
            add(
                &mut self.received,
                &one.settlement_creditor().key(),
                currency,
                one.amount.minor,
            );
        }
        self.messages += messages.len();
        self.files.entry(bank).or_default().push(path.to_owned());
    }

    /// Every bank with an account in each of its currencies, and credit for what it pays.
    fn banks(&self) -> Vec<(String, BTreeMap<String, String>)> {
        let mut banks: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (sums, pays) in [(&self.received, false), (&self.paid, true)] {
            for (bank, accounts) in sums {
                for (code, amount) in accounts {
                    let units = causeway_fx::Currency::from_alpha(code)
                        .expect("known")
                        .minor_units;
                    let cap = if pays {
                        causeway_fx::format_minor(*amount, units)
                    } else {
                        "0".to_owned()
                    };
                    banks.entry(bank.clone()).or_default().insert(code.clone(), cap);
                }
            }
        }
        banks.into_iter().collect()
    }
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(dir).expect("a directory");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "xml") {
            found.push(path);
        }
    }
}

#[test]
fn a_set_of_real_messages_settles_and_the_sums_match() {
    let Some(samples) = std::env::var_os("CAUSEWAY_SAMPLES") else {
        println!("skipped: CAUSEWAY_SAMPLES is not set");
        return;
    };
    let mut found = Vec::new();
    files(&PathBuf::from(samples).join("iso20022"), &mut found);
    let mut selected = Selected::default();
    for path in &found {
        if let Ok(messages) = parse_file(path, FILE_BYTES_MAX) {
            selected.take(path, &messages);
        }
    }
    let Some(ledger) = Ledger::from_genesis(&ledger::genesis(&selected.banks())) else {
        return;
    };
    let mut settled = 0;
    for (bank, files) in &selected.files {
        let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
        let (code, answer) = ledger.send_json(bank, &[], &files);
        assert_eq!(code, 0, "{bank}: {answer}");
        settled += answer["messages"].as_array().expect("messages").len();
    }
    assert_eq!(settled, selected.messages);
    assert!(settled >= 20, "{settled}");
    for (bank, accounts) in selected.banks() {
        let balances = ledger.balances(&bank);
        for code in accounts.keys() {
            let of = |sums: &Sums| {
                sums.get(&bank)
                    .and_then(|one| one.get(code))
                    .copied()
                    .unwrap_or(0)
            };
            assert_eq!(
                balances[code],
                of(&selected.received) - of(&selected.paid),
                "{bank} {code}"
            );
        }
    }
    let received: Vec<&String> = selected.received.keys().collect();
    for part in received.chunks(8) {
        std::thread::scope(|scope| {
            for bank in part {
                scope.spawn(|| arrived(&ledger, &selected, bank));
            }
        });
    }
    println!(
        "{settled} messages of {} banks settled, {} banks were paid",
        selected.files.len(),
        received.len()
    );
}

/// What a bank's adapter stored adds up to what it was paid, each payment with the document it came in.
fn arrived(ledger: &Ledger, selected: &Selected, bank: &str) {
    let mut sums = Sums::new();
    for credit in ledger.listen(bank, &[]) {
        let word = |key: &str| {
            credit[key]
                .as_str()
                .unwrap_or_else(|| panic!("{bank}: no {key}: {credit}"))
        };
        let document = std::fs::read(word("document")).expect("the document");
        let messages = causeway_adapter::iso::parse(&document).expect("the document reads");
        assert_eq!(messages[0].message_id, word("message_id"));
        assert!(Path::new(word("receipt")).is_file());
        add(
            &mut sums,
            bank,
            word("currency"),
            credit["amount"].as_u64().expect("an amount"),
        );
    }
    assert_eq!(sums.get(bank), selected.received.get(bank), "{bank}");
}
