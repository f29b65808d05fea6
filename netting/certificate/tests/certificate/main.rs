//! Certificate files hold for what was netted, stay the same byte by byte, and show every change.
mod changes;
mod hostile;
mod words;

use causeway_certificate::{Document, LogEntry, verify};
use causeway_netting::case::{Account, Against, Builder, Leg, Named, Priority, SenderLimit, read};
use causeway_netting::{CashOnly, Chosen, Mode, bound, bypass, fifo};
use std::path::{Path, PathBuf};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The balances and the queue of a folder.
fn named(folder: &Path) -> Named {
    let [balances, queue] = ["balances.csv", "queue.csv"].map(|name| bytes(&folder.join(name)));
    read(("balances.csv", &balances), ("queue.csv", &queue), None).expect("the files are right")
}

/// Folders of cases with what must come out of them.
fn fixtures() -> Vec<PathBuf> {
    let all = std::fs::read_dir(here("../fixtures/netting")).expect("the fixtures are there");
    let mut folders: Vec<PathBuf> = all.map(|entry| entry.expect("an entry").path()).collect();
    folders.sort();
    assert!(folders.len() >= 9, "{folders:?}");
    folders
}

/// The certificate of a case in a mode.
fn certified(named: Named, mode: Mode, log: Option<LogEntry>) -> Document {
    let chosen = match mode {
        Mode::Fifo => fifo(&named.case, &CashOnly).chosen(&named.case),
        Mode::Bypass => {
            let mut left = 50;
            bypass(&named.case, &CashOnly, &mut || {
                left -= 1;
                left > 0
            })
        }
    };
    claimed(named, mode, &chosen, log)
}

/// A certificate of what somebody says that settles, right or not.
fn claimed(named: Named, mode: Mode, chosen: &Chosen, log: Option<LogEntry>) -> Document {
    let bound = bound(&named.case, &mut || true);
    Document::new(named, mode, chosen, bound, log).expect("it can be written down")
}

fn text(document: &Document) -> String {
    String::from_utf8(document.to_json().expect("JSON")).expect("UTF-8")
}

fn leg(debtor: u32, creditor: u32, amount: u64, priority: Priority) -> Leg {
    Leg {
        debtor,
        creditor,
        amount,
        priority,
    }
}

/// A case with what CSV files do not have: weights, sender limits and accounts that did not opt in. Accounts: 0 and 1
/// of Alfa in EUR and USD, 2 and 3 of Beta, 4 of Gamma in EUR.
fn rich() -> Named {
    let mut builder = Builder::new();
    for (participant, currency, balance, limit, bypass) in [
        (0, 0, 100, 0, false),
        (0, 1, 0, 40, true),
        (1, 0, 1 << 60, 0, true),
        (1, 1, 70, 0, true),
        (2, 0, -5, 10, true),
    ] {
        let account = Account {
            participant,
            currency,
            balance,
            limit,
            bypass,
        };
        builder.account(account).expect("an account");
    }
    builder.weight(0, 11).expect("a weight");
    builder.weight(1, 10).expect("a weight");
    for (account, against, room) in [
        (0, Against::One(1), 60),
        (0, Against::Others, 0),
        (3, Against::Others, -1),
    ] {
        let limit = SenderLimit {
            account,
            against,
            room,
        };
        builder.sender_limit(limit).expect("a limit");
    }
    use Priority::{High, Normal, Urgent};
    for legs in [
        &[leg(0, 2, 50, Normal)][..],
        &[leg(0, 2, 40, Normal)],
        &[leg(2, 0, 20, High)],
        &[leg(0, 4, 30, Urgent), leg(4, 0, 10, Normal)],
        &[leg(2, 4, 1 << 59, Normal)],
        &[leg(1, 3, 30, Normal)],
        &[leg(1, 3, 20, Normal)],
        &[leg(3, 1, 20, Normal)],
    ] {
        builder.item(legs).expect("an item");
    }
    let case = builder.build();
    let item_of = vec![0, 1, 2, 3, 3, 4, 5, 6, 7];
    Named {
        case,
        participants: ["Alfa", "Beta", "Gamma \"G\" Ü\n"].map(str::to_owned).to_vec(),
        currencies: ["EUR", "USD"].map(str::to_owned).to_vec(),
        rows: (1..=item_of.len()).map(|row| format!("r{row}")).collect(),
        item_of,
    }
}

const LOG: LogEntry = LogEntry {
    entry: u64::MAX,
    digest: [0xab; 32],
};

#[test]
fn every_fixture_has_a_certificate_that_holds_and_is_read_as_it_was_written() {
    for folder in fixtures() {
        for mode in [Mode::Fifo, Mode::Bypass] {
            let document = certified(named(&folder), mode, None);
            let written = document.to_json().expect("JSON");
            let read = verify(&written).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
            assert_eq!(read.to_json().expect("JSON"), written);
            assert_eq!(read.certificate(), document.certificate());
            assert!(read.is_about(&named(&folder)));
            assert!(!read.is_about(&rich()));
        }
    }
    for (mode, log) in [(Mode::Fifo, None), (Mode::Bypass, Some(LOG))] {
        let document = certified(rich(), mode, log);
        assert!(document.certificate().value > 0, "something settles");
        let read = verify(text(&document).as_bytes()).expect("it holds");
        assert_eq!(read.log(), log.as_ref());
        assert_eq!(text(&read), text(&document));
        assert_eq!(read.named().case.to_bytes(), rich().case.to_bytes());
    }
}

/// The bytes of a vector. `CAUSEWAY_WRITE_VECTORS=1` writes it anew.
fn vector(name: &str, written: &str) -> Vec<u8> {
    let path = here("vectors").join(name);
    if std::env::var_os("CAUSEWAY_WRITE_VECTORS").is_some_and(|value| value == "1") {
        std::fs::write(&path, written).expect("the vectors are writable");
    }
    bytes(&path)
}

#[test]
fn the_vector_holds_for_ever_and_is_written_again_byte_by_byte() {
    let written = text(&certified(named(&here("vectors")), Mode::Fifo, None));
    let found = vector("fifo.json", &written);
    let document = verify(&found).expect("it holds");
    assert_eq!(String::from_utf8(found).expect("UTF-8"), written);
    assert_eq!(document.certificate().chosen.len(), 5, "P-5 alone waits");
}

/// What later items pass may be found better one day: the vector holds, but need not be written again.
#[test]
fn the_vector_with_limits_weights_and_a_log_holds_for_ever() {
    let written = text(&certified(rich(), Mode::Bypass, Some(LOG)));
    let document = verify(&vector("bypass.json", &written)).expect("it holds");
    assert_eq!(document.log(), Some(&LOG));
    assert_eq!(document.named().case.sender_limits().len(), 3);
    assert!(document.certificate().value > 0);
}
