//! Twenty power cuts under load: the node is killed with SIGKILL at any moment and started again on the same
//! directory, while banks go on paying. Nothing that was acknowledged is lost, nothing happens twice.
mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use causeway_message::{InstructionId, ParticipantId, SessionId, Status};
use common::node::{Ledger, Node};
use common::teller::{Dice, Teller, Told};
use common::word;

const KILLS: u64 = 20;
const BANKS: [&str; 4] = ["ALFADEFF", "BETAFRPP", "GAMMGB2L", "DELTUS33"];
/// Euros and yen.
const CURRENCIES: &[u16] = &[978, 392];
/// Minor units that each bank is funded with: so little that payments wait.
const FUNDED: u64 = 3_000;
const AMOUNT_MAX: u64 = 200;
/// Kills fall across snapshots and segments.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("CAUSEWAY_SNAPSHOT_EVERY_ENTRIES", "60"),
    ("CAUSEWAY_JOURNAL_SEGMENT_MIB", "8"),
];
/// The last start: what waits then waits until the end, so that what is compared does not move meanwhile.
const QUIET: (&str, &str) = ("CAUSEWAY_NETTING_MODE", "off");
/// Instructions of each bank whose status is asked one by one at the end.
const ASKED: usize = 400;
/// Longest time until banks are answered again: less than a connection takes to notice by its idle time that its
/// peer is gone, so the node that came back must have reset the connections of its former life.
const RETURN: Duration = Duration::from_secs(15);
/// Longest time until the banks have heard everything.
const PATIENCE: Duration = Duration::from_secs(30);

fn seed() -> u64 {
    let given = std::env::var("CAUSEWAY_TEST_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    given.unwrap_or_else(|| {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a clock")
            .as_nanos() as u64
    })
}

