//! Frames: what one message looks like on a stream.
//!
//! `length u32` (of what follows) ‖ SBE message header ‖ root block ‖ groups ‖ variable data.
//! The message header and all encodings are those of FIX Simple Binary Encoding 1.0, little endian.
use crate::FormatError;
use crate::codec::{Put, Reader};

/// `schemaId` of `schema/causeway.xml`.
pub const SCHEMA_ID: u16 = 0xCA05;
/// `version` of `schema/causeway.xml`.
pub const SCHEMA_VERSION: u16 = 1;
/// Bytes of the SBE message header.
pub const HEADER_BYTES: usize = 8;

macro_rules! templates {
    ($($name:ident = $number:literal, $block:literal, $doc:literal;)*) => {
        /// Messages, by SBE template id. Numbers are frozen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u16)]
        pub enum Template {
            $(#[doc = $doc] $name = $number,)*
        }

        impl Template {
            /// All messages.
            pub const ALL: &'static [Template] = &[$(Template::$name,)*];

            /// The message with this template id.
            pub const fn from_number(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }

            /// Bytes of its root block (SBE `blockLength`).
            pub const fn block_bytes(self) -> u16 {
                match self { $(Self::$name => $block,)* }
            }

            /// Its name in the schema.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

templates! {
    Batch = 1, 160, "A bank's signed batch of instructions.";
    ControlBatch = 2, 160, "A signed batch of control records.";
    Documents = 3, 8, "Documents that the next batch refers to.";
    Answers = 4, 104, "What became of one batch, with proof.";
    OpenSession = 5, 8, "Opens a session on this stream.";
    SessionOpened = 6, 56, "Where the session stands.";
    Subscribe = 7, 8, "Asks for the feed on this stream.";
    FeedPage = 8, 24, "A run of the feed, with proof.";
    Refused = 9, 24, "What the node refuses, and why.";
    BalanceQuery = 20, 8, "Asks for the participant's own balances.";
    Balances = 21, 16, "The participant's balances.";
    StatusQuery = 22, 24, "Asks what became of an instruction.";
    StatusAnswer = 23, 40, "What became of an instruction.";
    ReceiptQuery = 24, 24, "Asks for the receipt of an instruction.";
    Receipt = 25, 640, "A finality receipt.";
    ConsistencyQuery = 26, 8, "Asks for proof that the log only grew.";
    Consistency = 27, 8, "Proof that the log only grew.";
    DocumentQuery = 28, 16, "Asks for the document of an instruction.";
    Document = 29, 32, "A document with its salt.";
    DirectoryQuery = 30, 8, "Asks who takes part.";
    Directory = 31, 8, "Who takes part.";
    ExplainQuery = 32, 24, "Asks why an instruction waits.";
    Explanation = 33, 200, "Why an instruction waits.";
    QueueQuery = 34, 16, "Asks for the participant's own queue.";
    QueueLines = 35, 16, "The participant's own queue.";
    AccountQuery = 36, 8, "Asks for the participant's accounts, limits and reservations.";
    Accounts = 37, 16, "The participant's accounts, limits and reservations.";
    HistoryQuery = 38, 32, "Asks what became of everything under a reference.";
    HistoryLines = 39, 24, "What became of everything under a reference.";
    DaysQuery = 40, 8, "Asks for the business days of currencies.";
    Days = 41, 16, "The business days of currencies.";
    StatementQuery = 42, 32, "Asks what moved on an account in a business day.";
    StatementLines = 43, 104, "What moved on an account in a business day.";
    GovernanceQuery = 44, 16, "Asks what a participant proposed, approved and withdrew.";
    GovernanceLines = 45, 24, "What a participant proposed, approved and withdrew, and what became of it.";
    CreditQuery = 46, 8, "Asks for the participant's credit lines and collateral.";
    Credits = 47, 16, "The participant's credit lines and collateral.";
    ExposureQuery = 48, 16, "Asks what is at stake with a participant.";
    Exposure = 49, 24, "What is at stake with a participant, and with whom.";
    WindowsQuery = 50, 8, "Asks for the netting windows that are open.";
    Windows = 51, 16, "The netting windows that are open, with positions.";
}

/// Appends the SBE message header of a message.
pub fn put_header(out: &mut Vec<u8>, template: Template) {
    out.put_u16(template.block_bytes())
        .put_u16(template as u16)
        .put_u16(SCHEMA_ID)
        .put_u16(SCHEMA_VERSION);
}

/// Starts a message: its header, into an empty buffer.
pub fn start(template: Template, capacity: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER_BYTES + capacity);
    put_header(&mut out, template);
    out
}

/// Reads a message header. Only this version of the schema is spoken under ALPN `causeway/1`.
pub fn open(message: &[u8]) -> Result<(Template, Reader<'_>), FormatError> {
    let mut reader = Reader::new(message);
    let block = reader.u16("header.blockLength")?;
    let template = reader.u16("header.templateId")?;
    let schema = reader.u16("header.schemaId")?;
    let version = reader.u16("header.version")?;
    if schema != SCHEMA_ID {
        return Err(FormatError::rule("header.schemaId", "is not that of Causeway"));
    }
    if version != SCHEMA_VERSION {
        return Err(FormatError::rule("header.version", "this node speaks version 1"));
    }
    let template =
        Template::from_number(template).ok_or(FormatError::rule("header.templateId", "no such message"))?;
    if block != template.block_bytes() {
        return Err(FormatError::rule(
            "header.blockLength",
            "is not that of this message",
        ));
    }
    Ok((template, reader))
}

/// Reads a header that must announce `expected`.
pub fn expect(message: &[u8], expected: Template) -> Result<Reader<'_>, FormatError> {
    let (template, reader) = open(message)?;
    if template != expected {
        return Err(FormatError::rule(
            "header.templateId",
            "another message was expected",
        ));
    }
    Ok(reader)
}

/// Appends an SBE group header. Counts are bounded by the callers' limits, all below `u16::MAX`.
pub fn put_group(out: &mut Vec<u8>, block: usize, count: usize) {
    out.put_u16(u16::try_from(block).unwrap_or(u16::MAX))
        .put_u16(u16::try_from(count).unwrap_or(u16::MAX));
}

/// Reads an SBE group header whose entries must have `block` bytes.
pub fn group(reader: &mut Reader<'_>, block: usize, field: &'static str) -> Result<usize, FormatError> {
    let found = reader.u16(field)?;
    let count = reader.u16(field)?;
    if usize::from(found) != block {
        return Err(FormatError::rule(field, "blockLength is not that of this group"));
    }
    Ok(usize::from(count))
}

/// Appends a group of digests.
pub fn put_digests(out: &mut Vec<u8>, digests: &[crate::Digest]) {
    put_group(out, 32, digests.len());
    for digest in digests {
        out.put(digest);
    }
}

/// Reads a group of digests.
pub fn digests(
    reader: &mut Reader<'_>,
    limit: usize,
    field: &'static str,
) -> Result<Vec<crate::Digest>, FormatError> {
    let count = group(reader, 32, field)?;
    crate::codec::within(count, limit, field)?;
    (0..count).map(|_| reader.array(field)).collect()
}
