//! Reading ahead: says what will be read soon, without waiting for it. A read that is made early to the same end holds up
//! those behind it, once as many instructions wait as a processor can have under way.

/// Asks for the cache line in which an element begins; nothing where there is none, or no such instruction.
#[inline(always)]
pub fn prefetch<T>(of: &[T], at: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(one) = of.get(at) {
        // SAFETY: the instruction reads nothing that a program could see, changes nothing but what is cached, and never
        // faults, whatever its address (AMD64 Architecture Programmer's Manual, volume 3, PREFETCHlevel). This address is
        // that of an element that is borrowed. Every x86-64 processor has it: it is part of SSE.
        #[allow(unsafe_code)]
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(one).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (of, at);
}

#[cfg(test)]
mod tests {
    use super::prefetch;

    #[test]
    fn what_is_asked_for_stays_as_it_is_and_what_is_not_there_is_passed_over() {
        let of: Vec<u64> = (0..1_000).collect();
        for at in [0, 1, 7, 8, 999, 1_000, 1_001, usize::MAX] {
            prefetch(&of, at);
        }
        prefetch::<u64>(&[], 0);
        prefetch(&[(); 3], 2);
        assert!(of.iter().copied().eq(0..1_000));
    }
}
