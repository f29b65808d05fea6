//! What banks send around firm quotes, under version 3 of the rules: quotes that are replaced, withdrawn and expire,
//! locks that are used or not, FX payments whose limits are met or not; and what the operator sets for them.
use causeway_fx::quotes::{Tier, Tiers};
use causeway_message::ParticipantId;
use causeway_message::action::Action;
use causeway_message::extension::ExtensionType;
use causeway_message::record::{Instruction, Kind, flags};

use super::cast::{CURRENCIES, FIRST_BANK};
use super::machine::Machine;
use super::orders::{Order, Orders, now};

/// Banks that quote, from the first on.
const PROVIDERS: u32 = 3;
/// Decimal places of prices.
const SCALE: u8 = 6;
/// What one minor unit of each currency is worth, in millionths of a unit that they share.
const WORTH: [u64; 4] = [11_000, 10_000, 3_250, 7_000];

/// A lock that lives, and its number.
pub type Locked = (u64, Instruction);

fn worth(currency: u16) -> u64 {
    let at = CURRENCIES.iter().position(|other| *other == currency);
    at.and_then(|at| WORTH.get(at).copied()).unwrap_or(1)
}

/// Minor units of one currency for so many of another.
fn into(amount: u64, from: u16, to: u16) -> u64 {
    amount * worth(from) / worth(to)
}

/// Digits behind the point.
const fn digits(currency: u16) -> u32 {
    match currency {
        414 => 3,
        392 => 0,
        _ => 2,
    }
}

/// Two currencies of the first so many, mostly the first two.
fn pair(machine: &Machine, currencies: u32) -> (u16, u16) {
    let currencies = if machine.below(4) != 0 { 2 } else { currencies };
    let first = machine.below(currencies) as usize;
    let other = (first + 1 + machine.below(currencies - 1) as usize) % currencies as usize;
    (CURRENCIES[first], CURRENCIES[other])
}

impl Orders {
    /// Makes a quote, a lock or an FX payment of a payment.
    pub fn exchange(&self, machine: &Machine, order: &mut Order, currencies: u32, locks: &[Locked]) {
        let currencies = currencies.min(CURRENCIES.len() as u32);
        if currencies < 2 {
            return;
        }
        order.extensions.clear();
        order.record.flags = 0.into();
        order.record.expires_at = 0.into();
        let pair = pair(machine, currencies);
        order.record.currency = pair.0.into();
        order.record.counter_currency = pair.1.into();
        let quotes = order.who.0 < FIRST_BANK + PROVIDERS;
        match machine.below(20) {
            0..=6 if quotes => self.quote(machine, order),
            7 if quotes => self.withdraw_quote(machine, order),
            8..=10 => lock(machine, order, currencies),
            _ => fx_payment(machine, order, currencies, locks),
        }
    }

    /// The id of a quote that was sent before by the same.
    fn own_quote(&self, machine: &Machine, order: &Order) -> Option<Order> {
        let own = |other: &Order| other.who == order.who && other.record.kind == Kind::Quote as u8;
        self.find(machine, own).cloned()
    }

    fn quote(&self, machine: &Machine, order: &mut Order) {
        let before = self.own_quote(machine, order).filter(|_| machine.one_in(3));
        let record = &mut order.record;
        record.kind = Kind::Quote as u8;
        record.creditor = record.debtor;
        record.amount = u64::from(20 + machine.below(2_000)).into();
        let lives = if machine.one_in(4) {
            machine.below(600)
        } else {
            600 + machine.below(4_000)
        };
        record.expires_at = (now(machine) + lives).into();
        if let Some(before) = before {
            record.related = before.record.instruction_id;
            (record.currency, record.counter_currency) =
                (before.record.currency, before.record.counter_currency);
        }
        let (base, counter) = (record.currency.get(), record.counter_currency.get());
        // Whole units of counter for one of base.
        let power = i64::from(SCALE) + i64::from(digits(base)) - i64::from(digits(counter));
        let middle = worth(base) * 10_u64.pow(power.clamp(0, 12) as u32) / worth(counter);
        let (mut up_to, mut bid, mut ask) = (0, middle.max(1), middle.max(1));
        let mut tiers = Vec::new();
        for _ in 0..=machine.below(3) {
            up_to += u64::from(1 + machine.below(300));
            bid = (bid - bid * u64::from(machine.below(30)) / 1_000).max(1);
            ask += ask * u64::from(machine.below(30)) / 1_000;
            tiers.push(Tier { up_to, bid, ask });
        }
        let Ok(tiers) = Tiers::new(SCALE, &tiers) else {
            return;
        };
        order.has(ExtensionType::Tiers, &tiers.encode());
    }

    fn withdraw_quote(&self, machine: &Machine, order: &mut Order) {
        let before = self.own_quote(machine, order);
        let record = &mut order.record;
        record.kind = Kind::Quote as u8;
        record.creditor = record.debtor;
        record.amount = 0.into();
        record.flags = flags::DECLINE.into();
        if let Some(before) = before {
            (record.currency, record.counter_currency) =
                (before.record.currency, before.record.counter_currency);
            if machine.below(2) == 0 {
                record.related = before.record.instruction_id;
            }
        }
    }
}

