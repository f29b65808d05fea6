//! What is sent under version 3 of the rules: sides of trades, of which many find the other one, and what operators set
//! for risk tests.
use std::collections::BTreeMap;

use causeway_message::ParticipantId;
use causeway_message::action::{Action, Phase, Valuation};
use causeway_message::extension::ExtensionType;
use causeway_message::record::{Kind, flags};

use super::cast::FIRST_BANK;
use super::machine::Machine;
use super::orders::{Order, Orders};

/// Where the days of the currencies stand, as far as one knows.
type Days = BTreeMap<u16, (Phase, u16)>;

/// Who trades in what.
pub struct Market<'a> {
    /// Banks from the first one on.
    pub banks: u32,
    /// Currencies that are open.
    pub currencies: &'a [u16],
    /// True if who sends is under the risk tests.
    pub tested: bool,
}

fn today(machine: &Machine) -> u16 {
    (machine.true_seconds() / 86_400) as u16
}

/// The business date of a currency, as far as one knows.
fn date(machine: &Machine, days: &Days, currency: u16) -> u16 {
    match days.get(&currency) {
        Some((Phase::Closed, date)) => date + 1,
        Some((_, date)) => *date,
        None => today(machine),
    }
}

impl Orders {
    /// Makes one side of a trade of a payment, in two of these currencies.
    pub fn trade(&mut self, machine: &Machine, order: &mut Order, market: &Market<'_>, days: &Days) {
        let currencies = market.currencies;
        order.extensions.clear();
        if machine.one_in(8) {
            self.withdraw(machine, order);
            return;
        }
        let record = &mut order.record;
        if record.creditor == record.debtor {
            // The next bank is another one.
            let next = (record.creditor.get() + 1 - FIRST_BANK) % market.banks.max(1);
            record.creditor = (FIRST_BANK + next).into();
        }
        record.kind = Kind::Pvp as u8;
        record.flags = [0, 0, 0, flags::WITH_BALANCE, flags::INTERBANK][machine.below(5) as usize].into();
        record.priority = [0, 1, 2, 2][machine.below(4) as usize];
        // Half of all in the first two, so that many find another side, and short positions grow.
        let among = if machine.below(2) == 0 {
            2
        } else {
            currencies.len() as u32
        };
        let at = machine.below(among) as usize;
        // The next one of the same date, if there is one; else any other.
        let others: Vec<u16> = (1..currencies.len())
            .map(|step| currencies[(at + step) % currencies.len()])
            .collect();
        let own = date(machine, days, currencies[at]);
        let alike = others.iter().find(|other| date(machine, days, **other) == own);
        let other = alike.or_else(|| others.first()).copied().unwrap_or(0);
        (record.currency, record.counter_currency) = (currencies[at].into(), other.into());
        let most = if market.tested {
            [100, 600, 300]
        } else {
            [40, 40, 200]
        };
        let most = most[machine.below(3) as usize];
        record.amount = u64::from(1 + machine.below(most)).into();
        record.counter_amount = u64::from(1 + machine.below(most)).into();
        if market.tested && machine.below(2) == 0 {
            // Worth about what it costs: what stands in the way is how short that makes, or a haircut.
            record.counter_amount = (record.amount.get() + u64::from(machine.below(30))).into();
        }
        record.value_date = match machine.below(10) {
            0..=6 => own,
            7 => own + 1,
            8 => date(machine, days, other),
            _ => today(machine) + 1,
        }
        .into();
        record.related = [[0; 16], [0; 16], [1; 16], [2; 16]][machine.below(4) as usize];
        record.expires_at = if market.tested || machine.one_in(2) {
            super::orders::now(machine) + 100 + machine.below(500)
        } else {
            0
        }
        .into();
        if machine.below(4) != 0 {
            self.mirror(machine, order);
        }
        if machine.one_in(3) {
            order.has(
                ExtensionType::Tolerance,
                &u64::from(machine.below(5)).to_le_bytes(),
            );
        }
        if machine.one_in(12) {
            self.replace(machine, order);
        }
    }

