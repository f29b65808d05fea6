//! Netting windows that are open, and what each participant of them is to pay or to get.
use crate::FormatError;
use crate::action::WindowGrant;
use crate::codec::{Put, Reader, within};
use crate::frame::{self, Template};
use crate::numbered::numbered;
use crate::{InstructionId, ParticipantId};

numbered! {
    /// Where a netting window stands. Numbers are frozen.
    WindowStage: u8 {
        Collecting = 1, "collecting", "It collects obligations until it closes.";
        Closed = 2, "closed", "It settles as soon as all net debts are paid in.";
        Grace = 3, "grace", "The time for paying in is over; what is missing may come until it ends.";
        Ending = 4, "ending", "It failed or was cancelled: money goes back, and obligations leave it.";
    }
}

/// One window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowLine {
    /// Its id: that of the proposal which opened it.
    pub window: InstructionId,
    /// Currencies and instants.
    pub grant: WindowGrant,
    /// Where it stands.
    pub stage: WindowStage,
    /// Obligations that it holds.
    pub obligations: u32,
    /// Pay-ins that it holds.
    pub pay_ins: u32,
}

/// What a participant is to pay or to get in one currency of a window. Minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PositionLine {
    /// Place of the window in the list, from 0.
    pub window: u16,
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// Whose.
    pub participant: ParticipantId,
    /// What obligations give it less what they take from it.
    pub position: i128,
    /// Money set aside for the window.
    pub paid: u64,
    /// What of a net debt is not paid in.
    pub missing: u64,
}

const WINDOW_LINE_BYTES: usize = 56;
const POSITION_LINE_BYTES: usize = 40;

/// Netting windows at one position of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    /// Log index after which it stands.
    pub index: u64,
    /// Its time, in nanoseconds since 2000-01-01T00:00Z.
    pub time: u64,
    /// In the order of their ids.
    pub windows: Vec<WindowLine>,
    /// Window by window, by participant, then by currency.
    pub positions: Vec<PositionLine>,
}

impl Windows {
    /// Most windows in one message.
    pub const WINDOWS_MAX: usize = 64;
    /// Most positions in one message; more are left out.
    pub const POSITIONS_MAX: usize = 16_384;

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let room = self.windows.len() * WINDOW_LINE_BYTES + self.positions.len() * POSITION_LINE_BYTES;
        let mut out = frame::start(Template::Windows, 32 + room);
        out.put_u64(self.index).put_u64(self.time);
        frame::put_group(&mut out, WINDOW_LINE_BYTES, self.windows.len());
        for line in &self.windows {
            let grant = &line.grant;
            out.put(&line.window.0)
                .put_u32(grant.close)
                .put_u32(grant.pay_in_by)
                .put_u32(grant.ends);
            for at in 0..WindowGrant::CURRENCIES_MAX {
                out.put_u16(grant.currencies.get(at).copied().unwrap_or(0));
            }
            out.put_u8(line.stage as u8)
                .put(&[0; 3])
                .put_u32(line.obligations)
                .put_u32(line.pay_ins);
        }
        frame::put_group(&mut out, POSITION_LINE_BYTES, self.positions.len());
        for line in &self.positions {
            out.put_u16(line.window)
                .put_u16(line.currency)
                .put_u32(line.participant.0)
                .put_i128(line.position)
                .put_u64(line.paid)
                .put_u64(line.missing);
        }
        out
    }

    /// Reads the message.
    ///
    /// # Errors
    /// The field that breaks its form.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let (index, time) = (r.u64("windows.index")?, r.u64("windows.time")?);
        let count = frame::group(&mut r, WINDOW_LINE_BYTES, "windows.windows")?;
        within(count, Self::WINDOWS_MAX, "windows.windows")?;
        let windows = (0..count)
            .map(|_| read_window(&mut r))
            .collect::<Result<_, FormatError>>()?;
        let lines = frame::group(&mut r, POSITION_LINE_BYTES, "windows.positions")?;
        within(lines, Self::POSITIONS_MAX, "windows.positions")?;
        let positions = (0..lines)
            .map(|_| read_position(&mut r, count))
            .collect::<Result<_, FormatError>>()?;
        r.end("windows")?;
        Ok(Self {
            index,
            time,
            windows,
            positions,
        })
    }
}

fn read_window(r: &mut Reader<'_>) -> Result<WindowLine, FormatError> {
    let window = InstructionId(r.array("window.id")?);
    let (close, pay_in_by) = (r.u32("window.close")?, r.u32("window.pay_in_by")?);
    let ends = r.u32("window.ends")?;
    let all = (0..WindowGrant::CURRENCIES_MAX)
        .map(|_| r.u16("window.currency"))
        .collect::<Result<Vec<_>, _>>()?;
    let currencies: Vec<u16> = all.iter().copied().take_while(|code| *code != 0).collect();
    let rest = all.iter().skip(currencies.len());
    if currencies.is_empty() || !currencies.is_sorted_by(|a, b| a < b) || rest.copied().any(|code| code != 0)
    {
        return Err(FormatError::rule(
            "window.currency",
            "must rise, with zeros behind the last",
        ));
    }
    let stage = WindowStage::from_number(r.u8("window.stage")?)
        .ok_or(FormatError::rule("window.stage", "no such stage"))?;
    r.zeros(3, "window.reserved")?;
    Ok(WindowLine {
        window,
        grant: WindowGrant {
            currencies,
            close,
            pay_in_by,
            ends,
        },
        stage,
        obligations: r.u32("window.obligations")?,
        pay_ins: r.u32("window.pay_ins")?,
    })
}

fn read_position(r: &mut Reader<'_>, windows: usize) -> Result<PositionLine, FormatError> {
    let window = r.u16("position.window")?;
    if usize::from(window) >= windows {
        return Err(FormatError::rule(
            "position.window",
            "names no window of the list",
        ));
    }
    Ok(PositionLine {
        window,
        currency: r.u16("position.currency")?,
        participant: ParticipantId(r.u32("position.participant")?),
        position: r.i128("position.position")?,
        paid: r.u64("position.paid")?,
        missing: r.u64("position.missing")?,
    })
}
