//! Commands of a random run: each word of random bits becomes one, of what the run has made so far.
use causeway_message::action::{AccountGrant, Action, FeeGrant, Phase};
use causeway_message::control::Control;
use causeway_message::digest::hash;
use causeway_message::extension::{self, ExtensionType as Ext};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, ParticipantId, Status, Uetr};

use super::book::{Book, Key};
use super::run::{AGENT, BANKS, CODES, OPERATOR, Run, bank};
use crate::support::Entry;

/// Bits of a command, taken from the low end.
struct Bits(u64);

impl Bits {
    fn below(&mut self, bound: u64) -> u64 {
        let taken = self.0 % bound;
        self.0 = (self.0 / bound) ^ (self.0 << 7).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        taken
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len().max(1) as u64) as usize)
    }
}

/// A record and its extensions.
type Made = (Instruction, Vec<(Ext, Vec<u8>)>);

pub struct Player {
    pub run: Run,
    pub book: Book,
}

impl Player {
    pub fn new(queue_capacity: u32) -> Self {
        let mut player = Self {
            run: Run::new(queue_capacity),
            book: Book::default(),
        };
        for currency in CODES {
            (0..BANKS).for_each(|number| {
                player.book.account((bank(number), currency));
            });
        }
        player
    }

    /// Lets what is due come first, so that an entry causes nothing before its own record.
    pub fn settle_down(&mut self) {
        while self.run.is_due() {
            self.run.apply(Entry::Tick);
            self.follow(0, &[]);
        }
    }

    /// Takes the last entry in and looks at everything.
    fn follow(&mut self, submitter: u32, sent: &[Instruction]) {
        let last = self.run.log.last().expect("an entry was applied");
        let index = self.run.log.len() as u64;
        self.book
            .follow(index, last.time.seconds(), submitter, sent, &last.outcome);
        self.book.hold();
        let mut queued = 0;
        for number in 0..BANKS {
            for line in self.run.ledger.balances(ParticipantId(bank(number)), 0).lines {
                let account = &self.book.accounts[&(bank(number), line.currency)];
                let keys = || account.queues.iter().flatten();
                let value = keys()
                    .map(|key| i128::from(self.book.all[key].record.amount.get()))
                    .sum();
                let expected = (
                    account.balance,
                    account.aside,
                    account.cap,
                    keys().count() as u32,
                    value,
                );
                let found = (
                    line.balance,
                    line.reserved,
                    line.cap,
                    line.queued,
                    line.queued_value,
                );
                assert_eq!(found, expected, "bank {} in {}", bank(number), line.currency);
                queued += line.queued;
            }
        }
        assert!(queued <= self.run.ledger.waiting());
        if !self.run.is_due() {
            assert_eq!(self.book.forgotten(), None, "what could settle stays");
        }
    }

    fn send(&mut self, who: u32, made: &[Made]) {
        self.settle_down();
        let mut area = Vec::new();
        for (place, (_, own)) in made.iter().enumerate() {
            for (kind, bytes) in own {
                extension::put(&mut area, place as u16, *kind, bytes);
            }
        }
        let records: Vec<Instruction> = made.iter().map(|(record, _)| *record).collect();
        self.run.instruct(who, &records, &area);
        self.follow(who, &records);
    }

    pub fn decide(&mut self, who: ParticipantId, action: &Action) {
        self.settle_down();
        let (_, digest) = self.run.propose(who, action);
        self.follow(who.0, &[]);
        let last = self.run.log.last().expect("an entry was applied");
        if last.outcome.answers[0].status() != Some(Status::Proposed) {
            return;
        }
        self.settle_down();
        let id = self.run.fresh();
        self.run.control(who, 2, id, Control::Approve(digest));
        self.follow(who.0, &[]);
    }

    /// A record between two banks, or about an account of the first.
    pub fn record(
        &mut self,
        kind: Kind,
        debtor: u32,
        creditor: u32,
        currency: u16,
        amount: u64,
    ) -> Instruction {
        let id = self.run.fresh();
        let (from, to) = (ParticipantId(debtor), ParticipantId(creditor));
        let mut record = Instruction::payment(id, Uetr(id.0), from, to, currency, amount);
        record.kind = kind as u8;
        record
    }

