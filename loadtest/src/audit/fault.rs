//! What the auditor finds: the rule that does not hold, and where.
use std::fmt;

use causeway_message::digest::Digest;
use causeway_message::ids::hex;

macro_rules! rules {
    ($($name:ident, $text:literal, $source:literal;)*) => {
        /// Every rule that the auditor holds a node to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $text] #[doc = ""] #[doc = $source] $name,)*
        }

        impl Rule {
            /// All rules.
            pub const ALL: &'static [Rule] = &[$(Rule::$name,)*];

            /// What it says.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Where it is written down.
            pub const fn source(self) -> &'static str {
                match self { $(Self::$name => $source,)* }
            }
        }
    };
}

rules! {
    LogIndex, "Entries are numbered from 1 without gaps.", "PROTOCOL §10";
    LogForm, "An entry has the form of its version, kind and length.", "PROTOCOL §10";
    LogChain, "An entry carries the hash of the header before it.", "PROTOCOL §10";
    LogTime, "Time rises strictly from entry to entry.", "PROTOCOL §10";
    LogTerm, "The term never falls; with one node it is 1.", "PROTOCOL §10";
    LogDigest, "The payload digest is that of the payload.", "PROTOCOL §10";
    LogGenesis, "The genesis is the first entry and no other.", "PROTOCOL §17";
    LogBatch, "A batch in the log has its form, its ledger and its signed root.", "PROTOCOL §5.4";
    LogSignature, "A batch in the log is signed by a registered key of its submitter.", "PROTOCOL §5.4";
    LogRoots, "A journalled tree head is that of the leaves before it.", "PROTOCOL §10";
    LogSession, "The node sequences the batches of a session in order, each once.", "PROTOCOL §3.3";

    BeforeDurable, "Nothing about an entry leaves before it is durable.", "DESIGN §3";
    OutOfReach, "The auditor was asked about entries that it was not given.", "loadtest";

    AnswerEntry, "Answers name the entry that holds their batch, as the log has it.", "PROTOCOL §12";
    AnswerCount, "There is one answer for each record.", "PROTOCOL §9";
    AnswerStatus, "A record is answered with the status that the rules give it.", "PROTOCOL §18";
    AnswerFlags, "An answer says whether it was known before and whether a detail goes with it.", "PROTOCOL §9";
    QueuePosition, "A queued payment is told how many wait in its account.", "PROTOCOL §9";
    Detail, "A detail names origin and balance as they are.", "PROTOCOL §9";

    FeedOwner, "A feed holds its owner's groups alone.", "PROTOCOL §13";
    FeedNumbers, "Events of a participant are numbered from 1 without gaps.", "PROTOCOL §9";
    FeedCount, "A participant is told of every event that concerns it and of no other.", "PROTOCOL §13";
    FeedOrder, "Events of a group stand in the order in which they happened.", "PROTOCOL §9";
    FeedEvent, "An event says what happened.", "PROTOCOL §9";
    FeedGap, "Each page of a subscription begins where the page before ended.", "PROTOCOL §13";

    Effects, "What is proven of an entry's effects is what it caused.", "PROTOCOL §9";
    Proof, "Group, effects, leaf and tree head hang together.", "PROTOCOL §12, §13";
    Checkpoint, "A checkpoint's head is that of the log's leaves.", "PROTOCOL §11";
    CheckpointKey, "A checkpoint is signed by the log's key.", "PROTOCOL §11";

    Balance, "Balances are told as they stand at the entry named.", "PROTOCOL §14";
    StatusTold, "A status is told as it stands at the entry named.", "PROTOCOL §14";
    SessionNumber, "A session is opened with the last number sequenced in it.", "PROTOCOL §3.1";
    ReceiptForm, "A receipt verifies by itself.", "PROTOCOL §15";
    ReceiptOutcome, "A receipt shows the outcome that the log holds.", "PROTOCOL §15";

    AnswerUnseen, "Every batch in the log is answered.", "PROTOCOL §3.1";
    FeedUnseen, "Every event reaches its participant.", "PROTOCOL §13";

    Conservation, "Every currency sums to what was funded less what was paid out.", "DESIGN §5";
    BothLegs, "Each settled payment has one debit and one credit of its amount.", "DESIGN §5";
    Limits, "No account pays out beyond its balance and cap less what is reserved.", "DESIGN §5";
    Reservations, "What is set aside is the sum of the defundings in progress and of conditional payments.", "DESIGN §5";
    OneOutcome, "Each instruction has one final outcome, and none changes.", "PROTOCOL §18";
    Idempotency, "A repeated instruction is told its own outcome; nothing happens again.", "PROTOCOL §3.4";
    QueueOrder, "Payments of one account settle by class, and in it in the order in which they came.", "PROTOCOL §22.1";
    ClassReserved, "A normal payment leaves what is reserved for the classes above it.", "PROTOCOL §22.2";
    SenderLimit, "Normal payments stay within the limit that their sender set.", "PROTOCOL §22.2";
    SetAsideOnce, "What is set aside is released or given back, each unit once.", "PROTOCOL §22.3";
    Condition, "Money is released by its approver, or for the preimage of its condition.", "PROTOCOL §22.3";
    Cancelled, "A cancel that is executed at once ends the payment that it names.", "PROTOCOL §22.4";
    Returned, "No more comes back of a payment than it moved.", "PROTOCOL §22.4";
    Chained, "The records of a chain settle all, or none.", "PROTOCOL §22.5";
    Duplicated, "The same payment is not accepted twice within a day unless it is meant.", "PROTOCOL §22.6";
    Held, "What is held does not settle.", "PROTOCOL §22.7";
    Statement, "A statement closes with what the account held at its position, and opens where the one before closed.", "PROTOCOL §30.2";
    BilledOnce, "Fees of an account are billed once a day, to the collector alone.", "PROTOCOL §22.8";
    Closed, "Nothing settles in a currency that is closed.", "PROTOCOL §22.9";
    TradeWhole, "Both legs of a trade move in one entry, or none.", "PROTOCOL §23.1";
    TradeAgreed, "A trade settles by two signed instructions that agree.", "PROTOCOL §23.1";
    TradeDate, "A trade settles on its value date in both currencies.", "PROTOCOL §23.1";
    Alleged, "Its counterparty is told of an instruction that stays unmatched, and how it ended.", "PROTOCOL §23.1";
    Replaced, "An instruction is amended by another one of its submitter that names it.", "PROTOCOL §23.1";
    Withdrawn, "A trade that is matched is withdrawn by both parties.", "PROTOCOL §23.1";
    RiskTests, "Who is under risk tests passes them after each trade, and pays out no more than it holds.", "PROTOCOL §23.3";
    ExchangeWhole, "All whom an exchange concerns are told the same of it, and its hops hang together.", "PROTOCOL §24.3";
    ExchangeTerms, "An exchange keeps its fixed side exactly, and the limit of the other.", "PROTOCOL §24.1";
    Conversion, "Each hop is the exact value, rounded in favour of its provider, and the rest is told.", "PROTOCOL §24.1";
    FirmQuote, "A hop is at the price of a quote that its provider published and that lives.", "PROTOCOL §24.1";
    QuoteUsed, "No more is taken of a quote than it has left.", "PROTOCOL §24.1";
    Exposure, "A fill leaves its provider's exposure within the limit, or nearer to zero.", "PROTOCOL §24.1";
    LockOnce, "A lock is used once, by its owner, in time and as it was made.", "PROTOCOL §24.2";
    ExchangeFee, "The fee of an exchange is that of its schedule, and is paid.", "PROTOCOL §24.3";
    PayIn, "Who is too short at a pay-in deadline is told, and nobody else.", "PROTOCOL §23.3";
    Credit, "Nobody draws on credit beyond its line, or on one that it did not repay at close, and that it did not is told.", "PROTOCOL §29";
    Window, "A netting window settles whole and paid for, or not at all.", "PROTOCOL §33.4";
    Authority, "Only the debtor's signed record debits an account.", "PROTOCOL §7";
    EffectsExplainState, "Balances follow from answers and events alone.", "DESIGN §3";
}

