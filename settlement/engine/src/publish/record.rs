//! What is kept of each applied entry: its leaf, its answers, and whom it concerned.
use causeway_ledger::{Audience, DayNotice, Deferred, FeePosting, Notice, Outcome, StatementNotice};
use causeway_message::action::Action;
use causeway_message::answer::{ANSWER_BYTES, Answer, AnswerDetail, DETAIL_BYTES};
use causeway_message::codec::{Put, Reader};
use causeway_message::digest::Digest;
use causeway_message::effects::EffectsHead;
use causeway_message::event::{EVENT_BODY_MAX, GroupHead};
use causeway_message::exchange::Exchange;
use causeway_message::leaf::Leaf;
use causeway_message::limits::{CONTROL_PAYLOAD_BYTES_MAX, RECORD_BYTES, RECORD_EXTENSION_BYTES_MAX};
use causeway_message::record::Instruction;
use causeway_message::statement::{DayTold, Statement};
use causeway_message::{FormatError, InstructionId, ParticipantId, Status};
use zerocopy::{FromBytes, IntoBytes};

use super::groups::Group;

/// One group without its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRecord {
    /// Whose, and the numbers of its events.
    pub head: GroupHead,
    /// Entry before with a group of this participant.
    pub previous: u64,
    /// Its digest.
    pub digest: Digest,
}

/// What is kept of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectsRecord {
    /// Place of the leaf in the tree.
    pub leaf_index: u64,
    /// The leaf.
    pub leaf: Leaf,
    /// What its effects root is made of.
    pub effects: EffectsHead,
    /// Answers, details, deferred effects, notices.
    pub outcome: Outcome,
    /// The groups.
    pub groups: Vec<GroupRecord>,
}

/// Appends a record: length, CRC-32C, body.
pub fn write(
    out: &mut Vec<u8>,
    leaf_index: u64,
    leaf: &Leaf,
    effects: &EffectsHead,
    outcome: &Outcome,
    groups: &[Group],
) {
    let start = out.len();
    out.put_u64(0).put_u64(leaf_index);
    leaf.write(out);
    effects.write(out);
    out.put(outcome.answers.as_bytes())
        .put(outcome.details.as_bytes());
    out.put_u32(outcome.deferred.len() as u32)
        .put_u32(outcome.notices.len() as u32)
        .put_u32(outcome.fees.len() as u32)
        .put_u32(outcome.days.len() as u32)
        .put_u32(outcome.statements.len() as u32);
    for d in &outcome.deferred {
        out.put(d.record.as_bytes())
            .put_var(&d.extensions)
            .put_u32(d.submitter.0);
        out.put_u64(d.entry).put_u16(d.ordinal).put_u16(d.status as u16);
        let told = u8::from(d.told.submitter) | u8::from(d.told.creditor) << 1;
        out.put_u64(d.amount)
            .put_u64(d.counter_amount)
            .put_u8(told)
            .put_u32(d.told.approver.map_or(u32::MAX, |approver| approver.0));
        let mut exchange = Vec::new();
        if let Some(found) = outcome.exchange(d) {
            found.write(&mut exchange);
        }
        out.put_var(&exchange);
    }
    for n in &outcome.notices {
        out.put_u32(n.proposer.0)
            .put_u32(n.subject.map_or(u32::MAX, |s| s.0))
            .put(&n.id.0);
        out.put_u64(n.entry)
            .put_u16(n.ordinal)
            .put_u16(n.status as u16)
            .put_u64(n.amount);
        let mut action = Vec::new();
        n.action.write(&mut action);
        out.put_var(&action);
    }
    for fee in &outcome.fees {
        out.put_u32(fee.payer.0).put_u32(fee.collector.0);
        out.put_u16(fee.currency).put_u16(fee.date).put_u64(fee.amount);
    }
    for day in &outcome.days {
        out.put(&day.told.body()).put_u32(day.whom.len() as u32);
        day.whom.iter().for_each(|whom| {
            out.put_u32(whom.0);
        });
    }
    for notice in &outcome.statements {
        out.put_u32(notice.whom.0)
            .put_u8(u8::from(notice.overseer))
            .put(&notice.statement.body());
    }
    for group in groups {
        out.put_u32(group.head.participant.0).put_u32(group.head.count);
        out.put_u64(group.head.first)
            .put_u64(group.previous)
            .put(&group.digest);
    }
    let body = start + 8;
    let len = (out.len() - body) as u32;
    let crc = crc32c::crc32c(&out[body..]);
    out[start..start + 4].copy_from_slice(&len.to_le_bytes());
    out[start + 4..body].copy_from_slice(&crc.to_le_bytes());
}

fn status(r: &mut Reader<'_>) -> Result<Status, FormatError> {
    Status::from_number(r.u16("effect.status")?).ok_or(FormatError::rule("effect.status", "no such status"))
}

fn deferred(r: &mut Reader<'_>, exchanges: &mut Vec<Exchange>) -> Result<Deferred, FormatError> {
    let record: Instruction = zerocopy::transmute!(r.array::<RECORD_BYTES>("deferred.record")?);
    Ok(Deferred {
        record,
        extensions: r.var(RECORD_EXTENSION_BYTES_MAX, "deferred.extensions")?.into(),
        submitter: ParticipantId(r.u32("deferred.submitter")?),
        entry: r.u64("deferred.entry")?,
        ordinal: r.u16("deferred.ordinal")?,
        status: status(r)?,
        amount: r.u64("deferred.amount")?,
        counter_amount: r.u64("deferred.counter_amount")?,
        told: audience(r)?,
        exchange: exchange(r, exchanges)?,
    })
}

