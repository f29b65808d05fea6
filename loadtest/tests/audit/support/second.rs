//! What a player does under version 2 of the rules beside what it does under the first: every kind, flag and
//! extension, chains, and the actions that came with them; right ones mostly, wrong ones among them.
use causeway_message::action::{Action, FeeGrant, Phase};
use causeway_message::charges::{Bearer, Charges};
use causeway_message::digest::hash;
use causeway_message::extension::ExtensionType::{
    Approver, Charges as ChargesOf, Condition, FromTime, Preimage, Reason, TillTime,
};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, ParticipantId};

use super::log::Log;
use super::player::{Extensions, Player, Sent};

/// The preimage behind a condition.
fn preimage(n: u64) -> Vec<u8> {
    n.to_le_bytes().to_vec()
}

impl Player {
    /// A record of any kind.
    pub(super) fn second(&mut self, log: &impl Log, who: ParticipantId) -> (Instruction, Extensions) {
        let mut record = self.plain(who);
        let mut extensions = Extensions::new();
        match self.below(24) {
            0..9 => self.payment(log, &mut record, &mut extensions),
            9..12 => self.conditional(log, &mut record, &mut extensions),
            12..15 => self.release(who, &mut record, &mut extensions),
            15..17 => self.giving_back(who, &mut record, &mut extensions),
            17 | 18 => self.cancel(log, who, &mut record),
            19 => self.resolve(who, &mut record),
            20 => self.amend(who, &mut record),
            21 => self.limit(&mut record),
            22 => {
                record.kind = Kind::Reservation as u8;
                record.creditor = record.debtor;
                record.priority = 1 + self.below(2) as u8;
                record.amount = self.below(40).into();
            }
            _ => {
                record.kind = Kind::Discipline as u8;
                record.creditor = record.debtor;
                record.amount = 0.into();
                record.flags = self.one_of(&[flags::BYPASS, flags::BYPASS, 0]).into();
            }
        }
        if self.once_in(40) {
            extensions.push((Reason, b"AC04".to_vec()));
        }
        extensions.sort_by_key(|(kind, _)| *kind);
        extensions.dedup_by_key(|(kind, _)| *kind);
        (record, extensions)
    }

    /// Priority, flags and times that any payment may have.
    fn dress(&mut self, log: &impl Log, record: &mut Instruction) {
        record.priority = self.one_of(&[0, 0, 0, 0, 1, 1, 2]);
        let now = log.now().seconds() as u32;
        match self.below(8) {
            0 => record.flags = flags::WITH_BALANCE.into(),
            1 => record.expires_at = (now + self.below(60) as u32).into(),
            2 if self.once_in(3) => record.flags = flags::SETTLE_OR_REJECT.into(),
            3 if self.once_in(3) => record.value_date = (log.now().days() as u16).into(),
            4 if self.once_in(2) => self.repeat_reference(record),
            _ => {}
        }
    }

    /// Business reference, parties and currency of one that was sent before.
    fn repeat_reference(&mut self, record: &mut Instruction) {
        let debtor = record.debtor;
        let own = self.sent_where(|(_, sent, _)| sent.debtor == debtor);
        let Some((_, other, _)) = own else {
            return;
        };
        (record.uetr, record.creditor, record.currency) = (other.uetr, other.creditor, other.currency);
        if self.once_in(3) {
            record.flags = (record.flags.get() | flags::DUPLICATE).into();
        }
    }

    fn payment(&mut self, log: &impl Log, record: &mut Instruction, extensions: &mut Extensions) {
        self.dress(log, record);
        let now = log.now().seconds() as u32;
        if self.once_in(6) {
            let from = now + self.below(30) as u32;
            extensions.push((FromTime, from.max(1).to_le_bytes().to_vec()));
        }
        if self.once_in(6) {
            let till = now + self.below(45) as u32;
            extensions.push((TillTime, till.to_le_bytes().to_vec()));
        }
        if self.once_in(30) {
            let charges = Charges {
                bearer: Bearer::Shared,
                taken: Vec::new(),
            };
            extensions.push((ChargesOf, charges.to_bytes()));
        }
    }

    fn conditional(&mut self, log: &impl Log, record: &mut Instruction, extensions: &mut Extensions) {
        self.dress(log, record);
        record.kind = Kind::Conditional as u8;
        let now = log.now().seconds() as u32;
        if !self.once_in(20) {
            record.expires_at = (now + 1 + self.below(90) as u32).into();
        }
        let form = self.below(8);
        if form < 5 {
            let n = self.below(4);
            extensions.push((Condition, hash(&preimage(n)).to_vec()));
        }
        if (4..8).contains(&form) {
            let approver = if self.once_in(12) { 99 } else { self.bank().0 };
            extensions.push((Approver, approver.to_le_bytes().to_vec()));
        }
        if self.once_in(3) {
            record.flags = (record.flags.get() | flags::PARTIAL).into();
        }
    }

