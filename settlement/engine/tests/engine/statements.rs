//! Statements and reports: what moved on an account, page after page, for accounts of banks and the agent's liability.
use std::collections::BTreeSet;

use causeway_engine::limits::HISTORY_ENTRIES;
use causeway_engine::publish::statement::search;
use causeway_engine::{Engine, EngineError};
use causeway_message::action::Action;
use causeway_message::posting::{Account, Side, posting_kind};
use causeway_message::record::Kind;
use causeway_message::wire::{StatementLine, StatementLines, StatementQuery};
use causeway_message::{ParticipantId, Status};

use super::support::{
    A, AGENT, B, C, D, EUR, KWD, OPERATOR, USD, World, cold, flip, mixed, rest, send, stopped,
};

const fn account(participant: ParticipantId, currency: u16, liability: bool) -> Account {
    Account {
        participant,
        currency,
        liability,
    }
}

fn ask(engine: &Engine, query: &StatementQuery) -> Result<Option<StatementLines>, EngineError> {
    let asker = engine.asker();
    let Some(now) = asker.account_now(query.account)? else {
        return Ok(None);
    };
    let published = || engine.health().published;
    search(engine.archive(), query, &now, published, |key| {
        asker.remembered(key)
    })
}

/// All lines of a report, and how many pages there were; it must come to the balance.
fn whole(engine: &Engine, account: Account) -> (StatementLines, usize) {
    let page = |before| {
        let query = StatementQuery {
            account,
            date: 0,
            before,
            told: 0,
        };
        let page = ask(engine, &query).expect("a report").expect("an account");
        let inside = |line: &StatementLine| before == (0, 0) || line.place() < before;
        assert!(
            page.lines
                .iter()
                .all(|line| inside(line) && line.place() >= page.next)
        );
        page
    };
    let (mut all, mut pages) = (page((0, 0)), 1);
    while all.next != (0, 0) {
        let next = page(all.next);
        pages += 1;
        assert!(next.next < all.next, "it goes on");
        all.next = next.next;
        all.lines.extend(next.lines);
    }
    assert!(
        all.lines.is_sorted_by(|a, b| a.place() > b.place()),
        "the newest first, each once"
    );
    let sum: i128 = all.lines.iter().map(|line| line.posting.signed()).sum();
    assert_eq!(all.opening + sum, all.closing, "{all:?}");
    (all, pages)
}

#[test]
fn lines_make_the_balance_of_every_account_also_after_a_restart() {
    let world = World::with_snapshots(20);
    let engine = world.start();
    mixed(&world, &engine);
    let compare = |engine: &Engine| {
        let mut all = Vec::new();
        for currency in [EUR, USD, KWD] {
            let mut sum = 0;
            for who in [A, B, C, D] {
                let (report, _) = whole(engine, account(who, currency, false));
                let balances = engine.asker().balances(who, currency).expect("balances");
                assert_eq!(report.closing, balances.lines[0].balance);
                assert_eq!((report.told, report.from, report.opening), (0, 0, 0));
                // Each line names the event of the feed that tells of it.
                let events: BTreeSet<_> = cold(&world, engine, who, 1)
                    .iter()
                    .map(|seen| (seen.number, seen.entry))
                    .collect();
                assert!(
                    report
                        .lines
                        .iter()
                        .all(|line| events.contains(&(line.event, line.entry)))
                );
                sum += report.closing;
                all.push(report.lines);
            }
            let (report, _) = whole(engine, account(AGENT, currency, true));
            assert_eq!(report.closing, sum, "the liability is what all accounts come to");
            assert!(
                report
                    .lines
                    .iter()
                    .all(|line| line.posting.kind == posting_kind::FUND)
            );
            all.push(report.lines);
        }
        all
    };
    let before = compare(&engine);
    assert!(before.iter().flatten().count() > 15);
    stopped(engine);
    let engine = world.start();
    assert_eq!(compare(&engine), before);
    // Nobody else carries the liability, and who does not exist has no account.
    for (who, liability) in [
        (A, true),
        (OPERATOR, true),
        (AGENT, false),
        (ParticipantId(4_000), false),
    ] {
        let query = StatementQuery {
            account: account(who, EUR, liability),
            date: 0,
            before: (0, 0),
            told: 0,
        };
        assert_eq!(ask(&engine, &query).expect("an answer"), None);
    }
    stopped(engine);
}

