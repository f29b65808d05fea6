//! What an FX payment or a quote lock came to: rates, reference, spread, fee and remainder, hop by hop.
use arrayvec::ArrayVec;

use crate::FormatError;
use crate::ParticipantId;
use crate::codec::{Put, Reader};

/// A rate as it stands in formats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Priced {
    /// The rate, with `scale` decimal places; zero if there is none.
    pub rate: u64,
    /// Decimal places of `rate`.
    pub scale: u8,
    /// True if it is units of what was paid out for one of what was paid in; otherwise the other way round.
    pub base_is_from: bool,
}

/// Most bytes of the name of a source.
pub const SOURCE_BYTES_MAX: usize = 16;

/// The reference rate that a hop is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// The rate.
    pub priced: Priced,
    /// When it was fixed, in seconds since 2000-01-01T00:00Z.
    pub time: u32,
    /// Who fixed it: text with zeros behind it.
    pub source: [u8; SOURCE_BYTES_MAX],
    /// What was paid in, at this rate, less what was paid out: minor units of what was paid out; zero if it does not fit.
    pub spread: i64,
}

/// One conversion by one provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hop {
    /// Who converted.
    pub provider: ParticipantId,
    /// Currency (ISO 4217 numeric) and minor units that it got.
    pub from: (u16, u64),
    /// The same of what it paid.
    pub to: (u16, u64),
    /// Number of its quote.
    pub quote: u64,
    /// Its price.
    pub priced: Priced,
    /// Millionths of a minor unit that rounding left with it, rounded down.
    pub remainder: u32,
    /// The reference rate of the pair, if there is one.
    pub reference: Option<Reference>,
}

impl Hop {
    /// The spread in millionths of what the reference rate gives, rounded towards zero; nothing without such a rate, or
    /// where it gives nothing.
    pub fn spread_millionths(&self) -> Option<i64> {
        let spread = i128::from(self.reference?.spread);
        let given = i128::from(self.to.1) + spread;
        let share = (spread * 1_000_000).checked_div(given)?;
        i64::try_from(share).ok()
    }
}

/// Most hops of an exchange.
pub const HOPS_MAX: usize = 2;

/// One for each hop, in place.
pub type Hops<T> = ArrayVec<T, HOPS_MAX>;

/// What an exchange came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What arrives was fixed; otherwise what is paid.
    pub fixed_target: bool,
    /// Minor units of what the debtor pays in.
    pub fee: u64,
    /// Number of the lock that was used, or is made; zero if none.
    pub lock: u64,
    /// One or two.
    pub hops: Hops<Hop>,
}

/// Numbers of quotes and locks that one entry leaves room for: the records of a batch, and a little more.
const NUMBERS_PER_ENTRY: u64 = 8_192;

/// The number of a quote or a lock: by the log index of its entry, and its place in its batch.
pub fn number_of(entry: u64, ordinal: u16) -> u64 {
    entry
        .saturating_mul(NUMBERS_PER_ENTRY)
        .saturating_add(u64::from(ordinal))
}

/// Bytes before the hops.
const HEAD_BYTES: usize = 24;
/// Bytes of a hop.
const HOP_BYTES: usize = 96;
const FIXED_TARGET: u8 = 1;
const LOCKED: u8 = 2;

impl Exchange {
    /// What the debtor pays in all, in minor units.
    pub fn paid(&self) -> u64 {
        let first = self.hops.first().map_or(0, |hop| hop.from.1);
        first.saturating_add(self.fee)
    }

    /// What arrives at the creditor, in minor units.
    pub fn received(&self) -> u64 {
        self.hops.last().map_or(0, |hop| hop.to.1)
    }

    /// Bytes that [`Exchange::write`] appends.
    pub fn size(&self) -> usize {
        HEAD_BYTES + self.hops.len() * HOP_BYTES
    }

    /// Appends the block.
    pub fn write(&self, out: &mut Vec<u8>) {
        let fixed = if self.fixed_target { FIXED_TARGET } else { 0 };
        let locked = if self.lock == 0 { 0 } else { LOCKED };
        out.put_u8(self.hops.len() as u8)
            .put_u8(fixed | locked)
            .put(&[0; 6]);
        out.put_u64(self.fee).put_u64(self.lock);
        for hop in &self.hops {
            out.put_u32(hop.provider.0).put_u16(hop.from.0).put_u16(hop.to.0);
            out.put_u64(hop.from.1).put_u64(hop.to.1).put_u64(hop.quote);
            put_priced(out, &hop.priced);
            out.put_u16(0).put_u32(hop.remainder);
            let none = Reference {
                priced: Priced::default(),
                time: 0,
                source: [0; SOURCE_BYTES_MAX],
                spread: 0,
            };
            let reference = hop.reference.as_ref().unwrap_or(&none);
            put_priced(out, &reference.priced);
            out.put_u16(0).put_u32(reference.time);
            out.put(&reference.spread.to_le_bytes())
                .put(&reference.source)
                .put_u64(0);
        }
    }

