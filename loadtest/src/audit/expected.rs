//! From what an entry causes to what must be seen of it: answers, groups of events, leaf (PROTOCOL §9, §10).
use std::collections::BTreeMap;

use causeway_message::answer::{Answer, AnswerDetail};
use causeway_message::codec::Put;
use causeway_message::digest::Digest;
use causeway_message::effects::EffectsHead;
use causeway_message::entry::EntryHeader;
use causeway_message::event::{EventKind, GroupHead, Role, fee_body};
use causeway_message::leaf::Leaf;
use causeway_message::{ParticipantId, SessionId, Status};

use super::input::{Batch, Input};
use super::model::{Billed, Caused, Given, Notice, Step, Told};

/// All events of one participant in one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Whose, and their numbers.
    pub head: GroupHead,
    /// The events, one behind the other.
    pub events: Vec<u8>,
    /// Digest of the group.
    pub digest: Digest,
}

/// Whose batch an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submitted {
    /// Who submitted it.
    pub who: ParticipantId,
    /// Its session.
    pub session: SessionId,
    /// Its number there.
    pub number: u64,
}

/// Everything that must be seen of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The batch it holds.
    pub batch: Option<Submitted>,
    /// One for each record.
    pub answers: Vec<Answer>,
    /// Of those that asked, and of those known before.
    pub details: Vec<AnswerDetail>,
    /// The groups, in order of participant.
    pub groups: Vec<Group>,
    /// What the effects root is made of.
    pub effects: EffectsHead,
    /// The leaf.
    pub leaf: Leaf,
}

/// Runs of events by participant, each with how many there are.
type Runs = BTreeMap<u32, (u32, Vec<u8>)>;

/// What an event's head says beside whose it is.
struct Says {
    kind: EventKind,
    status: u16,
    origin: (u64, u16),
    amount: u64,
    counter: u64,
}

fn tell(runs: &mut Runs, whom: ParticipantId, role: Role, says: &Says, body: &[&[u8]]) {
    let (count, run) = runs.entry(whom.0).or_default();
    *count += 1;
    let len: usize = body.iter().map(|part| part.len()).sum();
    run.put_u8(says.kind as u8)
        .put_u8(role as u8)
        .put_u16(says.status)
        .put_u16(len as u16)
        .put_u16(says.origin.1)
        .put_u64(says.origin.0)
        .put_u64(says.amount)
        .put_u64(says.counter);
    body.iter().for_each(|part| {
        run.put(part);
    });
}

fn tell_payment(runs: &mut Runs, told: &Told) {
    let mut block = Vec::new();
    let kind = match &told.exchange {
        Some(exchange) => {
            exchange.write(&mut block);
            EventKind::Exchange
        }
        None => EventKind::Payment,
    };
    let says = Says {
        kind,
        status: told.status as u16,
        origin: told.origin,
        amount: told.amount,
        counter: told.counter,
    };
    let paper = &told.paper;
    tell(
        runs,
        told.whom,
        told.role,
        &says,
        &[&block, &paper.bytes, &paper.extensions],
    );
}

fn tell_batch(runs: &mut Runs, entry: u64, batch: &Batch, answers: &[Answer]) {
    let mut body = Vec::with_capacity(24);
    body.put_u64(batch.session().0)
        .put_u64(batch.number())
        .put_u32(answers.len() as u32)
        .put_u32(0);
    let says = Says {
        kind: EventKind::OwnBatch,
        status: 0,
        origin: (entry, 0),
        amount: 0,
        counter: 0,
    };
    tell(runs, batch.submitter(), Role::Submitter, &says, &[&body]);
}

fn tell_notice(runs: &mut Runs, notice: &Notice) {
    let mut body = Vec::new();
    body.put_u32(notice.proposer.0).put_u32(0).put(&notice.id.0);
    notice.action.write(&mut body);
    let says = Says {
        kind: EventKind::Control,
        status: notice.status as u16,
        origin: notice.origin,
        amount: notice.amount,
        counter: 0,
    };
    tell(runs, notice.proposer, Role::Submitter, &says, &[&body]);
    if let Some(subject) = notice.subject {
        tell(runs, subject, Role::Subject, &says, &[&body]);
    }
}

