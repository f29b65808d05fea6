//! Random amounts and rates from a seed.

use causeway_fx::{Currency, Decimal, Rate};

/// Random numbers (splitmix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// A number of any length in bits up to so many: short ones are as likely as long ones.
    pub fn magnitude(&mut self, bits: u32) -> u128 {
        let long = u128::from(self.next()) << 64 | u128::from(self.next());
        let bits = 1 + self.below(bits as usize) as u32;
        long >> (128 - bits)
    }

    /// Any amount of money, below zero as often as above.
    pub fn signed(&mut self) -> i128 {
        let magnitude = self.magnitude(127) as i128;
        if self.below(2) == 0 {
            magnitude
        } else {
            -magnitude - 1
        }
    }

    fn rate(&mut self, bits: u32, scale: u32, base: &'static Currency, quote: &'static Currency) -> Rate {
        let mantissa = self.magnitude(bits).max(1) as i128;
        let value = Decimal::from_i128_with_scale(mantissa, self.below(scale as usize + 1) as u32);
        Rate::new(value, base, quote).expect("above zero")
    }

    /// Any decimal there is.
    pub fn any_rate(&mut self, base: &'static Currency, quote: &'static Currency) -> Rate {
        self.rate(96, Decimal::MAX_SCALE, base, quote)
    }

    /// A rate as messages carry it: eleven digits, ten of them after the point.
    pub fn message_rate(&mut self, base: &'static Currency, quote: &'static Currency) -> Rate {
        self.rate(36, 10, base, quote)
    }

    /// A rate that makes ties of small amounts.
    pub fn short_rate(&mut self, base: &'static Currency, quote: &'static Currency) -> Rate {
        self.rate(6, 3, base, quote)
    }
}
