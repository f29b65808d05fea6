//! Opening a session, subscribing, and what the node refuses.
use crate::codec::{Put, Reader};
use crate::frame::{self, Template};
use crate::refusal::{Refusal, RefusalCode};
use crate::{FormatError, LedgerId, SessionId};

/// Messages whose block is one number: `OpenSession` (session), `Subscribe` (from), `BalanceQuery` (currency or
/// zero), `ConsistencyQuery` (old size), `DirectoryQuery` (first participant), `AccountQuery`
/// (currency or zero), `CreditQuery` (currency or zero), `WindowsQuery` (currency or zero).
pub fn write_number(template: Template, number: u64) -> Vec<u8> {
    let mut out = frame::start(template, 8);
    out.put_u64(number);
    out
}

/// Reads a message whose block is one number.
pub fn read_number(mut reader: Reader<'_>) -> Result<u64, FormatError> {
    let number = reader.u64("number")?;
    reader.end("message")?;
    Ok(number)
}

/// Where a session stands when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hello {
    /// The ledger.
    pub ledger: LedgerId,
    /// The session.
    pub session: SessionId,
    /// Last batch number the node has sequenced in it.
    pub last_number: u64,
    /// Batches the client may have under way.
    pub window: u32,
}

impl Hello {
    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::SessionOpened, 56);
        out.put(&self.ledger.0)
            .put_u64(self.session.0)
            .put_u64(self.last_number);
        out.put_u32(self.window).put_u32(0);
        out
    }

    /// Reads the message.
    pub fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut r = frame::expect(bytes, Template::SessionOpened)?;
        let hello = Self {
            ledger: LedgerId(r.array("hello.ledger")?),
            session: SessionId(r.u64("hello.session")?),
            last_number: r.u64("hello.last_number")?,
            window: r.u32("hello.window")?,
        };
        r.zeros(4, "hello.reserved")?;
        r.end("hello")?;
        Ok(hello)
    }
}

/// The message that refuses something.
pub fn write_refusal(refusal: &Refusal) -> Vec<u8> {
    let mut out = frame::start(Template::Refused, 64);
    out.put_u16(refusal.code as u16)
        .put_u16(0)
        .put_u32(refusal.retry_after_ms);
    out.put_u64(refusal.number).put_u64(refusal.expected);
    out.put_var(refusal.text.as_bytes());
    out
}

/// Reads a refusal.
pub fn read_refusal(mut r: Reader<'_>) -> Result<Refusal, FormatError> {
    let code = r.u16("refused.code")?;
    r.zeros(2, "refused.reserved")?;
    let retry_after_ms = r.u32("refused.retry_after_ms")?;
    let number = r.u64("refused.number")?;
    let expected = r.u64("refused.expected")?;
    let text = r.text(4_096, "refused.text")?.to_owned();
    r.end("refused")?;
    let code = RefusalCode::from_number(code).ok_or(FormatError::rule("refused.code", "no such code"))?;
    Ok(Refusal {
        code,
        number,
        expected,
        retry_after_ms,
        text,
    })
}
