//! Banks on a ledger whose clock is set by hand; the auditor is given each entry first and must say the same of it.
use std::collections::BTreeMap;

use causeway_engine::publish::feeds::Feeds;
use causeway_engine::publish::groups::{BatchSource, Scratch, Source};
use causeway_engine::publish::prove::prove;
use causeway_ledger::{Input, Ledger, NoPast, Outcome};
use causeway_message::action::{AccountGrant, Action, KeyGrant, ParticipantGrant, right, role};
use causeway_message::batch::{self, BatchHead};
use causeway_message::control::{self, Control, proposal_digest};
use causeway_message::digest::hash;
use causeway_message::entry::{ENTRY_VERSION, EntryHeader, EntryKind, payload_digest};
use causeway_message::genesis::{CurrencyGrant, Genesis, NodeGrant};
use causeway_message::keys::SigningKey;
use causeway_message::leaf::RULES_VERSION;
use causeway_message::limits::ACCEPTANCE_SECONDS_MAX;
use causeway_message::record::{Instruction, flags};
use causeway_message::statement::DayTold;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{Digest, InstructionId, KeyId, ParticipantId, SessionId, Status, Uetr};

use super::days::Probe;
use crate::audit::Auditor;
use crate::error::Failure;
use crate::random::Random;

const OPERATOR: ParticipantId = ParticipantId(0);
const AGENT: ParticipantId = ParticipantId(1);
const FIRST_BANK: u32 = 2;
const BANKS: u32 = 12;
/// Payments of one batch.
const PAYMENTS: usize = 6;
/// What each bank is funded with in each currency, in minor units.
const FUNDED: u64 = 1_000_000;

/// What happened so far.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub payments: u64,
    pub settled: u64,
    pub rejected: u64,
    pub statements: u64,
}

/// The ledger, its auditor, and who lives on it.
pub(super) struct Town {
    genesis: Genesis,
    ledger: Ledger,
    auditor: Auditor,
    currencies: Vec<u16>,
    random: Random,
    scratch: Scratch,
    feeds: Feeds,
    hash: Digest,
    outcome: Outcome,
    steps: Vec<DayTold>,
    /// What statements of accounts came to since the last end of a day, by currency.
    stated: BTreeMap<u16, i128>,
    /// What came in, by currency.
    funded: BTreeMap<u16, i128>,
    made: u64,
    pub counts: Counts,
}

fn signing_key(who: ParticipantId, key: u32) -> Result<SigningKey, Failure> {
    let seed = hash(&[who.0.to_le_bytes(), key.to_le_bytes()].concat());
    SigningKey::from_seed(seed).map_err(|error| Failure::Io(error.to_string()))
}

fn member(name: String, who: ParticipantId, roles: u8) -> Result<ParticipantGrant, Failure> {
    let mut keys = Vec::new();
    for person in 1..=2 {
        keys.push(KeyGrant {
            key: KeyId(person),
            person,
            rights: right::KNOWN,
            public: signing_key(who, person)?.public(),
        });
    }
    Ok(ParticipantGrant {
        name,
        roles,
        keys,
        accounts: Vec::new(),
    })
}

