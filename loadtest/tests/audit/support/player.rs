//! A player: payments and control actions, right ones and wrong ones, repeated, late and out of order. What it does it
//! draws from a seed, or reads off a tape.
use std::collections::{BTreeMap, BTreeSet};

use causeway_loadtest::audit::Fault;
use causeway_message::action::{AccountGrant, Action, Phase};
use causeway_message::batch::{self, BatchHead};
use causeway_message::control::{self, Control, proposal_digest};
use causeway_message::digest::{Digest, hash};
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::Instruction;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{InstructionId, KeyId, ParticipantId, SessionId, Uetr};
use zerocopy::IntoBytes;

use super::log::Log;
use super::world::{AGENT, BANKS, EUR, OPERATOR, OTHER_AGENT, USD, signing_key};

const SECOND: u64 = 1_000_000_000;

/// The extensions of an instruction, by type.
pub type Extensions = Vec<(ExtensionType, Vec<u8>)>;
/// An instruction as it was sent.
pub type Sent = (ParticipantId, Instruction, Extensions);

pub struct Player {
    state: u64,
    /// What it still reads its choices from; drawn where it has none.
    tape: Option<Vec<u8>>,
    read: usize,
    made: u64,
    /// Version of the rules that it plays by.
    pub(super) rules: u16,
    /// True if it deals in quotes most of all.
    exchanges: bool,
    /// True if what it sends waits for each other, and is netted often.
    pub(super) nets: bool,
    pub(super) sent: Vec<Sent>,
    proposed: Vec<(ParticipantId, Digest)>,
    /// Proposals that it approved, or tried to.
    approved: BTreeSet<Digest>,
    /// Where it thinks that the days of the currencies stand, and what it thinks is held.
    pub(super) days: BTreeMap<u16, (Phase, u16)>,
    pub(super) held: Vec<(ParticipantId, InstructionId)>,
    /// Sides of trades whose other side it sent.
    pub(super) mirrored: BTreeSet<InstructionId>,
    /// Proposals of defunding: agent and id.
    defunds: Vec<(ParticipantId, InstructionId)>,
    /// Control records sent before.
    control: Vec<(ParticipantId, (InstructionId, Control))>,
}

#[allow(dead_code, reason = "only the fuzz target has a tape")]
impl Player {
    /// A player whose every choice is bytes of the tape, behind whose end all are zeros.
    pub fn on_tape(tape: &[u8]) -> Self {
        Self {
            tape: Some(tape.to_vec()),
            ..Self::new(1)
        }
    }

    /// True once nothing is left on the tape.
    pub fn is_done(&self) -> bool {
        self.tape.as_ref().is_some_and(|tape| self.read >= tape.len())
    }
}

