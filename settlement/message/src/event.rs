//! Events: what a participant's feed is made of.
//!
//! An event is a 32-byte head and a body. All events of one participant in one log entry form a **group**;
//! events are numbered without gaps per participant, from 1.
use zerocopy::little_endian::{U16, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::action::Action;
use crate::codec::{Put, Reader};
use crate::digest::{Digest, ZERO, hash, hash_all, tagged};
use crate::exchange::Exchange;
use crate::limits::{CONTROL_PAYLOAD_BYTES_MAX, EVENTS_PER_CHUNK, RECORD_BYTES, RECORD_EXTENSION_BYTES_MAX};
use crate::record::Instruction;
use crate::{FormatError, InstructionId, ParticipantId, SessionId, Status, tags, wide};

/// Head of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct EventHead {
    /// See [`EventKind`].
    pub kind: u8,
    /// See [`Role`].
    pub role: u8,
    /// Number of the [`Status`] reached; zero for [`EventKind::OwnBatch`].
    pub status: U16,
    /// Bytes of the body.
    pub body_len: U16,
    /// Place of the record in its original batch.
    pub origin_ordinal: U16,
    /// Log index of the record's original entry.
    pub origin_entry: U64,
    /// Minor units that moved; zero if none.
    pub amount: U64,
    /// Minor units that moved on the counter side; zero if none.
    pub counter_amount: U64,
}

impl EventHead {
    /// A head: `body_len` in bytes, `origin` the record's own entry and its place there, `amount` in minor units; nothing
    /// moved on the counter side.
    pub fn new(
        kind: EventKind,
        role: Role,
        status: u16,
        body_len: usize,
        origin: (u64, u16),
        amount: u64,
    ) -> Self {
        Self {
            kind: kind as u8,
            role: role as u8,
            status: status.into(),
            body_len: (body_len as u16).into(),
            origin_ordinal: origin.1.into(),
            origin_entry: origin.0.into(),
            amount: amount.into(),
            counter_amount: 0.into(),
        }
    }
}

/// Bytes of an event's head.
pub const EVENT_HEAD_BYTES: usize = 32;
const _: () = assert!(size_of::<EventHead>() == EVENT_HEAD_BYTES);
/// Most bytes of a body.
pub const EVENT_BODY_MAX: usize = CONTROL_PAYLOAD_BYTES_MAX + 64;
const _: () = assert!(RECORD_BYTES + RECORD_EXTENSION_BYTES_MAX <= EVENT_BODY_MAX);

/// Bytes of the body of an event about the participant's own batch.
pub const OWN_BATCH_BODY_BYTES: usize = 24;

/// What an event is about. Numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum EventKind {
    /// One instruction, mostly a payment; the body is the record and its extensions.
    Payment = 1,
    /// The participant's own batch was applied; the body is that of [`own_batch_body`]. Its answers say the rest.
    OwnBatch = 2,
    /// A control action; the body is that of [`control_body`].
    Control = 3,
    /// Fees of a day were billed; the body is that of [`fee_body`].
    Fee = 4,
    /// An exchange: what an FX payment or a quote lock came to; the body is that of [`crate::exchange`].
    Exchange = 5,
    /// A step of a business day was done; the body is that of [`crate::statement::DayTold`].
    Day = 6,
    /// Statement of an account for a business day; the body is that of [`crate::statement::Statement`].
    Statement = 7,
}

/// How the participant is concerned. Numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Role {
    /// It pays.
    Debtor = 1,
    /// It is paid.
    Creditor = 2,
    /// It submitted, proposed or approved.
    Submitter = 3,
    /// An action of others concerns it.
    Subject = 4,
    /// It may meet the condition of the payment.
    Approver = 5,
    /// Its quote is used.
    Provider = 6,
    /// It watches over the currency: its settlement agent, an operator, a regulator.
    Overseer = 7,
}

impl Role {
    /// The role with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Debtor),
            2 => Some(Self::Creditor),
            3 => Some(Self::Submitter),
            4 => Some(Self::Subject),
            5 => Some(Self::Approver),
            6 => Some(Self::Provider),
            7 => Some(Self::Overseer),
            _ => None,
        }
    }
}

/// One event as it stands in a group.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// Its head.
    pub head: &'a EventHead,
    /// Its body.
    pub body: &'a [u8],
}

impl<'a> Event<'a> {
    /// The kind, if this version knows its number.
    pub const fn kind(&self) -> Option<EventKind> {
        match self.head.kind {
            1 => Some(EventKind::Payment),
            2 => Some(EventKind::OwnBatch),
            3 => Some(EventKind::Control),
            4 => Some(EventKind::Fee),
            5 => Some(EventKind::Exchange),
            6 => Some(EventKind::Day),
            7 => Some(EventKind::Statement),
            _ => None,
        }
    }

    /// The role, if this version knows its number.
    pub const fn role(&self) -> Option<Role> {
        Role::from_number(self.head.role)
    }

    /// The status, if this version knows its number.
    pub fn status(&self) -> Option<Status> {
        Status::from_number(self.head.status.get())
    }

