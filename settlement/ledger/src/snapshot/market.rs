//! Quotes, exposures, reference rates and locks.
use causeway_fx::quotes::{Quote, Tiers};
use causeway_message::codec::{Put, Reader};
use causeway_message::event::EVENT_BODY_MAX;
use causeway_message::exchange::{Exchange, Hops};
use causeway_message::{FormatError, InstructionId, ParticipantId, mutated};

use super::queues::put_waiting;
use super::{flag, rises};
use crate::apply::Ledger;
use crate::due::Due;
use crate::market::{Exposure, Fixing, Kept, Lock, Pair, ordered};

fn put_pair(out: &mut Vec<u8>, pair: Pair) {
    out.put_u16(pair.0).put_u16(pair.1);
}

fn read_pair(r: &mut Reader<'_>) -> Result<Pair, FormatError> {
    Ok((r.u16("pair.base")?, r.u16("pair.counter")?))
}

impl Ledger {
    pub(super) fn write_market(&self, out: &mut Vec<u8>) {
        let market = &self.market;
        out.put_u8(u8::from(market.stirred || self.accounts.stirred));
        out.put_u32(market.exposures.len() as u32);
        for ((provider, pair), exposure) in &market.exposures {
            put_pair(out.put_u32(*provider), *pair);
            let net = if mutated!(LoseExposures) { 0 } else { exposure.net };
            out.put_u64(exposure.limit).put_i128(net);
        }
        out.put_u32(market.quotes.len() as u32);
        for quote in market.quotes.iter() {
            let id = market.ids.get(&quote.number).copied();
            out.put_u64(quote.number).put_u32(quote.provider);
            put_pair(out, (quote.base, quote.counter));
            out.put_u64(quote.left).put_u64(quote.expires);
            out.put_var(&quote.tiers.encode());
            out.put(&id.unwrap_or(InstructionId([0; 16])).0);
        }
        out.put_u32(market.fixings.len() as u32);
        for fixing in market.fixings.values() {
            put_pair(out, (fixing.base, fixing.counter));
            out.put_u64(fixing.rate)
                .put_u8(fixing.scale)
                .put_u32(fixing.time)
                .put(&fixing.source);
        }
        out.put_u32(market.locks.len() as u32);
        for (number, lock) in &market.locks {
            put_waiting(out.put_u64(*number), &lock.asked);
            let mut exchange = Vec::with_capacity(lock.exchange.size());
            lock.exchange.write(&mut exchange);
            out.put_var(&exchange)
                .put_u32(lock.collector.0)
                .put_u8(lock.kept.len() as u8);
            for kept in &lock.kept {
                out.put_u32(kept.account)
                    .put_u64(kept.amount)
                    .put_u64(kept.quote)
                    .put_u32(kept.provider);
                put_pair(out, kept.pair);
                out.put_i128(kept.change).put_u32(kept.closes);
            }
        }
    }

    pub(super) fn read_market(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        self.market.stirred = flag(r, "stirred")?;
        for _ in 0..r.u32("exposures")? {
            let provider = self.read_member(r)?;
            let key = (provider, read_pair(r)?);
            let exposure = Exposure {
                limit: r.u64("exposure.limit")?,
                net: r.i128("exposure.net")?,
            };
            if exposure.net.unsigned_abs() > 1 << 120 {
                return Err(FormatError::rule("exposure.net", "is beyond all bounds"));
            }
            rises(self.market.exposures.keys().next_back(), &key, "exposure")?;
            self.market.exposures.insert(key, exposure);
        }
        for _ in 0..r.u32("quotes")? {
            self.read_quote(r)?;
        }
        for _ in 0..r.u32("references")? {
            let (base, counter) = read_pair(r)?;
            let fixing = Fixing {
                base,
                counter,
                rate: r.u64("reference.rate")?,
                scale: r.u8("reference.scale")?,
                time: r.u32("reference.time")?,
                source: r.array("reference.source")?,
            };
            let pair = ordered((base, counter));
            rises(self.market.fixings.keys().next_back(), &pair, "reference")?;
            self.market.fixings.insert(pair, fixing);
        }
        for _ in 0..r.u32("locks")? {
            self.read_lock(r)?;
        }
        Ok(())
    }

    fn read_quote(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        let (number, provider) = (r.u64("quote.number")?, self.read_member(r)?);
        let (base, counter) = read_pair(r)?;
        let (left, expires) = (r.u64("quote.left")?, r.u64("quote.expires")?);
        let tiers = Tiers::decode(r.var(Tiers::BYTES_MAX, "quote.tiers")?);
        let tiers = tiers.map_err(|_| FormatError::rule("quote.tiers", "break a rule"))?;
        let id = InstructionId(r.array("quote.id")?);
        let last = self.market.quotes.iter().next_back().map(|quote| quote.number);
        rises(last.as_ref(), &number, "quote.number")?;
        let quote = Quote {
            number,
            provider,
            base,
            counter,
            left,
            expires,
            tiers,
        };
        let published = self.market.quotes.publish(quote);
        published.map_err(|_| FormatError::rule("quote", "breaks a rule"))?;
        self.market.by_id.insert((provider, id), number);
        self.market.ids.insert(number, id);
        self.count_quote(provider, (base, counter), true);
        Ok(())
    }

    fn read_lock(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        let number = r.u64("lock.number")?;
        let asked = self.read_waiting(r)?;
        let (exchange, rest) = Exchange::read(r.var(EVENT_BODY_MAX, "lock.exchange")?)?;
        if !rest.is_empty() {
            return Err(FormatError::rule("lock.exchange", "has bytes behind it"));
        }
        let collector = ParticipantId(self.read_member(r)?);
        let mut kept = Hops::new();
        for _ in 0..r.u8("lock.kept")? {
            let one = Kept {
                account: r.u32("lock.account")?,
                amount: r.u64("lock.amount")?,
                quote: r.u64("lock.quote")?,
                provider: r.u32("lock.provider")?,
                pair: read_pair(r)?,
                change: r.i128("lock.change")?,
                closes: r.u32("lock.closes")?,
            };
            self.check_account(one.account)?;
            if one.change.unsigned_abs() > u128::from(u64::MAX) {
                return Err(FormatError::rule("lock.change", "is beyond all bounds"));
            }
            let room = kept.try_push(one);
            room.map_err(|_| FormatError::rule("lock.kept", "must be 1 or 2"))?;
        }
        rises(self.market.locks.keys().next_back(), &number, "lock.number")?;
        if let Some(at) = Self::expiry(&asked.record).filter(|_| !mutated!(LoseLocks)) {
            self.due.add(at, Due::Lock(number));
        }
        let ParticipantId(who) = asked.submitter;
        self.market.locks_of.insert((who, number));
        self.market.locks.insert(
            number,
            Lock {
                asked,
                exchange,
                collector,
                kept,
            },
        );
        Ok(())
    }
}
