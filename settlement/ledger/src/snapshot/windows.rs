//! Netting windows, with what was paid in for them. Their obligations are among what waits.
use causeway_message::action::WindowGrant;
use causeway_message::codec::{Put, Reader};
use causeway_message::extension::ExtensionType;
use causeway_message::record::Kind;
use causeway_message::time::Timestamp;
use causeway_message::wire::WindowStage;
use causeway_message::{FormatError, InstructionId, ParticipantId, Status};

use super::queues::put_waiting;
use super::rises;
use crate::apply::Ledger;
use crate::credit::Granted;
use crate::due::instant;
use crate::limits::WINDOWS_MAX;
use crate::queue::{Seat, Waiting};
use crate::sweep::Sweep;
use crate::window::Window;

impl Ledger {
    pub(super) fn write_windows(&self, out: &mut Vec<u8>) {
        out.put_u32(self.windows.len() as u32);
        for window in self.windows.values() {
            let granted = window.granted;
            out.put(&granted.id.0)
                .put_u32(granted.proposer.0)
                .put_u64(granted.entry)
                .put_u16(granted.ordinal);
            window.grant.write(out);
            out.put_u8(window.stage as u8)
                .put_u8(window.why.map_or(0, |why| why as u8))
                .put_u64(window.due.0);
            out.put_u32(window.pay_ins.len() as u32);
            window
                .pay_ins
                .values()
                .for_each(|pay_in| put_waiting(out, pay_in));
        }
    }

    /// Reads them behind what waits and what is under way.
    pub(super) fn read_windows(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        for _ in 0..r.u32("windows")? {
            let id = InstructionId(r.array("window.id")?);
            rises(self.windows.keys().next_back(), &id, "window.id")?;
            let granted = Granted {
                id,
                proposer: ParticipantId(r.u32("window.proposer")?),
                entry: r.u64("window.entry")?,
                ordinal: r.u16("window.ordinal")?,
            };
            let mut window = Window::new(granted, WindowGrant::read(r)?);
            window.stage = WindowStage::from_number(r.u8("window.stage")?)
                .ok_or(FormatError::rule("window.stage", "no such stage"))?;
            window.why = match r.u8("window.why")? {
                0 => None,
                number => Some(
                    Status::from_number(number.into())
                        .ok_or(FormatError::rule("window.why", "no such status"))?,
                ),
            };
            window.due = Timestamp(r.u64("window.due")?);
            for _ in 0..r.u32("window.pay_ins")? {
                let pay_in = self.read_waiting(r)?;
                let fits = pay_in.record.kind == Kind::PayIn as u8
                    && pay_in.debtor == pay_in.creditor
                    && pay_in.window() == id
                    && window.has(pay_in.record.currency.get());
                if !fits {
                    return Err(FormatError::rule("window.pay_ins", "is no pay-in of it"));
                }
                rises(
                    window.pay_ins.keys().next_back(),
                    &pay_in.origin(),
                    "window.pay_ins",
                )?;
                window.take(pay_in);
            }
            let under_way = self.sweeps.iter().filter(|sweep| **sweep == Sweep::Window(id));
            let ending = window.stage == WindowStage::Ending;
            let sound = window.lives() != ending && (window.due == Timestamp(0)) == ending;
            if !sound || under_way.count() != usize::from(ending) {
                return Err(FormatError::rule(
                    "window.stage",
                    "is not that of what is under way",
                ));
            }
            self.keep_window(window);
        }
        if self.windows.len() > WINDOWS_MAX {
            return Err(FormatError::rule("windows", "are more than may be open"));
        }
        self.read_positions()
    }

    /// Counts again what the windows hold.
    fn read_positions(&mut self) -> Result<(), FormatError> {
        let ids: Vec<InstructionId> = self.queue.collecting().collect();
        for id in ids {
            let Some(window) = self.windows.get_mut(&id) else {
                return Err(FormatError::rule("queue.seat", "there is no such window"));
            };
            for waiting in self.queue.collected(id).filter_map(|place| self.queue.get(place)) {
                if !window.has(waiting.record.currency.get()) || !is_obligation(waiting) {
                    return Err(FormatError::rule("queue.seat", "is no window's"));
                }
                window.count(waiting, true);
            }
        }
        Ok(())
    }
}

fn is_obligation(waiting: &Waiting) -> bool {
    let timed = [ExtensionType::FromTime, ExtensionType::TillTime];
    let timed = timed
        .into_iter()
        .any(|kind| instant(&waiting.extensions, kind).is_some());
    waiting.record.kind == Kind::Obligation as u8
        && waiting.seat == Seat::Window
        && waiting.record.expires_at.get() == 0
        && waiting.chain.is_none()
        && !timed
}
