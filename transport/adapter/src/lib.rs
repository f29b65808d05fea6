//! A bank's adapter: ISO 20022 messages in, status reports, documents and receipts out.
//!
//! Text becomes a mapping ([`iso`]), a mapping becomes instructions ([`send`]), an outcome becomes a status report
//! ([`pacs002`]); what others pay is stored as it arrives ([`listen`]). What banks ask each other about a payment, and
//! what they answer, goes both ways ([`recall`]), and finds the payment by its [`references`]. What must survive a crash is in the
//! [`store`]. The `causeway-adapter` program puts these together.
//!
//! | the bank's system gives | the ledger is told | what comes back |
//! |---|---|---|
//! | pacs.008, pacs.009 | payment (kind 1), with charges | pacs.002; to the creditor's bank a credit with its document |
//! | pacs.004 | return (kind 4) of a payment received, with reason and charges | the same |
//! | camt.056 | cancel (kind 5) of a payment sent, with reason | camt.029: CNCL for one that waited, PDCR for one that settled, else RJCR |
//! | camt.029 CNCL, RJCR | resolve (kind 6) of a question, without or with the flag `DECLINE` | the outcome, as lines or JSON |
//! | camt.029 PDCR | nothing | nothing |
//!
//! | the feed tells | the bank's system gets |
//! |---|---|
//! | a question whether a settled payment comes back | camt.056; its case is the question's id |
//! | what became of an own question | camt.029 with the case of the own camt.056 |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod bank;
pub mod check;
pub mod clock;
pub mod exchange;
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
pub mod trade;
mod writer;

pub use failure::Failure;
