//! What a player does under version 3 of the rules beside what it does before: trades whose sides mirror each other
//! often and nearly do sometimes, and what operators set for risk tests.
use causeway_message::action::{Action, Phase, Valuation};
use causeway_message::extension::ExtensionType::{ClearingReference, Replaces, Tolerance};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, ParticipantId};

use super::log::Log;
use super::player::{Extensions, Player, Sent};
use super::rig::Rig;
use super::script::decide;
use super::world::{AGENT, EUR, OPERATOR, OTHER_AGENT, USD};

const JPY: u16 = 392;

const fn is_trade(record: &Instruction) -> bool {
    record.kind == Kind::Pvp as u8
}

impl Player {
    /// One side of a trade: the other one of what was sent before, or of a trade that nobody named yet.
    pub(super) fn third(&mut self, log: &impl Log, who: ParticipantId) -> (Instruction, Extensions) {
        let mut record = self.plain(who);
        let mut extensions = Extensions::new();
        record.kind = Kind::Pvp as u8;
        self.fresh(log, &mut record);
        self.entangle(log, &mut record);
        if !self.once_in(3) {
            self.mirror(log, who, &mut record);
        }
        let now = log.now().seconds() as u32;
        record.priority = self.one_of(&[0, 0, 1, 2, 2]);
        if record.creditor.get() == 7 && !self.once_in(8) {
            record.creditor = (3 + self.below(4) as u32).into();
        }
        if self.once_in(5) {
            record.expires_at = (now + self.below(90) as u32).into();
        }
        if self.once_in(6) {
            record.flags = self
                .one_of(&[flags::WITH_BALANCE, flags::INTERBANK, flags::SETTLE_OR_REJECT])
                .into();
        }
        if self.once_in(20) {
            extensions.push((ClearingReference, b"PVP 1".to_vec()));
        }
        if self.once_in(3) {
            extensions.push((Tolerance, self.below(6).to_le_bytes().to_vec()));
        }
        if self.once_in(7) {
            extensions.push((Replaces, self.replaced(who, &mut record).0.to_vec()));
        }
        self.disturb_trade(&mut record);
        (record, extensions)
    }

    /// The business date of a currency, as far as the player knows; none while it is closed.
    fn date(&self, log: &impl Log, currency: u16) -> Option<u16> {
        match self.days.get(&currency) {
            Some((Phase::Closed, _)) => None,
            Some((_, date)) => Some(*date),
            None => Some(log.now().days() as u16),
        }
    }

    /// Currencies, mostly of one date, amounts, date and reference from few.
    fn fresh(&mut self, log: &impl Log, record: &mut Instruction) {
        let mut pairs = vec![
            (EUR, USD),
            (USD, EUR),
            (EUR, JPY),
            (JPY, EUR),
            (USD, JPY),
            (JPY, USD),
        ];
        let today = log.now().days() as u16;
        let alike = |(pays, gets): &(u16, u16)| {
            let date = self.date(log, *pays);
            date.is_some() && date == self.date(log, *gets)
        };
        if pairs.iter().any(alike) && self.below(8) != 0 {
            let known = pairs.clone();
            pairs = known
                .into_iter()
                .filter(|pair| {
                    let date = self.date(log, pair.0);
                    date.is_some() && date == self.date(log, pair.1)
                })
                .collect();
        }
        let (pays, gets) = self.one_of(&pairs);
        (record.currency, record.counter_currency) = (pays.into(), gets.into());
        record.amount = (1 + self.below(30)).into();
        record.counter_amount = (1 + self.below(30)).into();
        let date = self.date(log, pays).unwrap_or(today + 1);
        record.value_date = match self.below(12) {
            0 => date + 1,
            1 => today,
            2 => today + 1,
            3 if self.once_in(4) => date - 1,
            _ => date,
        }
        .into();
        record.related = self.one_of(&[[0; 16], [0; 16], [1; 16], [2; 16]]);
    }

    /// The other side of one of the last trades against this participant that was not mirrored before, if there is
    /// any.
    fn mirror(&mut self, log: &impl Log, who: ParticipantId, record: &mut Instruction) {
        let against = |sent: &&Instruction| {
            is_trade(sent) && sent.creditor.get() == who.0 && !self.mirrored.contains(&sent.id())
        };
        let standing = log.unmatched().iter().rev();
        let known: Vec<Instruction> = standing.filter(against).take(8).copied().collect();
        if known.is_empty() {
            return;
        }
        let other = self.one_of(&known);
        self.mirrored.insert(other.id());
        self.mirrored.insert(record.id());
        record.creditor = other.debtor;
        (record.currency, record.counter_currency) = (other.counter_currency, other.currency);
        (record.amount, record.counter_amount) = (other.counter_amount, other.amount);
        record.value_date = other.value_date;
        record.related = if self.once_in(3) { [0; 16] } else { other.related };
        if self.once_in(4) {
            record.amount = (record.amount.get().saturating_add(self.below(5))).into();
            record.counter_amount = (record.counter_amount.get().saturating_add(self.below(3))).into();
        }
    }

