//! A ledger on a log of its own, a player that sends it whatever comes to mind, and what a node would publish of it.
mod player;
mod rig;
mod world;

pub use player::Player;
pub use rig::{Rig, Told};
pub use world::{AGENT, BANKS, EUR, OPERATOR, USD, genesis, node_key, signing_key};
