//! Everything that was published, for those who ask later: journal, effects, places and tree.
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use causeway_message::batch::BatchView;
use causeway_message::codec::Put;
use causeway_message::digest::Digest;
use causeway_message::entry::{EntryHeader, EntryKind};
use causeway_message::leaf::Leaf;
use causeway_message::rfc6962::{Frontier, consistent, root_from_inclusion};
use causeway_message::verify::VerifiedBatch;
use causeway_message::wire::LeafProof;

use super::TreeHead;
use super::cards::Cards;
use super::cuts::{Cut, Cuts};
use super::feeds::Feeds;
use super::groups::{BatchSource, Source};
use super::record::EffectsRecord;
use super::tree::Tree;
use crate::error::EngineError;
use crate::journal::{Location, Reader};
use crate::limits::{RECENT_BATCHES, RECENT_BYTES};
use crate::spares::Spares;
use crate::system::{Dir, File, Open};

/// Most bytes of one entry's effects: a full batch that releases as much as an entry may.
const EFFECTS_BYTES_MAX: usize = 64 * 1_048_576;
/// Bytes of an entry's place: where it is in the journal, and where its effects are.
pub(crate) const PLACE_BYTES: u64 = 16;

/// Where the derived files end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// Entries published.
    pub index: u64,
    /// Bytes of effects.
    pub effects: u64,
    /// The tree's right edge.
    pub frontier: Frontier,
    /// Where the feeds stand.
    pub feeds: Feeds,
}

/// The archive.
#[derive(Debug)]
pub struct Archive {
    journal: Reader,
    effects: (PathBuf, File),
    places: (PathBuf, File),
    tree: RwLock<Tree>,
    feeds: Mutex<Feeds>,
    /// The newest batches with their trees: receipts are mostly asked for soon.
    recent: Mutex<Recent>,
    spares: Arc<Spares>,
    cards: Cards,
    cuts: Cuts,
}

/// Batches in order of their entries, and the bytes of their frames.
#[derive(Debug, Default)]
struct Recent {
    batches: VecDeque<(u64, Arc<VerifiedBatch>)>,
    bytes: usize,
}

/// Opens a derived file as long as a snapshot left it; what lies beyond is cut.
pub(super) fn open(dir: &Dir, name: &str, len: u64) -> Result<(PathBuf, File), EngineError> {
    let path = dir.join(name);
    let open = || -> std::io::Result<File> {
        let file = dir.open(name, Open::KEEP)?;
        if file.size()? < len {
            return Err(std::io::Error::other("shorter than the snapshot says"));
        }
        file.set_size(len)?;
        Ok(file)
    };
    match open() {
        Ok(file) => Ok((path, file)),
        Err(error) => Err(EngineError::file(&path, error)),
    }
}

impl Archive {
    /// Opens the archive as it was at `mark`; what lies beyond is cut and derived again.
    ///
    /// # Errors
    /// If a file is missing or shorter than the mark says.
    pub fn open(dir: &Dir, journal: Reader, mark: &Mark) -> Result<Self, EngineError> {
        dir.make().map_err(|e| EngineError::file(dir.path(), e))?;
        Ok(Self {
            journal,
            effects: open(dir, "effects", mark.effects)?,
            places: open(dir, "places", mark.index.saturating_mul(PLACE_BYTES))?,
            tree: RwLock::new(Tree::open(&dir.sub("tree"), mark.frontier.clone())?),
            feeds: Mutex::new(mark.feeds.clone()),
            recent: Mutex::default(),
            spares: Arc::default(),
            cards: Cards::default(),
            cuts: Cuts::default(),
        })
    }