    /// The record and its extensions, if the event is about a payment.
    pub fn payment(&self) -> Option<(&'a Instruction, &'a [u8])> {
        (self.kind() == Some(EventKind::Payment)).then_some(())?;
        Instruction::ref_from_prefix(self.body).ok()
    }

    /// What it came to, the record and its extensions, if the event is about an exchange.
    pub fn exchange(&self) -> Option<(Exchange, &'a Instruction, &'a [u8])> {
        (self.kind() == Some(EventKind::Exchange)).then_some(())?;
        let (exchange, rest) = Exchange::read(self.body).ok()?;
        let (record, extensions) = Instruction::ref_from_prefix(rest).ok()?;
        Some((exchange, record, extensions))
    }

    /// Session, number and count, if the event is about the participant's own batch.
    pub fn own_batch(&self) -> Option<(SessionId, u64, u32)> {
        (self.kind() == Some(EventKind::OwnBatch)).then_some(())?;
        let mut r = Reader::new(self.body);
        let session = SessionId(r.u64("event.session").ok()?);
        let number = r.u64("event.number").ok()?;
        let count = r.u32("event.count").ok()?;
        r.zeros(4, "event.reserved").ok()?;
        r.end("event.body").ok()?;
        Some((session, number, count))
    }

    /// Proposer, id of the proposal and action, if the event is about a control action.
    pub fn control(&self) -> Option<(ParticipantId, InstructionId, Action)> {
        (self.kind() == Some(EventKind::Control)).then_some(())?;
        let mut r = Reader::new(self.body);
        let proposer = ParticipantId(r.u32("event.proposer").ok()?);
        r.zeros(4, "event.reserved").ok()?;
        let id = InstructionId(r.array("event.proposal").ok()?);
        Some((proposer, id, Action::read(r.rest()).ok()?))
    }

    /// Payer, collector, currency and business date, if the event is about fees.
    pub fn fee(&self) -> Option<(ParticipantId, ParticipantId, u16, u16)> {
        (self.kind() == Some(EventKind::Fee)).then_some(())?;
        let mut r = Reader::new(self.body);
        let payer = ParticipantId(r.u32("event.payer").ok()?);
        let collector = ParticipantId(r.u32("event.collector").ok()?);
        let currency = r.u16("event.currency").ok()?;
        let date = r.u16("event.date").ok()?;
        r.zeros(4, "event.reserved").ok()?;
        r.end("event.body").ok()?;
        Some((payer, collector, currency, date))
    }

    /// Bytes of head and body.
    pub const fn size(&self) -> usize {
        EVENT_HEAD_BYTES + self.body.len()
    }
}

/// Body of an event about the participant's own batch: session, number, count, zero.
pub fn own_batch_body(session: SessionId, number: u64, count: u32) -> [u8; OWN_BATCH_BODY_BYTES] {
    let mut body = [0; OWN_BATCH_BODY_BYTES];
    body[..8].copy_from_slice(&session.0.to_le_bytes());
    body[8..16].copy_from_slice(&number.to_le_bytes());
    body[16..20].copy_from_slice(&count.to_le_bytes());
    body
}

/// Bytes of the body of an event about fees.
pub const FEE_BODY_BYTES: usize = 16;

/// Body of an event about fees: payer, collector, currency, business date, zero.
pub fn fee_body(
    payer: ParticipantId,
    collector: ParticipantId,
    currency: u16,
    date: u16,
) -> [u8; FEE_BODY_BYTES] {
    let mut body = [0; FEE_BODY_BYTES];
    body[..4].copy_from_slice(&payer.0.to_le_bytes());
    body[4..8].copy_from_slice(&collector.0.to_le_bytes());
    body[8..10].copy_from_slice(&currency.to_le_bytes());
    body[10..12].copy_from_slice(&date.to_le_bytes());
    body
}

/// Appends the body of an event about a control action: proposer, zero, id of the proposal, action.
pub fn control_body(out: &mut Vec<u8>, proposer: ParticipantId, id: InstructionId, action: &Action) {
    action.write(out.put_u32(proposer.0).put_u32(0).put(&id.0));
}

/// Reads the first event of a run; `None` at its end.
pub fn first(bytes: &[u8]) -> Result<Option<(Event<'_>, &[u8])>, FormatError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let (head, rest) = EventHead::ref_from_prefix(bytes).map_err(|_| FormatError::Truncated {
        field: "event.head",
        missing: EVENT_HEAD_BYTES - bytes.len(),
    })?;
    let len = usize::from(head.body_len.get());
    crate::codec::within(len, EVENT_BODY_MAX, "event.body")?;
    let (body, rest) = rest.split_at_checked(len).ok_or_else(|| FormatError::Truncated {
        field: "event.body",
        missing: len - rest.len(),
    })?;
    Ok(Some((Event { head, body }, rest)))
}

/// All events of a run that was checked before; stops at the first that is ill-formed.
pub fn each(mut bytes: &[u8]) -> impl Iterator<Item = Event<'_>> {
    std::iter::from_fn(move || {
        let (event, rest) = first(bytes).ok()??;
        bytes = rest;
        Some(event)
    })
}

