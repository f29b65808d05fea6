//! The effects of one log entry: its answers, their details, and the groups of events it caused.
use crate::answer::{Answer, AnswerDetail, answers_root, details_root};
use crate::codec::{Put, Reader};
use crate::digest::{Digest, ZERO, tagged};
use crate::{FormatError, rfc6962, tags};

/// What the effects root is made of. With it, any one part can be shown without the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectsHead {
    /// Number of answers.
    pub answers: u32,
    /// Number of details.
    pub details: u32,
    /// Number of groups.
    pub groups: u32,
    /// Root of the wide tree over chunks of answers.
    pub answers_root: Digest,
    /// Root of the wide tree over details.
    pub details_root: Digest,
    /// RFC 6962 tree head over the digests of the groups, in order of participant.
    pub groups_root: Digest,
}

/// Bytes of an effects head.
pub const EFFECTS_HEAD_BYTES: usize = 112;

impl EffectsHead {
    /// An entry without effects.
    pub const NONE: Self = Self {
        answers: 0,
        details: 0,
        groups: 0,
        answers_root: ZERO,
        details_root: ZERO,
        groups_root: ZERO,
    };

    /// Computes the head from all parts.
    pub fn new(answers: &[Answer], details: &[AnswerDetail], groups: &[Digest]) -> Self {
        Self {
            answers: answers.len() as u32,
            details: details.len() as u32,
            groups: groups.len() as u32,
            answers_root: answers_root(answers),
            details_root: details_root(details),
            groups_root: groups_root(groups),
        }
    }

    /// The effects root.
    pub fn root(&self) -> Digest {
        let mut bytes = Vec::with_capacity(EFFECTS_HEAD_BYTES);
        self.write(&mut bytes);
        tagged(tags::EFFECTS, &[&bytes])
    }

    /// Appends the head.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.put_u32(self.answers)
            .put_u32(self.details)
            .put_u32(self.groups)
            .put_u32(0);
        out.put(&self.answers_root)
            .put(&self.details_root)
            .put(&self.groups_root);
    }

    /// Reads a head.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let answers = reader.u32("effects.answers")?;
        let details = reader.u32("effects.details")?;
        let groups = reader.u32("effects.groups")?;
        reader.zeros(4, "effects.reserved")?;
        Ok(Self {
            answers,
            details,
            groups,
            answers_root: reader.array("effects.answers_root")?,
            details_root: reader.array("effects.details_root")?,
            groups_root: reader.array("effects.groups_root")?,
        })
    }
}

/// Root over group digests; zero if there are none.
pub fn groups_root(groups: &[Digest]) -> Digest {
    if groups.is_empty() {
        return ZERO;
    }
    let mut leaves = groups.to_vec();
    rfc6962::leaf_hashes_in_place(&mut leaves);
    rfc6962::root(&leaves)
}
