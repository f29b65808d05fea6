//! The tag that begins each hashed or signed structure, so that no bytes mean two things.

/// Signed bytes of a batch.
pub const BATCH: &[u8] = b"causeway/batch/v1\0";
/// A batch's signed header with its signature: what chain and leaf hold of it.
pub const INPUT: &[u8] = b"causeway/input/v1\0";
/// Leaf of one instruction record with its extensions.
pub const RECORD: &[u8] = b"causeway/record/v1\0";
/// Leaf of one control record.
pub const CONTROL: &[u8] = b"causeway/control/v1\0";
/// Inner node of a wide tree.
pub const NODE: &[u8] = b"causeway/node/v1\0";
/// Chunk of answers.
pub const ANSWERS: &[u8] = b"causeway/answers/v1\0";
/// One answer in detail.
pub const DETAIL: &[u8] = b"causeway/detail/v1\0";
/// Chunk of one participant's events.
pub const EVENTS: &[u8] = b"causeway/events/v1\0";
/// All events of one participant in one log entry.
pub const GROUP: &[u8] = b"causeway/group/v1\0";
/// Root over everything an entry caused.
pub const EFFECTS: &[u8] = b"causeway/effects/v1\0";
/// Header of a log entry: the chain.
pub const ENTRY: &[u8] = b"causeway/entry/v1\0";
/// Payload of a log entry that is not a batch.
pub const PAYLOAD: &[u8] = b"causeway/payload/v1\0";
/// Leaf of the transparency log.
pub const LEAF: &[u8] = b"causeway/leaf/v1\0";
/// Genesis: its digest is the ledger id.
pub const GENESIS: &[u8] = b"causeway/genesis/v1\0";
/// A proposal waiting for its second person.
pub const PROPOSAL: &[u8] = b"causeway/proposal/v1\0";
/// What a key signs to show that its holder has it.
pub const POSSESSION: &[u8] = b"causeway/possession/v1\0";
/// A document with its salt.
pub const DOCUMENT: &[u8] = b"causeway/document/v1\0";
/// The state of the ledger.
pub const STATE: &[u8] = b"causeway/state/v1\0";

/// All tags, for the test that no tag begins another.
pub const ALL: &[&[u8]] = &[
    BATCH, INPUT, RECORD, CONTROL, NODE, ANSWERS, DETAIL, EVENTS, GROUP, EFFECTS, ENTRY, PAYLOAD, LEAF,
    GENESIS, PROPOSAL, POSSESSION, DOCUMENT, STATE,
];

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn no_tag_begins_another() {
        for (i, a) in ALL.iter().enumerate() {
            assert_eq!(a.last(), Some(&0));
            for (j, b) in ALL.iter().enumerate() {
                assert!(i == j || !b.starts_with(a));
            }
        }
    }
}