#[test]
fn twenty_kills_under_load_lose_nothing_and_do_nothing_twice() {
    let seed = seed();
    println!("CAUSEWAY_TEST_SEED={seed}");
    let ledger = Ledger::new();
    let node = Node::start(&ledger.node_config(), ENVIRONMENT);
    for bank in BANKS {
        ledger.fund("ECB-TARGET", bank, "EUR", "30.00", bank);
        ledger.fund("BOJ-NET", bank, "JPY", "3000", bank);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(live_through(&ledger, node, seed));
    let log = ledger.ask(&["verify", "log", word(&ledger.dir), "--json"]);
    println!("the log: {log}");
    assert_eq!(log["holds"], true);
    assert!(
        log["heads"].as_u64().expect("a count") > KILLS / 2,
        "few tree heads were journalled: {log}"
    );
    let count = |of: &str| {
        std::fs::read_dir(ledger.dir.join(of))
            .expect("a directory")
            .count()
    };
    assert!(
        count("snapshots") > 0,
        "no snapshot was made: the kills did not fall across one"
    );
    assert!(
        second_segment_is_begun(&ledger),
        "one segment held everything: the kills did not fall across one"
    );
}

/// True once something is written into it: it is made ahead, all zeros.
fn second_segment_is_begun(ledger: &Ledger) -> bool {
    let second = std::fs::read(ledger.dir.join("journal/00000002.seg"));
    second.is_ok_and(|bytes| bytes.iter().any(|byte| *byte != 0))
}

async fn live_through(ledger: &Ledger, mut node: Node, seed: u64) {
    let mut dice = Dice(seed);
    let mut banks = Vec::new();
    for name in BANKS {
        banks.push(Arc::new(Teller::open(ledger, name).await));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let mut lanes = Vec::new();
    for (at, bank) in banks.iter().enumerate() {
        let others = banks
            .iter()
            .map(|other| other.id)
            .filter(|id| *id != bank.id)
            .collect();
        lanes.extend(bank.pay(others, CURRENCIES, AMOUNT_MAX, seed ^ (at as u64) << 8, &stop));
    }
    let started = Instant::now();
    for kill in 1..=KILLS {
        let before = answered(&banks);
        tokio::time::sleep(Duration::from_millis(50 + dice.below(600))).await;
        // A kill counts only under load: the banks must have come back since the last one.
        let again = Instant::now();
        while answered(&banks) == before {
            assert!(
                again.elapsed() < RETURN,
                "no bank was answered since kill {}",
                kill - 1
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // A slow machine has written less by now.
        let last = Instant::now();
        while kill == KILLS && !second_segment_is_begun(ledger) && last.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        node.kill();
        let mut environment = ENVIRONMENT.to_vec();
        if kill == KILLS {
            environment.push(QUIET);
        }
        node = Node::start(&ledger.node_config(), &environment);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::Release);
    for lane in lanes {
        lane.await.expect("a lane ends by itself");
    }
    println!(
        "{} payments answered through {KILLS} kills in {:?}",
        answered(&banks),
        started.elapsed()
    );
    no_bank_found_fault(&banks);
    hear_everything(&banks).await;
    no_bank_found_fault(&banks);
    let told: BTreeMap<u32, Vec<Told>> = banks
        .iter()
        .map(|bank| (bank.id.0, bank.notes.lock().expect("notes").complete()))
        .collect();
    let waited = told
        .values()
        .flatten()
        .filter(|told| told.later == Some(Status::Settled))
        .count();
    assert!(waited > 0, "no payment waited: the test is too easy");
    balances_are_the_sum_of_what_was_acknowledged(&banks, &told).await;
    feeds_tell_of_every_payment_once(&banks, &told);
    statuses_are_as_answered(&banks, &told).await;
    ids_sent_again_move_nothing(&banks, &told).await;
    balances_are_the_sum_of_what_was_acknowledged(&banks, &told).await;
    banks.iter().for_each(|bank| bank.leave());
    assert_eq!(
        tokio::task::spawn_blocking(|| node.terminate())
            .await
            .expect("it ends")
            .code(),
        Some(0)
    );
}

fn no_bank_found_fault(banks: &[Arc<Teller>]) {
    for (name, bank) in BANKS.iter().zip(banks) {
        let faults = &bank.notes.lock().expect("notes").faults;
        assert!(
            faults.is_empty(),
            "{name} found {}: {:#?}",
            faults.len(),
            faults.iter().take(5).collect::<Vec<_>>()
        );
    }
}

fn answered(banks: &[Arc<Teller>]) -> usize {
    banks
        .iter()
        .map(|bank| bank.notes.lock().expect("notes").sent.len())
        .sum()
}

/// Waits until every feed is at its end: nothing moves any more, so as many credits were told as debits settled.
async fn hear_everything(banks: &[Arc<Teller>]) {
    let until = Instant::now() + PATIENCE;
    loop {
        let (mut debits, mut credits) = (0, 0);
        for bank in banks {
            let notes = bank.notes.lock().expect("notes");
            debits += notes
                .complete()
                .iter()
                .filter(|told| told.status() == Status::Settled)
                .count();
            credits += notes.credits.len();
        }
        if debits == credits {
            return;
        }
        assert!(
            Instant::now() < until,
            "{debits} debits settled, but the creditors were told of {credits}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn balances_are_the_sum_of_what_was_acknowledged(
    banks: &[Arc<Teller>],
    told: &BTreeMap<u32, Vec<Told>>,
) {
    let mut sums: BTreeMap<(u32, u16), i128> = BTreeMap::new();
    let mut waiting: BTreeMap<(u32, u16), u32> = BTreeMap::new();
    for bank in banks {
        for currency in CURRENCIES {
            sums.insert((bank.id.0, *currency), FUNDED.into());
        }
    }
    for Told { record, .. } in told
        .values()
        .flatten()
        .filter(|told| told.status() == Status::Settled)
    {
        let (currency, amount) = (record.currency.get(), i128::from(record.amount.get()));
        *sums.entry((record.debtor.get(), currency)).or_default() -= amount;
        *sums.entry((record.creditor.get(), currency)).or_default() += amount;
    }
    for Told { record, .. } in told
        .values()
        .flatten()
        .filter(|told| told.status() == Status::Queued)
    {
        *waiting
            .entry((record.debtor.get(), record.currency.get()))
            .or_default() += 1;
    }
    for bank in banks {
        let balances = bank.client.balances(0).await.expect("balances");
        for line in balances
            .lines
            .iter()
            .filter(|line| CURRENCIES.contains(&line.currency))
        {
            let key = (bank.id.0, line.currency);
            assert_eq!(
                line.balance, sums[&key],
                "balance of participant {} in {}",
                key.0, key.1
            );
            assert_eq!(
                line.queued,
                waiting.get(&key).copied().unwrap_or(0),
                "queue of {key:?}"
            );
        }
    }
}

fn feeds_tell_of_every_payment_once(banks: &[Arc<Teller>], told: &BTreeMap<u32, Vec<Told>>) {
    let mut expected: BTreeMap<u32, BTreeMap<(u32, InstructionId), u64>> = BTreeMap::new();
    for Told { record, .. } in told
        .values()
        .flatten()
        .filter(|told| told.status() == Status::Settled)
    {
        let credits = expected.entry(record.creditor.get()).or_default();
        credits.insert((record.debtor.get(), record.id()), record.amount.get());
    }
    for bank in banks {
        let notes = bank.notes.lock().expect("notes");
        let wanted = expected.remove(&bank.id.0).unwrap_or_default();
        assert!(
            notes.credits == wanted,
            "the feed of participant {} tells another story",
            bank.id
        );
        let queued = notes
            .sent
            .iter()
            .filter(|(_, told)| told.answered == Status::Queued)
            .count();
        assert!(notes.released.len() <= queued);
        assert!(
            notes
                .released
                .keys()
                .all(|id| notes.sent[id].answered == Status::Queued)
        );
    }
}

async fn statuses_are_as_answered(banks: &[Arc<Teller>], told: &BTreeMap<u32, Vec<Told>>) {
    for bank in banks {
        let all = &told[&bank.id.0];
        for one in all.iter().step_by((all.len() / ASKED).max(1)) {
            let status = bank
                .client
                .status(bank.key(one.record.id()))
                .await
                .expect("a status");
            assert_eq!(status.status, one.status(), "{}", one.record.id());
        }
    }
}

async fn ids_sent_again_move_nothing(banks: &[Arc<Teller>], told: &BTreeMap<u32, Vec<Told>>) {
    for bank in banks {
        let again: Vec<Told> = told[&bank.id.0].iter().take(2_000).copied().collect();
        let session = bank.client.session(SessionId(9)).await.expect("a session");
        let records = again.iter().map(|told| told.record).collect();
        let sent = session
            .submit(records, Vec::new(), Vec::new())
            .await
            .expect("sent");
        let outcome = sent.outcome().await.expect("an outcome");
        for (one, answer) in again.iter().zip(&outcome.answers) {
            assert!(!answer.is_first(), "{} was taken for new", one.record.id());
            assert_eq!(answer.status(), Some(one.status()), "{}", one.record.id());
        }
    }
    assert!(banks.iter().all(|bank| bank.id != ParticipantId(0)));
}
