//! From an applied entry to its leaf: the one computation that node and verifier share.
use causeway_ledger::Outcome;
use causeway_message::digest::Digest;
use causeway_message::effects::EffectsHead;
use causeway_message::entry::EntryHeader;
use causeway_message::leaf::Leaf;
use causeway_message::rfc6962::{Levels, leaf_hashes_in_place};

use super::groups::{Groups, Scratch, Source};

/// What an entry caused, with everything that proofs of it are cut from.
#[derive(Debug)]
pub struct Proven {
    /// Its leaf.
    pub leaf: Leaf,
    /// What its effects root is made of.
    pub effects: EffectsHead,
    /// Its groups of events.
    pub groups: Groups,
    /// The tree over the groups.
    pub paths: Levels,
}

/// Builds groups, effects and leaf of an entry; `number` gives each group its first number and the entry before.
pub fn prove(
    scratch: &mut Scratch,
    source: &Source<'_>,
    header: &EntryHeader,
    outcome: &Outcome,
    number: impl FnMut(u32, u32) -> (u64, u64),
) -> Proven {
    let groups = scratch.build(source, outcome, number);
    let mut leaves: Vec<Digest> = groups.all.iter().map(|group| group.digest).collect();
    leaf_hashes_in_place(&mut leaves);
    let paths = Levels::new(leaves);
    let effects = EffectsHead {
        groups: groups.all.len() as u32,
        groups_root: paths.root(),
        ..EffectsHead::new(&outcome.answers, &outcome.details, &[])
    };
    let leaf = Leaf {
        index: header.index.get(),
        time: header.time(),
        kind: header.kind.get(),
        rules_version: outcome.rules,
        input_digest: header.payload_digest,
        effects_root: effects.root(),
    };
    Proven {
        leaf,
        effects,
        groups,
        paths,
    }
}
