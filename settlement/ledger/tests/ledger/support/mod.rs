//! Scripts: a small language in which the ledger's rules are told and checked.
//!
//! ```text
//! ledger ids 100 queue 10 rules 2    # optional, before `open`: capacities of the genesis, version of the rules
//! open A B EUR JPY                   # banks with accounts in these currencies, cap 0; plus OP (operator) and
//!                                    # AG, AG2 (settlement agents; AG carries every currency opened here)
//! fund A EUR 100 ref R1              # AG.1 proposes, AG.2 approves; `-> executed` unless told otherwise
//! propose P cap A EUR 5 by OP.1 -> proposed
//! approve P by OP.2 -> executed ; tells A 0
//! withdraw P by OP.1 -> executed
//! pay A B EUR 40 -> settled
//! pay A B EUR 70 id 5 expires 60s sor show ref TEXT -> queued 1 left 60
//! again 5 -> queued replayed         # the same record in another batch
//! resend -> settled                  # the last batch of instructions, byte for byte; all replayed
//! batch A key 2 session 9 number 1 until 10s {
//!   pay A B EUR 1 -> settled
//! } ; effects 5 settled              # the exact list, in order, of what earlier records reached
//! at 60s                             # instant of the next entry, counted from genesis
//! tick 24h ; notices P proposal_expired
//! balance A EUR 0 cap 5 reserved 3 queued 2 value 70
//! waiting 2 ; due none
//! ```
//!
//! Every participant has keys 1 and 2 of persons 1 and 2; key 3, also of person 1; key 4 which only instructs and
//! key 5 which only controls. Times are `60s`, `1d`, `60s-1ns`. Amounts may be `max`.
//!
//! What a script does not say must not happen: no effects, notices or details but those written. After every
//! entry the ledger audits itself; at the end the run is repeated with another seed of the id memory and from a
//! snapshot of every entry, and must give the same outcomes and the same states.

mod actions;
mod aside;
mod decisions;
mod expect;
mod records;
mod replay;
mod script;
mod text;
mod told;
mod world;

pub use world::{Head, World, id_of, member, signing_key};

/// Runs a script; panics with the line that does not hold.
pub fn check(script: &str) {
    let world = script::Script::run(script);
    replay::repeats(&world);
}

/// Checks that a run made by hand repeats too.
pub fn check_repeats(world: &World) {
    replay::repeats(world);
}

/// Checks one cut alone: for long runs.
pub fn check_cut(world: &World, cut: usize) {
    replay::from_cut(world, cut);
}

/// A ledger as a script leaves it, to go on by hand.
pub fn opened(script: &str) -> World {
    script::Script::run(script)
}
