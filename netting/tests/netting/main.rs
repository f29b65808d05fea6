//! Which queued obligations settle: against worked cases, against brute force, and by what must hold always.
mod brute;
mod certificate;
mod day;
mod files;
mod fixpoint;
mod known;
mod passing;
mod random;
mod sequence;
