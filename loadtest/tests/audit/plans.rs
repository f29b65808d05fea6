//! The auditor agrees with the ledger where netting proposes what to settle together: among payments in rings and
//! trades, with little money, and among everything else that can stand in a plan's way.
use causeway_message::action::Action;
use causeway_message::event::{EventKind, Role, each};
use causeway_message::plan::Plan;
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, ParticipantId, Status};

use crate::support::{AGENT, EUR, Log, Player, Rig, decide, genesis_by, pay, payment, whole};

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

fn named(records: &[Instruction]) -> Vec<(ParticipantId, InstructionId)> {
    let key = |record: &Instruction| (ParticipantId(record.debtor.get()), record.id());
    records.iter().map(key).collect()
}

fn plan(rig: &mut Rig, mut instructions: Vec<(ParticipantId, InstructionId)>) -> u32 {
    instructions.sort_unstable();
    let basis = rig.auditor.index();
    rig.plan(&Plan { basis, instructions })
        .expect("the auditor agrees");
    let settled = rig.planned().map_or(0, |(planned, _)| planned.settled);
    rig.observe().expect("the auditor agrees");
    settled
}

#[test]
fn the_auditor_agrees_where_an_entry_has_too_few_steps_left_for_a_plan() {
    const STEPS: usize = 8_192;
    const LEFT: usize = 192;
    let most = (STEPS - LEFT) / 2;
    for (count, settles) in [(most, 20), (most + 1, 0)] {
        let mut rig = Rig::new(genesis_by(3, 100_000, 60_000));
        let row = |label: &str, from, to, many: usize| -> Vec<Instruction> {
            let one = |n: usize| payment(&format!("{label} {n}"), from, to, 50);
            (0..many).map(one).collect()
        };
        // Cap and money of the first are 0; the other two have less than a payment.
        for part in row("a", 3, 6, STEPS + LEFT).chunks(2_000) {
            pay(&mut rig, 3, part);
        }
        let (there, back) = (row("b", 4, 5, 10), row("c", 5, 4, 10));
        pay(&mut rig, 4, &there);
        pay(&mut rig, 5, &back);
        let fund = Action::Fund {
            participant: ParticipantId(3),
            currency: EUR,
            amount: 50 * (STEPS + LEFT) as u64,
            reference: "R1".into(),
        };
        decide(&mut rig, AGENT, "fund", fund);
        assert_eq!(rig.auditor.waiting() as usize, LEFT + 20);
        let mut all = named(&there);
        all.extend(named(&back));
        all.extend(named(&row("nothing", 5, 4, count - 20)));
        assert_eq!(plan(&mut rig, all.clone()), settles, "{count} are named");
        assert_eq!(plan(&mut rig, all), 20 - settles);
        assert_eq!(rig.auditor.waiting(), 0);
        whole(&rig);
    }
}
