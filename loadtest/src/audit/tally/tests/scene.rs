//! A small log that the model applies, and what the tally is told of it, truly or not.
use std::collections::BTreeMap;

use causeway_message::action::{AccountGrant, Action, KeyGrant, ParticipantGrant, right, role};
use causeway_message::answer::Answer;
use causeway_message::batch::{self, BatchHead};
use causeway_message::codec::Put;
use causeway_message::control::{self, Control, proposal_digest};
use causeway_message::digest::{Digest, hash};
use causeway_message::entry::{EntryHeader, EntryKind};
use causeway_message::event::{self, EventKind, GroupHead, Role};
use causeway_message::extension::{self, ExtensionType};
use causeway_message::genesis::{CurrencyGrant, Genesis};
use causeway_message::keys::SigningKey;
use causeway_message::plan::Plan;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, KeyId, ParticipantId, SessionId, Status, Uetr};

use super::super::Tally;
use crate::audit::expected::{Expected, Group};
use crate::audit::fault::Rule;
use crate::audit::input::{Batch, Input, Paper, Records};
use crate::audit::model::Model;

pub const AGENT: ParticipantId = ParticipantId(0);
pub const BANK: ParticipantId = ParticipantId(1);
pub const OTHER: ParticipantId = ParticipantId(2);
pub const THIRD: ParticipantId = ParticipantId(3);
pub const EUR: u16 = 978;
pub const USD: u16 = 840;

pub fn id_of(label: &str) -> InstructionId {
    let mut id = InstructionId::default();
    id.0.copy_from_slice(&hash(label.as_bytes())[..16]);
    id
}

pub fn pay(label: &str, debtor: ParticipantId, creditor: ParticipantId, amount: u64) -> Instruction {
    let id = id_of(label);
    Instruction::payment(id, Uetr(id.0), debtor, creditor, EUR, amount)
}

pub fn fund(participant: ParticipantId, amount: u64) -> Action {
    Action::Fund {
        participant,
        currency: EUR,
        amount,
        reference: "R1".into(),
    }
}

fn key(who: ParticipantId, person: u32) -> SigningKey {
    let seed = hash(format!("{person} of {who}").as_bytes());
    SigningKey::from_seed(seed).expect("a seed is a key")
}

fn genesis(rules: u16) -> Genesis {
    let currencies: &[u16] = if rules > 2 { &[EUR, USD] } else { &[EUR] };
    let member = |id: u32| {
        let who = ParticipantId(id);
        let grant = |person| KeyGrant {
            key: KeyId(person),
            person,
            rights: right::KNOWN,
            public: key(who, person).public(),
        };
        let account = |currency: &u16| AccountGrant {
            currency: *currency,
            cap: 0,
        };
        ParticipantGrant {
            name: format!("MEMBER {id}"),
            roles: if who == AGENT && rules > 1 {
                role::SETTLEMENT_AGENT | role::OPERATOR | role::SCREENER
            } else if who == AGENT {
                role::SETTLEMENT_AGENT
            } else {
                role::PARTICIPANT
            },
            keys: vec![grant(1), grant(2)],
            accounts: if who == AGENT {
                Vec::new()
            } else {
                currencies.iter().map(account).collect()
            },
        }
    };
    Genesis {
        rules,
        name: "tallied".into(),
        nonce: [1; 16],
        created: Timestamp(1),
        id_capacity: 1_000,
        queue_capacity: 100,
        nodes: Vec::new(),
        participants: (0..4).map(member).collect(),
        currencies: currencies
            .iter()
            .map(|currency| CurrencyGrant {
                currency: *currency,
                agent: AGENT,
            })
            .collect(),
    }
}

/// An entry and what the tally will be told of it.
#[derive(Debug)]
pub struct Step {
    pub input: Input,
    pub told: Expected,
}

fn apart(mut run: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Ok(Some((_, behind))) = event::first(run) {
        all.push(run[..run.len() - behind.len()].to_vec());
        run = behind;
    }
    all
}

