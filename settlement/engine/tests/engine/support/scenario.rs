//! One run through most of what a ledger does.
use causeway_engine::Engine;
use causeway_message::action::Action;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::flags;
use causeway_message::{ParticipantId, SessionId, Status};

use super::{A, AGENT, B, C, D, EUR, KWD, OPERATOR, Told, USD, World, rest};

/// What was sent and how it was answered.
#[derive(Debug, Default)]
pub struct Sent {
    pub told: Vec<Told>,
    /// Payments that settled, at once or later.
    pub settled: u64,
    /// Log index of a batch that settled at once, one that waits still, and one that settled later.
    pub batches: [usize; 3],
}

impl Sent {
    /// Signed batches.
    pub fn signatures(&self) -> u64 {
        self.told.len() as u64
    }

    /// Records answered for the first time.
    pub fn instructions(&self) -> u64 {
        let first = |told: &Told| told.message.answers.iter().filter(|a| a.is_first()).count();
        self.told.iter().map(first).sum::<usize>() as u64
    }
}

/// Funding, payments that settle, wait, settle later and are rejected, repeated ids, extensions, balances on
/// request, a second session, a new member, a proposal that waits. Entries go one by one.
pub fn mixed(world: &World, engine: &Engine) -> Sent {
    let mut sent = Sent::default();
    let newcomer = ParticipantId(engine.registry().len() as u32);
    for (who, currency, amount) in [(A, EUR, 1_000), (B, USD, 500), (A, KWD, 7)] {
        sent.told.extend(world.fund(engine, who, currency, amount));
    }
    let expect = |sent: &mut Sent, told: Told, statuses: &[Status]| {
        assert_eq!(told.statuses(), statuses);
        sent.told.push(told);
        sent.told.len() - 1
    };
    use Status::{AmountZero, InsufficientLiquidity, Queued, Settled};
    // Settles at once; one asks for its balance, one carries an extension.
    let mut records = [100, 200, 50].map(|amount| world.payment(A, B, EUR, amount));
    records[1].flags = flags::WITH_BALANCE.into();
    let mut extensions = Vec::new();
    extension::put(&mut extensions, 2, ExtensionType::ClearingReference, b"CLR-77");
    let batch = world.signed(&world.head(A), &records, &extensions);
    sent.batches[0] = expect(&mut sent, world.told(engine, &batch), &[Settled; 3]);
    // Waits for money, is rejected, breaks a rule.
    let mut records = [
        world.payment(C, A, EUR, 300),
        world.payment(C, A, EUR, 1),
        world.payment(C, A, EUR, 0),
    ];
    records[1].flags = flags::SETTLE_OR_REJECT.into();
    let batch = world.batch(C, &records);
    let at = expect(
        &mut sent,
        world.told(engine, &batch),
        &[Queued, InsufficientLiquidity, AmountZero],
    );
    sent.batches[2] = at;
    // The same ids again, under another number: nothing happens twice.
    let batch = world.batch(C, &records);
    expect(
        &mut sent,
        world.told(engine, &batch),
        &[Queued, InsufficientLiquidity, AmountZero],
    );
    // Money arrives and releases what waits.
    let batch = world.batch(B, &[world.payment(B, C, EUR, 300), world.payment(B, D, USD, 120)]);
    expect(&mut sent, world.told(engine, &batch), &[Settled; 2]);
    // A new member, its first payment waits for good; a second session of another bank.
    let action = Action::RegisterParticipant(world.newcomer(&format!("BANK {newcomer}"), newcomer));
    sent.told.extend(world.decide(engine, OPERATOR, action));
    let batch = world.batch(
        newcomer,
        &[
            world.payment(newcomer, D, USD, 9),
            world.payment(newcomer, A, USD, 1),
        ],
    );
    sent.batches[1] = expect(&mut sent, world.told(engine, &batch), &[Queued; 2]);
    let batch = world.signed(
        &world.head_in(D, SessionId(77)),
        &[world.payment(D, A, USD, 20)],
        &[],
    );
    expect(&mut sent, world.told(engine, &batch), &[Settled]);
    // A proposal that waits, and money set aside.
    let action = Action::Defund {
        participant: A,
        currency: EUR,
        amount: 5,
    };
    sent.told.extend(world.decide(engine, AGENT, action));
    let records = [(
        world.id(),
        causeway_message::control::Control::Propose(Action::SetStanding {
            participant: D,
            suspended: true,
        }),
    )];
    let batch = world.control(OPERATOR, 1, &records);
    expect(&mut sent, world.told(engine, &batch), &[Status::Proposed]);
    sent.settled = 3 + 1 + 2 + 1;
    rest(engine);
    sent
}
