//! Proposals that wait for the approval of a second person.
use std::collections::BTreeMap;

use causeway_message::action::Action;
use causeway_message::codec::{Put, Reader};
use causeway_message::limits::{CONTROL_PAYLOAD_BYTES_MAX, PROPOSAL_SECONDS};
use causeway_message::time::Timestamp;
use causeway_message::{Digest, FormatError, InstructionId, ParticipantId};

use crate::snapshot::rises;

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposal {
    pub proposer: ParticipantId,
    pub person: u32,
    pub id: InstructionId,
    pub entry: u64,
    pub ordinal: u16,
    pub made: Timestamp,
    pub action: Action,
}

impl Proposal {
    pub const fn expires(&self) -> Timestamp {
        Timestamp(self.made.0.saturating_add(PROPOSAL_SECONDS * 1_000_000_000))
    }
}

/// A defunding in progress: money set aside until the pay-out is confirmed or released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Defund {
    pub account: u32,
    pub amount: u64,
}

/// All that waits, by digest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Proposals {
    pub all: BTreeMap<Digest, Proposal>,
}

impl Proposals {
    pub fn of(&self, participant: ParticipantId) -> usize {
        self.all.values().filter(|p| p.proposer == participant).count()
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        out.put_u32(self.all.len() as u32);
        for (digest, p) in &self.all {
            out.put(digest)
                .put_u32(p.proposer.0)
                .put_u32(p.person)
                .put(&p.id.0);
            out.put_u64(p.entry).put_u16(p.ordinal).put_u64(p.made.0);
            let mut action = Vec::new();
            p.action.write(&mut action);
            out.put_var(&action);
        }
    }

    pub fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let mut all = BTreeMap::new();
        for _ in 0..r.u32("proposals")? {
            let digest = r.array("proposal.digest")?;
            rises(all.keys().next_back(), &digest, "proposal.digest")?;
            let proposer = ParticipantId(r.u32("proposal.proposer")?);
            let person = r.u32("proposal.person")?;
            let id = InstructionId(r.array("proposal.id")?);
            let entry = r.u64("proposal.entry")?;
            let ordinal = r.u16("proposal.ordinal")?;
            let made = Timestamp(r.u64("proposal.made")?);
            let action = Action::read(r.var(CONTROL_PAYLOAD_BYTES_MAX, "proposal.action")?)?;
            all.insert(
                digest,
                Proposal {
                    proposer,
                    person,
                    id,
                    entry,
                    ordinal,
                    made,
                    action,
                },
            );
        }
        Ok(Self { all })
    }
}
