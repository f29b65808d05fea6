//! The auditor agrees with the ledger where quotes, locks and FX payments come, among everything else.
use std::collections::BTreeMap;

use causeway_message::action::Action;
use causeway_message::event::{EventKind, each};
use causeway_message::record::Kind;
use causeway_message::{ParticipantId, Status};

use crate::support::{AGENT, DESKS, EUR, OPERATOR, OTHER_AGENT, Player, Rig, USD, decide, genesis_by, whole};

/// How often FX payments and locks were told of each status after their answer.
type Later = BTreeMap<(u8, Status), u64>;

fn begin(rig: &mut Rig) {
    for (currency, agent) in [(EUR, AGENT), (USD, AGENT), (392, OTHER_AGENT)] {
        for participant in 3..7 {
            let label = format!("begin {participant} {currency}");
            let action = Action::Fund {
                participant: ParticipantId(participant),
                currency,
                amount: 600,
                reference: label.clone(),
            };
            decide(rig, agent, &label, action);
        }
    }
    for (who, base, counter) in DESKS {
        let action = Action::SetExposure {
            participant: ParticipantId(who),
            base,
            counter,
            limit: 400,
        };
        decide(rig, OPERATOR, &format!("desk {who} {base} {counter}"), action);
    }
}

fn note(rig: &Rig, later: &mut Later) {
    let expected = rig.auditor.expected(rig.auditor.index()).expect("the last entry");
    for event in expected.groups.iter().flat_map(|group| each(&group.events)) {
        let record = match event.kind() {
            Some(EventKind::Exchange) => event.exchange().map(|(_, record, _)| *record),
            Some(EventKind::Payment) => event.payment().map(|(record, _)| *record),
            _ => None,
        };
        if let (Some(record), Some(status)) = (record, event.status())
            && record.kind > Kind::Pvp as u8
        {
            *later.entry((record.kind, status)).or_default() += 1;
        }
    }
}

fn run(seed: u64, entries: u64, later: &mut Later) -> Rig {
    let mut rig = Rig::new(genesis_by(3, 100_000, 400));
    let mut player = Player::new(seed).exchanging();
    begin(&mut rig);
    for n in 0..entries {
        let mut held = player.step(&mut rig).and_then(|()| rig.observe());
        if n % 64 == 0 {
            held = held.and_then(|()| rig.auditor.invariants());
        }
        held.unwrap_or_else(|fault| panic!("seed {seed}, step {n}: {fault}\n{}", rig.last_in_words()));
        note(&rig, later);
    }
    rig
}

#[test]
fn the_auditor_agrees_with_the_ledger_on_exchanges() {
    let seeds = std::env::var("SEEDS").ok().and_then(|seeds| {
        let (from, to) = seeds.split_once('-')?;
        Some(from.parse().ok()?..to.parse().ok()?)
    });
    let (mut later, mut answered) = (Later::new(), Later::new());
    for seed in seeds.unwrap_or(1..13) {
        let rig = run(seed, 600, &mut later);
        for (key, count) in &rig.exchanges {
            *answered.entry(*key).or_default() += count;
        }
        whole(&rig);
    }
    println!("answered {answered:?}\nlater {later:?}");
}
