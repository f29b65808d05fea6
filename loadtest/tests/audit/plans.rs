//! The auditor agrees with the ledger where netting proposes what to settle together: among payments in rings and
//! trades, with little money, and among everything else that can stand in a plan's way.
use causeway_message::Status;
use causeway_message::event::{EventKind, Role, each};

use crate::support::{Player, Rig, genesis_by, whole};

/// What came of plans.
#[derive(Debug, Default)]
struct Planned {
    plans: u64,
    /// Those of which something settled, and those of which something did not.
    some: u64,
    parts: u64,
    named: u64,
    settled: u64,
    /// Most that settled by one plan.
    most: u32,
    /// Sides of trades that settled in the entries of plans.
    sides: u64,
    /// Payments that settled in such an entry beside what the plan settled.
    after: u64,
}

impl Planned {
    fn note(&mut self, rig: &Rig) {
        let Some((planned, sides)) = rig.planned() else {
            return;
        };
        let last = rig.auditor.expected(rig.auditor.index()).expect("the last entry");
        let events = last.groups.iter().flat_map(|group| each(&group.events));
        let settled = events.filter(|event| {
            let debtor = event.role() == Some(Role::Debtor) && event.kind() == Some(EventKind::Payment);
            debtor && event.status() == Some(Status::Settled)
        });
        self.plans += 1;
        self.some += u64::from(planned.settled > 0);
        self.parts += u64::from(planned.settled > 0 && planned.settled < planned.named);
        self.named += u64::from(planned.named);
        self.settled += u64::from(planned.settled);
        self.most = self.most.max(planned.settled);
        self.after += (settled.count() as u64).saturating_sub(u64::from(planned.settled));
        if planned.settled > 0 {
            self.sides += sides;
        }
    }
}

fn seeds() -> std::ops::Range<u64> {
    let seeds = std::env::var("SEEDS").ok().and_then(|seeds| {
        let (from, to) = seeds.split_once('-')?;
        Some(from.parse().ok()?..to.parse().ok()?)
    });
    seeds.unwrap_or(1..17)
}

#[test]
fn the_auditor_agrees_with_the_ledger_on_plans() {
    let mut came = Planned::default();
    for seed in seeds() {
        let mut rig = Rig::new(genesis_by(3, 100_000, 400));
        let mut player = Player::new(seed).netting();
        for n in 0..600 {
            let mut held = player.step(&mut rig);
            if held.is_ok() {
                came.note(&rig);
            }
            held = held.and_then(|()| rig.observe());
            if n % 64 == 0 {
                held = held.and_then(|()| rig.auditor.invariants());
            }
            held.unwrap_or_else(|fault| panic!("seed {seed}, step {n}: {fault}\n{}", rig.last_in_words()));
        }
        whole(&rig);
    }
    println!("{came:?}");
    // Otherwise what is played leads to nothing that could be netted.
    assert!(came.some >= 100 && came.parts >= 50, "{came:?}");
    assert!(came.settled >= 500 && came.most >= 12, "{came:?}");
    assert!(came.sides >= 40 && came.after >= 20, "{came:?}");
}
