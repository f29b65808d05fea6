//! Checks a document from what it holds, and says in words and names what is wrong first.
use causeway_netting::{Bound, CashOnly, Fault};
use std::fmt;

use crate::digest::{names, seal, sha256};
use crate::{Document, ReadError};

/// The first thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which part of the file.
    pub part: &'static str,
    /// What is wrong with it, in names.
    pub why: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.why)
    }
}

impl std::error::Error for Broken {}

impl Document {
    /// Checks everything: digest of the inputs, of the names, order, money, limits, sums, value, bound, quality, and
    /// at last the seal.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self) -> Result<(), Broken> {
        let checked = self.certificate.verify(&self.named.case, &CashOnly, sha256);
        let fault = checked.err();
        if fault == Some(Fault::Inputs) {
            return Err(self.broken(Fault::Inputs));
        }
        if self.names != names(&self.named) {
            return Err(Broken {
                part: "names",
                why: "the names and ids in the file are not those of which this is the digest".to_owned(),
            });
        }
        if let Some(fault) = fault {
            return Err(self.broken(fault));
        }
        if self.seal != seal(&self.certificate, &self.names, self.log.as_ref()) {
            return Err(self.broken(Fault::Seal));
        }
        Ok(())
    }

    fn broken(&self, fault: Fault) -> Broken {
        let broken = |part, why: String| Broken { part, why };
        let at = |account: u32| {
            let (participant, currency) = self.account(account);
            format!("account of {participant} in {currency}")
        };
        match fault {
            Fault::Inputs => broken(
                "inputs",
                "the accounts, limits, weights and items in the file are not those of which this is the digest"
                    .to_owned(),
            ),
            Fault::Discipline(account) => broken(
                "discipline",
                format!("{}: bypass, but the account did not opt in", at(account)),
            ),
            Fault::Before(account) => {
                broken("before", format!("{}: not the balance of the case", at(account)))
            }
            Fault::After(account) => broken("after", self.other_balance(account, &at(account))),
            Fault::Sum(currency) => broken(
                "after",
                format!("the changes in {} do not sum to zero", self.currency(currency)),
            ),
            Fault::Short(account) => broken("settles", self.short(account, &at(account))),
            Fault::Passed { account, item } => broken(
                "settles",
                format!(
                    "{}: row {} settles, but one before it in the queue waits that it may not pass",
                    at(account),
                    self.row(item)
                ),
            ),
            Fault::Value => {
                let real = self.chosen().value(&self.named.case);
                broken(
                    "value",
                    format!("{}, but what settles comes to {real}", self.certificate.value),
                )
            }
            Fault::Bound => {
                let proven = Bound::prove(&self.named.case, &self.certificate.bound.multipliers);
                let proven = proven.map_or_else(|| "nothing".to_owned(), |scaled| scaled.to_string());
                let stated = self.certificate.bound.scaled;
                broken(
                    "bound",
                    format!("{stated}, but the multipliers prove {proven} (both in 2^-16)"),
                )
            }
            Fault::AboveBound => broken("value", "above the bound".to_owned()),
            Fault::Quality => broken(
                "quality",
                format!(
                    "{} is not what {} is of {}, in millionths",
                    self.certificate.quality,
                    self.certificate.value,
                    self.certificate.bound.value()
                ),
            ),
            Fault::Seal => broken(
                "seal",
                "something in the file was changed after it was sealed".to_owned(),
            ),
            Fault::Length(_) | Fault::ItemUnknown(_) | Fault::ItemOrder(_) => {
                broken("items", fault.to_string())
            }
        }
    }

    fn other_balance(&self, account: u32, at: &str) -> String {
        let real = self.chosen().balances(&self.named.case);
        let pair = (
            self.certificate.after.get(account as usize),
            real.get(account as usize),
        );
        match pair {
            (Some(stated), Some(real)) => format!("{at}: {stated}, but what settles leaves {real}"),
            _ => format!("{at}: another balance"),
        }
    }

    fn short(&self, account: u32, at: &str) -> String {
        let held = self.named.case.accounts().get(account as usize);
        let after = self.certificate.after.get(account as usize);
        match (held, after) {
            (Some(held), Some(after)) if *after < -held.limit => {
                format!("{at}: {after} would be left, and {} is the least", -held.limit)
            }
            _ => format!("{at}: a sender limit would be exceeded"),
        }
    }

    /// Id of the first row of an item.
    fn row(&self, item: u32) -> &str {
        let first = self.named.item_of.partition_point(|other| *other < item);
        self.named.rows.get(first).map_or("", String::as_str)
    }
}

/// Reads and checks in one step.
///
/// # Errors
/// Why the bytes are no certificate, or why what they say does not hold, in words.
pub fn verify(bytes: &[u8]) -> Result<Document, String> {
    let document = Document::read(bytes).map_err(|error: ReadError| format!("is no certificate: {error}"))?;
    document.verify().map_err(|broken| broken.to_string())?;
    Ok(document)
}
