//! What a player sends around firm quotes: quotes that are replaced, withdrawn and expire, locks that are used or not,
//! FX payments whose limits are met or not; and what operators set for them.
use causeway_fx::quotes::{Tier, Tiers};
use causeway_message::ParticipantId;
use causeway_message::action::Action;
use causeway_message::extension::ExtensionType::{ClearingReference, Tiers as TiersOf, Via};
use causeway_message::record::{Instruction, Kind, flags};

use super::log::Log;
use super::player::{Extensions, Player, Sent};
use super::world::{EUR, USD};

const JPY: u16 = 392;
/// Decimal places of all prices.
const SCALE: u8 = 4;
const POINT: u64 = 10_000;

/// Who quotes what: provider, base, counter.
pub const DESKS: [(u32, u16, u16); 8] = [
    (4, EUR, USD),
    (4, USD, JPY),
    (5, EUR, USD),
    (5, USD, EUR),
    (5, EUR, JPY),
    (6, USD, EUR),
    (6, JPY, EUR),
    (6, USD, JPY),
];

/// What one unit of base is worth in counter, in tenthousandths.
fn worth(base: u16, counter: u16) -> u64 {
    match (base, counter) {
        (EUR, USD) => 11_000,
        (USD, EUR) => 9_090,
        (EUR, JPY) => 1_650_000,
        (JPY, EUR) => 61,
        (USD, JPY) => 1_500_000,
        (JPY, USD) => 67,
        _ => POINT,
    }
}

/// The same in minor units of counter for one of base, in tenthousandths.
fn minor_worth(base: u16, counter: u16) -> u64 {
    let cents = |currency| if currency == JPY { 1 } else { 100 };
    worth(base, counter) * cents(counter) / cents(base)
}

impl Player {
    /// A quote, a lock or an FX payment.
    pub(super) fn exchange(&mut self, log: &impl Log, who: ParticipantId) -> (Instruction, Extensions) {
        let mut record = self.plain(who);
        let mut extensions = Extensions::new();
        let quotes = DESKS.iter().any(|desk| desk.0 == who.0) || self.once_in(20);
        match self.below(20) {
            0..6 if quotes => self.quote(log, who, &mut record, &mut extensions),
            6 if quotes => self.withdraw_quote(who, &mut record),
            7..10 => self.lock(log, who, &mut record, &mut extensions),
            _ => self.fx_payment(log, who, &mut record, &mut extensions),
        }
        self.disturb_exchange(&mut record, &mut extensions);
        extensions.sort_by_key(|(kind, _)| *kind);
        extensions.dedup_by_key(|(kind, _)| *kind);
        (record, extensions)
    }

    fn desk(&mut self, who: ParticipantId) -> (u16, u16) {
        let own: Vec<_> = DESKS.iter().filter(|desk| desk.0 == who.0).copied().collect();
        if own.is_empty() || self.once_in(30) {
            return self.one_of(&[(EUR, USD), (JPY, USD)]);
        }
        let (_, base, counter) = self.one_of(&own);
        (base, counter)
    }

    fn quote(
        &mut self,
        log: &impl Log,
        who: ParticipantId,
        record: &mut Instruction,
        extensions: &mut Extensions,
    ) {
        let now = log.now().seconds() as u32;
        let (base, counter) = self.desk(who);
        record.kind = Kind::Quote as u8;
        record.creditor = record.debtor;
        (record.currency, record.counter_currency) = (base.into(), counter.into());
        record.amount = (10 + self.below(250)).into();
        record.expires_at = match self.below(10) {
            0..5 => now + 1 + self.below(40) as u32,
            5..9 => now + 60 + self.below(86_000) as u32,
            _ => now + self.one_of(&[0, 86_400, 86_401]),
        }
        .into();
        let middle = worth(base, counter);
        let (mut up_to, mut bid, mut ask) = (0, middle, middle);
        let mut tiers = Vec::new();
        for _ in 0..1 + self.below(3) {
            up_to += 1 + self.below(80);
            bid = bid.saturating_sub(self.below(1 + middle / 20)).max(1);
            ask += self.below(1 + middle / 20);
            tiers.push(Tier { up_to, bid, ask });
        }
        let tiers = Tiers::new(SCALE, &tiers).expect("tiers that hold");
        extensions.push((TiersOf, tiers.encode()));
        if self.once_in(3) {
            record.related = self.own_quote(who);
        }
    }

    /// The id of a quote that was sent before.
    fn own_quote(&mut self, who: ParticipantId) -> [u8; 16] {
        let own = |(owner, sent, _): &Sent| *owner == who && sent.kind == Kind::Quote as u8;
        self.sent_where(own)
            .map_or([7; 16], |(_, sent, _)| sent.instruction_id)
    }

    fn withdraw_quote(&mut self, who: ParticipantId, record: &mut Instruction) {
        let (base, counter) = self.desk(who);
        record.kind = Kind::Quote as u8;
        record.creditor = record.debtor;
        (record.currency, record.counter_currency) = (base.into(), counter.into());
        record.amount = 0.into();
        record.flags = flags::DECLINE.into();
        if self.once_in(2) {
            record.related = self.own_quote(who);
        }
    }