/// A rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which.
    pub rule: Rule,
    /// Names the entry, the participant, what was expected and what was found.
    pub what: String,
}

impl Fault {
    pub(super) fn new(rule: Rule, what: impl Into<String>) -> Self {
        Self {
            rule,
            what: what.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} ({}: {}): {}",
            self.rule,
            self.rule.source(),
            self.rule.text(),
            self.what
        )
    }
}

impl std::error::Error for Fault {}

/// Holds a rule; what breaks it is worded only if it is broken.
pub(super) fn hold(holds: bool, rule: Rule, what: impl FnOnce() -> String) -> Result<(), Fault> {
    if holds {
        Ok(())
    } else {
        Err(Fault::new(rule, what()))
    }
}

/// Holds what was found to what was expected.
pub(super) fn same<T: PartialEq + fmt::Debug>(
    rule: Rule,
    expected: &T,
    found: &T,
    what: impl FnOnce() -> String,
) -> Result<(), Fault> {
    hold(expected == found, rule, || {
        format!("{}: expected {expected:?}, found {found:?}", what())
    })
}

/// Holds a digest to the one expected, worded in hexadecimal.
pub(super) fn same_digest(
    rule: Rule,
    expected: Option<Digest>,
    found: &Digest,
    what: impl FnOnce() -> String,
) -> Result<(), Fault> {
    hold(expected.as_ref() == Some(found), rule, || {
        let expected = expected.map_or("none".to_owned(), |digest| hex(&digest));
        format!("{}: expected {expected}, found {}", what(), hex(found))
    })
}
