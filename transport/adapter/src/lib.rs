//! A bank's adapter: ISO 20022 messages in, status reports out.
//!
//! Nothing here opens a socket or keeps state: text becomes a mapping ([`iso`]), a mapping becomes
//! ids ([`secret_id`]), an outcome becomes a status report ([`pacs002`]). The `causeway-adapter`
//! program puts these together.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod check;
pub mod iso;
pub mod pacs002;
pub mod secret_id;