impl Town {
    /// Opens the ledger and funds every bank.
    pub fn new(currencies: Vec<u16>, begin: Timestamp, seed: u64) -> Result<Self, Failure> {
        let mut participants = vec![
            member("OPERATOR".into(), OPERATOR, role::OPERATOR)?,
            member("AGENT".into(), AGENT, role::SETTLEMENT_AGENT)?,
        ];
        for bank in 0..BANKS {
            let who = ParticipantId(FIRST_BANK + bank);
            let mut own = member(format!("BANK{bank:02}"), who, role::PARTICIPANT)?;
            own.accounts = currencies
                .iter()
                .map(|currency| AccountGrant {
                    currency: *currency,
                    cap: 0,
                })
                .collect();
            participants.push(own);
        }
        let node = signing_key(ParticipantId(u32::MAX), 1)?;
        let genesis = Genesis {
            name: "a year".into(),
            nonce: [7; 16],
            created: Timestamp(begin.0 - 1),
            id_capacity: 4_000_000,
            queue_capacity: 100_000,
            nodes: vec![NodeGrant {
                name: "node-1.causeway".into(),
                public: node.public(),
            }],
            participants,
            currencies: currencies
                .iter()
                .map(|currency| CurrencyGrant {
                    currency: *currency,
                    agent: AGENT,
                })
                .collect(),
            rules: RULES_VERSION,
        };
        let ledger = Ledger::new(&genesis, seed).map_err(|(_, error)| Failure::Check(error))?;
        let mut auditor = Auditor::new(&genesis);
        auditor.trust_signatures();
        let mut town = Self {
            hash: genesis.ledger_id().0,
            ledger,
            auditor,
            currencies,
            random: Random::new(seed),
            scratch: Scratch::default(),
            feeds: Feeds::default(),
            outcome: Outcome::default(),
            steps: Vec::new(),
            stated: BTreeMap::new(),
            funded: BTreeMap::new(),
            made: 0,
            counts: Counts::default(),
            genesis,
        };
        let payload = town.genesis.to_bytes();
        town.plain(begin, EntryKind::Genesis, &payload)?;
        for bank in 0..BANKS {
            for currency in town.currencies.clone() {
                let reference = format!("begin {bank}");
                town.decide(
                    AGENT,
                    Action::Fund {
                        participant: ParticipantId(FIRST_BANK + bank),
                        currency,
                        amount: FUNDED,
                        reference,
                    },
                )?;
            }
        }
        Ok(town)
    }

    pub const fn time(&self) -> Timestamp {
        self.ledger.time()
    }

    pub const fn index(&self) -> u64 {
        self.ledger.index()
    }

