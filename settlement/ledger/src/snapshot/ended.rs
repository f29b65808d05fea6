//! What became of proposals.
use causeway_message::codec::{Put, Reader};
use causeway_message::time::Timestamp;
use causeway_message::{Digest, FormatError, ParticipantId, Status};

use super::rises;
use crate::apply::Ledger;
use crate::due::Due;
use crate::ended::Ended;
use crate::limits::ENDED_PER_PARTICIPANT;

impl Ledger {
    pub(super) fn write_ended(&self, out: &mut Vec<u8>) {
        let all = self.ended.iter();
        out.put_u32(all.len() as u32);
        for (digest, ended) in all {
            out.put(digest)
                .put_u32(ended.proposer.0)
                .put_u64(ended.entry)
                .put_u16(ended.ordinal)
                .put_u64(ended.at.0)
                .put_u8(ended.status as u8);
        }
    }

    pub(super) fn read_ended(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        let mut last: Option<Digest> = None;
        for _ in 0..r.u32("ended")? {
            let digest = r.array("ended.digest")?;
            rises(last.as_ref(), &digest, "ended.digest")?;
            last = Some(digest);
            let proposer = ParticipantId(r.u32("ended.proposer")?);
            let entry = r.u64("ended.entry")?;
            let ordinal = r.u16("ended.ordinal")?;
            let at = Timestamp(r.u64("ended.at")?);
            let status = Status::from_number(r.u8("ended.status")?.into()).filter(|status| status.is_final());
            let status = status.ok_or(FormatError::rule("ended.status", "is no final status"))?;
            if self.registry.get(proposer).is_none() {
                return Err(FormatError::rule("ended.proposer", "is unknown"));
            }
            if entry > self.index || at > self.time {
                return Err(FormatError::rule("ended.at", "lies ahead"));
            }
            if self.proposals.all.contains_key(&digest) {
                return Err(FormatError::rule(
                    "ended.digest",
                    "is that of a proposal that waits",
                ));
            }
            let ended = Ended {
                proposer,
                entry,
                ordinal,
                at,
                status,
            };
            if self.ended.has_like(&ended) {
                return Err(FormatError::rule("ended.ordinal", "stands twice"));
            }
            if self.ended.of(proposer) >= ENDED_PER_PARTICIPANT {
                return Err(FormatError::rule(
                    "ended.proposer",
                    "has more than are remembered",
                ));
            }
            self.ended.keep(digest, ended);
            self.due.add(ended.forgotten(), Due::Ended(digest));
        }
        Ok(())
    }
}
