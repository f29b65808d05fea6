//! A bank's adapter: ISO 20022 messages in, status reports, documents and receipts out.
//!
//! Text becomes a mapping ([`iso`]), a mapping becomes instructions ([`send`]), an outcome becomes a status report
//! ([`pacs002`]); what others pay is stored as it arrives ([`listen`]). What banks ask each other about a payment, and
//! what they answer, goes both ways ([`recall`]), and finds the payment by its [`references`]. What must survive a crash is in the
//! [`store`]. The `causeway-adapter` program puts these together.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod bank;
pub mod check;
pub mod clock;
pub mod failure;
pub mod iso;
pub mod listen;
pub mod pacs002;
pub mod proof;
pub mod recall;
pub mod references;
pub mod route;
pub mod secret_id;
pub mod send;
pub mod store;
mod text;
mod writer;

pub use failure::Failure;
