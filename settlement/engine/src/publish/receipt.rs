//! Cutting finality receipts out of the archive.
use causeway_ledger::Remembered;
use causeway_message::limits::{ANSWERS_PER_CHUNK, EVENTS_PER_CHUNK};
use causeway_message::receipt::{Effect, Receipt};
use causeway_message::record::{Instruction, Kind};
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::wide::WidePath;
use causeway_message::{FormatError, ParticipantId, Status, answer, event, extension};

use super::TreeHead;
use super::archive::Archive;
use super::cold::feed_entry;
use crate::error::EngineError;

/// Why no receipt is cut.
#[derive(Debug)]
pub enum Uncut {
    /// The asker is told why.
    Refused(Refusal),
    /// The archive cannot be read.
    Failed(EngineError),
}

impl From<EngineError> for Uncut {
    fn from(error: EngineError) -> Self {
        Self::Failed(error)
    }
}

fn refuse(code: RefusalCode, text: &str) -> Uncut {
    Uncut::Refused(Refusal::new(code, text))
}

fn odd(index: u64, field: &'static str, rule: &'static str) -> Uncut {
    Uncut::Failed(EngineError::format(
        format!("log entry {index}"),
        FormatError::rule(field, rule),
    ))
}

/// Cuts the receipt of an instruction for a participant that it concerns.
///
/// # Errors
/// [`Uncut`].
pub fn cut(
    archive: &Archive,
    known: &Remembered,
    asker: ParticipantId,
    head: &TreeHead,
) -> Result<Receipt, Uncut> {
    if let Some(receipt) = of_card(archive, known, asker, head)? {
        return Ok(receipt);
    }
    let cut = archive.cut(known.entry)?;
    let batch = cut.batch.as_ref();
    let Some(view) = batch.and_then(|batch| batch.view()) else {
        return Err(refuse(
            RefusalCode::NotFound,
            "receipts are cut for instructions only",
        ));
    };
    let ordinal = usize::from(known.ordinal);
    let missing = || odd(known.entry, "ordinal", "no such record");
    let record = view.records.get(ordinal).ok_or_else(missing)?;
    let submitter = ParticipantId(view.block.participant.get());
    let creditor = ParticipantId(record.creditor.get());
    if asker != submitter && asker != creditor {
        return Err(refuse(RefusalCode::NotFound, ""));
    }
    if !known.status.is_final() {
        // Which way it waits is its submitter's to know: it may tell of a hold.
        let which = if asker == submitter {
            known.status.name()
        } else {
            ""
        };
        return Err(refuse(RefusalCode::NotFinal, which));
    }
    let record_path = batch
        .and_then(|b| b.tree().path(ordinal as u32))
        .ok_or_else(missing)?;
    let mut walk = extension::Walk::new(view.extensions);
    let extensions = (0..=ordinal)
        .map(|i| walk.of(i))
        .last()
        .unwrap_or_default()
        .to_vec();
    let origin = &cut.record;
    let origin_proof = archive.prove(&origin.leaf, origin.leaf_index, head)?;
    // The submitter's own outcome in its own entry stands in its answers; everything else in an event of the asker.
    let answered = origin
        .outcome
        .answers
        .get(ordinal)
        .and_then(answer::Answer::status)
        == Some(known.status);
    let by_answer = answered && known.cause == known.entry && !is_told(known, record);
    let (effects, effect) = if asker == submitter && by_answer {
        let chunk = ordinal / ANSWERS_PER_CHUNK;
        let path = cut
            .answers
            .path(chunk as u32)
            .ok_or_else(|| odd(known.entry, "answers", "are missing"))?;
        let chunk = origin
            .outcome
            .answers
            .chunks(ANSWERS_PER_CHUNK)
            .nth(chunk)
            .unwrap_or_default()
            .to_vec();
        (origin.effects, Effect::Answer { chunk, path })
    } else if known.cause == known.entry {
        (origin.effects, event_of(archive, origin, known, asker, head)?)
    } else {
        let cause = archive.effects(known.cause)?;
        (cause.effects, event_of(archive, &cause, known, asker, head)?)
    };
    Ok(Receipt {
        block: *view.block,
        record: *record,
        extensions,
        record_path,
        origin: origin.leaf,
        origin_proof,
        effects,
        effect,
        checkpoint: head.note.clone(),
    })
}