    /// The tree, to read.
    pub fn tree(&self) -> std::sync::RwLockReadGuard<'_, Tree> {
        self.tree.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tree, to grow.
    pub fn tree_mut(&self) -> std::sync::RwLockWriteGuard<'_, Tree> {
        self.tree.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the feeds stand.
    pub fn feeds(&self) -> MutexGuard<'_, Feeds> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a batch at hand for a while.
    pub fn keep(&self, entry: u64, batch: &Arc<VerifiedBatch>) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.batches.push_back((entry, batch.clone()));
        recent.bytes += batch.frame_capacity();
        while recent.batches.len() > RECENT_BATCHES || recent.bytes > RECENT_BYTES {
            let Some((_, oldest)) = recent.batches.pop_front() else {
                break;
            };
            recent.bytes -= oldest.frame_capacity();
            self.spares.give(oldest);
        }
    }

    /// Buffers of batches that are no longer at hand.
    pub const fn spares(&self) -> &Arc<Spares> {
        &self.spares
    }

    /// What receipts of the newest batches are cut from.
    pub const fn cards(&self) -> &Cards {
        &self.cards
    }

    /// The batch of an entry, if it is still at hand.
    pub fn recent(&self, entry: u64) -> Option<Arc<VerifiedBatch>> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        // Entries rise, batches among them: the place is found by halving.
        let batches = &recent.batches;
        let at = batches.binary_search_by_key(&entry, |(entry, _)| *entry);
        at.ok().map(|at| batches[at].1.clone())
    }

    /// The batch of an entry with the tree over its records; `None` if the entry holds none.
    ///
    /// # Errors
    /// If the entry cannot be read.
    pub fn batch(&self, entry: u64) -> Result<Option<Arc<VerifiedBatch>>, EngineError> {
        if let Some(batch) = self.recent(entry) {
            return Ok(Some(batch));
        }
        let (header, payload) = self.entry(entry)?;
        if !matches!(header.kind(), Ok(EntryKind::Batch | EntryKind::Control)) {
            return Ok(None);
        }
        VerifiedBatch::from_journal(payload, &header.payload_digest)
            .map(|batch| Some(Arc::new(batch)))
            .map_err(|e| EngineError::format(format!("log entry {entry}"), e))
    }

    /// The journal.
    pub const fn journal(&self) -> &Reader {
        &self.journal
    }

    /// Appends effects and places.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn append(
        &self,
        effects_at: u64,
        effects: &[u8],
        first: u64,
        places: &[(Location, u64)],
    ) -> Result<(), EngineError> {
        let (path, file) = &self.effects;
        file.write_all_at(effects, effects_at)
            .map_err(|e| EngineError::file(path, e))?;
        let mut bytes = Vec::with_capacity(places.len() * PLACE_BYTES as usize);
        for (location, at) in places {
            bytes
                .put_u32(location.segment)
                .put_u32(location.offset)
                .put_u64(*at);
        }
        let (path, file) = &self.places;
        file.write_all_at(&bytes, (first - 1) * PLACE_BYTES)
            .map_err(|e| EngineError::file(path, e))
    }

    /// The files that a snapshot relies on, to be synced.
    pub fn files(&self) -> Vec<(PathBuf, File)> {
        let mut files = self.tree().files();
        files.extend([self.effects.clone(), self.places.clone()]);
        files
    }

    fn place(&self, entry: u64) -> Result<(Location, u64), EngineError> {
        let (path, file) = &self.places;
        read_place(file, entry).map_err(|e| EngineError::file(path, e))
    }

    /// Where an entry is in the journal.
    ///
    /// # Errors
    /// If its place cannot be read.
    pub fn location(&self, entry: u64) -> Result<Location, EngineError> {
        Ok(self.place(entry)?.0)
    }

    /// Header and payload of an entry.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn entry(&self, entry: u64) -> Result<(EntryHeader, Vec<u8>), EngineError> {
        let (header, payload) = self.journal.read(self.place(entry)?.0)?;
        if header.index.get() != entry {
            return Err(EngineError::Directory(format!(
                "the place of log entry {entry} holds another entry"
            )));
        }
        Ok((header, payload))
    }

    /// What is kept of an entry.
    ///
    /// # Errors
    /// If it cannot be read or is damaged.
    pub fn effects(&self, entry: u64) -> Result<EffectsRecord, EngineError> {
        Ok(self.placed(entry)?.1)
    }

    /// An entry's batch and effects with the trees over both, as receipts need them.
    ///
    /// # Errors
    /// As [`Self::batch`] and [`Self::effects`].
    pub fn cut(&self, entry: u64) -> Result<Arc<Cut>, EngineError> {
        if let Some(cut) = self.cuts.get(entry) {
            return Ok(cut);
        }
        let cut = Arc::new(Cut::new(self.batch(entry)?, self.effects(entry)?));
        self.cuts.keep(entry, &cut);
        Ok(cut)
    }

    /// The effects of an entry, and where the entry is in the journal.
    ///
    /// # Errors
    /// As [`Self::effects`].
    pub fn placed(&self, entry: u64) -> Result<(Location, EffectsRecord), EngineError> {
        let (location, at) = self.place(entry)?;
        let (path, file) = &self.effects;
        let io = |e| EngineError::file(path, e);
        let record = read_effects(file, at)
            .map_err(|e| io(std::io::Error::other(format!("log entry {entry}: {e}"))))?;
        if record.leaf.index != entry {
            return Err(io(std::io::Error::other(format!(
                "the place of log entry {entry} holds other effects"
            ))));
        }
        Ok((location, record))
    }

    /// Proof that an entry's leaf stands under a tree head.
    ///
    /// # Errors
    /// If a node cannot be read, or one has changed on disk: a proof that does not hold never leaves.
    pub fn prove(&self, leaf: &Leaf, leaf_index: u64, head: &TreeHead) -> Result<LeafProof, EngineError> {
        let tree = self.tree();
        let path = tree.inclusion(leaf_index, head.size)?;
        if root_from_inclusion(leaf.hash(), leaf_index, head.size, &path) == Some(head.root) {
            return Ok(LeafProof { leaf_index, path });
        }
        let rule = format!(
            "log entry {}: the nodes on its way to the tree head are damaged",
            leaf.index
        );
        Err(EngineError::file(tree.dir().path(), std::io::Error::other(rule)))
    }

    /// Path that shows how the tree grew from an older size to a head.
    ///
    /// # Errors
    /// If a node cannot be read, or one has changed on disk.
    pub fn growth(&self, old: u64, head: &TreeHead) -> Result<Vec<Digest>, EngineError> {
        let tree = self.tree();
        let old = old.min(head.size);
        let path = tree.consistency(old, head.size)?;
        if consistent(old, &tree.root_at(old)?, head.size, &head.root, &path) {
            return Ok(path);
        }
        let rule = format!(
            "nodes between the tree heads over {old} and {} leaves are damaged",
            head.size
        );
        Err(EngineError::file(tree.dir().path(), std::io::Error::other(rule)))
    }

    /// Root over the first `size` leaves.
    ///
    /// # Errors
    /// If a node cannot be read.
    pub fn root_at(&self, size: u64) -> Result<Digest, EngineError> {
        self.tree().root_at(size)
    }
}

