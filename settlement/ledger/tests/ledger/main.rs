//! What the ledger does, rule by rule, as scripts behind one `check` (see `support`), and as random runs against
//! a naive model that shares no code with it.

mod support;

mod bounds;
mod bypass;
mod cancel_return;
mod chains;
mod comparison;
mod conditional;
mod control;
mod credit;
mod currencies;
mod days;
mod duplicates;
mod explain;
mod fees;
mod funding;
mod fx_payments;
mod holds;
mod idempotency;
mod keys_and_sessions;
mod lifecycle;
mod limits_and_caps;
mod members;
mod model;
mod payment_times;
mod payments;
mod plans;
mod plans_bounds;
mod properties;
mod pvp;
mod queue_classes;
mod queueing;
mod quotes;
mod regressions;
mod reservations;
mod risk_tests;
mod rules_two;
mod rules_versions;
mod sender_limits;
mod side_by_side;
mod snapshots;
mod status_precedence;
mod status_precedence_two;
mod survey;
mod time_rules;
