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
//! | pacs.008, `InstdAmt` in another currency than `IntrBkSttlmAmt`, with `XchgRate` | the same: the sender has converted. `InstdAmt` × `XchgRate` must round to `IntrBkSttlmAmt`, but for what `ChrgsInf` names | the same |
//! | pacs.008, `InstdAmt` in another currency, no `XchgRate` | FX payment (kind 12): `IntrBkSttlmAmt` arrives (flag `FIXED_TARGET`), `InstdAmt` is the most that is paid, no lock | pacs.002, and the rates in the JSON of `send` and in `exchanges/` of the store; to the creditor's bank a credit of what arrived, with the document |
//! | pacs.004 | return (kind 4) of a payment received, with reason and charges | the same |
//! | camt.056 | cancel (kind 5) of a payment sent, with reason | camt.029: CNCL for one that waited, PDCR for one that settled, else RJCR |
//! | camt.029 CNCL, RJCR | resolve (kind 6) of a question, without or with the flag `DECLINE` | the outcome, as lines or JSON |
//! | camt.029 PDCR | nothing | nothing |
//! | fxtr.014 | one side of a trade (kind 11): `TradgSdSellAmt` for `TradgSdBuyAmt` on `SttlmDt`; `CmonRef` as its reference ([`trade::reference`]) | the status, as lines or JSON; the rest from `listen` |
//!
//! | the feed tells | the bank's system gets |
//! |---|---|
//! | a question whether a settled payment comes back | camt.056; its case is the question's id |
//! | what became of an own question | camt.029 with the case of the own camt.056 |
//! | trades: own ones that matched, settled or ended, and those that another bank alleges | a line or JSON: `trade`, `alleged_trade` |
//! | requests to withdraw a trade, and what became of them | a line or JSON: `withdrawal_question`, `withdrawal_answer` |
//! | exchanges and quote locks, to who pays and to the providers | a line or JSON with each rate: `exchange`, `quote_lock` |
//! | the statement of an account, when a business day has ended | camt.053, and a line or JSON: `statement` |
//! | what has no place above | nothing |
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