impl Step {
    fn group(&mut self, whose: ParticipantId) -> &mut Group {
        let groups = &mut self.told.groups;
        groups
            .iter_mut()
            .find(|group| group.head.participant == whose)
            .expect("it is concerned")
    }

    /// Changes the events of a participant.
    pub fn events(&mut self, whose: ParticipantId, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
        let group = self.group(whose);
        let mut all = apart(&group.events);
        change(&mut all);
        group.events = all.concat();
    }

    /// Tells a participant of one thing more.
    pub fn tell(&mut self, participant: ParticipantId, events: Vec<u8>) {
        let entry = self.told.leaf.index;
        self.told.groups.push(Group {
            head: GroupHead {
                participant,
                entry,
                first: 1,
                count: 1,
            },
            events,
            digest: [0; 32],
        });
    }

    pub fn count(&self, whose: ParticipantId, role: Role) -> usize {
        let of = self
            .told
            .groups
            .iter()
            .filter(|group| group.head.participant == whose);
        of.flat_map(|group| event::each(&group.events))
            .filter(|event| event.role() == Some(role))
            .count()
    }

    /// The first event of a participant in this role.
    pub fn event(&self, whose: ParticipantId, role: Role) -> Vec<u8> {
        let of = self
            .told
            .groups
            .iter()
            .filter(|group| group.head.participant == whose);
        let mut all = of.flat_map(|group| apart(&group.events));
        all.find(|event| event[1] == role as u8).expect("such an event")
    }

    /// Answers a record as settled, and tells its creditor.
    pub fn settle(&mut self, place: usize) {
        self.told.answers[place] = Answer::new(Status::Settled);
        self.credit(place);
    }

    /// The records of the batch.
    pub fn papers(&mut self) -> &mut Vec<Paper> {
        match &mut self.input {
            Input::Batch(batch) => match &mut batch.records {
                Records::Instructions(papers) => papers,
                Records::Control(_) => panic!("instructions"),
            },
            _ => panic!("a batch"),
        }
    }

    /// The first event of a participant of this kind.
    pub fn of_kind(&self, whose: ParticipantId, kind: EventKind) -> Vec<u8> {
        let groups = self.told.groups.iter();
        let own = groups.filter(|group| group.head.participant == whose);
        let mut all = own.flat_map(|group| apart(&group.events));
        all.find(|event| event[0] == kind as u8).expect("such an event")
    }

    /// Tells the creditor of a record that it was paid.
    pub fn credit(&mut self, place: usize) {
        let Input::Batch(batch) = &self.input else {
            panic!("a batch")
        };
        let Records::Instructions(papers) = &batch.records else {
            panic!("payments")
        };
        let paper = &papers[place];
        let participant = ParticipantId(paper.record.creditor.get());
        let mut events = Vec::new();
        events
            .put_u8(EventKind::Payment as u8)
            .put_u8(Role::Creditor as u8)
            .put_u16(1);
        events
            .put_u16(128)
            .put_u16(place as u16)
            .put_u64(self.told.leaf.index);
        events
            .put_u64(paper.record.amount.get())
            .put_u64(0)
            .put(&paper.bytes);
        self.told.groups.push(Group {
            head: GroupHead {
                participant,
                entry: self.told.leaf.index,
                first: 1,
                count: 1,
            },
            events,
            digest: [0; 32],
        });
    }
}

/// A model, and a tally that hears of it.
pub struct Scene {
    genesis: Genesis,
    model: Model,
    pub tally: Tally,
    index: u64,
    /// Seconds since the first entry.
    pub seconds: u64,
    numbers: BTreeMap<ParticipantId, u64>,
    told: BTreeMap<ParticipantId, u64>,
}

impl Scene {
    pub fn new() -> Self {
        Self::by(1)
    }

    /// Under this version of the rules.
    pub fn by(rules: u16) -> Self {
        let genesis = genesis(rules);
        Self {
            model: Model::new(&genesis),
            tally: Tally::new(&genesis),
            genesis,
            index: 0,
            seconds: 0,
            numbers: BTreeMap::new(),
            told: BTreeMap::new(),
        }
    }

    pub fn id(&self, label: &str) -> InstructionId {
        id_of(label)
    }

