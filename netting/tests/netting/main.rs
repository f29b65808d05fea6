//! Which queued obligations settle: against worked cases, against brute force, and by what must hold always.
mod brute;
mod files;
mod fixpoint;
mod known;
mod random;
mod sequence;
