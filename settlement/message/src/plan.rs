//! A plan: instructions that netting proposes to settle together. Nobody signs it, and nobody has to believe it: the
//! ledger settles of it what its rules allow.
use crate::codec::{Put, Reader};
use crate::limits::PLAN_INSTRUCTIONS_MAX;
use crate::{FormatError, InstructionId, ParticipantId};

/// Payload of a [`crate::entry::EntryKind::Plan`] entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Log index after which it was made.
    pub basis: u64,
    /// Submitter and id of each instruction, rising; at least one.
    pub instructions: Vec<(ParticipantId, InstructionId)>,
}

/// Version of the layout.
const VERSION: u16 = 1;

impl Plan {
    /// Appends the payload.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.put_u16(VERSION).put_u16(0);
        out.put_u32(self.instructions.len() as u32).put_u64(self.basis);
        for (submitter, id) in &self.instructions {
            out.put_u32(submitter.0).put(&id.0);
        }
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// The field that breaks a rule.
    pub fn read(payload: &[u8]) -> Result<Self, FormatError> {
        let mut r = Reader::new(payload);
        if r.u16("plan.version")? != VERSION {
            return Err(FormatError::rule("plan.version", "is not 1"));
        }
        if r.u16("plan.reserved")? != 0 {
            return Err(FormatError::rule("plan.reserved", "is not zero"));
        }
        let count = r.u32("plan.count")? as usize;
        if !(1..=PLAN_INSTRUCTIONS_MAX).contains(&count) {
            return Err(FormatError::rule("plan.count", "is not 1 to 4,096"));
        }
        let basis = r.u64("plan.basis")?;
        let mut instructions = Vec::with_capacity(count);
        for _ in 0..count {
            let submitter = ParticipantId(r.u32("plan.submitter")?);
            let next = (submitter, InstructionId(r.array("plan.id")?));
            if instructions.last().is_some_and(|last| *last >= next) {
                return Err(FormatError::rule("plan.instructions", "do not rise"));
            }
            instructions.push(next);
        }
        r.end("plan")?;
        Ok(Self { basis, instructions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(keys: &[(u32, u8)]) -> Vec<u8> {
        let key = |(who, id): &(u32, u8)| (ParticipantId(*who), InstructionId([*id; 16]));
        let mut bytes = Vec::new();
        let instructions = keys.iter().map(key).collect();
        Plan {
            basis: 77,
            instructions,
        }
        .write(&mut bytes);
        bytes
    }

    #[test]
    fn a_plan_comes_back_as_it_was_written() {
        let bytes = plan(&[(1, 9), (2, 3), (2, 4)]);
        let read = Plan::read(&bytes).expect("a plan");
        assert_eq!((read.basis, read.instructions.len()), (77, 3));
        let mut again = Vec::new();
        read.write(&mut again);
        assert_eq!(again, bytes);
    }

    #[test]
    fn what_is_no_plan_is_refused_by_its_field() {
        let refused = |bytes: &[u8]| Plan::read(bytes).map(|_| ()).map_err(|error| error.to_string());
        let said = |text: &str| Err(text.to_owned());
        let good = plan(&[(1, 9), (2, 3)]);
        let changed = |at: usize| {
            let mut bad = good.clone();
            bad[at] ^= 2;
            bad
        };
        assert_eq!(refused(&changed(0)), said("plan.version: is not 1"));
        assert_eq!(refused(&changed(2)), said("plan.reserved: is not zero"));
        let count = said("plan.count: is not 1 to 4,096");
        assert_eq!(refused(&plan(&[])), count);
        let order = said("plan.instructions: do not rise");
        assert_eq!(refused(&plan(&[(1, 1), (1, 1)])), order);
        assert_eq!(refused(&plan(&[(2, 1), (1, 2)])), order);
        let many: Vec<(u32, u8)> = (0..=PLAN_INSTRUCTIONS_MAX as u32).map(|who| (who, 1)).collect();
        assert_eq!(refused(&plan(&many)), count);
        assert_eq!(refused(&plan(&many[1..])), Ok(()));
        for end in 0..good.len() {
            assert!(Plan::read(&good[..end]).is_err(), "{end}");
        }
        let mut longer = good.clone();
        longer.push(0);
        assert!(Plan::read(&longer).is_err());
    }
}
