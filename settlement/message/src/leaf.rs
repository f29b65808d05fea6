//! The leaf of the transparency log: one for each applied entry.
use crate::codec::{Put, Reader};
use crate::digest::Digest;
use crate::time::Timestamp;
use crate::{FormatError, rfc6962, tags};

/// Newest version of the ledger's rules. A ledger begins under the version of its genesis, and only a log entry
/// changes it.
pub const RULES_VERSION: u16 = 4;

/// What one applied entry leaves in the log's tree: what went in and what came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// Log index of the entry.
    pub index: u64,
    /// When it was sequenced.
    pub time: Timestamp,
    /// Number of its [`crate::entry::EntryKind`].
    pub kind: u16,
    /// Version of the rules it was applied under.
    pub rules_version: u16,
    /// Payload digest of the entry.
    pub input_digest: Digest,
    /// Root over its effects.
    pub effects_root: Digest,
}

/// Bytes of a leaf without its tag.
pub const LEAF_BYTES: usize = 88;

impl Leaf {
    /// Appends the leaf's fields.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.put_u64(self.index)
            .put_u64(self.time.0)
            .put_u16(self.kind)
            .put_u16(self.rules_version)
            .put_u32(0);
        out.put(&self.input_digest).put(&self.effects_root);
    }

    /// Reads a leaf's fields.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let index = reader.u64("leaf.index")?;
        let time = Timestamp(reader.u64("leaf.time")?);
        let kind = reader.u16("leaf.kind")?;
        let rules_version = reader.u16("leaf.rules_version")?;
        reader.zeros(4, "leaf.reserved")?;
        let input_digest = reader.array("leaf.input_digest")?;
        let effects_root = reader.array("leaf.effects_root")?;
        Ok(Self {
            index,
            time,
            kind,
            rules_version,
            input_digest,
            effects_root,
        })
    }

    /// Its hash in the RFC 6962 tree.
    pub fn hash(&self) -> Digest {
        let mut bytes = Vec::with_capacity(tags::LEAF.len() + LEAF_BYTES);
        bytes.put(tags::LEAF);
        self.write(&mut bytes);
        rfc6962::leaf_hash(&bytes)
    }
}
