//! What is drawn keeps to its scenario.
use super::*;
use causeway_message::Status;
use causeway_message::answer::{Answer, answer_flags};
use causeway_message::record::Kind;

const BATCH: usize = 2_000;

fn world(banks: usize) -> Arc<World> {
    let mut world = World::new(banks, 20, 200);
    world.keep_one_for_waiting();
    Arc::new(world)
}

fn plan(mix: Mix) -> Plan {
    Plan {
        mix,
        ..Plan::default()
    }
}

fn drafts(plan: &Plan, bank: usize, batches: usize) -> Vec<Draft> {
    let mut workload = Workload::new(plan, world(4), bank, plan.seed, &Waiting::new(4));
    let mut next = || {
        let mut draft = Draft::default();
        workload.next(BATCH, &mut draft);
        draft
    };
    (0..batches).map(|_| next()).collect()
}

fn share(drafts: &[Draft], expects: Expects) -> f64 {
    let lines = drafts.iter().flat_map(|draft| &draft.due.lines);
    let found = lines.filter(|line| line.expects == expects).count();
    found as f64 / (drafts.len() * BATCH) as f64
}

#[test]
fn plain_batches_need_no_line_for_a_record() {
    let drafts = drafts(&plan(Mix::default()), 0, 2);
    for draft in &drafts {
        assert_eq!((draft.records.len(), draft.due.count), (BATCH, BATCH));
        assert!(draft.due.lines.is_empty());
        let sum: i128 = draft
            .records
            .iter()
            .map(|record| i128::from(record.amount.get()))
            .sum();
        assert_eq!(draft.due.sums.iter().sum::<i128>(), sum);
    }
    assert_ne!(
        drafts[0].records[0].instruction_id,
        drafts[1].records[0].instruction_id
    );
}

#[test]
fn shares_of_the_mix_are_kept() {
    let mix = Mix {
        duplicates: 0.1,
        reused: 0.05,
        trades: 0.2,
        fx: 0.1,
        ..Mix::default()
    };
    let mut drafts = drafts(&plan(mix), 1, 12);
    // Nothing can be sent again before something was sent.
    drafts.remove(0);
    for (expects, wanted) in [
        (Expects::Again, 0.1),
        (Expects::Reused, 0.05),
        (Expects::Trade, 0.2),
        (Expects::Exchange, 0.1),
    ] {
        let found = share(&drafts, expects);
        assert!((found - wanted).abs() < 0.02, "{expects:?}: {found}");
    }
    assert!(
        drafts
            .iter()
            .all(|draft| draft.due.lines.len() == draft.records.len())
    );
}

#[test]
fn what_waits_is_let_go_by_the_neighbour() {
    let mix = Mix {
        queued: 0.1,
        duplicates: 0.1,
        ..Mix::default()
    };
    let (world, waiting, plan) = (world(4), Waiting::new(4), plan(mix));
    let mut banks = [0, 1].map(|bank| Workload::new(&plan, world.clone(), bank, plan.seed, &waiting));
    let mut draft = Draft::default();
    // By bank: payments in the currency of what waits, and records that were sent again.
    let mut counts = [[0, 0]; 2];
    for round in 0..13 {
        for (bank, workload) in banks.iter_mut().enumerate() {
            workload.next(BATCH, &mut draft);
            let count = |is: &dyn Fn(&Line) -> bool| draft.due.lines.iter().filter(|line| is(line)).count();
            // Nothing else may have any outcome here.
            let found =
                [Expects::Outcome, Expects::Again].map(|wanted| count(&|line| line.expects == wanted));
            waiting.add(bank, found[0] as u64);
            // Nothing can be sent again before something was sent.
            if round > 0 {
                let counts = &mut counts[bank];
                (counts[0], counts[1]) = (counts[0] + found[0], counts[1] + found[1]);
            }
        }
    }
    let all = (12 * BATCH) as f64;
    let [paying, letting] = counts.map(|counts| counts.map(|count| count as f64 / all));
    assert!(
        (paying[0] - 0.2).abs() < 0.01 && (letting[0] - 0.2).abs() < 0.01,
        "{counts:?}"
    );
    assert!(
        (paying[1] - 0.1).abs() < 0.01 && (letting[1] - 0.1).abs() < 0.01,
        "{counts:?}"
    );
    assert_eq!(counts[0][0], counts[1][0], "one for one");
}

