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
//! Under version 2 of the rules (`ledger rules 2`, or a line `rules 2`) there are more records, flags and actions:
//!
//! ```text
//! open A B screener:S regulator:R EUR
//! pay A B EUR 5 high linked duplicate from 10s till 20s charges shared -> warehoused
//! conditional A B EUR 40 id c condition SECRET approver X partial expires 60s -> set_aside ; effects c set_aside=0@B,X
//! release A B EUR 10 of c by X -> executed ; effects c set_aside=10@A,B,X
//! release A B EUR 0 of c by B decline reason FRAD -> executed ; effects c given_back
//! return B A EUR 5 of 1 -> settled
//! cancel A B EUR 5 of 1 id q -> cancellation_pending ; effects q cancellation_pending@B
//! resolve A B EUR 5 of q decline -> executed ; effects q cancellation_refused@A,B
//! amend A EUR of 1 urgent front -> executed
//! limit A B EUR 5 -> executed below  # `limit A A` is against all others
//! reserve A EUR 5 high -> executed
//! discipline A EUR bypass -> executed
//! hold A 1 by S.1 ; effects 1 pending
//! unhold A 1 reject by S.1 ; effects 1 rejected_by_order
//! hold_party A ; unhold_party A      # one of two statements each
//! fee EUR 1 C flat 5 millionths 100 least 1 most 9
//! day EUR closed 0d ; fees A C 5     # the date of that instant; the exact list of what is billed
//! ```
//!
//! Under version 3 (`ledger rules 3`) there are trades and risk tests:
//!
//! ```text
//! pvp A B USD 110 EUR 100 value 0d id a tolerance 5 -> unmatched ; effects a alleged@B
//! pvp B A EUR 100 USD 110 value 0d id b replaces x -> settled ; effects a settled=110/100@A b settled=100/110@B
//! valuation EUR USD 110 2 50000      # one euro is 1.10 dollars, with a haircut of 5 %
//! tests A 1000 ; short A USD 99      # `tests A off 0` ends them
//! pay_in A USD 60s 50
//! exposure P EUR USD 100000 ; reference EUR USD 110 2 0s
//! quote P EUR 50000 USD expires 9h tiers 1000:109:111,9000:108:112 id q -> executed
//! lock A EUR 100 USD 0 expires 60s id l -> set_aside priced ; effects l set_aside=0@A,P
//! fx A B EUR 100 USD 108 via GBP locked l id x -> settled priced ; effects l executed x settled=100/109@A,B,P
//! fx A B EUR 120 USD 100 target -> awaiting_quote
//! plan 1 2 3 ; effects 1 settled     # netting proposes to settle these together
//! ```
//!
//! Under version 4 (`ledger rules 4`) days turn by a schedule:
//!
//! ```text
//! schedule EUR 1d 9h 16h 17h 18h and 2d none    # date, opening, customer and interbank cut-off, close
//! extend EUR 1d 9h 16h 17h 19h
//! ```
//!
//! And there are members:
//!
//! ```text
//! admit D EUR ; member D active      # `admit unproven D EUR`: not every key is shown to be held
//! prove A.6 person 7 by A            # `prove for B A.6`: shown for another participant
//! member A taking ; member A closed  # `active`, `taking` (suspended, paid), `suspended`, `closed`
//! roles A 33
//! declare A ; lift A                 # or `confirm_default A`: its default
//! ```
//!
//! Under version 4 (`ledger rules 4`) there is credit against collateral:
//!
//! ```text
//! collateral A EUR BOND 500 100000   # worth 500, of which 10 % do not count
//! credit A EUR 1000 id line          # the most that is lent
//! day EUR closed 0d ; notices line credit_unpaid ; tells A 60
//! ```
//!
//! And there are netting windows:
//!
//! ```text
//! window EUR,USD close 10s by 20s ends 30s id W ; drop_window W
//! obligation A B EUR 5 of W id o -> collected
//! payin A EUR 5 of W id p -> set_aside
//! at 20s ; tick ; notices W pay_in_missed ; tells A 5
//! ```
//!
//! An effect may say how much moved (`=`, of a trade also what moved the other way) and who is told (`@`: submitter, creditor, approver, as far as they are).
//!
//! Every participant has keys 1 and 2 of persons 1 and 2; key 3, also of person 1; key 4 which only instructs and
//! key 5 which only controls. Times are `60s`, `1d`, `60s-1ns`. Amounts may be `max`.
//!
//! What a script does not say must not happen: no effects, notices or details but those written. After every
//! entry the ledger audits itself; at the end the run is repeated with another seed of the id memory and from a
//! snapshot of every entry, and must give the same outcomes and the same states.

mod actions;
mod aside;
mod clauses;
mod decisions;
mod expect;
mod members;
mod past;
mod records;
mod replay;
mod script;
mod text;
mod told;
mod world;

pub use past::LogPast;
pub use text::status;
pub use world::{Applied, Entry, Head, World, id_of, member, signing_key};

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
