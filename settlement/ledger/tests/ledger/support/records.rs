//! Payments as a script writes them.
use causeway_message::codec::Put;
use causeway_message::record::{Instruction, flags};
use causeway_message::{ParticipantId, Uetr};

use super::actions::Names;
use super::text::Words;
use super::world::{Head, id_of};

/// A payment, who signs it, and what the line says of its batch.
#[derive(Debug, Clone)]
pub struct Payment {
    pub label: String,
    pub record: Instruction,
    /// Type and bytes of its extensions.
    pub extensions: Vec<(u16, Vec<u8>)>,
    pub head: Head,
}

impl Payment {
    /// Appends its extensions for its place in a batch.
    pub fn put_extensions(&self, place: usize, out: &mut Vec<u8>) {
        for (kind, bytes) in &self.extensions {
            out.put_u16(place as u16).put_u16(*kind).put_var(bytes);
        }
    }
}

/// Reads what follows `pay`.
pub fn read(words: &mut Words<'_>, names: &Names, auto: &str) -> Payment {
    let debtor = names.of(words.word());
    let creditor = names.of(words.word());
    let (currency, amount) = (words.currency(), words.number());
    let uetr = Uetr(id_of(&format!("uetr of {auto}")).0);
    let record = Instruction::payment(id_of(auto), uetr, debtor, creditor, currency, amount);
    let mut payment = Payment {
        label: auto.to_owned(),
        record,
        extensions: Vec::new(),
        head: Head::of(debtor, 1),
    };
    while let Some(word) = words.next() {
        if !field(&mut payment, word, words) {
            head_word(&mut payment.head, word, words, names);
        }
    }
    payment
}

/// Reads one option of the record; false if it is none.
fn field(payment: &mut Payment, word: &str, words: &mut Words<'_>) -> bool {
    let record = &mut payment.record;
    match word {
        "id" => {
            payment.label = words.word().to_owned();
            record.instruction_id = id_of(&payment.label).0;
        }
        "expires" => record.expires_at = words.seconds().into(),
        "value" => record.value_date = (words.time().days() as u16).into(),
        "sor" => record.flags = (record.flags.get() | flags::SETTLE_OR_REJECT).into(),
        "interbank" => record.flags = (record.flags.get() | flags::INTERBANK).into(),
        "show" => record.flags = (record.flags.get() | flags::WITH_BALANCE).into(),
        "flags" => record.flags = (record.flags.get() | words.number() as u16).into(),
        "kind" => record.kind = words.number() as u8,
        "priority" => record.priority = words.number() as u8,
        "reserved" => record.reserved = (words.number() as u16).into(),
        "counter" => record.counter_amount = words.number().into(),
        "countercurrency" => record.counter_currency = words.currency().into(),
        "quote" => record.quote = words.number().into(),
        "related" => record.related = id_of(words.word()).0,
        "uetr" => record.uetr = id_of(words.word()).0,
        "document" => record.document_digest = causeway_message::digest::hash(words.word().as_bytes()),
        "ref" => payment.extensions.push((1, text(words))),
        "extension" => {
            let kind = words.number() as u16;
            payment.extensions.push((kind, text(words)));
        }
        _ => return false,
    }
    true
}

fn text(words: &mut Words<'_>) -> Vec<u8> {
    match words.word() {
        "''" => Vec::new(),
        text => text.as_bytes().to_vec(),
    }
}

/// Reads one option of the batch.
pub fn head_word(head: &mut Head, word: &str, words: &mut Words<'_>, names: &Names) {
    match word {
        "by" => (head.participant, head.key) = names.key(words.word()),
        "key" => head.key = words.number() as u32,
        "session" => head.session = words.number(),
        "number" => head.number = Some(words.number()),
        "until" => head.not_after = words.seconds(),
        other => panic!("`{other}` is no option"),
    }
}

/// Reads the options of a batch to the end of the line.
pub fn head_words(participant: ParticipantId, key: u32, words: &mut Words<'_>, names: &Names) -> Head {
    let mut head = Head::of(participant, key);
    while let Some(word) = words.next() {
        head_word(&mut head, word, words, names);
    }
    head
}
