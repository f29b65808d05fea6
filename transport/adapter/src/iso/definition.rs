//! The message definitions that are read, each with what tells it from the others.

use std::fmt;

/// Which message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// pacs.008, a payment between the banks' customers.
    CustomerCreditTransfer,
    /// pacs.009, a payment between the banks themselves.
    InstitutionCreditTransfer,
    /// pacs.004, a settled payment that is paid back.
    PaymentReturn,
    /// camt.056, the request to cancel a payment.
    CancellationRequest,
    /// camt.029, the answer to such a request.
    Resolution,
    /// fxtr.014, one side of a trade in two currencies.
    TradeInstruction,
}

/// One definition.
struct Definition {
    kind: Kind,
    /// Business area and number.
    name: &'static str,
    /// The element of the message itself.
    body: &'static str,
    /// The element of one payment in it, from the body down.
    place: &'static str,
    /// The total of its settlement amounts in the group header, if there is one.
    total: &'static str,
    /// The oldest version that is read.
    version_min: u8,
}

const DEFINITIONS: [Definition; 6] = [
    Definition {
        kind: Kind::CustomerCreditTransfer,
        name: "pacs.008",
        body: "FIToFICstmrCdtTrf",
        place: "CdtTrfTxInf",
        total: "TtlIntrBkSttlmAmt",
        version_min: 8,
    },
    Definition {
        kind: Kind::InstitutionCreditTransfer,
        name: "pacs.009",
        body: "FICdtTrf",
        place: "CdtTrfTxInf",
        total: "TtlIntrBkSttlmAmt",
        version_min: 8,
    },
    Definition {
        kind: Kind::PaymentReturn,
        name: "pacs.004",
        body: "PmtRtr",
        place: "TxInf",
        total: "TtlRtrdIntrBkSttlmAmt",
        version_min: 9,
    },
    Definition {
        kind: Kind::CancellationRequest,
        name: "camt.056",
        body: "FIToFIPmtCxlReq",
        place: "Undrlyg/TxInf",
        total: "",
        version_min: 8,
    },
    Definition {
        kind: Kind::Resolution,
        name: "camt.029",
        body: "RsltnOfInvstgtn",
        place: "CxlDtls/TxInfAndSts",
        total: "",
        version_min: 9,
    },
    Definition {
        kind: Kind::TradeInstruction,
        name: "fxtr.014",
        body: "FXTradInstr",
        place: "",
        total: "",
        version_min: 3,
    },
];

impl Kind {
    fn definition(self) -> &'static Definition {
        let [first, ..] = &DEFINITIONS;
        DEFINITIONS.iter().find(|one| one.kind == self).unwrap_or(first)
    }

    /// Business area and number, such as `pacs.008`.
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// The element of the message itself.
    pub(crate) fn body(self) -> &'static str {
        self.definition().body
    }

    /// The element of one payment, from the message's own element down.
    pub(crate) fn place(self) -> &'static str {
        self.definition().place
    }

    /// The element of the group header that holds the total of the settlement amounts.
    pub(crate) fn total(self) -> &'static str {
        self.definition().total
    }

    /// Whether the message moves money, so that it has amounts and parties of its own.
    pub const fn pays(self) -> bool {
        !matches!(
            self,
            Kind::CancellationRequest | Kind::Resolution | Kind::TradeInstruction
        )
    }

    /// The kind whose message's own element has this name.
    pub(crate) fn of_body(name: &str) -> Option<Kind> {
        let found = DEFINITIONS.iter().find(|one| one.body == name);
        found.map(|one| one.kind)
    }
}

/// A message definition, such as `pacs.008.001.08`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageType {
    /// Which message.
    pub kind: Kind,
    /// Its version.
    pub version: u8,
}

impl MessageType {
    /// The definition with this name, if it is one that is read.
    pub(crate) fn read(name: &str) -> Option<MessageType> {
        let (area, rest) = name.split_at_checked(8)?;
        let version = rest.strip_prefix(".001.")?;
        let digits = version.len() == 2 && version.bytes().all(|byte| byte.is_ascii_digit());
        let version: u8 = version.parse().ok().filter(|_| digits)?;
        let found = DEFINITIONS.iter().find(|one| one.name == area)?;
        (version >= found.version_min).then_some(MessageType {
            kind: found.kind,
            version,
        })
    }

    /// What is read, for refusals: `pacs.008.001 from version 08 on, …`.
    pub(crate) fn all() -> String {
        let each = DEFINITIONS
            .iter()
            .map(|one| format!("{}.001 from version {:02} on", one.name, one.version_min));
        each.collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.001.{:02}", self.kind.name(), self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_reads_back_and_older_or_other_ones_do_not() {
        for one in &DEFINITIONS {
            let name = format!("{}.001.{:02}", one.name, one.version_min);
            let read = MessageType::read(&name).map(|read| (read.kind, read.to_string()));
            assert_eq!(read, Some((one.kind, name)));
            let older = format!("{}.001.{:02}", one.name, one.version_min - 1);
            assert_eq!(MessageType::read(&older), None, "{older}");
            assert_eq!(Kind::of_body(one.body), Some(one.kind));
        }
        for name in [
            "",
            "pacs.008",
            "pacs.008.001.8",
            "pacs.008.001.+9",
            "pacs.008.002.09",
            "pacs.028.001.03",
        ] {
            assert_eq!(MessageType::read(name), None, "{name}");
        }
    }
}