    /// The next instant at which the ledger has something to do by itself.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.ledger.next_due()
    }

    /// Steps of days that were told since the last call.
    pub fn take_steps(&mut self) -> Vec<DayTold> {
        std::mem::take(&mut self.steps)
    }

    /// What the statements of a day's accounts came to.
    pub fn take_stated(&mut self, currency: u16) -> i128 {
        self.stated.remove(&currency).unwrap_or(0)
    }

    /// Money comes in, whatever the day.
    pub fn fund(&mut self) -> Result<(), Failure> {
        let currency = self.currencies[self.random.below(self.currencies.len() as u64) as usize];
        let amount = 1 + self.random.below(1_000);
        let participant = ParticipantId(FIRST_BANK + self.random.below(BANKS.into()) as u32);
        self.made += 1;
        let fund = Action::Fund {
            participant,
            currency,
            amount,
            reference: format!("later {}", self.made),
        };
        self.decide(AGENT, fund)?;
        *self.funded.entry(currency).or_default() += i128::from(amount);
        Ok(())
    }

    /// True if anything waits in a currency.
    pub fn waits(&self, currency: u16) -> bool {
        let mut banks = (FIRST_BANK..FIRST_BANK + BANKS).map(ParticipantId);
        banks.any(|bank| {
            self.auditor
                .line(bank, currency)
                .is_some_and(|line| line.queued != 0)
        })
    }

    /// What the agent owes in a currency: what stands on all accounts by the auditor's books.
    pub fn liability(&self, currency: u16) -> i128 {
        let all = (0..FIRST_BANK + BANKS).map(ParticipantId);
        all.filter_map(|who| self.auditor.line(who, currency))
            .map(|line| line.balance)
            .sum()
    }

    /// Bytes of the ledger's state, without the memory of ids, whose size is declared.
    pub fn state_bytes(&self) -> usize {
        let mut bytes = Vec::new();
        self.ledger.write(&mut bytes);
        bytes.len()
    }

    /// Everything that came in is still there.
    pub fn check_sums(&self) -> Result<(), Failure> {
        for (currency, liability, accounts) in self.ledger.positions() {
            let later = self.funded.get(&currency).copied().unwrap_or(0);
            let funded = i128::from(FUNDED) * i128::from(BANKS) + later;
            if (liability, accounts) != (-funded, funded) {
                return Err(Failure::Check(format!(
                    "currency {currency}: {accounts} on accounts, {liability} owed, {funded} came in"
                )));
            }
        }
        Ok(())
    }

    /// An operator's action, proposed and approved.
    pub fn operate(&mut self, action: Action) -> Result<(), Failure> {
        self.decide(OPERATOR, action)
    }

    /// Time passes.
    pub fn tick(&mut self, at: Timestamp) -> Result<(), Failure> {
        self.plain(at, EntryKind::Tick, &[])
    }

    /// A batch of one bank, in currencies that are open to it or not.
    pub fn traffic(&mut self, at: Timestamp) -> Result<(), Failure> {
        let bank = self.random.below(BANKS.into()) as u32;
        let mut records = Vec::new();
        for _ in 0..PAYMENTS {
            let other = (bank + 1 + self.random.below(u64::from(BANKS) - 1) as u32) % BANKS;
            let currency = self.currencies[self.random.below(self.currencies.len() as u64) as usize];
            // Some are more than a bank has, and wait.
            let most = if self.random.below(8) == 0 {
                2 * FUNDED
            } else {
                FUNDED / 4
            };
            let amount = 1 + self.random.below(most);
            let interbank = self.random.below(2) == 0;
            records.push(self.payment((bank, other), currency, amount, interbank));
        }
        self.send(at, bank, &records)?;
        self.counts.payments += records.len() as u64;
        Ok(())
    }

    /// One minor unit for each; true of those that are taken.
    pub fn probe(&mut self, at: Timestamp, probes: &[Probe]) -> Result<Vec<bool>, Failure> {
        let bank = self.random.below(BANKS.into()) as u32;
        let pair = (bank, (bank + 1) % BANKS);
        let records: Vec<Instruction> = probes
            .iter()
            .map(|probe| self.payment(pair, probe.currency, 1, probe.interbank))
            .collect();
        self.send(at, bank, &records)?;
        let statuses = self.outcome.answers.iter().map(|answer| answer.status());
        statuses
            .map(|status| match status {
                Some(Status::Settled | Status::Queued) => Ok(true),
                Some(Status::RejectedCutOff) => Ok(false),
                other => Err(Failure::Check(format!("a payment at a cut-off is {other:?}"))),
            })
            .collect()
    }

    fn payment(
        &mut self,
        (debtor, creditor): (u32, u32),
        currency: u16,
        amount: u64,
        interbank: bool,
    ) -> Instruction {
        let id = self.id();
        let (debtor, creditor) = (
            ParticipantId(FIRST_BANK + debtor),
            ParticipantId(FIRST_BANK + creditor),
        );
        let mut record = Instruction::payment(id, Uetr(self.random.id()), debtor, creditor, currency, amount);
        if interbank {
            record.flags = (record.flags.get() | flags::INTERBANK).into();
        }
        record
    }

    fn id(&mut self) -> InstructionId {
        self.made += 1;
        let mut id = InstructionId(self.random.id());
        id.0[..8].copy_from_slice(&self.made.to_le_bytes());
        id
    }

    fn head(&self, who: ParticipantId, key: u32, at: Timestamp) -> BatchHead {
        let session = SessionId(u64::from(key));
        BatchHead {
            ledger: self.ledger.id(),
            participant: who,
            key: KeyId(key),
            session,
            number: self.ledger.sessions().last(who, session) + 1,
            not_after: at.seconds() as u32 + ACCEPTANCE_SECONDS_MAX,
        }
    }

    fn send(&mut self, at: Timestamp, bank: u32, records: &[Instruction]) -> Result<(), Failure> {
        let who = ParticipantId(FIRST_BANK + bank);
        let key = signing_key(who, 1)?;
        let frame = batch::build(&self.head(who, 1, at), records, &[], &key)
            .map_err(|error| Failure::Check(error.to_string()))?;
        self.submit(at, EntryKind::Batch, frame, &key)
    }

    fn decide(&mut self, who: ParticipantId, action: Action) -> Result<(), Failure> {
        let (proposal, approval) = (self.id(), self.id());
        let digest = proposal_digest(self.ledger.id(), who, proposal, &action);
        for (person, id, control) in [
            (1, proposal, Control::Propose(action)),
            (2, approval, Control::Approve(digest)),
        ] {
            let at = Timestamp(self.time().0 + 1);
            let key = signing_key(who, person)?;
            let frame = control::build(&self.head(who, person, at), &[(id, control)], &key)
                .map_err(|error| Failure::Check(error.to_string()))?;
            self.submit(at, EntryKind::Control, frame, &key)?;
            let status = self.outcome.answers.first().and_then(|answer| answer.status());
            if !matches!(status, Some(Status::Proposed | Status::Executed)) {
                return Err(Failure::Check(format!("an action is answered {status:?}")));
            }
        }
        Ok(())
    }

    fn submit(
        &mut self,
        at: Timestamp,
        kind: EntryKind,
        frame: Vec<u8>,
        key: &SigningKey,
    ) -> Result<(), Failure> {
        let batch = VerifiedBatch::verify(frame, self.ledger.id(), &key.public())
            .map_err(|error| Failure::Check(error.to_string()))?;
        let payload = batch.frame().to_vec();
        self.add(at, kind, &payload, (*batch.input_digest(), Some(&batch)))
    }

    fn plain(&mut self, at: Timestamp, kind: EntryKind, payload: &[u8]) -> Result<(), Failure> {
        self.add(at, kind, payload, (payload_digest(payload), None))
    }

    /// The next entry; time rises though an instant comes twice.
    fn add(
        &mut self,
        at: Timestamp,
        kind: EntryKind,
        payload: &[u8],
        (digest, batch): (Digest, Option<&VerifiedBatch>),
    ) -> Result<(), Failure> {
        let index = self.ledger.index() + 1;
        let time = at.max(Timestamp(self.time().0 + 1));
        let header = EntryHeader {
            index: index.into(),
            term: 1.into(),
            time: time.0.into(),
            leader: 1.into(),
            len: (payload.len() as u32).into(),
            kind: (kind as u16).into(),
            version: ENTRY_VERSION.into(),
            crc32c: crc32c::crc32c(payload).into(),
            payload_digest: digest,
            prev_hash: self.hash,
        };
        let differs = |why: String| Failure::Check(format!("log entry {index} at {}: {why}", time.to_text()));
        self.auditor
            .entry(&header, payload)
            .map_err(|fault| differs(fault.to_string()))?;
        let input = match batch {
            Some(batch) => Input::Batch(batch),
            None if kind == EntryKind::Genesis => Input::Genesis,
            None => Input::Tick,
        };
        self.ledger.apply(index, time, input, &NoPast, &mut self.outcome);
        let source = Source {
            entry: index,
            batch: batch.map(BatchSource::new),
        };
        let feeds = &mut self.feeds;
        let proven = prove(
            &mut self.scratch,
            &source,
            &header,
            &self.outcome,
            |who, count| feeds.number(who, count, index),
        );
        let expected = self.auditor.expected(index);
        if expected.is_none_or(|expected| expected.leaf != proven.leaf) {
            return Err(differs(
                "its effects are not those that the auditor expects".into(),
            ));
        }
        self.auditor.forget(index.saturating_sub(1));
        self.hash = header.hash();
        self.count();
        Ok(())
    }

    fn count(&mut self) {
        let outcome = &self.outcome;
        let answered = outcome.answers.iter().filter_map(|answer| answer.status());
        let later = outcome.deferred.iter().map(|effect| effect.status);
        for status in answered.chain(later) {
            self.counts.settled += u64::from(status == Status::Settled);
            self.counts.rejected += u64::from(status == Status::RejectedClose);
        }
        self.counts.statements += outcome.statements.len() as u64;
        for notice in outcome.statements.iter().filter(|notice| !notice.overseer) {
            *self.stated.entry(notice.statement.currency).or_default() += notice.statement.closing;
        }
        self.steps.extend(outcome.days.iter().map(|day| day.told));
    }
}
