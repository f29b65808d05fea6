//! Instructions on their way: batches out, answers in, and waiting for what is queued.
use crate::failure::Failure;
use crate::proof::{Kept, Patience, is_passing};
use crate::store::{Intent, Place, Store};
use causeway_message::answer::AnswerDetail;
use causeway_message::digest::Digest;
use causeway_message::document::Document;
use causeway_message::event::{Event, Role};
use causeway_message::exchange::Exchange;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::ids::parse_hex;
use causeway_message::record::Instruction;
use causeway_message::refusal::RefusalCode;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, Status, digest};
use causeway_transport::client::{BatchOutcome, Pending, Session};
use causeway_transport::{Client, ClientError};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use tokio::time::{Instant, timeout_at};

/// Records in one batch: enough to share the cost of a signature, few enough to keep documents in bounds.
const BATCH_RECORDS: usize = 1_000;
/// Bytes of documents that travel with one batch.
const BATCH_DOCUMENT_BYTES: usize = 16 * 1_048_576;
/// Times that a batch is sent again because its number was taken meanwhile.
const ATTEMPTS: usize = 5;

/// One instruction and what is known of it.
#[derive(Debug)]
pub struct Payment {
    /// As it is sent.
    pub intent: Intent,
    /// Its status, as soon as the node has answered.
    pub status: Option<Status>,
    /// How many wait in the queue it waits in, itself included.
    pub queue: u32,
    /// Whether the node knew it already.
    pub replayed: bool,
    /// Log index of its entry and its place there.
    pub origin: Option<(u64, u32)>,
    /// When its entry was sequenced.
    pub accepted: Option<Timestamp>,
    /// Its receipt.
    pub receipt: Option<Kept>,
    /// What it came to, if it was converted.
    pub exchange: Option<Exchange>,
}

impl Payment {
    /// An instruction that is not sent yet.
    pub const fn new(intent: Intent) -> Payment {
        Payment {
            intent,
            status: None,
            queue: 0,
            replayed: false,
            origin: None,
            accepted: None,
            receipt: None,
            exchange: None,
        }
    }

    /// Its record.
    pub const fn record(&self) -> &Instruction {
        &self.intent.record
    }
}

/// Sends all payments and notes the answers.
///
/// # Errors
/// When the connection or the store fails; payments without an answer may have settled all the same, and sending
/// them again tells.
pub async fn submit(
    client: &Client,
    store: &Store,
    payments: &mut [Payment],
    deadline: Instant,
) -> Result<(), Failure> {
    if payments.is_empty() {
        return Ok(());
    }
    let late =
        || Failure::Io("the node did not answer in time: send the same again, nothing is paid twice".into());
    let session = timeout_at(deadline, open(client, store, deadline)).await;
    let session = session.map_err(|_| late())??;
    let mut todo = batches(store, payments)?;
    for _ in 0..ATTEMPTS {
        let mut sent: Vec<(Range<usize>, Pending)> = Vec::new();
        for range in std::mem::take(&mut todo) {
            let batch = timeout_at(deadline, send(&session, store, payments, range.clone())).await;
            sent.push((range, batch.map_err(|_| late())??));
        }
        for (range, pending) in sent {
            match timeout_at(deadline, pending.outcome())
                .await
                .map_err(|_| late())?
            {
                Ok(outcome) => note(payments, range, &outcome),
                // A batch of an earlier run that ended too soon arrived after this session was opened.
                Err(ClientError::Refused(refusal)) if refusal.code == RefusalCode::SessionNumberReused => {
                    todo.push(range);
                }
                Err(error) => return Err(error.into()),
            }
        }
        if todo.is_empty() {
            return Ok(());
        }
    }
    Err(Failure::Io(
        "another program sends in this store's session".into(),
    ))
}

/// Opens the store's session, also with a node that goes away as it is asked: nothing was sent yet.
async fn open(client: &Client, store: &Store, deadline: Instant) -> Result<Session, Failure> {
    let session = store.session()?;
    let mut patience = Patience::until(Some(deadline));
    loop {
        match client.session(session).await {
            Err(error) if is_passing(&error) && patience.wait().await => {}
            opened => return Ok(opened?),
        }
    }
}

/// Cuts the payments into batches within their bounds.
fn batches(store: &Store, payments: &[Payment]) -> Result<Vec<Range<usize>>, Failure> {
    let mut ranges = Vec::new();
    let (mut start, mut bytes, mut seen) = (0, 0, BTreeSet::new());
    for (at, payment) in payments.iter().enumerate() {
        let digest = payment.record().document_digest;
        let own = document_bytes(store, &digest)?;
        let more = if seen.contains(&digest) { 0 } else { own };
        if at - start >= BATCH_RECORDS || (at > start && bytes + more > BATCH_DOCUMENT_BYTES) {
            ranges.push(start..at);
            (start, bytes) = (at, 0);
            seen.clear();
        }
        if seen.insert(digest) {
            bytes += own;
        }
    }
    ranges.push(start..payments.len());
    Ok(ranges)
}

/// How much travels beside an instruction: one about another payment has no document of its own.
fn document_bytes(store: &Store, digest: &Digest) -> Result<usize, Failure> {
    if *digest == digest::ZERO {
        return Ok(0);
    }
    let path = store.document(digest);
    let file = std::fs::metadata(&path).map_err(|error| Failure::at(&path, "cannot be read", &error))?;
    Ok(usize::try_from(file.len()).unwrap_or(usize::MAX))
}

