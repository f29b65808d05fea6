//! Tiers of a quote: prices by size, their rules and their bytes.

use super::error::QuoteError;
use super::price::Price;
use crate::limits::{QUOTE_SCALE_MAX, QUOTE_TIERS_MAX};

/// Prices up to a size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tier {
    /// Largest single amount, in minor units of base.
    pub up_to: u64,
    /// What the provider pays for one unit of base when the customer sells it: the mantissa.
    pub bid: u64,
    /// What the provider asks for one unit of base when the customer buys it: the mantissa.
    pub ask: u64,
}

/// One to eight tiers that keep the rules, and the digits behind the point that all their prices have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiers {
    scale: u8,
    count: u8,
    /// Behind the last tier stand zeros.
    tiers: [Tier; QUOTE_TIERS_MAX],
}

/// Bytes before the first tier.
const HEAD_BYTES: usize = 8;
/// Bytes of one tier.
const TIER_BYTES: usize = 24;

impl Tiers {
    /// Most bytes that tiers are written in.
    pub const BYTES_MAX: usize = HEAD_BYTES + QUOTE_TIERS_MAX * TIER_BYTES;

    /// Tiers whose prices have `scale` digits behind the point.
    ///
    /// # Errors
    /// When a rule of the module is broken, with the tier and the rule.
    pub fn new(scale: u8, tiers: &[Tier]) -> Result<Tiers, QuoteError> {
        if scale > QUOTE_SCALE_MAX {
            return Err(QuoteError::Scale { found: scale });
        }
        let found = tiers.len();
        let none = QuoteError::TierCount { found };
        let count = u8::try_from(found).map_err(|_| none)?;
        let mut kept = [Tier::default(); QUOTE_TIERS_MAX];
        match kept.get_mut(..found) {
            Some(places) if found > 0 => places.copy_from_slice(tiers),
            _ => return Err(none),
        }
        let mut before: Option<&Tier> = None;
        for (at, tier) in tiers.iter().enumerate() {
            tier.follows(before, at)?;
            before = Some(tier);
        }
        Ok(Tiers {
            scale,
            count,
            tiers: kept,
        })
    }

    /// The tiers, smallest size first.
    pub fn as_slice(&self) -> &[Tier] {
        self.tiers.get(..usize::from(self.count)).unwrap_or_default()
    }

    /// Digits behind the point of all prices.
    pub const fn scale(&self) -> u8 {
        self.scale
    }

    /// The price of a tier when the customer sells base.
    pub fn bid(&self, tier: &Tier) -> Option<Price> {
        Price::new(tier.bid, self.scale)
    }

    /// The price of a tier when the customer buys base.
    pub fn ask(&self, tier: &Tier) -> Option<Price> {
        Price::new(tier.ask, self.scale)
    }

    /// The bytes on the wire, little endian: `scale u8 · count u8 · zero [6]`, then for each tier
    /// `up_to u64 · bid u64 · ask u64`.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Tiers::BYTES_MAX);
        bytes.extend_from_slice(&[self.scale, self.count, 0, 0, 0, 0, 0, 0]);
        for tier in self.as_slice() {
            for number in [tier.up_to, tier.bid, tier.ask] {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
        }
        bytes
    }

    /// Reads what [`encode`](Tiers::encode) writes, and nothing else.
    ///
    /// # Errors
    /// When the bytes are too few or too many, or a rule is broken, with the field and the rule.
    pub fn decode(bytes: &[u8]) -> Result<Tiers, QuoteError> {
        let length = |needed| QuoteError::Length {
            found: bytes.len(),
            needed,
        };
        let Some((&[scale, count, ref zero @ ..], rest)) = bytes.split_first_chunk::<HEAD_BYTES>() else {
            return Err(length(HEAD_BYTES));
        };
        if zero.iter().any(|byte| *byte != 0) {
            return Err(QuoteError::Padding);
        }
        let found = usize::from(count);
        if found == 0 || found > QUOTE_TIERS_MAX {
            return Err(QuoteError::TierCount { found });
        }
        let (numbers, left) = rest.as_chunks::<8>();
        let mut tiers = [Tier::default(); QUOTE_TIERS_MAX];
        let tiers = tiers.get_mut(..found).unwrap_or_default();
        let (read, more) = numbers.as_chunks::<3>();
        if read.len() != found || !more.is_empty() || !left.is_empty() {
            return Err(length(HEAD_BYTES + found * TIER_BYTES));
        }
        for (tier, numbers) in tiers.iter_mut().zip(read) {
            let [up_to, bid, ask] = numbers.map(u64::from_le_bytes);
            *tier = Tier { up_to, bid, ask };
        }
        Tiers::new(scale, tiers)
    }
}

impl Tier {
    /// Whether this tier may stand at `at`, behind the one before it.
    fn follows(&self, before: Option<&Tier>, at: usize) -> Result<(), QuoteError> {
        let (least, bid, ask) = before.map_or((0, u64::MAX, 0), |tier| (tier.up_to, tier.bid, tier.ask));
        if self.up_to <= least {
            return Err(QuoteError::UpTo { at });
        }
        if self.bid == 0 {
            return Err(QuoteError::NoBid { at });
        }
        if self.bid > self.ask {
            return Err(QuoteError::Crossed { at });
        }
        if self.bid > bid {
            return Err(QuoteError::BidRises { at });
        }
        if self.ask < ask {
            return Err(QuoteError::AskFalls { at });
        }
        Ok(())
    }
}
