//! A ledger of its own for what is measured without a node: who takes part, and what they sign.
use causeway_message::action::{AccountGrant, KeyGrant, ParticipantGrant, right, role};
use causeway_message::batch::{BatchHead, build};
use causeway_message::control::{self, Control};
use causeway_message::genesis::{CurrencyGrant, Genesis, NodeGrant};
use causeway_message::keys::{PublicKey, SigningKey};
use causeway_message::leaf::RULES_VERSION;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{InstructionId, KeyId, LedgerId, ParticipantId, SessionId, Uetr};

use crate::error::Failure;
use crate::random::Random;
use crate::world::{FIRST_BANK, World};

/// A ledger of its own, and its banks' keys.
pub(super) struct Bench {
    pub(super) genesis: Genesis,
    pub(super) node: SigningKey,
    pub(super) keys: Vec<SigningKey>,
    pub(super) world: World,
    pub(super) random: Random,
    pub(super) numbers: Vec<u64>,
    /// Keys of the operator, one for each person.
    pub(super) operators: [SigningKey; 2],
    pub(super) operator_number: u64,
    pub(super) now: Timestamp,
}

/// Seconds that a batch may take to the ledger.
const ACCEPTANCE: u64 = 80_000;
/// The operator of the ledger.
pub(super) const OPERATOR: ParticipantId = ParticipantId(0);

fn key(seed: u64) -> Result<SigningKey, Failure> {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    SigningKey::from_seed(bytes).map_err(|e| Failure::Io(e.to_string()))
}

impl Bench {
    pub(super) fn new() -> Result<Self, Failure> {
        Self::with_cap(1 << 50)
    }

    /// All accounts may go so far below zero, in minor units.
    pub(super) fn with_cap(cap: u64) -> Result<Self, Failure> {
        Self::with_caps(|_| cap)
    }

    /// The accounts of each bank may go so far below zero, in minor units.
    pub(super) fn with_caps(cap: impl Fn(usize) -> u64) -> Result<Self, Failure> {
        let world = World::new(64, 600, 10_000);
        let node = key(u64::MAX)?;
        let agent = key(u64::MAX - 1)?;
        let operators = [key(u64::MAX - 2)?, key(u64::MAX - 3)?];
        let grant = |id: u32, name: String, roles: u8, publics: Vec<PublicKey>| ParticipantGrant {
            name,
            roles,
            keys: (1..)
                .zip(publics)
                .map(|(person, public)| KeyGrant {
                    key: KeyId(person),
                    person,
                    rights: right::INSTRUCT | right::CONTROL,
                    public,
                })
                .collect(),
            accounts: world
                .holders
                .iter()
                .filter(|(_, holders)| holders.contains(&id))
                .map(|(currency, _)| AccountGrant {
                    currency: *currency,
                    cap: cap(id.saturating_sub(FIRST_BANK) as usize),
                })
                .collect(),
        };
        let mut participants = vec![
            grant(
                0,
                "OPERATOR".into(),
                role::OPERATOR,
                operators.iter().map(SigningKey::public).collect(),
            ),
            grant(1, "AGENT".into(), role::SETTLEMENT_AGENT, vec![agent.public()]),
        ];
        let mut keys = Vec::new();
        for bank in 0..world.participants {
            let own = key(bank as u64)?;
            let id = FIRST_BANK + bank as u32;
            participants.push(grant(
                id,
                World::name(bank),
                role::PARTICIPANT,
                vec![own.public()],
            ));
            keys.push(own);
        }
        let carries = ParticipantId(1);
        let genesis = Genesis {
            rules: RULES_VERSION,
            name: "bench".into(),
            nonce: [0; 16],
            created: Timestamp(1),
            id_capacity: 100_000_000,
            queue_capacity: 1_000_000,
            nodes: vec![NodeGrant {
                name: "bench".into(),
                public: node.public(),
            }],
            participants,
            currencies: world
                .holders
                .iter()
                .map(|(currency, _)| CurrencyGrant {
                    currency: *currency,
                    agent: carries,
                })
                .collect(),
        };
        let numbers = vec![0; world.participants];
        let now = causeway_engine::clock::now();
        Ok(Self {
            genesis,
            node,
            keys,
            world,
            random: Random::new(1),
            numbers,
            operators,
            operator_number: 0,
            now,
        })
    }