    fn head(&mut self, who: ParticipantId, person: u32) -> BatchHead {
        let number = self.numbers.entry(who).or_default();
        *number += 1;
        BatchHead {
            ledger: self.genesis.ledger_id(),
            participant: who,
            key: KeyId(person),
            session: SessionId(1),
            number: *number,
            not_after: u32::MAX,
        }
    }

    /// The model applies a frame; the tally is not told yet.
    fn apply(&mut self, kind: EntryKind, frame: &[u8]) -> Step {
        let batch = Batch::read(kind, frame).expect("a batch");
        let digest = batch.block.input_digest();
        self.put(kind, digest, Input::Batch(Box::new(batch)))
    }

    /// An entry with a plan of these instructions.
    pub fn plan(&mut self, named: &[&Instruction]) -> Step {
        let key = |record: &&Instruction| (ParticipantId(record.debtor.get()), record.id());
        let mut instructions: Vec<_> = named.iter().map(key).collect();
        instructions.sort_unstable();
        let plan = Plan {
            basis: self.index,
            instructions,
        };
        self.put(EntryKind::Plan, [0; 32], Input::Plan(plan))
    }

    /// An entry in which time passes.
    pub fn tick(&mut self) -> Step {
        self.put(EntryKind::Tick, [0; 32], Input::Time)
    }

    fn put(&mut self, kind: EntryKind, payload_digest: Digest, input: Input) -> Step {
        self.index += 1;
        let header = EntryHeader {
            index: self.index.into(),
            term: 1.into(),
            time: (self.seconds * 1_000_000_000 + self.index).into(),
            leader: 1.into(),
            len: 0.into(),
            kind: (kind as u16).into(),
            version: 1.into(),
            crc32c: 0.into(),
            payload_digest,
            prev_hash: [0; 32],
        };
        let caused = self.model.apply(self.index, header.time(), &input);
        let told = Expected::new(&header, self.model.rules(), &input, caused, &mut self.told);
        Step { input, told }
    }

    pub fn batch(&mut self, who: ParticipantId, records: &[Instruction]) -> Step {
        self.batch_with(who, records, &[])
    }

    /// A batch with extensions: of each its type and bytes, at the place of a record.
    pub fn batch_with(
        &mut self,
        who: ParticipantId,
        records: &[Instruction],
        extensions: &[(u16, ExtensionType, &[u8])],
    ) -> Step {
        let mut area = Vec::new();
        for (place, kind, bytes) in extensions {
            extension::put(&mut area, *place, *kind, bytes);
        }
        let head = self.head(who, 1);
        let frame = batch::build(&head, records, &area, &key(who, 1)).expect("its form");
        self.apply(EntryKind::Batch, &frame)
    }

    fn control(&mut self, person: u32, record: (InstructionId, Control)) -> Step {
        let head = self.head(AGENT, person);
        let frame = control::build(&head, &[record], &key(AGENT, person)).expect("its form");
        self.apply(EntryKind::Control, &frame)
    }

    /// Proposes an action, of which the tally hears, and approves it, of which it does not yet.
    pub fn decided(&mut self, label: &str, action: Action) -> Step {
        let id = id_of(label);
        let digest = proposal_digest(self.genesis.ledger_id(), AGENT, id, &action);
        let proposed = self.control(1, (id, Control::Propose(action)));
        self.holds(&proposed);
        self.control(
            2,
            (id_of(&format!("approval of {label}")), Control::Approve(digest)),
        )
    }

    pub fn decide(&mut self, label: &str, action: Action) {
        let decided = self.decided(label, action);
        self.holds(&decided);
    }

    /// The tally finds nothing wrong.
    pub fn holds(&mut self, step: &Step) {
        self.tally
            .entry(&step.input, &step.told)
            .expect("the tally finds nothing wrong");
    }

    /// The rule that the tally finds broken.
    pub fn fault(&mut self, step: &Step) -> Rule {
        let fault = self
            .tally
            .entry(&step.input, &step.told)
            .expect_err("the tally finds it");
        println!("{fault}");
        fault.rule
    }
}