fn exchange(r: &mut Reader<'_>, exchanges: &mut Vec<Exchange>) -> Result<Option<u32>, FormatError> {
    let bytes = r.var(EVENT_BODY_MAX, "deferred.exchange")?;
    if bytes.is_empty() {
        return Ok(None);
    }
    let (exchange, rest) = Exchange::read(bytes)?;
    if !rest.is_empty() {
        return Err(FormatError::rule("deferred.exchange", "has bytes behind it"));
    }
    let place = exchanges.len() as u32;
    exchanges.push(exchange);
    Ok(Some(place))
}

fn audience(r: &mut Reader<'_>) -> Result<Audience, FormatError> {
    let told = r.u8("deferred.told")?;
    if told > 3 {
        return Err(FormatError::rule("deferred.told", "no such audience"));
    }
    let approver = r.u32("deferred.approver")?;
    Ok(Audience {
        submitter: told & 1 != 0,
        creditor: told & 2 != 0,
        approver: (approver != u32::MAX).then_some(ParticipantId(approver)),
    })
}

fn posting(r: &mut Reader<'_>) -> Result<FeePosting, FormatError> {
    Ok(FeePosting {
        payer: ParticipantId(r.u32("fee.payer")?),
        collector: ParticipantId(r.u32("fee.collector")?),
        currency: r.u16("fee.currency")?,
        date: r.u16("fee.date")?,
        amount: r.u64("fee.amount")?,
    })
}

fn day(r: &mut Reader<'_>) -> Result<DayNotice, FormatError> {
    let told = DayTold::read(r)?;
    let count = r.u32("day.whom")?;
    let whom = (0..count).map(|_| r.u32("day.whom").map(ParticipantId));
    Ok(DayNotice {
        told,
        whom: whom.collect::<Result<_, _>>()?,
    })
}

fn statement(r: &mut Reader<'_>) -> Result<StatementNotice, FormatError> {
    let whom = ParticipantId(r.u32("statement.whom")?);
    let overseer = match r.u8("statement.overseer")? {
        0 => false,
        1 => true,
        _ => return Err(FormatError::rule("statement.overseer", "is 0 or 1")),
    };
    let statement = Statement::read(r)?;
    Ok(StatementNotice {
        whom,
        overseer,
        statement,
    })
}

fn notice(r: &mut Reader<'_>) -> Result<Notice, FormatError> {
    let proposer = ParticipantId(r.u32("notice.proposer")?);
    let subject = r.u32("notice.subject")?;
    Ok(Notice {
        proposer,
        subject: (subject != u32::MAX).then_some(ParticipantId(subject)),
        id: InstructionId(r.array("notice.id")?),
        entry: r.u64("notice.entry")?,
        ordinal: r.u16("notice.ordinal")?,
        status: status(r)?,
        amount: r.u64("notice.amount")?,
        action: Action::read(r.var(CONTROL_PAYLOAD_BYTES_MAX, "notice.action")?)?,
    })
}

impl EffectsRecord {
    /// Reads the body of a record.
    ///
    /// # Errors
    /// If the bytes do not have their form.
    pub fn read(body: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(body);
        let r = &mut reader;
        let leaf_index = r.u64("effects.leaf_index")?;
        let leaf = Leaf::read(r)?;
        let effects = EffectsHead::read(r)?;
        let answers = r.bytes(effects.answers as usize * ANSWER_BYTES, "effects.answers")?;
        let details = r.bytes(effects.details as usize * DETAIL_BYTES, "effects.details")?;
        let rule = |_| FormatError::rule("effects", "answers are not whole");
        let mut outcome = Outcome {
            answers: <[Answer]>::ref_from_bytes(answers)
                .map_err(|_| rule(()))?
                .to_vec(),
            details: <[AnswerDetail]>::ref_from_bytes(details)
                .map_err(|_| rule(()))?
                .to_vec(),
            ..Outcome::default()
        };
        outcome.rules = leaf.rules_version;
        let (deferreds, notices) = (r.u32("effects.deferred")?, r.u32("effects.notices")?);
        let fees = r.u32("effects.fees")?;
        let (days, statements) = (r.u32("effects.days")?, r.u32("effects.statements")?);
        let exchanges = &mut outcome.exchanges;
        outcome.deferred = (0..deferreds)
            .map(|_| deferred(r, exchanges))
            .collect::<Result<_, _>>()?;
        outcome.notices = (0..notices).map(|_| notice(r)).collect::<Result<_, _>>()?;
        outcome.fees = (0..fees).map(|_| posting(r)).collect::<Result<_, _>>()?;
        outcome.days = (0..days).map(|_| day(r)).collect::<Result<_, _>>()?;
        outcome.statements = (0..statements).map(|_| statement(r)).collect::<Result<_, _>>()?;
        let groups = (0..effects.groups)
            .map(|_| {
                let participant = ParticipantId(r.u32("group.participant")?);
                let count = r.u32("group.count")?;
                let first = r.u64("group.first")?;
                let previous = r.u64("group.previous")?;
                if first.checked_add(u64::from(count)).is_none() {
                    return Err(FormatError::rule("group.first", "no feed has so many events"));
                }
                let head = GroupHead {
                    participant,
                    entry: leaf.index,
                    first,
                    count,
                };
                Ok(GroupRecord {
                    head,
                    previous,
                    digest: r.array("group.digest")?,
                })
            })
            .collect::<Result<_, FormatError>>()?;
        reader.end("effects")?;
        Ok(Self {
            leaf_index,
            leaf,
            effects,
            outcome,
            groups,
        })
    }

    /// The group of a participant and its place.
    pub fn group(&self, participant: ParticipantId) -> Option<(usize, &GroupRecord)> {
        let at = self
            .groups
            .binary_search_by_key(&participant, |g| g.head.participant)
            .ok()?;
        Some((at, &self.groups[at]))
    }
}
