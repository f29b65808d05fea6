//! A bank in the test's own process: pays through the client library and writes down everything it is told.
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use causeway_message::answer::Answer;
use causeway_message::event::{EventKind, Role};
use causeway_message::keys::random_bytes;
use causeway_message::record::Instruction;
use causeway_message::wire::InstructionKey;
use causeway_message::{InstructionId, ParticipantId, SessionId, Status, Uetr};
use causeway_ops::config::BankConfig;
use causeway_transport::Client;
use causeway_transport::client::Session;
use tokio::task::JoinHandle;

use super::node::Ledger;

/// Numbers that repeat from the same seed.
#[derive(Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// What a bank was told of one payment.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    pub record: Instruction,
    /// Its first answer.
    pub answered: Status,
    /// What the feed told later, of a payment that waited.
    pub later: Option<Status>,
}

impl Told {
    /// The status that it must have now.
    pub fn status(&self) -> Status {
        self.later.unwrap_or(self.answered)
    }
}

/// What a bank wrote down.
#[derive(Debug, Default)]
pub struct Notes {
    pub sent: BTreeMap<InstructionId, Told>,
    /// Outcomes of waiting payments, from the feed; the answer may come after them.
    pub released: BTreeMap<InstructionId, Status>,
    /// Payments received, by debtor and id: each must come once.
    pub credits: BTreeMap<(u32, InstructionId), u64>,
    /// Number of the event that must come next.
    pub next_event: u64,
    pub faults: Vec<String>,
}

impl Notes {
    fn answer(&mut self, record: &Instruction, answer: &Answer) {
        let Some(status) = answer.status().filter(|_| answer.is_first()) else {
            return self.faults.push(format!("{}: answered {answer:?}", record.id()));
        };
        let told = Told {
            record: *record,
            answered: status,
            later: None,
        };
        if self.sent.insert(record.id(), told).is_some() {
            self.faults.push(format!("{}: answered twice", record.id()));
        }
    }

    /// What was sent, each with what the feed told of it.
    pub fn complete(&self) -> Vec<Told> {
        let later = |id: &InstructionId| self.released.get(id).copied();
        self.sent
            .iter()
            .map(|(id, told)| Told {
                later: later(id),
                ..*told
            })
            .collect()
    }
}

/// A bank.
pub struct Teller {
    pub id: ParticipantId,
    pub client: Client,
    pub notes: Arc<Mutex<Notes>>,
    feed: JoinHandle<()>,
}

impl Teller {
    pub async fn open(ledger: &Ledger, name: &str) -> Self {
        let config = BankConfig::load(&ledger.bank(name)).expect("bank.toml");
        let client = Client::connect(config.client_config(Some(1)).expect("keys"))
            .await
            .expect("connects");
        let notes = Arc::new(Mutex::new(Notes {
            next_event: 1,
            ..Notes::default()
        }));
        let (mut stream, told) = (client.feed(1), notes.clone());
        let feed = tokio::spawn(async move {
            loop {
                let entry = match stream.next().await {
                    Ok(entry) => entry,
                    Err(error) => {
                        return told
                            .lock()
                            .expect("notes")
                            .faults
                            .push(format!("the feed ended: {error}"));
                    }
                };
                let mut notes = told.lock().expect("notes");
                for (number, event) in entry.events() {
                    if number != notes.next_event {
                        let wanted = notes.next_event;
                        notes
                            .faults
                            .push(format!("event {number} came where {wanted} was due"));
                    }
                    notes.next_event = number + 1;
                    let Some((record, _)) = event
                        .payment()
                        .filter(|_| event.kind() == Some(EventKind::Payment))
                    else {
                        continue;
                    };
                    let status = event.status().expect("a known status");
                    if event.role() == Some(Role::Debtor) {
                        if notes.released.insert(record.id(), status).is_some() {
                            notes.faults.push(format!("{}: released twice", record.id()));
                        }
                    } else if notes
                        .credits
                        .insert((record.debtor.get(), record.id()), record.amount.get())
                        .is_some()
                    {
                        notes.faults.push(format!("{}: received twice", record.id()));
                    }
                }
            }
        });
        Self {
            id: config.participant,
            client,
            notes,
            feed,
        }
    }

    /// A payment of some minor units.
    pub fn payment(&self, to: ParticipantId, currency: u16, amount: u64) -> Instruction {
        let id = InstructionId(random_bytes().expect("randomness"));
        Instruction::payment(id, Uetr(id.0), self.id, to, currency, amount)
    }

    /// Pays on two sessions, one by one and in pipelined batches, until told to stop and everything is answered.
    pub fn pay(
        self: &Arc<Self>,
        others: Vec<ParticipantId>,
        currencies: &'static [u16],
        amount_max: u64,
        seed: u64,
        stop: &Arc<AtomicBool>,
    ) -> Vec<JoinHandle<()>> {
        (1..=2u64)
            .map(|lane| {
                let (bank, stop, others) = (self.clone(), stop.clone(), others.clone());
                let mut dice = Dice(seed ^ lane);
                tokio::spawn(async move {
                    let session = bank.client.session(SessionId(lane)).await.expect("a session");
                    while !stop.load(Ordering::Acquire) {
                        let count = if lane == 1 {
                            1 + dice.below(4)
                        } else {
                            1 + dice.below(120)
                        };
                        let records: Vec<Instruction> = (0..count)
                            .map(|_| {
                                let to = others[dice.below(others.len() as u64) as usize];
                                let currency = currencies[dice.below(currencies.len() as u64) as usize];
                                bank.payment(to, currency, 1 + dice.below(amount_max))
                            })
                            .collect();
                        bank.send(&session, lane == 1, records).await;
                        tokio::time::sleep(Duration::from_millis(dice.below(12))).await;
                    }
                })
            })
            .collect()
    }

    async fn send(&self, session: &Session, singly: bool, records: Vec<Instruction>) {
        if singly {
            for record in &records {
                let answer = session.pay(*record).await.expect("an answer");
                self.notes.lock().expect("notes").answer(record, &answer);
            }
            return;
        }
        let mut pending = Vec::new();
        for part in records.chunks(40) {
            let sent = session
                .submit(part.to_vec(), Vec::new(), Vec::new())
                .await
                .expect("sent");
            pending.push((part.to_vec(), sent));
        }
        for (part, sent) in pending {
            let outcome = sent.outcome().await.expect("an outcome");
            let mut notes = self.notes.lock().expect("notes");
            part.iter()
                .zip(&outcome.answers)
                .for_each(|(record, answer)| notes.answer(record, answer));
        }
    }

    pub fn key(&self, id: InstructionId) -> InstructionKey {
        InstructionKey {
            submitter: self.id,
            id,
        }
    }

    pub fn leave(&self) {
        self.feed.abort();
        self.client.close();
    }
}
