//! What the ledger does, rule by rule, as scripts behind one `check` (see `support`), and as random runs against
//! a naive model that shares no code with it.

mod support;

mod bounds;
mod comparison;
mod control;
mod currencies;
mod explain;
mod funding;
mod idempotency;
mod keys_and_sessions;
mod limits_and_caps;
mod members;
mod model;
mod payments;
mod properties;
mod queueing;
mod side_by_side;
mod snapshots;
mod status_precedence;
mod time_rules;