async fn send(
    session: &Session,
    store: &Store,
    payments: &[Payment],
    range: Range<usize>,
) -> Result<Pending, Failure> {
    let mut documents: BTreeMap<Digest, Document> = BTreeMap::new();
    let (mut records, mut extensions) = (Vec::new(), Vec::new());
    for (payment, at) in payments.get(range).unwrap_or_default().iter().zip(0_u16..) {
        let record = payment.record();
        if record.document_digest != digest::ZERO
            && let Entry::Vacant(place) = documents.entry(record.document_digest)
        {
            place.insert(document(store, &payment.intent)?);
        }
        put_extensions(&mut extensions, at, &payment.intent);
        records.push(*record);
    }
    let documents = documents.into_values().collect();
    Ok(session.submit(records, extensions, documents).await?)
}

/// What goes with an instruction, in the order of the types.
fn put_extensions(out: &mut Vec<u8>, at: u16, intent: &Intent) {
    if let Some(reference) = &intent.clearing_ref {
        extension::put(out, at, ExtensionType::ClearingReference, reference.as_bytes());
    }
    if let Some(charges) = intent.charges.as_deref().and_then(bytes_of) {
        extension::put(out, at, ExtensionType::Charges, &charges);
    }
    if let Some(reason) = &intent.reason {
        extension::put(out, at, ExtensionType::Reason, reason.as_bytes());
    }
}

/// The bytes that hexadecimal digits stand for.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| {
        let [byte]: [u8; 1] = parse_hex(std::str::from_utf8(pair).ok()?)?;
        Some(byte)
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

/// The document of an instruction, out of the store.
fn document(store: &Store, intent: &Intent) -> Result<Document, Failure> {
    let digest = intent.record.document_digest;
    let path = store.document(&digest);
    let text = std::fs::read(&path).map_err(|error| Failure::at(&path, "cannot be read", &error))?;
    let document = parse_hex(&intent.salt).map(|salt| Document {
        salt,
        text: text.into(),
    });
    document
        .filter(|document| document.digest() == digest)
        .ok_or_else(|| Failure::Io(format!("{}: the document was changed", path.display())))
}

fn note(payments: &mut [Payment], range: Range<usize>, outcome: &BatchOutcome) {
    let details: BTreeMap<u16, &AnswerDetail> = outcome
        .details
        .iter()
        .map(|detail| (detail.record.get(), detail))
        .collect();
    let payments = payments.get_mut(range).unwrap_or_default().iter_mut();
    for ((payment, answer), at) in payments.zip(&outcome.answers).zip(0_u16..) {
        payment.status = answer.status();
        payment.queue = answer.queue_position.get();
        payment.replayed = !answer.is_first();
        if answer.is_first() {
            payment.origin = Some((outcome.leaf.index, u32::from(at)));
            payment.accepted = Some(outcome.leaf.time);
        } else if let Some(detail) = details.get(&at) {
            payment.origin = Some((detail.origin_entry.get(), u32::from(detail.origin_ordinal.get())));
        }
    }
}

/// Whether it is worth waiting for: banks answer each other in their own time.
fn waits(payment: &Payment) -> bool {
    payment.intent.pays() && payment.status.is_some_and(Status::is_transient)
}

/// Whether the feed will tell soon what it came to: of what settled just now, for its answer names no rate of two hops.
fn is_to_be_priced(payment: &Payment) -> bool {
    payment.intent.converts() && payment.status == Some(Status::Settled) && !payment.replayed
}

/// What an event says of an own payment that is final, and what it came to.
fn outcome(event: &Event<'_>) -> Option<(InstructionId, Status, Option<Exchange>)> {
    let (record, exchange) = match event.exchange() {
        Some((exchange, record, _)) => (record, Some(exchange)),
        None => (event.payment()?.0, None),
    };
    let status = event.status().filter(|status| status.is_final())?;
    (event.role() == Some(Role::Debtor)).then(|| (record.id(), status, exchange))
}

/// Follows the feed until no payment waits any more or time is over. `from` is a number in the feed that was reached
/// before anything was sent.
///
/// # Errors
/// When the node shows what its log does not prove, or the store fails.
pub async fn follow(
    client: &Client,
    store: &Store,
    payments: &mut [Payment],
    from: u64,
    deadline: Instant,
) -> Result<(), Failure> {
    let mut waiting: BTreeMap<InstructionId, Vec<usize>> = BTreeMap::new();
    for (at, payment) in payments.iter().enumerate() {
        if waits(payment) || is_to_be_priced(payment) {
            waiting.entry(payment.record().id()).or_default().push(at);
        }
    }
    if waiting.is_empty() {
        return Ok(());
    }
    let mut feed = client.feed(from);
    let mut next = from;
    while !waiting.is_empty() {
        let Ok(entry) = timeout_at(deadline, feed.next()).await else {
            break;
        };
        for (number, event) in entry?.events() {
            next = number.saturating_add(1);
            let Some((id, status, exchange)) = outcome(&event) else {
                continue;
            };
            for at in waiting.remove(&id).into_iter().flatten() {
                if let Some(payment) = payments.get_mut(at) {
                    payment.status = Some(status);
                    payment.exchange.clone_from(&exchange);
                }
            }
        }
    }
    store.advance(Place::Send, next)
}