    /// Makes it the other side of a trade that was sent against its submitter, each once.
    fn mirror(&mut self, machine: &Machine, order: &mut Order) {
        let who = order.who.0;
        let fits = |other: &Order| {
            let against = other.is_trade() && other.record.creditor.get() == who;
            against && !self.mirrored.contains(&other.record.id())
        };
        let Some(other) = self.find(machine, fits).map(|other| other.record) else {
            return;
        };
        self.mirrored.insert(other.id());
        self.mirrored.insert(order.record.id());
        let record = &mut order.record;
        record.creditor = other.debtor;
        (record.currency, record.counter_currency) = (other.counter_currency, other.currency);
        (record.amount, record.counter_amount) = (other.counter_amount, other.amount);
        (record.value_date, record.related) = (other.value_date, other.related);
        match machine.below(8) {
            0 | 1 => record.related = [0; 16],
            2 => record.related = [3; 16],
            _ => {}
        }
        if machine.one_in(5) {
            record.amount = (record.amount.get() + u64::from(machine.below(4))).into();
        }
    }

    /// Makes it a cancel of one side of a trade of its submitter.
    fn withdraw(&self, machine: &Machine, order: &mut Order) {
        let who = order.who;
        let own = self.find(machine, |other| other.who == who && other.is_trade());
        if let Some(own) = own.map(|other| other.record) {
            order.about(Kind::Cancel, &own);
        }
    }

    /// Lets it take the place of another of its submitter.
    fn replace(&self, machine: &Machine, order: &mut Order) {
        let who = order.who;
        let own = self.find(machine, |other| {
            other.who == who && (other.is_trade() || machine.one_in(20))
        });
        let Some(own) = own.map(|other| other.record) else {
            return;
        };
        if machine.below(8) != 0 {
            order.record.creditor = own.creditor;
        }
        order.has(ExtensionType::Replaces, &own.instruction_id);
    }
}

/// What is proposed about risk tests before all else, behind a valuation of each currency, without which nobody under
/// the tests may be short.
pub const TESTS: usize = 3;

/// What an operator sets for the risk tests of a participant; the first currency is the unit of account.
pub fn of_risk(machine: &Machine, participant: ParticipantId, currencies: &[u16], before: usize) -> Action {
    let first = match before.checked_sub(currencies.len()) {
        None => Some((0, currencies[before])),
        Some(0) => Some((2, currencies[0])),
        Some(next @ 1..TESTS) => Some((4, currencies[next - 1])),
        Some(_) => None,
    };
    let participant = if first.is_some() {
        ParticipantId(FIRST_BANK)
    } else {
        participant
    };
    let among = if machine.below(2) == 0 {
        2
    } else {
        currencies.len() as u32
    };
    let currency = currencies[machine.below(among) as usize];
    let drawn = machine.below(10);
    let (drawn, currency) = first.unwrap_or((drawn, currency));
    match drawn {
        0 | 1 => {
            let own = currency == currencies[0];
            let scale = machine.below(3) as u8;
            let one = 10_u64.pow(u32::from(scale));
            Action::SetValuation(Valuation {
                currency,
                unit: if machine.one_in(20) {
                    currency
                } else {
                    currencies[0]
                },
                rate: if own {
                    one
                } else {
                    one + u64::from(machine.below(3)) * one / 2
                },
                scale,
                haircut: if own { 0 } else { machine.below(4) * 150_000 },
            })
        }
        2 | 3 => Action::SetTests {
            participant,
            tested: first.is_some() || machine.below(4) != 0,
            aggregate: u64::from(machine.below(800)),
        },
        4..=6 => Action::SetShortLimit {
            participant,
            currency,
            limit: u64::from(machine.below(600)),
        },
        _ => Action::SetPayIn {
            participant: [ParticipantId(FIRST_BANK), participant][machine.below(2) as usize],
            currency,
            // It has to lie ahead when another person has approved it.
            deadline: super::orders::now(machine) + 150 + machine.below(300),
            allowed: u64::from(machine.below(30)),
        },
    }
}
