//! Every rule of the ledger, end to end: separate bank processes bring it about through the command line, both sides are
//! told, `explain` names it, and it outlives a node that is killed between cause and effect.
#[path = "../common/mod.rs"]
mod common;

mod bypass;
mod chains;
mod conditional;
mod credit;
mod days;
mod duplicates;
mod fees;
mod fx;
mod fx_misuse;
mod gauges;
mod holds;
mod limits;
mod netting;
mod pvp;
mod queries;
mod queue;
mod recall;
mod reservations;
mod risk_tests;
mod times;
mod windows;
