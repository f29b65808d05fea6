//! The auditor beside what it audits: it agrees with a true ledger and a true node, and finds every lie.
mod agrees;
mod bounds;
mod bounds_exchange;
mod bounds_third;
mod defaults;
mod exchanges;
mod governance;
mod lies;
mod members;
mod node_agrees;
mod plans;
mod receipts;
mod support;
mod windows;