    pub fn alone(&mut self, record: Instruction) {
        let who = if record.kind == Kind::Resolve as u8 {
            record.creditor.get()
        } else {
            record.debtor.get()
        };
        self.send(who, &[(record, Vec::new())]);
    }

    /// One of the last instructions of which `fits` is true.
    fn recent(&self, bits: &mut Bits, fits: impl Fn(&super::book::Payment) -> bool) -> Option<Key> {
        let recent = &self.book.order[self.book.order.len().saturating_sub(400)..];
        let fitting: Vec<Key> = recent
            .iter()
            .copied()
            .filter(|key| fits(&self.book.all[key]))
            .collect();
        bits.pick(&fitting).copied()
    }

    fn seconds(&self, from_now: u64) -> u32 {
        (self.run.now.seconds() + from_now) as u32
    }

    /// Does what a word of random bits says.
    pub fn command(&mut self, word: u64) {
        let bits = &mut Bits(word);
        let debtor = bank(bits.below(5) as u32);
        let creditor = if bits.one_in(50) {
            debtor
        } else {
            bank(debtor - 2 + 1 + bits.below(4) as u32)
        };
        let currency = CODES[usize::from(bits.one_in(4))];
        match bits.below(100) {
            0..33 => self.pay(bits, debtor, creditor, currency),
            33..39 => self.chain(bits, debtor, currency),
            39..45 => self.conditional(bits, debtor, creditor, currency),
            45..51 => self.release(bits),
            51..56 => self.pay_back(bits),
            56..63 => self.cancel(bits),
            63..66 => self.resolve(bits),
            66..71 => self.amend(bits),
            71..74 => {
                let against = if bits.one_in(3) { debtor } else { creditor };
                let mut record = self.record(Kind::Limit, debtor, against, currency, bits.below(120));
                if bits.one_in(3) {
                    record.amount = 0.into();
                    record.flags = flags::DECLINE.into();
                }
                self.alone(record);
            }
            74..77 => {
                let amount = if bits.one_in(3) { 0 } else { bits.below(60) };
                let mut record = self.record(Kind::Reservation, debtor, debtor, currency, amount);
                record.priority = 1 + bits.below(2) as u8;
                self.alone(record);
            }
            77 => {
                let mut record = self.record(Kind::Discipline, debtor, debtor, currency, 0);
                record.flags = if bits.one_in(2) { flags::BYPASS } else { 0 }.into();
                self.alone(record);
            }
            78..83 => self.money(bits, debtor, currency),
            83..91 => self.order(bits, debtor),
            91 => self.fee(bits, debtor, currency),
            92..94 => self.day(currency),
            94 => {
                let recent: Vec<Key> = self.book.order.iter().rev().take(50).copied().collect();
                if let Some(key) = bits.pick(&recent) {
                    // Without its extensions it may be another record: known again, or reused.
                    self.send(key.0, &[(self.book.all[key].record, Vec::new())]);
                }
            }
            _ => {
                let seconds = match bits.below(100) {
                    0 => 86_400,
                    1..12 => 60,
                    _ => bits.below(12),
                };
                self.run.pass(seconds);
                self.settle_down();
            }
        }
    }

    fn payment(&mut self, bits: &mut Bits, kind: Kind, debtor: u32, creditor: u32, currency: u16) -> Made {
        let amount = if bits.one_in(8) {
            bits.below(200)
        } else {
            1 + bits.below(40)
        };
        let mut record = self.record(kind, debtor, creditor, currency, amount);
        record.priority = [0, 0, 0, 0, 0, 1, 1, 2][bits.below(8) as usize];
        if bits.one_in(12) {
            record.flags = flags::SETTLE_OR_REJECT.into();
        }
        if bits.one_in(3) {
            record.expires_at = self.seconds(10 + bits.below(30)).into();
        }
        (record, Vec::new())
    }

    fn pay(&mut self, bits: &mut Bits, debtor: u32, creditor: u32, currency: u16) {
        let (record, mut own) = self.payment(bits, Kind::Payment, debtor, creditor, currency);
        if bits.one_in(6) {
            let from = self.seconds(bits.below(6)).to_le_bytes();
            own.push((Ext::FromTime, from.to_vec()));
        }
        if bits.one_in(6) {
            let till = self.seconds(6 + bits.below(5)).to_le_bytes();
            own.push((Ext::TillTime, till.to_vec()));
        }
        self.send(debtor, &[(record, own)]);
    }