    /// An own instruction that may be unmatched still, and mostly its counterparty.
    fn replaced(&mut self, who: ParticipantId, record: &mut Instruction) -> InstructionId {
        let trades = !self.once_in(12);
        let own = |(owner, sent, _): &Sent| *owner == who && is_trade(sent) == trades;
        let Some((_, other, _)) = self.sent_where(own) else {
            return InstructionId([3; 16]);
        };
        if !self.once_in(8) {
            record.creditor = other.creditor;
        }
        other.id()
    }

    /// Breaks a rule that only trades have, now and then.
    fn disturb_trade(&mut self, record: &mut Instruction) {
        match self.below(80) {
            0 => record.counter_currency = record.currency,
            1 => record.value_date = 0.into(),
            2 => record.counter_amount = 0.into(),
            3 => record.counter_currency = 756.into(),
            4 => record.counter_currency = 7.into(),
            5 => record.creditor = record.debtor,
            _ => {}
        }
    }

    /// What operators set for risk tests.
    pub(super) fn third_action(&mut self, log: &impl Log) -> Action {
        let any = self.bank();
        let participant = self.one_of(&[
            ParticipantId(3),
            ParticipantId(3),
            ParticipantId(4),
            ParticipantId(5),
            any,
        ]);
        let currency = self.one_of(&[EUR, EUR, USD, USD, JPY, JPY, 756]);
        let now = log.now().seconds() as u32;
        match self.below(10) {
            0..3 => Action::SetValuation(self.valuation(currency)),
            3 | 4 => Action::SetTests {
                participant,
                tested: !self.once_in(3),
                aggregate: self.below(60),
            },
            5 | 6 => Action::SetShortLimit {
                participant,
                currency,
                limit: self.below(50),
            },
            _ => Action::SetPayIn {
                participant,
                currency,
                deadline: (now + self.below(60) as u32).saturating_sub(2),
                allowed: self.below(12),
            },
        }
    }

    fn valuation(&mut self, currency: u16) -> Valuation {
        let unit = if self.once_in(12) { USD } else { EUR };
        let unit = if self.once_in(40) { 7 } else { unit };
        let scale = self.below(4) as u8;
        let one = 10_u64.pow(u32::from(scale));
        let own = unit == currency && !self.once_in(8);
        Valuation {
            currency,
            unit,
            rate: if own {
                one
            } else {
                match self.below(24) {
                    0 => 0,
                    1 => u64::MAX,
                    _ => one / 2 + self.below(2 * one),
                }
            },
            scale,
            haircut: if own {
                0
            } else {
                self.one_of(&[0, 50_000, 100_000, 333_333, 1_000_000])
            },
        }
    }
}

/// Gives banks what they need to trade, or puts most of them under risk tests with little.
pub fn begin_trading(rig: &mut Rig, tests: bool) {
    let banks = if tests { 6..7 } else { 4..7 };
    for (currency, agent) in [(EUR, AGENT), (USD, AGENT), (JPY, OTHER_AGENT)] {
        for participant in banks.clone() {
            let label = format!("begin {participant} {currency}");
            let action = Action::Fund {
                participant: ParticipantId(participant),
                currency,
                amount: 400,
                reference: label.clone(),
            };
            decide(rig, agent, &label, action);
        }
    }
    if tests {
        begin_tests(rig);
    }
}

/// Puts three banks under risk tests.
fn begin_tests(rig: &mut Rig) {
    for (currency, rate, haircut) in [(EUR, 10_000, 0), (USD, 9_000, 50_000), (JPY, 65, 100_000)] {
        let valuation = Valuation {
            currency,
            unit: EUR,
            rate,
            scale: 4,
            haircut,
        };
        decide(
            rig,
            OPERATOR,
            &format!("value {currency}"),
            Action::SetValuation(valuation),
        );
        for participant in [3, 4, 5].map(ParticipantId) {
            let action = Action::SetShortLimit {
                participant,
                currency,
                limit: 40,
            };
            decide(rig, OPERATOR, &format!("short {participant} {currency}"), action);
        }
    }
    for participant in [3, 4, 5].map(ParticipantId) {
        let action = Action::SetTests {
            participant,
            tested: true,
            aggregate: 60,
        };
        decide(rig, OPERATOR, &format!("tests {participant}"), action);
    }
}