    /// One of what was sent that answers to this, if there is any: of the last ones rather.
    pub(super) fn sent_where(&mut self, fits: impl Fn(&Sent) -> bool) -> Option<Sent> {
        let all: Vec<Sent> = self
            .sent
            .iter()
            .rev()
            .filter(|sent| fits(sent))
            .take(8)
            .cloned()
            .collect();
        if all.is_empty() {
            None
        } else {
            Some(self.one_of(&all))
        }
    }

    /// Kinds that may be cancelled, amended or held, or may be asked to be.
    fn kinds(&self) -> &'static [u8] {
        if self.is_third() {
            &[1, 2, 4, 11]
        } else {
            &[1, 2, 4]
        }
    }

    fn about(record: &mut Instruction, kind: Kind, other: &Instruction) {
        record.kind = kind as u8;
        record.related = other.instruction_id;
        record.debtor = other.debtor;
        record.creditor = other.creditor;
        record.currency = other.currency;
        record.amount = other.amount;
    }

    fn release(&mut self, who: ParticipantId, record: &mut Instruction, extensions: &mut Extensions) {
        let concerns = |(_, sent, own): &Sent| {
            let approver = own.iter().find(|(kind, _)| *kind == Approver);
            let approves = approver.is_some_and(|(_, bytes)| *bytes == who.0.to_le_bytes());
            let party = [sent.debtor.get(), sent.creditor.get()].contains(&who.0);
            sent.kind == Kind::Conditional as u8 && (party || approves)
        };
        let any = |(_, sent, _): &Sent| sent.kind == Kind::Conditional as u8;
        let found = if self.once_in(10) {
            self.sent_where(any)
        } else {
            self.sent_where(concerns)
        };
        let Some((_, conditional, own)) = found else {
            record.kind = Kind::Release as u8;
            record.related = [9; 16];
            return;
        };
        Self::about(record, Kind::Release, &conditional);
        let part = conditional.flags.get() & flags::PARTIAL != 0 && self.once_in(2) || self.once_in(20);
        if part {
            record.amount = (1 + self.below(conditional.amount.get().clamp(1, 200))).into();
        }
        let condition = own.iter().find(|(kind, _)| *kind == Condition);
        if self.once_in(6) {
            record.flags = flags::DECLINE.into();
            record.amount = 0.into();
        } else if condition.is_some() && !self.once_in(5) {
            let n = self.below(4);
            let right = (0..4).find(|n| {
                condition.is_some_and(|(_, bytes)| hash(&preimage(*n)).as_slice() == bytes.as_slice())
            });
            let n = if self.once_in(4) { n } else { right.unwrap_or(n) };
            extensions.push((Preimage, preimage(n)));
        }
        self.disturb(record);
    }

    /// Changes a field that must be as in the original, now and then.
    fn disturb(&mut self, record: &mut Instruction) {
        match self.below(40) {
            0 => record.amount = (record.amount.get() ^ 1).into(),
            1 => record.creditor = self.bank().0.into(),
            2 => record.currency = self.currency().into(),
            3 => record.related = [0; 16],
            _ => {}
        }
    }

    fn giving_back(&mut self, who: ParticipantId, record: &mut Instruction, extensions: &mut Extensions) {
        let received = |(_, sent, _): &Sent| sent.kind <= 2 && sent.creditor.get() == who.0;
        record.kind = Kind::Return as u8;
        record.related = [8; 16];
        if let Some((_, original, _)) = self.sent_where(received) {
            Self::about(record, Kind::Return, &original);
            (record.debtor, record.creditor) = (original.creditor, original.debtor);
            if self.once_in(2) {
                record.amount = (1 + self.below(original.amount.get().clamp(1, 200))).into();
            }
        }
        record.priority = self.one_of(&[0, 0, 0, 1, 2]);
        if self.once_in(3) {
            extensions.push((Reason, b"FOCR".to_vec()));
        }
        self.disturb(record);
    }

    fn cancel(&mut self, log: &impl Log, who: ParticipantId, record: &mut Instruction) {
        let kinds = self.kinds();
        let own = |(owner, sent, _): &Sent| *owner == who && kinds.contains(&sent.kind);
        record.related = [7; 16];
        record.kind = Kind::Cancel as u8;
        if let Some((_, original, _)) = self.sent_where(own) {
            Self::about(record, Kind::Cancel, &original);
        }
        if self.once_in(3) {
            let now = log.now().seconds() as u32;
            record.expires_at = (now + self.below(60) as u32).into();
        }
        self.disturb(record);
    }

    fn resolve(&mut self, who: ParticipantId, record: &mut Instruction) {
        let asked = |(_, sent, _): &Sent| sent.kind == Kind::Cancel as u8 && sent.creditor.get() == who.0;
        record.related = [6; 16];
        record.kind = Kind::Resolve as u8;
        if let Some((_, cancel, _)) = self.sent_where(asked) {
            Self::about(record, Kind::Resolve, &cancel);
        }
        if self.once_in(2) {
            record.flags = flags::DECLINE.into();
        }
        self.disturb(record);
    }

    fn amend(&mut self, who: ParticipantId, record: &mut Instruction) {
        let kinds = self.kinds();
        let own = |(owner, sent, _): &Sent| *owner == who && kinds.contains(&sent.kind);
        record.related = [5; 16];
        if let Some((_, original, _)) = self.sent_where(own) {
            Self::about(record, Kind::Amend, &original);
        }
        record.kind = Kind::Amend as u8;
        record.creditor = record.debtor;
        record.amount = 0.into();
        record.priority = self.below(3) as u8;
        record.flags = self.one_of(&[flags::FRONT, flags::BACK, 0, 0]).into();
        self.disturb(record);
    }

    fn limit(&mut self, record: &mut Instruction) {
        record.kind = Kind::Limit as u8;
        // Who nets has others that it pays most: a small limit would stop it for good.
        let least = if self.nets { 200 } else { 0 };
        record.amount = (least + self.below(120)).into();
        if self.once_in(3) {
            record.creditor = record.debtor;
        }
        if self.once_in(3) {
            record.flags = flags::DECLINE.into();
            record.amount = 0.into();
        }
    }

    /// Makes a chain of the records of a batch, or of its first ones.
    pub(super) fn link(&mut self, records: &mut [(Instruction, Extensions)]) {
        let many = if self.nets { 12 } else { 4 };
        if records.len() < 2 || !self.once_in(many) {
            return;
        }
        let last = 1 + self.below(records.len() as u64 - 1) as usize;
        let first = records[0].0;
        for (place, (record, extensions)) in records.iter_mut().enumerate().take(last + 1) {
            if !self.once_in(15) && ![1, 4].contains(&record.kind) {
                *record = Instruction {
                    kind: Kind::Payment as u8,
                    related: [0; 16],
                    counter_amount: 0.into(),
                    counter_currency: 0.into(),
                    quote: 0.into(),
                    ..*record
                };
                record.amount = record.amount.get().max(1).into();
                extensions.clear();
            }
            if !self.once_in(15) {
                record.priority = first.priority.min(2);
                record.expires_at = first.expires_at;
                let never_waits = first.flags.get() & flags::SETTLE_OR_REJECT;
                let known = flags::WITH_BALANCE | flags::DUPLICATE;
                record.flags = (record.flags.get() & known | never_waits).into();
                extensions.retain(|(kind, _)| ![FromTime, TillTime].contains(kind));
            }
            if place < last || self.once_in(30) {
                record.flags = (record.flags.get() | flags::LINKED).into();
            }
        }
    }

    /// An action that version 2 of the rules offers.
    pub(super) fn second_action(&mut self, log: &impl Log) -> Action {
        let reference = self.one_of(&["CASE 1", "CASE 2", "CASE 3", " bad"]).to_owned();
        let participant = self.bank();
        let currency = self.currency();
        match self.below(13) {
            0..3 => {
                let (submitter, payment) = self.some_payment();
                Action::HoldPayment {
                    submitter,
                    payment,
                    reference,
                }
            }
            3..6 => {
                let held = self.held.clone();
                let (submitter, payment) = match held.is_empty() {
                    true => self.some_payment(),
                    false => self.one_of(&held[held.len().saturating_sub(6)..]),
                };
                Action::EndHold {
                    submitter,
                    payment,
                    release: self.once_in(2),
                }
            }
            6 => Action::HoldParticipant {
                participant,
                held: self.once_in(2),
                reference,
            },
            7 => Action::HoldParticipant {
                participant,
                held: false,
                reference,
            },
            8 => Action::SetFee(FeeGrant {
                currency,
                kind: self.below(12) as u8,
                collector: participant,
                flat: self.below(3),
                per_million: self.below(60_000) as u32,
                min: self.below(4),
                max: self.below(3) * self.below(5),
            }),
            _ => self.day(log, currency),
        }
    }

    fn some_payment(&mut self) -> (ParticipantId, InstructionId) {
        let kinds = self.kinds();
        let found = self.sent_where(|(_, sent, _)| kinds.contains(&sent.kind));
        found.map_or((ParticipantId(99), InstructionId([4; 16])), |(who, sent, _)| {
            (who, sent.id())
        })
    }

    /// The next phase of a currency's day, or some other.
    fn day(&mut self, log: &impl Log, currency: u16) -> Action {
        let today = log.now().days() as u16;
        let (phase, date) = self
            .days
            .get(&currency)
            .copied()
            .unwrap_or((Phase::Closed, today - 1));
        let (mut phase, mut date) = match phase {
            Phase::Open => (self.one_of(&[Phase::CutOff, Phase::Closed]), date),
            Phase::CutOff => (Phase::Closed, date),
            Phase::Closed => (Phase::Open, today.max(date + 1)),
        };
        if self.once_in(10) {
            phase = self.one_of(&[Phase::Open, Phase::CutOff, Phase::Closed]);
        }
        if self.once_in(10) {
            date = today;
        }
        Action::SetDay {
            currency,
            phase,
            date,
        }
    }

    /// What an action that took effect changes of what the player knows.
    pub(super) fn decided(&mut self, action: &Action) {
        match action {
            Action::SetDay {
                currency,
                phase,
                date,
            } => drop(self.days.insert(*currency, (*phase, *date))),
            Action::HoldPayment {
                submitter, payment, ..
            } => self.held.push((*submitter, *payment)),
            _ => {}
        }
    }
}
