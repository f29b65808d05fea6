//! What several tests share: fixed keys, a small log built by hand, vector files and a reader of the schema.
#![allow(dead_code, reason = "each test uses a part of it")]

pub mod desk;
pub mod exposure;
pub mod files;
pub mod governance;
pub mod log;
pub mod messages;
pub mod parties;
pub mod proofs;
pub mod sbe;
pub mod statements;
