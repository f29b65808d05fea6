//! A small seeded generator: the same seed gives the same payments.

/// SplitMix64 (Steele, Lea, Flood 2014): fast, and good enough to scatter ids and amounts.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    #[inline]
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator would give an option of what never ends"
    )]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A place below `bound`, the first ones likelier: the larger of them the rarer, as among banks.
    #[inline]
    pub fn skewed(&mut self, bound: usize) -> usize {
        let (a, b) = (self.below(bound as u64), self.below(bound as u64));
        a.min(b) as usize
    }

    /// Sixteen bytes.
    #[inline]
    pub fn id(&mut self) -> [u8; 16] {
        let value = u128::from(self.next()) << 64 | u128::from(self.next());
        value.to_le_bytes()
    }
}
