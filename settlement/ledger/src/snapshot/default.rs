//! Where the end of what a defaulted member had waiting stands, in a snapshot.
use causeway_message::action::DefaultState;
use causeway_message::codec::{Put, Reader};
use causeway_message::{FormatError, InstructionId, ParticipantId};

use super::queues::{put_origin, read_origin};
use crate::apply::Ledger;
use crate::default::Ending;
use crate::sweep::Sweep;

/// Writes the sweep of a confirmed default, behind its number.
pub(super) fn put_default(out: &mut Vec<u8>, participant: u32, stage: &Ending) {
    out.put_u32(participant);
    match stage {
        Ending::Queues { book } => {
            out.put_u8(0).put_u32(*book);
        }
        Ending::Trades { last } => put_origin(out.put_u8(1), *last),
        Ending::Aside { last } => put_origin(out.put_u8(2), *last),
        Ending::Locks { last } => {
            // Zero is the number of no lock: the first entry is the genesis.
            out.put_u8(3).put_u64(last.unwrap_or(0));
        }
        Ending::Quotes => {
            out.put_u8(4);
        }
        Ending::Questions { last } => {
            out.put_u8(5).put_u8(u8::from(last.is_some()));
            if let Some((who, id)) = last {
                out.put_u32(who.0).put(&id.0);
            }
        }
        Ending::Accounts { book } => {
            out.put_u8(6).put_u32(*book);
        }
    }
}

impl Ledger {
    pub(super) fn read_default(&self, r: &mut Reader<'_>) -> Result<Sweep, FormatError> {
        let participant = r.u32("sweep.participant")?;
        if self.default_of(ParticipantId(participant)) != DefaultState::Confirmed {
            return Err(FormatError::rule("sweep.participant", "is not in default"));
        }
        let stage = match r.u8("sweep.stage")? {
            0 => Ending::Queues {
                book: self.read_book(r)?,
            },
            1 => Ending::Trades {
                last: read_origin(r, "sweep.last")?,
            },
            2 => Ending::Aside {
                last: read_origin(r, "sweep.last")?,
            },
            3 => Ending::Locks {
                last: Some(r.u64("sweep.last")?).filter(|last| *last != 0),
            },
            4 => Ending::Quotes,
            5 => Ending::Questions {
                last: super::flag(r, "sweep.last")?
                    .then(|| {
                        Ok::<_, FormatError>((
                            ParticipantId(r.u32("sweep.last")?),
                            InstructionId(r.array("sweep.last")?),
                        ))
                    })
                    .transpose()?,
            },
            6 => Ending::Accounts {
                book: self.read_book(r)?,
            },
            _ => return Err(FormatError::rule("sweep.stage", "no such stage")),
        };
        Ok(Sweep::Default { participant, stage })
    }

    fn read_book(&self, r: &mut Reader<'_>) -> Result<u32, FormatError> {
        let book = r.u32("sweep.currency")?;
        if book as usize > self.accounts.books().len() {
            return Err(FormatError::rule("sweep.currency", "is not open"));
        }
        Ok(book)
    }
}