    /// Currencies, amounts and limit of an exchange.
    fn terms(&mut self, record: &mut Instruction, extensions: &mut Extensions) {
        let all = [
            (EUR, USD),
            (EUR, USD),
            (USD, EUR),
            (EUR, JPY),
            (JPY, EUR),
            (USD, JPY),
            (JPY, USD),
        ];
        let (from, to) = self.one_of(&all);
        (record.currency, record.counter_currency) = (from.into(), to.into());
        let amount = match self.below(12) {
            0 => 1,
            1 => 200 + self.below(200),
            _ => 1 + self.below(70),
        };
        // Some ask for more than anybody gives.
        let hoped = 85 + self.below(20);
        if self.once_in(3) {
            record.flags = (record.flags.get() | flags::FIXED_TARGET).into();
            record.counter_amount = amount.into();
            let most = amount * minor_worth(to, from) * (200 - hoped) / 100 / POINT;
            record.amount = if self.once_in(4) { 10_000 } else { most.max(1) }.into();
        } else {
            record.amount = amount.into();
            let least = amount * minor_worth(from, to) * hoped / 100 / POINT;
            record.counter_amount = if self.once_in(3) { 0 } else { least }.into();
        }
        if self.once_in(3) {
            let vehicle = [EUR, USD, JPY].into_iter().find(|via| ![from, to].contains(via));
            extensions.push((Via, vehicle.unwrap_or(EUR).to_le_bytes().to_vec()));
        }
    }

    fn lock(
        &mut self,
        log: &impl Log,
        _who: ParticipantId,
        record: &mut Instruction,
        extensions: &mut Extensions,
    ) {
        let now = log.now().seconds() as u32;
        self.terms(record, extensions);
        record.kind = Kind::QuoteLock as u8;
        record.creditor = record.debtor;
        record.expires_at = match self.below(16) {
            0 => now + self.one_of(&[0, 300, 301]),
            1..8 => now + 20 + self.below(200) as u32,
            _ => now + 1 + self.below(15) as u32,
        }
        .into();
    }

    fn fx_payment(
        &mut self,
        log: &impl Log,
        who: ParticipantId,
        record: &mut Instruction,
        extensions: &mut Extensions,
    ) {
        let now = log.now().seconds() as u32;
        self.terms(record, extensions);
        record.kind = Kind::FxPayment as u8;
        record.priority = self.one_of(&[0, 0, 0, 0, 1, 2]);
        if self.once_in(8) {
            record.creditor = record.debtor;
        }
        let flag = self.one_of(&[
            0,
            0,
            0,
            flags::WITH_BALANCE,
            flags::WITH_BALANCE,
            flags::INTERBANK,
            flags::SETTLE_OR_REJECT,
        ]);
        record.flags = (record.flags.get() | flag).into();
        if self.once_in(4) {
            record.expires_at = (now + self.below(60) as u32).into();
        }
        if self.once_in(10) {
            record.value_date = (log.now().days() as u16).into();
        }
        if self.once_in(20) {
            extensions.push((ClearingReference, b"FX 1".to_vec()));
        }
        let own = log.locks().iter().rev().take(12);
        let anybodys = self.once_in(12);
        let locks: Vec<(u64, Instruction)> = own
            .filter(|(_, lock)| anybodys || lock.debtor.get() == who.0)
            .copied()
            .collect();
        if locks.is_empty() || self.once_in(2) {
            return;
        }
        let (number, lock) = self.one_of(&locks);
        record.quote = number.into();
        (record.currency, record.counter_currency) = (lock.currency, lock.counter_currency);
        (record.amount, record.counter_amount) = (lock.amount, lock.counter_amount);
        let fixed = flags::FIXED_TARGET;
        record.flags = (record.flags.get() & !fixed | lock.flags.get() & fixed).into();
        if !self.once_in(12) {
            extensions.retain(|(kind, _)| *kind != Via);
        }
        match self.below(24) {
            0 => record.amount = (record.amount.get() + 1).into(),
            1 => record.counter_amount = (record.counter_amount.get() + 1).into(),
            2 => record.quote = (number + 1).into(),
            3 => record.counter_currency = self.one_of(&[EUR, USD, JPY]).into(),
            _ => {}
        }
    }

    /// Breaks a rule that only these kinds have, now and then.
    fn disturb_exchange(&mut self, record: &mut Instruction, extensions: &mut Extensions) {
        match self.below(120) {
            0 => record.counter_currency = record.currency,
            1 => extensions.push((Via, record.currency.get().to_le_bytes().to_vec())),
            2 => record.counter_amount = 0.into(),
            3 => record.counter_currency = 756.into(),
            4 => record.counter_currency = 7.into(),
            5 => record.creditor = self.bank().0.into(),
            6 => extensions.retain(|(kind, _)| *kind != TiersOf),
            7 => record.amount = 0.into(),
            8 => record.flags = (record.flags.get() ^ flags::FIXED_TARGET).into(),
            9 => extensions.push((Via, 7_u16.to_le_bytes().to_vec())),
            10 => extensions.push((TiersOf, vec![1; 8])),
            _ => {}
        }
    }

    /// What operators set for quotes.
    pub(super) fn quote_action(&mut self, log: &impl Log) -> Action {
        let (who, base, counter) = self.one_of(&DESKS);
        if self.once_in(3) {
            let rate = worth(base, counter);
            return Action::SetReference {
                base: if self.once_in(20) { counter } else { base },
                counter: if self.once_in(12) { 7 } else { counter },
                rate: if self.once_in(20) {
                    0
                } else {
                    rate + self.below(1 + rate / 10)
                },
                scale: SCALE,
                time: log.now().seconds() as u32,
                source: *b"ECB\0\0\0\0\0\0\0\0\0\0\0\0\0",
            };
        }
        Action::SetExposure {
            participant: ParticipantId(if self.once_in(12) { 7 } else { who }),
            base,
            counter: if self.once_in(20) { base } else { counter },
            limit: match self.below(8) {
                0 => 0,
                1 | 2 => 20 + self.below(100),
                _ => 200 + self.below(2_000),
            },
        }
    }
}