/// Reads where an entry is in the journal, and where its effects are.
pub(crate) fn read_place(file: &File, entry: u64) -> std::io::Result<(Location, u64)> {
    let at = entry
        .checked_sub(1)
        .ok_or_else(|| std::io::Error::other("there is no entry 0"))?;
    let mut bytes = [0; PLACE_BYTES as usize];
    file.read_exact_at(&mut bytes, at.saturating_mul(PLACE_BYTES))?;
    let mut r = causeway_message::codec::Reader::new(&bytes);
    let mut place = || Ok((r.u32("segment")?, r.u32("offset")?, r.u64("effects")?));
    let (segment, offset, effects) =
        place().map_err(|e: causeway_message::FormatError| std::io::Error::other(e.to_string()))?;
    Ok((Location { segment, offset }, effects))
}

/// Reads the record of effects at this place of the file.
pub(crate) fn read_effects(file: &File, at: u64) -> std::io::Result<EffectsRecord> {
    let damaged = |what: String| std::io::Error::other(format!("its effects are damaged: {what}"));
    let mut head = [0; 8];
    file.read_exact_at(&mut head, at)?;
    let len = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
    let crc = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    if len > EFFECTS_BYTES_MAX {
        return Err(damaged(format!("{len} bytes")));
    }
    let mut body = vec![0; len];
    file.read_exact_at(&mut body, at.saturating_add(8))?;
    if crc32c::crc32c(&body) != crc {
        return Err(damaged("the checksum differs".into()));
    }
    EffectsRecord::read(&body).map_err(|e| damaged(e.to_string()))
}

/// What an entry's payload says of whom it concerns.
pub fn source_of<'a>(header: &EntryHeader, payload: &'a [u8]) -> Source<'a> {
    let entry = header.index.get();
    let batch = match header.kind() {
        Ok(EntryKind::Batch) => BatchView::parse(payload).ok().map(|view| BatchSource {
            submitter: causeway_message::ParticipantId(view.block.participant.get()),
            session: view.block.session.get(),
            number: view.block.number.get(),
            records: view.records,
            extensions: view.extensions,
        }),
        Ok(EntryKind::Control) => causeway_message::control::ControlView::parse(payload)
            .ok()
            .map(|view| BatchSource {
                submitter: causeway_message::ParticipantId(view.block.participant.get()),
                session: view.block.session.get(),
                number: view.block.number.get(),
                records: &[],
                extensions: &[],
            }),
        _ => None,
    };
    Source { entry, batch }
}