fn tell_bill(runs: &mut Runs, entry: u64, bill: &Billed) {
    let body = fee_body(bill.payer, bill.collector, bill.currency, bill.date);
    let says = Says {
        kind: EventKind::Fee,
        status: Status::Executed as u16,
        origin: (entry, 0),
        amount: bill.amount,
        counter: 0,
    };
    tell(runs, bill.payer, Role::Debtor, &says, &[&body]);
    tell(runs, bill.collector, Role::Creditor, &says, &[&body]);
}

fn tell_step(runs: &mut Runs, entry: u64, step: &Step) {
    let told = &step.told;
    let mut body = Vec::with_capacity(32);
    body.put_u16(told.currency)
        .put_u16(told.date)
        .put(&[told.step as u8, 0, 0, 0])
        .put_u32(told.at)
        .put_u32(told.count)
        .put_i128(told.value);
    let says = Says {
        kind: EventKind::Day,
        status: Status::Executed as u16,
        origin: (entry, 0),
        amount: 0,
        counter: 0,
    };
    for whom in &step.whom {
        tell(runs, *whom, Role::Overseer, &says, &[&body]);
    }
}

fn tell_statement(runs: &mut Runs, entry: u64, given: &Given) {
    let own = &given.statement;
    let mut body = Vec::with_capacity(64);
    body.put_u16(own.currency)
        .put_u16(own.date)
        .put_u32(0)
        .put_i128(own.opening)
        .put_i128(own.closing)
        .put_u64(own.from)
        .put_u64(own.to)
        .put_u64(own.before);
    let says = Says {
        kind: EventKind::Statement,
        status: Status::Executed as u16,
        origin: (entry, 0),
        amount: 0,
        counter: 0,
    };
    let role = if given.of_liability {
        Role::Overseer
    } else {
        Role::Subject
    };
    tell(runs, given.whom, role, &says, &[&body]);
}

impl Expected {
    /// `told` holds how many events each participant had before, and counts on.
    pub(super) fn new(
        header: &EntryHeader,
        rules: u16,
        input: &Input,
        caused: Caused,
        told: &mut BTreeMap<ParticipantId, u64>,
    ) -> Self {
        let entry = header.index.get();
        let mut runs = Runs::new();
        let mut batch = None;
        if let Input::Batch(own) = input {
            tell_batch(&mut runs, entry, own, &caused.answers);
            batch = Some(Submitted {
                who: own.submitter(),
                session: own.session(),
                number: own.number(),
            });
        }
        let payments = caused.own.iter().chain(&caused.later);
        payments.for_each(|payment| tell_payment(&mut runs, payment));
        caused
            .notices
            .iter()
            .for_each(|notice| tell_notice(&mut runs, notice));
        caused
            .billed
            .iter()
            .for_each(|bill| tell_bill(&mut runs, entry, bill));
        for step in &caused.steps {
            tell_step(&mut runs, entry, step);
        }
        for given in &caused.statements {
            tell_statement(&mut runs, entry, given);
        }
        let groups: Vec<Group> = runs
            .into_iter()
            .map(|(whose, (count, events))| group(ParticipantId(whose), entry, count, events, told))
            .collect();
        let digests: Vec<Digest> = groups.iter().map(|group| group.digest).collect();
        let effects = EffectsHead::new(&caused.answers, &caused.details, &digests);
        Self {
            batch,
            answers: caused.answers,
            details: caused.details,
            groups,
            effects,
            leaf: Leaf {
                index: entry,
                time: header.time(),
                kind: header.kind.get(),
                rules_version: rules,
                input_digest: header.payload_digest,
                effects_root: effects.root(),
            },
        }
    }

    /// The group of a participant, and its place among the groups.
    pub fn group(&self, whose: ParticipantId) -> Option<(usize, &Group)> {
        let at = self
            .groups
            .iter()
            .position(|group| group.head.participant == whose)?;
        Some((at, &self.groups[at]))
    }
}

fn group(
    participant: ParticipantId,
    entry: u64,
    count: u32,
    events: Vec<u8>,
    told: &mut BTreeMap<ParticipantId, u64>,
) -> Group {
    let before = told.entry(participant).or_insert(0);
    let head = GroupHead {
        participant,
        entry,
        first: *before + 1,
        count,
    };
    *before += u64::from(count);
    // The run was written above, so it has the form that the digest is made of.
    let digest = head.digest_of(&events).unwrap_or_default();
    Group { head, events, digest }
}