#[test]
fn fundings_and_pay_outs_move_the_account_and_the_liability_and_setting_aside_moves_nothing() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 100);
    let defund = |currency, amount| {
        let action = Action::Defund {
            participant: A,
            currency,
            amount,
        };
        let [proposed, _] = world.decide(&engine, AGENT, action);
        proposed.batch.control()[0].instruction_id
    };
    let kept = defund(EUR, 30);
    assert_eq!(whole(&engine, account(A, EUR, false)).0.closing, 100);
    world.fund(&engine, A, USD, 50);
    let other = defund(USD, 50);
    let given_back = defund(EUR, 5);
    for defund in [kept, other] {
        let reference = format!("OUT-{defund:?}").chars().take(30).collect();
        world.decide(&engine, AGENT, Action::ConfirmDefund { defund, reference });
    }
    world.decide(&engine, AGENT, Action::ReleaseDefund { defund: given_back });
    for (currency, sums) in [(EUR, [30, 100]), (USD, [50, 50])] {
        for (who, liability, counterparty) in [(A, false, AGENT), (AGENT, true, A)] {
            let (report, _) = whole(&engine, account(who, currency, liability));
            let told: Vec<_> = report
                .lines
                .iter()
                .map(|line| {
                    let posting = &line.posting;
                    (posting.side, posting.kind, posting.counterparty, posting.amount)
                })
                .collect();
            let expected = [
                (Side::Debit, posting_kind::PAY_OUT, counterparty, sums[0]),
                (Side::Credit, posting_kind::FUND, counterparty, sums[1]),
            ];
            assert_eq!(told, expected);
        }
    }
    stopped(engine);
}

#[test]
fn a_batch_larger_than_a_page_and_a_long_day_come_in_parts() {
    let world = World::with_snapshots(500);
    let engine = world.start();
    world.fund(&engine, A, EUR, 100_000);
    let many = StatementLines::LINES_MAX + 100;
    let records: Vec<_> = (0..many).map(|_| world.payment(A, B, EUR, 2)).collect();
    let told = world.told(&engine, &world.batch(A, &records));
    assert!(told.statuses().iter().all(|status| *status == Status::Settled));
    let (paid, pages) = whole(&engine, account(A, EUR, false));
    assert_eq!((paid.lines.len(), pages), (many + 1, 2));
    let of_batch = paid
        .lines
        .iter()
        .filter(|line| line.posting.kind == Kind::Payment as u8);
    let ordinals: Vec<_> = of_batch.map(|line| usize::from(line.posting.origin.1)).collect();
    assert!(ordinals.into_iter().rev().eq(0..many), "each record once");
    let (got, pages) = whole(&engine, account(B, EUR, false));
    assert_eq!((got.lines.len(), pages), (many, 2));
    // So many entries that one question does not read them all.
    for _ in 0..(HISTORY_ENTRIES + 100) / 50 {
        let batches: Vec<_> = (0..50)
            .map(|_| world.batch(A, &[world.payment(A, B, EUR, 1)]))
            .collect();
        let replies: Vec<_> = batches.iter().map(|batch| send(&engine, batch)).collect();
        for (batch, reply) in batches.iter().zip(replies) {
            world.proven(batch, reply.recv().expect("a reply"));
        }
    }
    for who in [A, B] {
        let (report, pages) = whole(&engine, account(who, EUR, false));
        assert!(
            report.lines.len() > many + HISTORY_ENTRIES && pages > 2,
            "{pages}"
        );
    }
    stopped(engine);
}

#[test]
fn damaged_files_are_an_error() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 100_000);
    let records: Vec<_> = (0..2_000).map(|_| world.payment(A, B, EUR, 1)).collect();
    world.told(&engine, &world.batch(A, &records));
    rest(&engine);
    let query = StatementQuery {
        account: account(A, EUR, false),
        date: 0,
        before: (0, 0),
        told: 0,
    };
    assert_eq!(
        ask(&engine, &query)
            .expect("a report")
            .expect("an account")
            .lines
            .len(),
        2_001
    );
    let effects = world.file("derived").join("effects");
    let place = std::fs::metadata(&effects).expect("the file").len() - 4_000;
    flip(&effects, place);
    let error = ask(&engine, &query).expect_err("damaged");
    assert!(error.to_string().contains("effects"), "{error}");
    stopped(engine);
}