/// The receipt of what the submitter was answered at once, if its batch's card is kept. Everything else, and whatever is
/// odd, is for the whole batch and its effects to show.
fn of_card(
    archive: &Archive,
    known: &Remembered,
    asker: ParticipantId,
    head: &TreeHead,
) -> Result<Option<Receipt>, EngineError> {
    let Some(card) = archive.cards().get(known.entry) else {
        return Ok(None);
    };
    let ordinal = usize::from(known.ordinal);
    let answered = card.answers.get(ordinal).and_then(answer::Answer::status) == Some(known.status);
    let by_answer = answered && known.status.is_final() && known.cause == known.entry;
    if asker.0 != card.block.participant.get() || !by_answer {
        return Ok(None);
    }
    let Some((record, record_path)) = card.record(archive, u32::from(known.ordinal))? else {
        return Ok(None);
    };
    if is_told(known, &record) {
        return Ok(None);
    }
    let at = ordinal / ANSWERS_PER_CHUNK;
    let chunk = card.answers.chunks(ANSWERS_PER_CHUNK).nth(at);
    let Some((path, chunk)) = card.answer_path(at as u32).zip(chunk) else {
        return Ok(None);
    };
    Ok(Some(Receipt {
        block: card.block,
        record,
        extensions: Vec::new(),
        record_path,
        origin: card.leaf,
        origin_proof: archive.prove(&card.leaf, card.leaf_index, head)?,
        effects: card.effects,
        effect: Effect::Answer {
            chunk: chunk.to_vec(),
            path,
        },
        checkpoint: head.note.clone(),
    }))
}

/// True if the outcome stands in an event even for the submitter: an exchange came to what its event says, not its record.
fn is_told(known: &Remembered, record: &Instruction) -> bool {
    known.status == Status::Settled && record.kind == Kind::FxPayment as u8
}

fn event_of(
    archive: &Archive,
    cause: &super::record::EffectsRecord,
    known: &Remembered,
    asker: ParticipantId,
    head: &TreeHead,
) -> Result<Effect, Uncut> {
    if cause.group(asker).is_none() {
        return Err(refuse(
            RefusalCode::NotFound,
            "the outcome does not concern the participant",
        ));
    }
    let entry = feed_entry(archive, cause, asker, head)?;
    let form = |e| Uncut::Failed(EngineError::format(format!("log entry {}", cause.leaf.index), e));
    let is_it = |e: &event::Event<'_>| {
        (e.payment().is_some() || e.exchange().is_some())
            && e.head.origin_entry.get() == known.entry
            && e.head.origin_ordinal.get() == known.ordinal
            // An entry may tell of more than one status: a part is released, and then all.
            && e.status() == Some(known.status)
    };
    let (leaves, _) = event::event_leaves(&entry.events).map_err(form)?;
    let (ranges, _) = event::chunks(&entry.events).map_err(form)?;
    let at = event::each(&entry.events)
        .position(|e| is_it(&e))
        .ok_or_else(|| {
            refuse(
                RefusalCode::NotFound,
                "the outcome does not concern the participant",
            )
        })?;
    let chunk = at / EVENTS_PER_CHUNK;
    let path = WidePath::cut(&leaves, chunk as u32);
    let (Some(path), Some(range)) = (path, ranges.get(chunk)) else {
        return Err(odd(cause.leaf.index, "events", "are missing"));
    };
    Ok(Effect::Event {
        leaf: entry.leaf,
        proof: entry.proof,
        group: entry.group,
        group_index: entry.group_index,
        group_path: entry.group_path,
        chunk: entry.events[range.clone()].to_vec(),
        path,
        position: (at % EVENTS_PER_CHUNK) as u32,
    })
}