/// Fixed side, limit and vehicle currency.
fn terms(machine: &Machine, order: &mut Order, currencies: u32) {
    let (from, to) = (order.record.currency.get(), order.record.counter_currency.get());
    let amount = u64::from(1 + machine.below(200));
    // Some ask for more than anybody gives.
    let hoped = u64::from(850 + machine.below(200));
    if machine.one_in(3) {
        order.flag(flags::FIXED_TARGET);
        order.record.counter_amount = amount.into();
        let most = into(amount, to, from) * (2_000 - hoped) / 1_000;
        order.record.amount = most.max(1).into();
    } else {
        order.record.amount = amount.into();
        let least = into(amount, from, to) * hoped / 1_000;
        order.record.counter_amount = if machine.one_in(3) { 0 } else { least }.into();
    }
    let others = CURRENCIES.iter().take(currencies as usize);
    let vehicle = others.copied().find(|other| ![from, to].contains(other));
    if let Some(vehicle) = vehicle.filter(|_| machine.one_in(3)) {
        order.has(ExtensionType::Via, &vehicle.to_le_bytes());
    }
}

fn lock(machine: &Machine, order: &mut Order, currencies: u32) {
    terms(machine, order, currencies);
    let record = &mut order.record;
    record.kind = Kind::QuoteLock as u8;
    record.creditor = record.debtor;
    // It takes a while to get there; what is at most 300 s ahead then is taken.
    record.expires_at = (now(machine) + 60 + machine.below(250)).into();
}

fn fx_payment(machine: &Machine, order: &mut Order, currencies: u32, locks: &[Locked]) {
    terms(machine, order, currencies);
    let record = &mut order.record;
    record.kind = Kind::FxPayment as u8;
    record.priority = [0, 0, 0, 1, 2][machine.below(5) as usize];
    if machine.one_in(8) {
        record.creditor = record.debtor;
    }
    if machine.one_in(3) {
        record.expires_at = (now(machine) + machine.below(600)).into();
    }
    let flag = [
        0,
        0,
        flags::WITH_BALANCE,
        flags::INTERBANK,
        flags::SETTLE_OR_REJECT,
    ][machine.below(5) as usize];
    order.flag(flag);
    let anybodys = machine.one_in(4);
    let own = locks
        .iter()
        .filter(|(_, lock)| anybodys || lock.debtor.get() == order.who.0);
    let own: Vec<&Locked> = own.collect();
    let found = own.get(machine.below(own.len() as u32) as usize);
    let Some((number, lock)) = found.filter(|_| machine.below(3) != 0) else {
        return;
    };
    order.extensions.clear();
    let record = &mut order.record;
    (record.currency, record.counter_currency) = (lock.currency, lock.counter_currency);
    (record.amount, record.counter_amount) = (lock.amount, lock.counter_amount);
    let fixed = flags::FIXED_TARGET;
    record.flags = (record.flags.get() & !fixed | lock.flags.get() & fixed).into();
    record.quote = (*number).into();
    if machine.one_in(12) {
        record.amount = (record.amount.get() + 1).into();
    }
}

/// Rights to quote that are proposed first: of each provider, both orientations of the first pair.
pub const RIGHTS: usize = 2 * PROVIDERS as usize;

/// One of the first rights to quote.
pub fn right(machine: &Machine, before: usize) -> Action {
    let turned = usize::from(before >= PROVIDERS as usize);
    exposure(
        machine,
        before as u32 % PROVIDERS,
        (CURRENCIES[turned], CURRENCIES[1 - turned]),
    )
}

fn exposure(machine: &Machine, provider: u32, (base, counter): (u16, u16)) -> Action {
    Action::SetExposure {
        participant: ParticipantId(FIRST_BANK + provider),
        base,
        counter,
        limit: match machine.below(12) {
            11 => 0,
            0..=4 => u64::from(20 + machine.below(200)),
            _ => u64::from(500 + machine.below(5_000)),
        },
    }
}

/// What the operator sets: who may quote what, and reference rates; now and then a provider is held.
pub fn market(machine: &Machine, currencies: u32) -> Option<Action> {
    let currencies = currencies.min(CURRENCIES.len() as u32);
    if currencies < 2 {
        return None;
    }
    let (base, counter) = pair(machine, currencies);
    let provider = machine.below(PROVIDERS);
    if machine.one_in(8) {
        return Some(Action::HoldParticipant {
            participant: ParticipantId(FIRST_BANK + provider),
            held: machine.below(2) == 0,
            reference: "CASE-Q".into(),
        });
    }
    if machine.one_in(3) {
        return Some(Action::SetReference {
            base,
            counter,
            rate: u64::from(1 + machine.below(2_000_000)),
            scale: SCALE,
            time: now(machine),
            source: *b"ECB\0\0\0\0\0\0\0\0\0\0\0\0\0",
        });
    }
    Some(exposure(machine, provider, (base, counter)))
}
