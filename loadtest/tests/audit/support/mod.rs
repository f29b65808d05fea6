//! A ledger on a log of its own, a player that sends it whatever comes to mind, and what a node would publish of it.
mod exchange;
mod log;
mod netting;
mod newcomers;
mod node;
mod player;
mod raw;
mod rig;
mod script;
mod second;
pub mod statuses;
mod third;
mod words;
mod world;

pub use exchange::DESKS;
pub use log::Log;
pub use node::Node;
pub use player::Player;
pub use rig::{Rig, Told, whole};
pub use script::{Extended, answer, approve, decide, pay, pay_with, payment, propose};
pub use statuses::{is_of_first, is_of_fourth, is_of_third};
pub use third::begin_trading;
pub use world::{AGENT, EUR, OPERATOR, OTHER_AGENT, USD, genesis, genesis_by, node_key, signing_key};