/// Leaf of one chunk of events.
pub fn chunk_leaf(bytes: &[u8]) -> Digest {
    tagged(tags::EVENTS, &[bytes])
}

/// Cuts a run of events into chunks of sixteen and returns their byte ranges and the number of events.
pub fn chunks(bytes: &[u8]) -> Result<(Vec<std::ops::Range<usize>>, usize), FormatError> {
    let mut ranges = Vec::new();
    let (mut at, mut start, mut count) = (0, 0, 0);
    while let Some((event, _)) = first(&bytes[at..])? {
        at += event.size();
        count += 1;
        if count % EVENTS_PER_CHUNK == 0 {
            ranges.push(start..at);
            start = at;
        }
    }
    if start < at {
        ranges.push(start..at);
    }
    Ok((ranges, count))
}

/// Leaves of the chunks of a run of events, and the number of events.
pub fn event_leaves(bytes: &[u8]) -> Result<(Vec<Digest>, usize), FormatError> {
    let (ranges, count) = chunks(bytes)?;
    Ok((chunk_leaves(ranges.into_iter().map(|range| &bytes[range])), count))
}

fn chunk_leaves<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Digest> {
    hash_all(chunks, |out, chunk| {
        out.put(tags::EVENTS).put(chunk);
    })
}

/// Head of a group: whose events of which entry these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupHead {
    /// Whose.
    pub participant: ParticipantId,
    /// Log index of the entry that caused them.
    pub entry: u64,
    /// Number of the first in the participant's feed.
    pub first: u64,
    /// How many.
    pub count: u32,
}

impl GroupHead {
    /// Digest of the group with this head and this root over its events.
    pub fn digest(&self, events_root: &Digest) -> Digest {
        let mut bytes = Vec::new();
        self.put(&mut bytes, events_root);
        hash(&bytes)
    }

    fn put(&self, out: &mut Vec<u8>, events_root: &Digest) {
        out.put(tags::GROUP)
            .put_u32(self.participant.0)
            .put_u32(self.count)
            .put_u64(self.entry)
            .put_u64(self.first)
            .put(events_root);
    }

    /// Digest of the group with this head and these events.
    pub fn digest_of(&self, events: &[u8]) -> Result<Digest, FormatError> {
        let digests = group_digests(std::iter::once((*self, events)))?;
        Ok(digests.into_iter().next().unwrap_or(ZERO))
    }
}

/// Digests of many groups, each with its events: what [`GroupHead::digest_of`] gives for each, at less cost.
///
/// # Errors
/// If events are ill-formed, or not as many as their head says.
pub fn group_digests<'a>(
    groups: impl IntoIterator<Item = (GroupHead, &'a [u8])>,
) -> Result<Vec<Digest>, FormatError> {
    let (mut heads, mut trees, mut runs) = (Vec::new(), Vec::new(), Vec::new());
    for (head, events) in groups {
        let (ranges, count) = chunks(events)?;
        if count != head.count as usize {
            return Err(FormatError::rule(
                "group.count",
                "differs from the number of events",
            ));
        }
        let any = !ranges.is_empty();
        heads.push((head, any));
        trees.extend(any.then_some(ranges.len()));
        runs.extend(ranges.into_iter().map(|range| &events[range]));
    }
    let mut roots = chunk_leaves(runs);
    wide::roots_in_place(&mut roots, &mut trees);
    let mut roots = roots.into_iter();
    Ok(hash_all(heads, |out, (head, any)| {
        let root = roots.by_ref().take(usize::from(any)).next();
        head.put(out, &root.unwrap_or(ZERO));
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(run: &mut Vec<u8>, kind: EventKind, body: &[u8]) {
        let head = EventHead::new(
            kind,
            Role::Submitter,
            Status::Executed as u16,
            body.len(),
            (1, 0),
            0,
        );
        run.put(head.as_bytes()).put(body);
    }

    #[test]
    fn a_run_of_events_reads_back_and_no_cut_of_it_panics() {
        let action = Action::SetStanding {
            participant: ParticipantId(2),
            suspended: true,
        };
        let mut body = Vec::new();
        control_body(&mut body, ParticipantId(1), InstructionId([7; 16]), &action);
        let mut run = Vec::new();
        put(&mut run, EventKind::OwnBatch, &own_batch_body(SessionId(5), 6, 7));
        put(&mut run, EventKind::Control, &body);
        let events: Vec<Event<'_>> = each(&run).collect();
        assert_eq!(events.len(), 2);
        assert_eq!(events[0].own_batch(), Some((SessionId(5), 6, 7)));
        assert_eq!(
            events[1].control(),
            Some((ParticipantId(1), InstructionId([7; 16]), action))
        );
        assert!(events[0].control().is_none() && events[1].own_batch().is_none());
        let ends = [0, events[0].size(), run.len()];
        for len in 0..=run.len() {
            assert_eq!(chunks(&run[..len]).is_ok(), ends.contains(&len), "cut at {len}");
        }
    }
}
