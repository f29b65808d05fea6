//! Every bound on the work of one call.

/// Most unmatched instructions whose amounts one arriving instruction with a tolerance is held to: what a pair of
/// parties leaves standing on one date in two currencies must not slow everyone else down.
pub const TOLERANCE_CANDIDATES_MAX: usize = 64;