    fn chain(&mut self, bits: &mut Bits, debtor: u32, currency: u16) {
        let count = 2 + bits.below(4) as u32;
        let (first, _) = self.payment(bits, Kind::Payment, debtor, debtor, currency);
        let mut made = Vec::new();
        for at in 0..count {
            let creditor = bank(debtor - 2 + 1 + bits.below(4) as u32);
            let currency = if bits.one_in(3) { CODES[0] } else { currency };
            let mut record = self.record(Kind::Payment, debtor, creditor, currency, 1 + bits.below(30));
            (record.priority, record.expires_at) = (first.priority, first.expires_at);
            record.flags = first.flags;
            if at + 1 < count {
                record.flags = (first.flags.get() | flags::LINKED).into();
            }
            made.push((record, Vec::new()));
        }
        self.send(debtor, &made);
    }

    fn conditional(&mut self, bits: &mut Bits, debtor: u32, creditor: u32, currency: u16) {
        let (mut record, mut own) = self.payment(bits, Kind::Conditional, debtor, creditor, currency);
        record.expires_at = self.seconds(5 + bits.below(60)).into();
        if bits.one_in(2) {
            record.flags = (record.flags.get() | flags::PARTIAL).into();
        }
        own.push((Ext::Condition, hash(b"secret").to_vec()));
        own.push((Ext::Approver, bank(bits.below(5) as u32).to_le_bytes().to_vec()));
        self.send(debtor, &[(record, own)]);
    }

    fn release(&mut self, bits: &mut Bits) {
        let any = bits.one_in(8);
        let found = self.recent(bits, |payment| {
            payment.record.kind == Kind::Conditional as u8 && (any || payment.left != 0)
        });
        let Some(key) = found else { return };
        let (of, left) = (self.book.all[&key].record, self.book.all[&key].left);
        let amount = if bits.one_in(2) {
            left
        } else {
            1 + bits.below(left + 1)
        };
        let (debtor, creditor) = (of.debtor.get(), of.creditor.get());
        let mut record = self.record(Kind::Release, debtor, creditor, of.currency.get(), amount);
        record.related = key.1.0;
        let mut own = Vec::new();
        if bits.one_in(5) {
            (record.amount, record.flags) = (0.into(), flags::DECLINE.into());
        } else if !bits.one_in(4) {
            own.push((Ext::Preimage, b"secret".to_vec()));
        }
        let who = [creditor, debtor, bank(bits.below(5) as u32)][bits.below(3) as usize];
        self.send(who, &[(record, own)]);
    }

    fn pay_back(&mut self, bits: &mut Bits) {
        let found = self.recent(bits, |payment| {
            payment.status == Status::Settled && payment.record.kind != Kind::Return as u8
        });
        let Some(key) = found else { return };
        let of = self.book.all[&key].record;
        let (debtor, creditor) = (of.creditor.get(), of.debtor.get());
        let (mut record, own) = self.payment(bits, Kind::Return, debtor, creditor, of.currency.get());
        record.amount = (1 + bits.below(of.amount.get())).into();
        record.related = key.1.0;
        self.send(debtor, &[(record, own)]);
    }

    /// A record about another between the same two, of the same amount.
    fn about(&mut self, kind: Kind, key: Key) -> Instruction {
        let of = self.book.all[&key].record;
        let (debtor, creditor) = (of.debtor.get(), of.creditor.get());
        let mut record = self.record(kind, debtor, creditor, of.currency.get(), of.amount.get());
        record.related = key.1.0;
        record
    }

    fn cancel(&mut self, bits: &mut Bits) {
        let settled = bits.one_in(3);
        let found = self.recent(bits, |payment| {
            let pays = Kind::from_number(payment.record.kind).is_some_and(Kind::pays);
            pays && if settled {
                payment.status == Status::Settled
            } else {
                payment.status.is_transient()
            }
        });
        let Some(key) = found else { return };
        let mut record = self.about(Kind::Cancel, key);
        if bits.one_in(2) {
            record.expires_at = self.seconds(bits.below(30)).into();
        }
        self.alone(record);
    }

    fn resolve(&mut self, bits: &mut Bits) {
        let found = self.recent(bits, |payment| payment.status == Status::CancellationPending);
        let Some(key) = found else { return };
        let mut record = self.about(Kind::Resolve, key);
        if bits.one_in(2) {
            record.flags = flags::DECLINE.into();
        }
        self.alone(record);
    }

