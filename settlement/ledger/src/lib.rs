//! The pure settlement state machine: accounts, postings, queues, identities, and `apply`.
//!
//! `apply` reads no clock, no randomness, no float and no environment; hash seeds change no outcome. Everything
//! it needs arrives in the log entry, so a replay reproduces every effect.
#![forbid(unsafe_code)]

mod account;
mod apply;
mod chain;
mod control;
mod credit;
mod dated;
mod day;
mod default;
mod desk;
mod due;
mod duplicate;
mod end_of_day;
mod ended;
mod explain;
mod exposure;
mod fees;
mod id_memory;
mod instruction;
mod invariant;
mod join;
mod market;
mod mirror;
mod outcome;
mod past;
mod plan;
mod proposal;
mod queue;
mod registry;
mod report;
mod retry;
mod risk;
mod session;
mod snapshot;
mod survey;
mod sweep;
mod trade;
mod treasury;
mod view;
mod window;

pub mod lifecycle;
pub mod limits;

pub use apply::{Input, Ledger};
pub use end_of_day::LastStatement;
pub use explain::Sight;
pub use id_memory::{IdMemory, Remembered};
pub use mirror::{Payer, Queued};
pub use outcome::{Audience, DayNotice, Deferred, FeePosting, Notice, Outcome, Planned, StatementNotice};
pub use past::{NoPast, Original, Past};
pub use registry::{KeyState, Participant, Registry};
pub use report::AccountNow;
pub use session::{SessionOrder, Sessions};
pub use snapshot::SnapshotError;
pub use survey::{Bound, Bounds, CurrencyStanding, Standing, Survey, currency_code};