    /// Head of a bank's next batch.
    fn head(&mut self, bank: usize) -> BatchHead {
        self.numbers[bank] += 1;
        BatchHead {
            ledger: self.genesis.ledger_id(),
            participant: ParticipantId(FIRST_BANK + bank as u32),
            key: KeyId(1),
            session: SessionId(1),
            number: self.numbers[bank],
            not_after: (self.now.seconds() + ACCEPTANCE) as u32,
        }
    }

    /// Control records of the operator, signed by one of its persons, 1 or 2.
    ///
    /// # Errors
    /// If they do not fit into a batch.
    pub(super) fn control(
        &mut self,
        person: u32,
        records: &[(InstructionId, Control)],
    ) -> Result<VerifiedBatch, Failure> {
        self.operator_number += 1;
        let head = BatchHead {
            ledger: self.genesis.ledger_id(),
            participant: OPERATOR,
            key: KeyId(person),
            session: SessionId(1),
            number: self.operator_number,
            not_after: (self.now.seconds() + ACCEPTANCE) as u32,
        };
        let signs = &self.operators[usize::from(person != 1)];
        let frame = control::build(&head, records, signs).map_err(|e| Failure::Io(e.to_string()))?;
        VerifiedBatch::verify(frame, self.genesis.ledger_id(), &signs.public())
            .map_err(|e| Failure::Io(e.to_string()))
    }

    pub(super) fn frame(&mut self, bank: usize, count: usize) -> Result<Vec<u8>, Failure> {
        let mut records = Vec::new();
        self.world.payments(bank, count, &mut self.random, &mut records);
        let head = self.head(bank);
        build(&head, &records, &[], &self.keys[bank]).map_err(|e| Failure::Io(e.to_string()))
    }

    pub(super) fn sign(
        &mut self,
        bank: usize,
        records: &[Instruction],
        area: &[u8],
    ) -> Result<VerifiedBatch, Failure> {
        let head = self.head(bank);
        let frame = build(&head, records, area, &self.keys[bank]).map_err(|e| Failure::Io(e.to_string()))?;
        VerifiedBatch::verify(frame, self.genesis.ledger_id(), &self.keys[bank].public())
            .map_err(|e| Failure::Io(e.to_string()))
    }

    /// Payments of some banks in rings, an amount and a currency each, by bank in order of the rings: together they need
    /// no money, and each ring settles after those before it.
    pub(super) fn rings(&mut self, first: usize, banks: usize, count: usize) -> Vec<Vec<Instruction>> {
        let currencies: Vec<u16> = self.world.holders.iter().map(|(code, _)| *code).collect();
        let mut of: Vec<Vec<Instruction>> = vec![Vec::new(); banks];
        for _ in 0..count {
            let currency = currencies[self.random.below(currencies.len() as u64) as usize];
            let amount = 1 + self.random.below(1_000_000);
            let step = 1 + self.random.below(banks as u64 - 1) as usize;
            for (bank, records) in of.iter_mut().enumerate() {
                let [debtor, creditor] = [bank, (bank + step) % banks]
                    .map(|bank| ParticipantId(FIRST_BANK + (first + bank) as u32));
                let (id, uetr) = (InstructionId(self.random.id()), Uetr(self.random.id()));
                records.push(Instruction::payment(id, uetr, debtor, creditor, currency, amount));
            }
        }
        of
    }

    pub(super) fn batch(
        &mut self,
        bank: usize,
        count: usize,
        ledger: LedgerId,
    ) -> Result<VerifiedBatch, Failure> {
        let frame = self.frame(bank, count)?;
        VerifiedBatch::verify(frame, ledger, &self.keys[bank].public())
            .map_err(|e| Failure::Io(e.to_string()))
    }
}