#[test]
fn both_banks_draw_the_same_trades_mirrored() {
    let mix = Mix {
        trades: 1.0,
        ..Mix::default()
    };
    let of = |bank: usize, with: usize| {
        let drafts = drafts(&plan(mix), bank, 1);
        let (own, other) = (FIRST_BANK + bank as u32, FIRST_BANK + with as u32);
        let sides = drafts[0]
            .records
            .iter()
            .filter(|record| record.creditor.get() == other);
        let sides = sides.inspect(|record| {
            assert_eq!((record.debtor.get(), record.kind), (own, Kind::Pvp as u8));
        });
        sides.copied().collect::<Vec<_>>()
    };
    let (one, two) = (of(1, 2), of(2, 1));
    let common = one.len().min(two.len());
    assert!(common > 300, "{common}");
    for (one, two) in one.iter().zip(&two) {
        assert_eq!(
            (one.currency, one.amount),
            (two.counter_currency, two.counter_amount)
        );
        assert_eq!(
            (one.counter_currency, one.counter_amount),
            (two.currency, two.amount)
        );
        assert_ne!(one.currency, one.counter_currency);
    }
}

#[test]
fn what_is_sent_again_refers_to_the_same_document() {
    let mix = Mix {
        duplicates: 0.2,
        reused: 0.1,
        repeated: 0.3,
        ..Mix::default()
    };
    let documents = crate::plan::Documents {
        bytes: 100,
        share: 0.5,
    };
    let plan = Plan {
        documents: Some(documents),
        ..plan(mix)
    };
    let mut sent = std::collections::BTreeMap::new();
    let mut again = 0;
    for draft in drafts(&plan, 0, 12) {
        let given: Vec<_> = draft.documents.iter().map(Document::digest).collect();
        for (at, record) in draft.records.iter().enumerate() {
            let digest = record.document_digest;
            match draft.due.lines[at].expects {
                Expects::Again | Expects::Reused => {
                    again += 1;
                    assert_eq!(sent.get(&record.instruction_id), Some(&digest));
                }
                _ => {
                    assert!(digest == [0; 32] || given.contains(&digest));
                    sent.insert(record.instruction_id, digest);
                }
            }
        }
        assert!(given.len() < BATCH * 3 / 4, "only what is sent first has one");
    }
    assert!(again > BATCH, "{again}");
}

#[test]
fn whole_batches_are_repeated_beside_other_repetitions() {
    let mix = Mix {
        duplicates: 0.1,
        reused: 0.01,
        repeated: 0.5,
        ..Mix::default()
    };
    let drafts = drafts(&plan(mix), 0, 20);
    let repeated: Vec<&Draft> = drafts
        .iter()
        .filter(|draft| draft.due.drawn.repeated > 0)
        .collect();
    assert!((5..=15).contains(&repeated.len()), "{}", repeated.len());
    for draft in repeated {
        assert_eq!(draft.due.drawn.repeated, draft.records.len() as u64);
        assert_eq!(draft.due.lines.len(), draft.records.len());
        assert!(draft.records.len() > BATCH * 9 / 10);
    }
}

#[test]
fn a_chain_is_whole_within_its_batch() {
    let mix = Mix {
        linked: 0.5,
        ..Mix::default()
    };
    for draft in drafts(&plan(mix), 3, 4) {
        let linked: Vec<bool> = draft
            .records
            .iter()
            .map(|record| record.flags.get() & flags::LINKED != 0)
            .collect();
        assert_eq!(linked.last(), Some(&false));
        for chain in linked.split(|linked| !linked).filter(|chain| !chain.is_empty()) {
            assert_eq!(chain.len(), CHAIN - 1);
        }
    }
}

#[test]
fn an_answer_is_held_to_what_was_sent() {
    let first = Answer::new(Status::Settled);
    let mut again = first;
    again.flags = answer_flags::REPLAYED.into();
    let reused = Answer::new(Status::IdReused);
    let queued = Answer::new(Status::Queued);
    let paid = |expects, answer: &Answer| Line::new(3, 70, expects).paid(answer);
    assert_eq!(paid(Expects::Settles, &first), Some(70));
    assert_eq!(paid(Expects::Settles, &queued), None);
    assert_eq!(paid(Expects::Settles, &again), None);
    assert_eq!(paid(Expects::Outcome, &queued), Some(0));
    assert_eq!(paid(Expects::Outcome, &reused), None);
    assert_eq!(paid(Expects::Again, &again), Some(0));
    assert_eq!(paid(Expects::Again, &first), None, "it took effect a second time");
    assert_eq!(paid(Expects::Reused, &reused), Some(0));
    assert_eq!(paid(Expects::Reused, &first), None);
}
