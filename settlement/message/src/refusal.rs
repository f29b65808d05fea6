//! What the node refuses before anything enters the log, with a code that a client can act on.
use std::fmt;

macro_rules! refusals {
    ($($name:ident = $number:literal, $text:literal, $retry:literal, $doc:literal;)*) => {
        /// Why a frame was refused. Numbers are never used again.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum RefusalCode {
            $(#[doc = $doc] $name = $number,)*
        }

        impl RefusalCode {
            /// All codes.
            pub const ALL: &'static [RefusalCode] = &[$(RefusalCode::$name,)*];

            /// The code with this number.
            pub const fn from_number(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }

            /// Its name in text and metrics.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it means, for people.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $doc,)* }
            }

            /// Whether the same bytes may succeed later.
            pub const fn may_retry(self) -> bool {
                match self { $(Self::$name => $retry,)* }
            }
        }
    };
}

refusals! {
    Format = 1, "format", false, "The frame does not have the form it claims.";
    WrongLedger = 2, "wrong_ledger", false, "The batch is signed for another ledger.";
    WrongParticipant = 3, "wrong_participant", false, "The batch names another participant than the certificate.";
    KeyUnknown = 4, "key_unknown", false, "The participant has no such active key.";
    SignatureInvalid = 5, "signature_invalid", false, "The signature is not that key's over these bytes.";
    RootMismatch = 6, "root_mismatch", false, "The records are not those of the signed root.";
    TooLate = 7, "too_late", false, "not_after has passed.";
    TooFarAhead = 8, "too_far_ahead", false, "not_after lies further ahead than the acceptance window.";
    SessionGap = 9, "session_gap", false, "Batches of the session are missing before this one.";
    SessionNumberReused = 10, "session_number_reused", false, "The number was used with other bytes.";
    SessionTooOld = 11, "session_too_old", false, "The batch is older than the session remembers: query its instructions.";
    Busy = 12, "busy", true, "The node takes no more sessions now.";
    NotReady = 13, "not_ready", true, "The node is starting, draining or stopped taking instructions.";
    DocumentMissing = 14, "document_missing", false, "A record refers to a document that did not travel with the batch.";
    DocumentMismatch = 15, "document_mismatch", false, "A document names another batch than it travels with, or no record refers to it.";
    NotFound = 16, "not_found", false, "There is no such thing, or it concerns others.";
    NotFinal = 17, "not_final", true, "The instruction has no final status yet.";
    Internal = 18, "internal", true, "The node failed to serve this; the ledger is not touched.";
    OutOfOrder = 19, "out_of_order", false, "The frame has no place here.";
    SessionsExhausted = 20, "sessions_exhausted", false, "The participant has too many sessions.";
    TooSlow = 21, "too_slow", true, "A message did not come, or was not taken, in time.";
}

/// A refusal as the client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub code: RefusalCode,
    /// Number of the batch it is about; zero if none.
    pub number: u64,
    /// Number the session expects next, where the code is about order.
    pub expected: u64,
    /// Milliseconds after which a retry may succeed; zero if none.
    pub retry_after_ms: u32,
    /// Names the field and the rule.
    pub text: String,
}

impl Refusal {
    /// A refusal with only a code and a text.
    pub fn new(code: RefusalCode, text: impl Into<String>) -> Self {
        Self {
            code,
            number: 0,
            expected: 0,
            retry_after_ms: 0,
            text: text.into(),
        }
    }

    /// The same, about one batch.
    pub const fn about(mut self, number: u64) -> Self {
        self.number = number;
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code.name())?;
        if self.number != 0 {
            write!(f, " (batch {})", self.number)?;
        }
        write!(
            f,
            ": {}",
            if self.text.is_empty() {
                self.code.meaning()
            } else {
                &self.text
            }
        )
    }
}

impl std::error::Error for Refusal {}

impl From<crate::FormatError> for Refusal {
    fn from(error: crate::FormatError) -> Self {
        Self::new(RefusalCode::Format, error.to_string())
    }
}
