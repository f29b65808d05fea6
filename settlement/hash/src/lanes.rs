//! SHA-256 computations side by side, with the SHA instructions of x86-64 (FIPS 180-4 §6.2; the order of the words
//! is that of Intel's "SHA Extensions", 2013: the state stands as ABEF and CDGH).
//!
//! Every intrinsic here works on values, so that all of it is safe code but for one thing: a function that is compiled
//! for instructions which not every processor has may only be called on one that has them.

/// The digest of each message, or nothing if the processor has no SHA instructions.
#[cfg(target_arch = "x86_64")]
#[inline]
pub fn each<const N: usize>(messages: [&[u8]; N]) -> Option<[[u8; 32]; N]> {
    let has = std::arch::is_x86_feature_detected!("sha")
        && std::arch::is_x86_feature_detected!("sse4.1")
        && std::arch::is_x86_feature_detected!("ssse3");
    if !has {
        return None;
    }
    // SAFETY: `x86::each` asks for nothing but that the processor has `sha`, `sse4.1` and `ssse3`, which was just seen;
    // a processor does not lose them. It takes and returns plain values and borrows, and holds no pointers.
    #[allow(unsafe_code)]
    Some(unsafe { x86::each(messages) })
}

/// Nothing: only x86-64 has an implementation.
#[cfg(not(target_arch = "x86_64"))]
pub fn each<const N: usize>(_: [&[u8]; N]) -> Option<[[u8; 32]; N]> {
    None
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_extract_epi64, _mm_set_epi32,
        _mm_set_epi64x, _mm_setzero_si128, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32,
        _mm_shuffle_epi8, _mm_shuffle_epi32,
    };

    const BLOCK: usize = 64;
    /// Bytes of the length at the end of a message.
    const LENGTH: usize = 8;

    /// FIPS 180-4 §4.2.2.
    const K: [u32; 64] = [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    /// A message, cut into blocks: those that it fills, and the one or two of its end with padding and length.
    struct Blocks<'a> {
        whole: &'a [[u8; BLOCK]],
        last: [[u8; BLOCK]; 2],
        count: usize,
    }

    impl<'a> Blocks<'a> {
        #[inline]
        fn new(message: &'a [u8]) -> Self {
            let (whole, rest) = message.as_chunks::<BLOCK>();
            let mut last = [[0; BLOCK]; 2];
            let bytes = last.as_flattened_mut();
            bytes[..rest.len()].copy_from_slice(rest);
            bytes[rest.len()] = 0x80;
            let more = if rest.len() < BLOCK - LENGTH { 1 } else { 2 };
            let end = more * BLOCK;
            let bits = (message.len() as u64).wrapping_mul(8);
            bytes[end - LENGTH..end].copy_from_slice(&bits.to_be_bytes());
            Self {
                whole,
                last,
                count: whole.len() + more,
            }
        }

        #[inline]
        fn get(&self, at: usize) -> &[u8; BLOCK] {
            match self.whole.get(at) {
                Some(block) => block,
                None => &self.last[(at - self.whole.len()) & 1],
            }
        }
    }

    /// State of one message.
    type State = [__m128i; 2];

    #[target_feature(enable = "sha,sse4.1,ssse3")]
    pub fn each<const N: usize>(messages: [&[u8]; N]) -> [[u8; 32]; N] {
        let blocks = messages.map(Blocks::new);
        let mut states = [begin(); N];
        let together = blocks.iter().map(|blocks| blocks.count).min().unwrap_or(0);
        for at in 0..together {
            compress(&mut states, std::array::from_fn(|lane| blocks[lane].get(at)));
        }
        for (state, blocks) in states.iter_mut().zip(&blocks) {
            for at in together..blocks.count {
                compress(std::array::from_mut(state), [blocks.get(at)]);
            }
        }
        let mut digests = [[0; 32]; N];
        for (digest, state) in digests.iter_mut().zip(states) {
            *digest = end(state);
        }
        digests
    }

    /// FIPS 180-4 §5.3.3.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn begin() -> State {
        [
            words([0x9b05688c, 0x510e527f, 0xbb67ae85, 0x6a09e667]),
            words([0x5be0cd19, 0x1f83d9ab, 0xa54ff53a, 0x3c6ef372]),
        ]
    }

    /// Four words, the lowest first.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn words(of: [u32; 4]) -> __m128i {
        let [a, b, c, d] = of.map(u32::cast_signed);
        _mm_set_epi32(d, c, b, a)
    }

    /// Sixteen bytes of a block as four words, which are big endian in it.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn load(block: &[u8; BLOCK], at: usize) -> __m128i {
        let [low, high] = [0, 8].map(|half| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&block[16 * at + half..16 * at + half + 8]);
            i64::from_le_bytes(bytes)
        });
        let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
        _mm_shuffle_epi8(_mm_set_epi64x(high, low), swap)
    }

    /// One block of each of `N` messages: the same round of all stands together, so that none waits for its own.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn compress<const N: usize>(states: &mut [State; N], blocks: [&[u8; BLOCK]; N]) {
        let before = *states;
        let mut w = [[_mm_setzero_si128(); 4]; N];
        for (w, block) in w.iter_mut().zip(blocks) {
            *w = [load(block, 0), load(block, 1), load(block, 2), load(block, 3)];
        }
        // Sixteen times four rounds; words 16 to 63 are made in twelve of them, in place of those used last.
        macro_rules! rounds {
            ($($i:literal)*) => {$({
                const AT: [usize; 4] = [$i % 4, ($i + 1) % 4, ($i + 2) % 4, ($i + 3) % 4];
                let k = words([K[4 * $i], K[4 * $i + 1], K[4 * $i + 2], K[4 * $i + 3]]);
                for (state, w) in states.iter_mut().zip(&w) {
                    let kw = _mm_add_epi32(w[AT[0]], k);
                    state[1] = _mm_sha256rnds2_epu32(state[1], state[0], kw);
                    state[0] = _mm_sha256rnds2_epu32(state[0], state[1], _mm_shuffle_epi32(kw, 0x0e));
                }
                if $i < 12 {
                    for w in &mut w {
                        let seven = _mm_alignr_epi8(w[AT[3]], w[AT[2]], 4);
                        let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[AT[0]], w[AT[1]]), seven);
                        w[AT[0]] = _mm_sha256msg2_epu32(sum, w[AT[3]]);
                    }
                }
            })*};
        }
        rounds!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
        for (state, before) in states.iter_mut().zip(before) {
            *state = [
                _mm_add_epi32(state[0], before[0]),
                _mm_add_epi32(state[1], before[1]),
            ];
        }
    }

    /// The state's eight words in order, big endian.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn end([abef, cdgh]: State) -> [u8; 32] {
        let feba = _mm_shuffle_epi32(abef, 0x1b);
        let dchg = _mm_shuffle_epi32(cdgh, 0xb1);
        let halves = [_mm_blend_epi16(feba, dchg, 0xf0), _mm_alignr_epi8(dchg, feba, 8)];
        let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
        let mut out = [0; 32];
        for (half, out) in halves.into_iter().zip(out.as_chunks_mut::<16>().0) {
            let half = _mm_shuffle_epi8(half, swap);
            out[..8].copy_from_slice(&_mm_extract_epi64(half, 0).to_le_bytes());
            out[8..].copy_from_slice(&_mm_extract_epi64(half, 1).to_le_bytes());
        }
        out
    }
}
