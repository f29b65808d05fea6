//! From what an entry caused to the groups of events that each participant is told.
use causeway_ledger::{Deferred, FeePosting, Notice, Outcome};
use causeway_message::answer::Answer;
use causeway_message::codec::Put;
use causeway_message::digest::Digest;
use causeway_message::event::{
    EVENT_HEAD_BYTES, EventHead, EventKind, GroupHead, Role, fee_body, group_digests,
};
use causeway_message::exchange::Exchange;
use causeway_message::extension::Walk;
use causeway_message::limits::RECORD_BYTES;
use causeway_message::record::{Instruction, Kind};
use causeway_message::verify::VerifiedBatch;
use causeway_message::{ParticipantId, Status, mutated};
use zerocopy::IntoBytes;

/// What is needed of an entry's input to say whom it concerns.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Log index of the entry.
    pub entry: u64,
    /// The batch, if the entry holds one.
    pub batch: Option<BatchSource<'a>>,
}

/// The batch of an entry.
#[derive(Debug, Clone, Copy)]
pub struct BatchSource<'a> {
    /// Who submitted it.
    pub submitter: ParticipantId,
    /// Its session.
    pub session: u64,
    /// Its number.
    pub number: u64,
    /// Its instruction records; none for a control batch.
    pub records: &'a [Instruction],
    /// Their extensions.
    pub extensions: &'a [u8],
}

impl<'a> BatchSource<'a> {
    /// From a verified batch.
    pub fn new(batch: &'a VerifiedBatch) -> Self {
        let view = batch.view();
        Self {
            submitter: batch.participant(),
            session: batch.session().0,
            number: batch.number(),
            records: view.map_or(&[], |v| v.records),
            extensions: view.map_or(&[], |v| v.extensions),
        }
    }
}

/// True if the answer moved money now.
#[inline]
fn settled_now(answer: &Answer) -> bool {
    answer.status.get() == Status::Settled as u16 && answer.is_first()
}

/// Tells `each` every event of an entry: whom it concerns, its head, and the two parts of its body.
///
/// The order within a participant: its own batch, credits of the entry's own records, earlier payments that
/// reached a status, control actions, fees, steps of days, statements.
pub fn each_event(
    source: &Source<'_>,
    outcome: &Outcome,
    mut each: impl FnMut(u32, &EventHead, &[u8], &[u8]),
) {
    if let Some(batch) = &source.batch {
        let mut body = Vec::with_capacity(24);
        body.put_u64(batch.session)
            .put_u64(batch.number)
            .put_u32(outcome.answers.len() as u32)
            .put_u32(0);
        let own = EventHead::new(
            EventKind::OwnBatch,
            Role::Submitter,
            0,
            body.len(),
            (source.entry, 0),
            0,
        );
        each(batch.submitter.0, &own, &body, &[]);
        let mut walk = Walk::new(batch.extensions);
        for (ordinal, (record, answer)) in batch.records.iter().zip(&outcome.answers).enumerate() {
            // Of trades and exchanges all are told by what the ledger says of them.
            let apart = [Kind::Pvp, Kind::FxPayment].map(|kind| kind as u8);
            if settled_now(answer) && !apart.contains(&record.kind) {
                let extensions = walk.of(ordinal);
                let len = RECORD_BYTES + extensions.len();
                let origin = (source.entry, ordinal as u16);
                let credit = EventHead::new(
                    EventKind::Payment,
                    Role::Creditor,
                    answer.status.get(),
                    len,
                    origin,
                    record.amount.get(),
                );
                each(record.creditor.get(), &credit, record.as_bytes(), extensions);
            } else if !batch.extensions.is_empty() {
                walk.of(ordinal);
            }
        }
    }
    outcome
        .deferred
        .iter()
        .for_each(|deferred| each_deferred(deferred, outcome.exchange(deferred), &mut each));
    outcome
        .notices
        .iter()
        .for_each(|notice| each_notice(notice, &mut each));
    outcome
        .fees
        .iter()
        .for_each(|fee| each_fee(source.entry, fee, &mut each));
    each_day(source.entry, outcome, &mut each);
}