    fn amend(&mut self, bits: &mut Bits) {
        let found = self.recent(bits, |payment| payment.status == Status::Queued);
        let Some(key) = found else { return };
        let of = self.book.all[&key].record;
        let debtor = of.debtor.get();
        let mut record = self.record(Kind::Amend, debtor, debtor, of.currency.get(), 0);
        record.related = key.1.0;
        record.priority = bits.below(3) as u8;
        record.flags = [0, flags::FRONT, flags::BACK][bits.below(3) as usize].into();
        self.alone(record);
    }

    fn money(&mut self, bits: &mut Bits, who: u32, currency: u16) {
        let participant = ParticipantId(who);
        let amount = 1 + bits.below(150);
        let reference = format!("R{}", self.run.log.len());
        let cap = bits.below(100);
        let account = AccountGrant { currency, cap };
        let open: Vec<InstructionId> = self.book.defunds.keys().copied().collect();
        let defund = bits.pick(&open).copied();
        let (by, action) = match (bits.below(8), defund) {
            (0..4, _) => (
                AGENT,
                Action::Fund {
                    participant,
                    currency,
                    amount,
                    reference,
                },
            ),
            (4, _) => (OPERATOR, Action::SetCap { participant, account }),
            (5, Some(defund)) => (AGENT, Action::ConfirmDefund { defund, reference }),
            (6, Some(defund)) => (AGENT, Action::ReleaseDefund { defund }),
            _ => (
                AGENT,
                Action::Defund {
                    participant,
                    currency,
                    amount,
                },
            ),
        };
        self.decide(by, &action);
    }

    /// Holds and standing; what stops is ended soon, or all would stop.
    fn order(&mut self, bits: &mut Bits, who: u32) {
        let reference = String::from("CASE");
        let stopped: Vec<u32> = self.book.held.iter().copied().collect();
        let suspended: Vec<u32> = self.book.suspended.iter().copied().collect();
        let waiting = [Status::Queued, Status::Warehoused];
        let pending = self.recent(bits, |payment| payment.status == Status::Pending);
        let waits = self.recent(bits, |payment| waiting.contains(&payment.status));
        let action = match (bits.below(10), pending, waits) {
            (0..2, _, _) if stopped.is_empty() => Action::HoldParticipant {
                participant: ParticipantId(who),
                held: true,
                reference,
            },
            (0..4, _, _) if !stopped.is_empty() => Action::HoldParticipant {
                participant: ParticipantId(stopped[0]),
                held: false,
                reference,
            },
            (4..6, Some((submitter, payment)), _) => Action::EndHold {
                submitter: ParticipantId(submitter),
                payment,
                release: !bits.one_in(4),
            },
            (4..8, _, Some((submitter, payment))) => Action::HoldPayment {
                submitter: ParticipantId(submitter),
                payment,
                reference,
            },
            _ => Action::SetStanding {
                participant: ParticipantId(suspended.first().copied().unwrap_or(who)),
                suspended: suspended.is_empty() && bits.one_in(2),
            },
        };
        self.decide(OPERATOR, &action);
    }

    fn fee(&mut self, bits: &mut Bits, collector: u32, currency: u16) {
        let fee = FeeGrant {
            currency,
            kind: 1 + bits.below(10) as u8,
            collector: ParticipantId(collector),
            flat: bits.below(3),
            per_million: bits.below(20_000) as u32,
            min: 0,
            max: bits.below(5),
        };
        self.decide(OPERATOR, &Action::SetFee(fee));
    }

    /// The next step of a currency's day; a day that is closed is opened at once, mostly.
    fn day(&mut self, currency: u16) {
        let date = self.book.dates.get(&currency).copied().unwrap_or(0);
        let (phase, date) = match self.book.phases.get(&currency) {
            None => (Phase::Open, 9_000),
            Some(Phase::Open) if date % 2 == 0 => (Phase::CutOff, date),
            Some(Phase::Open | Phase::CutOff) => (Phase::Closed, date),
            Some(Phase::Closed) => (Phase::Open, date + 1),
        };
        let action = Action::SetDay {
            currency,
            phase,
            date,
        };
        self.decide(OPERATOR, &action);
    }
}