    /// Reads the block at the front of `bytes`; what follows it.
    ///
    /// # Errors
    /// The field and the rule that is broken.
    pub fn read(bytes: &[u8]) -> Result<(Self, &[u8]), FormatError> {
        let mut r = Reader::new(bytes);
        let count = usize::from(r.u8("exchange.hops")?);
        if !(1..=HOPS_MAX).contains(&count) {
            return Err(FormatError::rule("exchange.hops", "must be 1 or 2"));
        }
        let flags = r.u8("exchange.flags")?;
        r.zeros(6, "exchange.reserved")?;
        let fee = r.u64("exchange.fee")?;
        let lock = r.u64("exchange.lock")?;
        if flags & !(FIXED_TARGET | LOCKED) != 0 || (flags & LOCKED != 0) != (lock != 0) {
            return Err(FormatError::rule(
                "exchange.flags",
                "do not fit the lock, or are unknown",
            ));
        }
        let hops = (0..count).map(|_| read_hop(&mut r)).collect::<Result<_, _>>()?;
        let exchange = Self {
            fixed_target: flags & FIXED_TARGET != 0,
            fee,
            lock,
            hops,
        };
        Ok((exchange, r.rest()))
    }
}

fn put_priced(out: &mut Vec<u8>, priced: &Priced) {
    out.put_u64(priced.rate)
        .put_u8(priced.scale)
        .put_u8(u8::from(priced.base_is_from));
}

fn read_priced(r: &mut Reader<'_>) -> Result<Priced, FormatError> {
    let rate = r.u64("hop.rate")?;
    let scale = r.u8("hop.rate_scale")?;
    let base_is_from = match r.u8("hop.base_is_from")? {
        0 => false,
        1 => true,
        _ => return Err(FormatError::rule("hop.base_is_from", "must be 0 or 1")),
    };
    r.zeros(2, "hop.reserved")?;
    Ok(Priced {
        rate,
        scale,
        base_is_from,
    })
}

fn read_hop(r: &mut Reader<'_>) -> Result<Hop, FormatError> {
    let provider = ParticipantId(r.u32("hop.provider")?);
    let (from, to) = (r.u16("hop.from")?, r.u16("hop.to")?);
    let (from_amount, to_amount) = (r.u64("hop.from_amount")?, r.u64("hop.to_amount")?);
    let quote = r.u64("hop.quote")?;
    let priced = read_priced(r)?;
    let remainder = r.u32("hop.remainder")?;
    let reference = Reference {
        priced: read_priced(r)?,
        time: r.u32("hop.reference_time")?,
        spread: i64::from_le_bytes(r.array("hop.spread")?),
        source: r.array("hop.reference_source")?,
    };
    r.zeros(8, "hop.reserved")?;
    let none = reference.priced.rate == 0;
    let empty = reference.time == 0 && reference.spread == 0 && reference.source == [0; SOURCE_BYTES_MAX];
    if none && !(empty && reference.priced == Priced::default()) {
        return Err(FormatError::rule(
            "hop.reference",
            "says more though there is none",
        ));
    }
    Ok(Hop {
        provider,
        from: (from, from_amount),
        to: (to, to_amount),
        quote,
        priced,
        remainder,
        reference: (!none).then_some(reference),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(reference: bool) -> Hop {
        let priced = Priced {
            rate: 1_085_250,
            scale: 6,
            base_is_from: true,
        };
        let reference = reference.then_some(Reference {
            priced,
            time: 7,
            source: *b"ECB\0\0\0\0\0\0\0\0\0\0\0\0\0",
            spread: -12,
        });
        Hop {
            provider: ParticipantId(5),
            from: (978, 10_000),
            to: (840, 10_852),
            quote: 8_193,
            priced,
            remainder: 500_000,
            reference,
        }
    }

    #[test]
    fn a_spread_is_a_share_of_what_the_reference_gives() {
        let with = |spread, to| {
            let mut hop = hop(true);
            hop.to.1 = to;
            hop.reference = hop.reference.map(|reference| Reference { spread, ..reference });
            hop.spread_millionths()
        };
        assert_eq!(with(100, 9_900), Some(10_000));
        assert_eq!(with(-100, 10_100), Some(-10_000));
        assert_eq!(with(1, u64::MAX), Some(0));
        assert_eq!(with(0, 5), Some(0));
        assert_eq!(with(-5, 5), None, "the reference gives nothing");
        assert_eq!(hop(false).spread_millionths(), None);
    }

    #[test]
    fn a_block_reads_back_and_no_cut_of_it_does() {
        for hops in [vec![hop(true)], vec![hop(false), hop(true)]] {
            let hops = hops.into_iter().collect();
            let exchange = Exchange {
                fixed_target: true,
                fee: 25,
                lock: 9,
                hops,
            };
            assert_eq!((exchange.paid(), exchange.received()), (10_025, 10_852));
            let mut bytes = Vec::new();
            exchange.write(&mut bytes);
            assert_eq!(bytes.len(), exchange.size());
            assert_eq!(Exchange::read(&bytes), Ok((exchange.clone(), &[][..])));
            for len in 0..bytes.len() {
                assert!(Exchange::read(&bytes[..len]).is_err(), "cut at {len}");
            }
            for at in 0..bytes.len() {
                let mut other = bytes.clone();
                other[at] ^= 0x80;
                if let Ok((read, _)) = Exchange::read(&other) {
                    assert_ne!(read, exchange, "byte {at} says nothing");
                }
            }
        }
    }
}