fn each_deferred(
    deferred: &Deferred,
    exchange: Option<&Exchange>,
    each: &mut impl FnMut(u32, &EventHead, &[u8], &[u8]),
) {
    let status = deferred.status as u16;
    let origin = (deferred.entry, deferred.ordinal);
    let mut front = Vec::new();
    let (kind, record) = match exchange {
        Some(exchange) => {
            exchange.write(&mut front);
            front.put(deferred.record.as_bytes());
            (EventKind::Exchange, front.as_slice())
        }
        None => (EventKind::Payment, deferred.record.as_bytes()),
    };
    let len = record.len() + deferred.extensions.len();
    let mut tell = |whom: u32, role: Role| {
        let mut told = EventHead::new(kind, role, status, len, origin, deferred.amount);
        told.counter_amount = deferred.counter_amount.into();
        each(whom, &told, record, &deferred.extensions);
    };
    let told = deferred.told;
    if told.submitter {
        tell(deferred.submitter.0, Role::Debtor);
    }
    if told.creditor && !mutated!(ForgetEvent) {
        tell(deferred.record.creditor.get(), Role::Creditor);
    }
    if let Some(approver) = told.approver {
        tell(approver.0, Role::Approver);
    }
    let mut before = None;
    for hop in exchange.iter().flat_map(|exchange| &exchange.hops) {
        // Who provides both is told once.
        if before.replace(hop.provider) != Some(hop.provider) {
            tell(hop.provider.0, Role::Provider);
        }
    }
}

fn each_fee(entry: u64, fee: &FeePosting, each: &mut impl FnMut(u32, &EventHead, &[u8], &[u8])) {
    let body = fee_body(fee.payer, fee.collector, fee.currency, fee.date);
    for (whom, role) in [(fee.payer, Role::Debtor), (fee.collector, Role::Creditor)] {
        let status = Status::Executed as u16;
        let told = EventHead::new(EventKind::Fee, role, status, body.len(), (entry, 0), fee.amount);
        each(whom.0, &told, &body, &[]);
    }
}

fn each_day(entry: u64, outcome: &Outcome, each: &mut impl FnMut(u32, &EventHead, &[u8], &[u8])) {
    let status = Status::Executed as u16;
    for day in &outcome.days {
        let body = day.told.body();
        let told = EventHead::new(EventKind::Day, Role::Overseer, status, body.len(), (entry, 0), 0);
        day.whom.iter().for_each(|whom| each(whom.0, &told, &body, &[]));
    }
    for notice in &outcome.statements {
        let body = notice.statement.body();
        let role = if notice.overseer {
            Role::Overseer
        } else {
            Role::Subject
        };
        let told = EventHead::new(EventKind::Statement, role, status, body.len(), (entry, 0), 0);
        each(notice.whom.0, &told, &body, &[]);
    }
}

fn each_notice(notice: &Notice, each: &mut impl FnMut(u32, &EventHead, &[u8], &[u8])) {
    let mut body = Vec::new();
    body.put_u32(notice.proposer.0).put_u32(0).put(&notice.id.0);
    notice.action.write(&mut body);
    let origin = (notice.entry, notice.ordinal);
    let status = notice.status as u16;
    let own = EventHead::new(
        EventKind::Control,
        Role::Submitter,
        status,
        body.len(),
        origin,
        notice.amount,
    );
    each(notice.proposer.0, &own, &body, &[]);
    if let Some(subject) = notice.subject {
        let told = EventHead::new(
            EventKind::Control,
            Role::Subject,
            status,
            body.len(),
            origin,
            notice.amount,
        );
        each(subject.0, &told, &body, &[]);
    }
}

/// One participant's group of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Whose, and the numbers of its events.
    pub head: GroupHead,
    /// Log index of the entry before with a group of this participant; zero if none.
    pub previous: u64,
    /// Where its events are in the entry's buffer.
    pub range: std::ops::Range<usize>,
    /// Its digest.
    pub digest: Digest,
}

