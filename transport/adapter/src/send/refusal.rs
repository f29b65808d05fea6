//! Why a message is not sent.
use crate::iso::{Case, Kind};
use serde::Serialize;
use std::fmt;

/// One reason, with its place. A message is sent whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Place of the transaction in the message, from 1; none if the message as a whole is meant.
    pub transaction: Option<usize>,
    /// The element.
    pub element: String,
    /// ISO 20022 status reason (`ExternalStatusReason1Code`, or of an answer
    /// `ExternalPaymentCancellationRejection1Code`); none where no status report is due, because the
    /// message orders nothing.
    pub code: Option<&'static str>,
    /// The rule.
    pub text: String,
}

impl Refusal {
    pub(super) fn message(element: &str, code: Option<&'static str>, text: impl Into<String>) -> Refusal {
        Refusal {
            transaction: None,
            element: element.to_owned(),
            code,
            text: text.into(),
        }
    }

    pub(super) fn transaction(
        kind: Kind,
        index: usize,
        element: &str,
        code: &'static str,
        text: impl Into<String>,
    ) -> Refusal {
        Refusal {
            transaction: Some(index),
            element: format!("{}[{index}]/{element}", kind.place()),
            code: Some(code),
            text: text.into(),
        }
    }

    pub(super) fn case(
        case: &Case,
        element: &str,
        code: Option<&'static str>,
        text: impl Into<String>,
    ) -> Refusal {
        let (_, place) = case.place.split_once('/').unwrap_or_default();
        let slash = if place.is_empty() { "" } else { "/" };
        Refusal {
            transaction: Some(case.index),
            element: format!("{place}{slash}{element}"),
            code,
            text: text.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.element, self.text)?;
        match self.code {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}
