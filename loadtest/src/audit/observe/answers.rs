//! Answers: every record answered as the rules say, at the place the log says, with its proof.
use causeway_message::ParticipantId;
use causeway_message::answer::{Answer, AnswerDetail};
use causeway_message::wire::AnswersMessage;

use crate::audit::fault::{Fault, Rule, hold, same, same_digest};
use crate::audit::{Auditor, Expected};

fn name(number: u16) -> &'static str {
    causeway_message::Status::from_number(number).map_or("unknown", causeway_message::Status::name)
}

impl Auditor {
    /// Answers that reached a submitter.
    ///
    /// # Errors
    /// If they are not those that the log must give.
    pub fn answers(&mut self, submitter: ParticipantId, message: &AnswersMessage) -> Result<(), Fault> {
        let entry = message.index;
        self.chain.must_have(entry, submitter, "answers")?;
        let leaf = match self.expected(entry) {
            Some(expected) => {
                compare(expected, submitter, message)?;
                expected.leaf.hash()
            }
            None => message.leaf().hash(),
        };
        self.proves(entry, leaf, &message.proof, &message.checkpoint, "answers")?;
        self.unanswered.remove(&entry);
        Ok(())
    }

    /// Bare answers of an entry, without a proof: what a ledger gives that no node runs.
    ///
    /// # Errors
    /// If they are not those that the log must give.
    pub fn outcome(&mut self, entry: u64, answers: &[Answer], details: &[AnswerDetail]) -> Result<(), Fault> {
        let expected = self.expected(entry).ok_or_else(|| {
            Fault::new(
                Rule::OutOfReach,
                format!("log entry {entry} was not given or is forgotten"),
            )
        })?;
        let at = format!("log entry {entry}");
        compare_answers(expected, answers, &at)?;
        compare_details(expected, details, &at)?;
        self.unanswered.remove(&entry);
        Ok(())
    }
}

fn compare(expected: &Expected, submitter: ParticipantId, message: &AnswersMessage) -> Result<(), Fault> {
    let at = format!("answers to participant {submitter}, log entry {}", message.index);
    let own = expected
        .batch
        .filter(|batch| batch.who == submitter)
        .map(|batch| batch.number);
    same(Rule::AnswerEntry, &own, &Some(message.number), || {
        format!("{at}: number of the batch")
    })?;
    let leaf = &expected.leaf;
    same(Rule::AnswerEntry, &leaf.time, &message.time, || {
        format!("{at}: time")
    })?;
    same(Rule::AnswerEntry, &leaf.kind, &message.kind, || {
        format!("{at}: kind")
    })?;
    same(
        Rule::AnswerEntry,
        &leaf.rules_version,
        &message.rules_version,
        || format!("{at}: rules"),
    )?;
    same_digest(
        Rule::AnswerEntry,
        Some(leaf.input_digest),
        &message.input_digest,
        || format!("{at}: input digest"),
    )?;
    compare_answers(expected, &message.answers, &at)?;
    compare_details(expected, &message.details, &at)?;
    same(Rule::Effects, &expected.effects.groups, &message.groups, || {
        format!("{at}: groups")
    })?;
    same_digest(
        Rule::Effects,
        Some(expected.effects.groups_root),
        &message.groups_root,
        || format!("{at}: groups root"),
    )
}

fn compare_answers(expected: &Expected, found: &[Answer], at: &str) -> Result<(), Fault> {
    same(Rule::AnswerCount, &expected.answers.len(), &found.len(), || {
        at.to_owned()
    })?;
    for (place, (own, other)) in expected.answers.iter().zip(found).enumerate() {
        if own == other {
            continue;
        }
        let (status, told) = (own.status.get(), other.status.get());
        hold(status == told, Rule::AnswerStatus, || {
            format!(
                "{at}, record {place}: expected {}, found {}",
                name(status),
                name(told)
            )
        })?;
        same(Rule::AnswerFlags, &own.flags.get(), &other.flags.get(), || {
            format!("{at}, record {place}")
        })?;
        same(
            Rule::QueuePosition,
            &own.queue_position.get(),
            &other.queue_position.get(),
            || format!("{at}, record {place}"),
        )?;
    }
    Ok(())
}

fn compare_details(expected: &Expected, found: &[AnswerDetail], at: &str) -> Result<(), Fault> {
    same(Rule::Detail, &expected.details.len(), &found.len(), || {
        format!("{at}: how many details")
    })?;
    for (own, other) in expected.details.iter().zip(found) {
        same(Rule::Detail, own, other, || at.to_owned())?;
    }
    Ok(())
}