/// All groups of an entry, in order of participant.
#[derive(Debug, Default)]
pub struct Groups {
    /// All events, group behind group.
    pub events: Vec<u8>,
    /// The groups.
    pub all: Vec<Group>,
}

/// Counts per participant, kept between entries so that nothing is allocated.
#[derive(Debug, Default)]
pub struct Scratch {
    sizes: Vec<(u32, u32)>,
    touched: Vec<u32>,
    /// Buffers of events that were told: fresh memory costs more than what is written into it.
    spare: Vec<Vec<u8>>,
}

/// Most buffers kept.
const SPARE_MAX: usize = 16;
/// Most bytes of one: a full batch tells of less, and the few entries that tell of more leave nothing behind.
const SPARE_BYTES_MAX: usize = 4 * 1_048_576;

impl Scratch {
    fn add(&mut self, participant: u32, bytes: usize) {
        let at = participant as usize;
        if self.sizes.len() <= at {
            self.sizes.resize(at + 1, (0, 0));
        }
        let (count, size) = &mut self.sizes[at];
        if *count == 0 {
            self.touched.push(participant);
        }
        *count += 1;
        *size += bytes as u32;
    }

    /// Takes back the buffer of an entry whose events were told.
    pub fn take_back(&mut self, groups: Groups) {
        if self.spare.len() < SPARE_MAX && groups.events.capacity() <= SPARE_BYTES_MAX {
            self.spare.push(groups.events);
        }
    }

    /// Builds the groups of an entry; `number` gives each group its first number and the entry before.
    pub fn build(
        &mut self,
        source: &Source<'_>,
        outcome: &Outcome,
        mut number: impl FnMut(u32, u32) -> (u64, u64),
    ) -> Groups {
        each_event(source, outcome, |participant, _, a, b| {
            self.add(participant, EVENT_HEAD_BYTES + a.len() + b.len());
        });
        self.touched.sort_unstable();
        let mut groups = Groups {
            events: Vec::new(),
            all: Vec::with_capacity(self.touched.len()),
        };
        let mut at = 0;
        for participant in &self.touched {
            let (count, size) = &mut self.sizes[*participant as usize];
            let end = at + *size as usize;
            let (first, previous) = number(*participant, *count);
            let head = GroupHead {
                participant: ParticipantId(*participant),
                entry: source.entry,
                first,
                count: *count,
            };
            groups.all.push(Group {
                head,
                previous,
                range: at..end,
                digest: [0; 32],
            });
            // From here on the size is the place where the participant's next event goes.
            *size = at as u32;
            at = end;
        }
        // What stands in a buffer is written over: each byte belongs to an event.
        groups.events = self.spare.pop().unwrap_or_default();
        groups.events.resize(at, 0);
        let (events, sizes) = (&mut groups.events, &mut self.sizes);
        each_event(source, outcome, |participant, head, a, b| {
            let place = &mut sizes[participant as usize].1;
            for part in [head.as_bytes(), a, b] {
                let start = *place as usize;
                events[start..start + part.len()].copy_from_slice(part);
                *place += part.len() as u32;
            }
        });
        for participant in self.touched.drain(..) {
            self.sizes[participant as usize] = (0, 0);
        }
        let runs = groups
            .all
            .iter()
            .map(|group| (group.head, &groups.events[group.range.clone()]));
        // The runs were just built. If they had not the form that the digests check, nothing of them may be signed.
        let digests = group_digests(runs).unwrap_or_else(|error| panic!("entry {}: {error}", source.entry));
        for (group, digest) in groups.all.iter_mut().zip(digests) {
            group.digest = digest;
        }
        groups
    }
}

/// The events of one participant alone, as they stand in its group.
pub fn events_of(source: &Source<'_>, outcome: &Outcome, participant: ParticipantId) -> Vec<u8> {
    let mut events = Vec::new();
    each_event(source, outcome, |whose, head, a, b| {
        if whose == participant.0 {
            events.put(head.as_bytes()).put(a).put(b);
        }
    });
    events
}