impl Player {
    /// The instructions sent so far, and by whom.
    pub fn sent(&self) -> impl Iterator<Item = (ParticipantId, InstructionId)> + '_ {
        self.sent.iter().map(|(who, record, _)| (*who, record.id()))
    }

    pub const fn new(seed: u64) -> Self {
        Self {
            state: seed,
            tape: None,
            read: 0,
            made: 0,
            rules: 1,
            exchanges: false,
            nets: false,
            days: BTreeMap::new(),
            mirrored: BTreeSet::new(),
            held: Vec::new(),
            sent: Vec::new(),
            proposed: Vec::new(),
            approved: BTreeSet::new(),
            defunds: Vec::new(),
            control: Vec::new(),
        }
    }

    /// A player by this version of the rules.
    pub fn by(mut self, rules: u16) -> Self {
        self.rules = rules;
        self
    }

    /// A player under version 3 of the rules that deals in quotes most of all.
    pub fn exchanging(mut self) -> Self {
        self.exchanges = true;
        self.by(3)
    }

    /// True under version 3 of the rules.
    pub(super) const fn is_third(&self) -> bool {
        self.rules > 2
    }

    /// The next bytes of the tape as a number; `None` without one.
    fn read(&mut self, bytes: usize) -> Option<u64> {
        let tape = self.tape.as_ref()?;
        let mut word = [0; 8];
        let rest = tape.get(self.read..).unwrap_or(&[]);
        for (to, from) in word.iter_mut().zip(rest.iter().take(bytes)) {
            *to = *from;
        }
        self.read += bytes;
        Some(u64::from_le_bytes(word))
    }

    /// The tape, or SplitMix64.
    fn next(&mut self) -> u64 {
        if let Some(word) = self.read(8) {
            return word;
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        // Most choices are between few: each has a byte of its own, so that changing one leaves the others alone.
        if bound <= 1 << 8
            && let Some(byte) = self.read(1)
        {
            return byte % bound;
        }
        self.next() % bound
    }

    /// True once in so many.
    pub(super) fn once_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    pub(super) fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize].clone()
    }

    pub(super) fn id(&mut self) -> InstructionId {
        self.made += 1;
        let mut id = InstructionId::default();
        id.0.copy_from_slice(&hash(&[self.state, self.made].map(u64::to_le_bytes).concat())[..16]);
        id
    }

    pub(super) fn bank(&mut self) -> ParticipantId {
        ParticipantId(BANKS.start + self.below(u64::from(BANKS.end - BANKS.start)) as u32)
    }

    pub(super) fn currency(&mut self) -> u16 {
        if self.nets && !self.once_in(60) {
            return self.one_of(&[EUR, EUR, USD]);
        }
        self.one_of(&[EUR, EUR, EUR, EUR, USD, USD, 392])
    }

    /// One more entry.
    pub fn step(&mut self, log: &mut impl Log) -> Result<(), Fault> {
        let wait = match self.below(200) {
            0 => 3 * 86_400 * SECOND,
            1..3 => 86_400 * SECOND,
            3..8 => 3_600 * SECOND,
            8..60 => self.below(20) * SECOND,
            _ => 1_000,
        };
        log.wait(wait);
        match self.below(100) {
            kind if self.nets && !(6..9).contains(&kind) => self.netting_step(log, kind),
            5 if self.is_third() => self.plan(log),
            0..6 => log.tick(),
            6..9 => log.roots(),
            9..63 => self.payments(log),
            _ => self.controls(log),
        }
    }

    pub(super) fn head(&mut self, log: &impl Log, who: ParticipantId, key: u32) -> BatchHead {
        let session = SessionId(1 + self.below(2));
        let last = log.last(who, session);
        let number = match self.below(30) {
            0 if self.once_in(2) => last.max(1),
            1 if self.once_in(2) => last + 2,
            _ => last + 1,
        };
        let now = log.now().seconds() as u32;
        BatchHead {
            ledger: log.ledger(),
            participant: who,
            key: KeyId(key),
            session,
            number,
            not_after: if self.once_in(40) { now - 1 } else { now + 3_600 },
        }
    }

    pub(super) fn payments(&mut self, log: &mut impl Log) -> Result<(), Fault> {
        let who = if self.once_in(60) { AGENT } else { self.bank() };
        let key = self.one_of(&[1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 4]);
        let mut all = Vec::new();
        for _ in 0..1 + self.below(6) {
            all.push(self.record(log, who));
        }
        if self.rules > 1 {
            self.link(&mut all);
        }
        let (mut records, mut area) = (Vec::new(), Vec::new());
        for (place, (record, extensions)) in all.iter().enumerate() {
            for (kind, bytes) in extensions {
                extension::put(&mut area, place as u16, *kind, bytes);
            }
            records.push(*record);
            // Under version 1 they were noted as they were made.
            if self.rules > 1 && !self.sent.iter().any(|(_, sent, _)| sent == record) {
                self.sent.push((who, *record, extensions.clone()));
            }
        }
        let head = self.head(log, who, key);
        let key = signing_key(who, key);
        let frame = batch::build(&head, &records, &area, &key).expect("the batch has its form");
        let batch = VerifiedBatch::verify(frame, head.ledger, &key.public()).expect("the batch is signed");
        log.batch(&batch)
    }

    fn record(&mut self, log: &impl Log, who: ParticipantId) -> (Instruction, Extensions) {
        if !self.sent.is_empty() && self.once_in(12) {
            let (owner, mut record, reference) = self.one_of(&self.sent.clone());
            if owner == who && self.once_in(3) {
                record.amount = (record.amount.get() ^ 1).into();
            }
            return (record, reference);
        }
        let now = log.now().seconds() as u32;
        if self.rules > 1 {
            // The last bank has accounts in one currency only.
            let trades = self.rules > 2 && self.once_in(if who.0 == 7 { 20 } else { 3 });
            let exchanges = self.exchanges && self.below(8) > 2;
            let (mut record, mut extensions) = if self.nets && !trades && !self.once_in(6) {
                self.entangled(log, who)
            } else if exchanges {
                self.exchange(log, who)
            } else if trades {
                self.third(log, who)
            } else {
                self.second(log, who)
            };
            extensions.sort_by_key(|(kind, _)| *kind);
            if self.once_in(24) {
                self.spoil(&mut record, now);
            }
            if self.tape.is_some() && self.once_in(12) {
                self.overwrite(&mut record);
            }
            return (record, extensions);
        }
        let mut record = self.plain(who);
        match self.below(5) {
            0 => record.flags = 4.into(),
            1 => record.expires_at = (now + self.below(40) as u32).into(),
            2 if self.once_in(4) => record.flags = 1.into(),
            3 if self.once_in(4) => record.value_date = (log.now().days() as u16).into(),
            _ => {}
        }
        let of = |reference: &[u8]| vec![(ExtensionType::ClearingReference, reference.to_vec())];
        let reference = match self.below(24) {
            0 => of(b"RTGS 1"),
            1 => of(b" RTGS"),
            _ => Vec::new(),
        };
        if self.once_in(10) {
            self.spoil(&mut record, now);
        }
        if self.tape.is_some() && self.once_in(8) {
            self.overwrite(&mut record);
        }
        self.sent.push((who, record, reference.clone()));
        (record, reference)
    }

    /// A payment with everything optional left out.
    pub(super) fn plain(&mut self, who: ParticipantId) -> Instruction {
        let mut creditor = self.bank();
        if creditor == who {
            creditor = self.bank();
        }
        let amount = match self.below(30) {
            0..28 if self.nets => 5 + self.below(10),
            0 => u64::MAX,
            1..4 => 100 + self.below(200),
            _ => 1 + self.below(60),
        };
        let id = self.id();
        Instruction::payment(id, Uetr(id.0), who, creditor, self.currency(), amount)
    }

    /// Puts any byte anywhere.
    fn overwrite(&mut self, record: &mut Instruction) {
        let bytes = record.as_mut_bytes();
        let (at, byte) = (self.below(bytes.len() as u64), self.below(256));
        bytes[at as usize] = byte as u8;
    }

    /// Breaks a rule, sometimes two.
    fn spoil(&mut self, record: &mut Instruction, now: u32) {
        for _ in 0..1 + self.below(2) {
            match self.below(16) {
                0 => record.reserved = 1.into(),
                1 => record.kind = if self.rules > 1 { 99 } else { 9 },
                2 => record.counter_amount = 1.into(),
                3 => record.related = [1; 16],
                4 => record.flags = 8.into(),
                5 => record.priority = 1,
                6 => record.debtor = 4.into(),
                7 => record.amount = 0.into(),
                8 => record.creditor = record.debtor,
                9 => record.currency = 756.into(),
                10 => record.currency = 7.into(),
                11 => record.creditor = 99.into(),
                12 => record.value_date = 1.into(),
                13 => record.expires_at = now.into(),
                14 => record.flags = 5.into(),
                _ => record.quote = 1.into(),
            }
        }
    }

    pub(super) fn controls(&mut self, log: &mut impl Log) -> Result<(), Fault> {
        let mut who = if self.rules > 1 {
            self.one_of(&[OPERATOR, OPERATOR, OPERATOR, AGENT, AGENT, OTHER_AGENT])
        } else {
            self.one_of(&[OPERATOR, AGENT, AGENT, AGENT, OTHER_AGENT])
        };
        if self.once_in(10) {
            who = self.bank();
        }
        let person = self.one_of(&[1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 4, 4]);
        let mut records = Vec::new();
        for _ in 0..1 + self.below(4) {
            let record = self.control_record(log, who);
            records.push(record);
        }
        let head = self.head(log, who, person);
        let key = signing_key(who, person);
        let frame = if self.once_in(12) {
            super::raw::control(&head, &mut records, &key)
        } else {
            control::build(&head, &records, &key).expect("the batch has its form")
        };
        let batch = VerifiedBatch::verify(frame, head.ledger, &key.public()).expect("the batch is signed");
        log.batch(&batch)?;
        for action in log.executed() {
            self.decided(&action);
        }
        Ok(())
    }

    fn control_record(&mut self, log: &impl Log, who: ParticipantId) -> (InstructionId, Control) {
        let of_own = self.proposed.iter().filter(|(owner, _)| *owner == who);
        let mut own: Vec<Digest> = of_own.map(|(_, digest)| *digest).collect();
        if self.rules > 2 {
            own = log.proposed(who);
            own.retain(|digest| !self.approved.contains(digest));
            own.reverse();
        }
        let before: Vec<_> = self
            .control
            .iter()
            .filter(|(owner, _)| *owner == who)
            .cloned()
            .collect();
        if !before.is_empty() && self.once_in(25) {
            return self.one_of(&before).1;
        }
        let id = self.id();
        let control = match self.below(20) {
            0 => Control::Approve([7; 32]),
            1 if !own.is_empty() => Control::Withdraw(self.one_of(&own)),
            2..13 if !own.is_empty() => {
                let digest = self.one_of(&own[own.len().saturating_sub(6)..]);
                if !self.once_in(4) {
                    self.approved.insert(digest);
                    self.proposed.retain(|(_, other)| *other != digest);
                }
                Control::Approve(digest)
            }
            _ => {
                let decides = who == OPERATOR || who == OTHER_AGENT && self.rules > 1 && self.once_in(3);
                let action = if self.exchanges && who == OPERATOR && self.once_in(4) {
                    self.quote_action(log)
                } else if self.rules > 2 && who == OPERATOR && self.once_in(3) {
                    self.third_action(log)
                } else if self.rules > 1 && decides && !self.once_in(3) {
                    self.second_action(log)
                } else {
                    self.action(who)
                };
                let digest = proposal_digest(log.ledger(), who, id, &action);
                self.proposed.push((who, digest));
                if matches!(action, Action::Defund { .. }) {
                    self.defunds.push((who, id));
                }
                Control::Propose(action)
            }
        };
        self.control.push((who, (id, control.clone())));
        (id, control)
    }

    fn action(&mut self, who: ParticipantId) -> Action {
        let (participant, currency) = (self.bank(), self.currency());
        let account = AccountGrant {
            currency,
            cap: self.below(80),
        };
        let agent = who == AGENT || who == OTHER_AGENT;
        if agent && !self.once_in(20) {
            return self.money(who, participant, currency);
        }
        match self.below(12) {
            0 | 1 => Action::RegisterParticipant(self.newcomer()),
            2 => Action::OpenAccount { participant, account },
            3..6 => Action::SetCap { participant, account },
            6 | 7 => Action::AddKey {
                participant,
                grant: self.key(participant),
            },
            8 => Action::RevokeKey {
                participant,
                key: KeyId(self.one_of(&[3, 5, 6, 9, 12])),
            },
            9 | 10 => Action::SetStanding {
                participant,
                suspended: self.once_in(5),
            },
            _ => Action::OpenCurrency {
                currency: self.one_of(&[EUR, 756, 7]),
                agent: self.one_of(&[AGENT, AGENT, ParticipantId(99)]),
            },
        }
    }

    fn money(&mut self, who: ParticipantId, participant: ParticipantId, currency: u16) -> Action {
        let own: Vec<InstructionId> = self
            .defunds
            .iter()
            .filter(|(agent, _)| *agent == who)
            .map(|(_, id)| *id)
            .collect();
        let reference = match self.below(20) {
            0..3 => "R1".to_owned(),
            3 => " bad".to_owned(),
            _ => format!("R{}", self.next()),
        };
        // Who is under risk tests has little, so that they stop something.
        let most = if self.rules > 2 { (6, 30) } else { (20, 60) };
        match self.below(10) {
            0..6 => Action::Fund {
                participant,
                currency,
                amount: self.below(most.0) * self.below(most.1),
                reference,
            },
            6 | 7 => Action::Defund {
                participant,
                currency,
                amount: self.below(30),
            },
            8 if !own.is_empty() => Action::ConfirmDefund {
                defund: self.one_of(&own),
                reference,
            },
            _ if !own.is_empty() => Action::ReleaseDefund {
                defund: self.one_of(&own),
            },
            _ => Action::ReleaseDefund {
                defund: InstructionId([5; 16]),
            },
        }
    }
}
