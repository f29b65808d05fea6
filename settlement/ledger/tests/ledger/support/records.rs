//! Instructions as a script writes them: payments, and what is about them or about an account.
use causeway_fx::quotes::{Tier, Tiers};
use causeway_message::charges::{Bearer, Charges};
use causeway_message::codec::Put;
use causeway_message::digest::hash;
use causeway_message::extension::ExtensionType;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, ParticipantId, Uetr};

use super::actions::Names;
use super::text::{Words, number};
use super::world::{Head, id_of};

/// A payment, who signs it, and what the line says of its batch.
#[derive(Debug, Clone)]
pub struct Payment {
    pub label: String,
    pub record: Instruction,
    /// Type and bytes of its extensions.
    pub extensions: Vec<(u16, Vec<u8>)>,
    /// Id of the lock that it names.
    pub lock: Option<InstructionId>,
    pub head: Head,
}

impl Payment {
    /// Appends its extensions for its place in a batch.
    pub fn put_extensions(&self, place: usize, out: &mut Vec<u8>) {
        let mut own: Vec<&(u16, Vec<u8>)> = self.extensions.iter().collect();
        own.sort_by_key(|(kind, _)| *kind);
        for (kind, bytes) in own {
            out.put_u16(place as u16).put_u16(*kind).put_var(bytes);
        }
    }
}

/// The kind that a word begins. `release` also begins an action: the record says `of` what it is.
pub fn kind_of(words: &Words<'_>) -> Option<Kind> {
    let kind = match words.peek()? {
        "pay" => Kind::Payment,
        "conditional" => Kind::Conditional,
        "release" if words.clone().skip_to("of").is_some() => Kind::Release,
        "return" => Kind::Return,
        "cancel" => Kind::Cancel,
        "resolve" => Kind::Resolve,
        "amend" => Kind::Amend,
        "limit" => Kind::Limit,
        "reserve" => Kind::Reservation,
        "discipline" => Kind::Discipline,
        "pvp" => Kind::Pvp,
        "fx" => Kind::FxPayment,
        "lock" => Kind::QuoteLock,
        "quote" => Kind::Quote,
        "obligation" => Kind::Obligation,
        "payin" => Kind::PayIn,
        _ => return None,
    };
    Some(kind)
}

/// Reads a record: `pay A B EUR 5`, and alike for all kinds between two; `reserve A EUR 5`, `amend A EUR` and
/// `discipline A EUR` are about an account of one; `pvp A B USD 110 EUR 100` pays dollars for euros. It is signed by its debtor, or who else is to, unless told.
pub fn read(kind: Kind, words: &mut Words<'_>, names: &Names, auto: &str) -> Payment {
    words.word();
    let debtor = names.of(words.word());
    let own = matches!(
        kind,
        Kind::Reservation | Kind::Amend | Kind::Discipline | Kind::QuoteLock | Kind::Quote | Kind::PayIn
    );
    let creditor = if own { debtor } else { names.of(words.word()) };
    let currency = words.currency();
    let amount = match kind {
        Kind::Amend | Kind::Discipline => 0,
        _ => words.number(),
    };
    let uetr = Uetr(id_of(&format!("uetr of {auto}")).0);
    let mut record = Instruction::payment(id_of(auto), uetr, debtor, creditor, currency, amount);
    record.kind = kind as u8;
    if matches!(kind, Kind::Pvp | Kind::FxPayment | Kind::QuoteLock | Kind::Quote) {
        record.counter_currency = words.currency().into();
    }
    if matches!(kind, Kind::Pvp | Kind::FxPayment | Kind::QuoteLock) {
        record.counter_amount = words.number().into();
    }
    let signer = if kind == Kind::Resolve { creditor } else { debtor };
    let mut payment = Payment {
        label: auto.to_owned(),
        record,
        extensions: Vec::new(),
        lock: None,
        head: Head::of(signer, 1),
    };
    while let Some(word) = words.next() {
        if !field(&mut payment, word, words, names) {
            head_word(&mut payment.head, word, words, names);
        }
    }
    payment
}

/// Reads one option of the record; false if it is none.
fn field(payment: &mut Payment, word: &str, words: &mut Words<'_>, names: &Names) -> bool {
    let record = &mut payment.record;
    if let Some(flag) = flag(word) {
        record.flags = (record.flags.get() | flag).into();
        return true;
    }
    if let Some((kind, bytes)) = extension(word, words, names) {
        payment.extensions.push((kind as u16, bytes));
        return true;
    }
    match word {
        "id" => {
            payment.label = words.word().to_owned();
            record.instruction_id = id_of(&payment.label).0;
        }
        "expires" => record.expires_at = words.seconds().into(),
        "value" => record.value_date = (words.time().days() as u16).into(),
        "flags" => record.flags = (record.flags.get() | words.number() as u16).into(),
        "kind" => record.kind = words.number() as u8,
        "priority" => record.priority = words.number() as u8,
        "reserved" => record.reserved = (words.number() as u16).into(),
        "counter" => record.counter_amount = words.number().into(),
        "countercurrency" => record.counter_currency = words.currency().into(),
        "locked" => payment.lock = Some(id_of(words.word())),
        "quote" => record.quote = words.number().into(),
        "high" => record.priority = 1,
        "urgent" => record.priority = 2,
        "related" | "of" => record.related = id_of(words.word()).0,
        "uetr" => record.uetr = id_of(words.word()).0,
        "document" => record.document_digest = causeway_message::digest::hash(words.word().as_bytes()),
        "extension" => {
            let kind = words.number() as u16;
            payment.extensions.push((kind, text(words)));
        }
        _ => return false,
    }
    true
}

/// The flag that a word sets.
fn flag(word: &str) -> Option<u16> {
    let flag = match word {
        "sor" => flags::SETTLE_OR_REJECT,
        "interbank" => flags::INTERBANK,
        "show" => flags::WITH_BALANCE,
        "linked" => flags::LINKED,
        "duplicate" => flags::DUPLICATE,
        "partial" => flags::PARTIAL,
        "front" => flags::FRONT,
        "back" => flags::BACK,
        "decline" => flags::DECLINE,
        "bypass" => flags::BYPASS,
        "target" => flags::FIXED_TARGET,
        _ => return None,
    };
    Some(flag)
}

/// The extension that a word begins.
fn extension(word: &str, words: &mut Words<'_>, names: &Names) -> Option<(ExtensionType, Vec<u8>)> {
    let read = match word {
        "ref" => (ExtensionType::ClearingReference, text(words)),
        "from" => (ExtensionType::FromTime, words.seconds().to_le_bytes().to_vec()),
        "till" => (ExtensionType::TillTime, words.seconds().to_le_bytes().to_vec()),
        "condition" => (ExtensionType::Condition, hash(&text(words)).to_vec()),
        "approver" => (
            ExtensionType::Approver,
            names.of(words.word()).0.to_le_bytes().to_vec(),
        ),
        "preimage" => (ExtensionType::Preimage, text(words)),
        "charges" => (ExtensionType::Charges, charges(words)),
        "reason" => (ExtensionType::Reason, text(words)),
        "tolerance" => (ExtensionType::Tolerance, words.number().to_le_bytes().to_vec()),
        "via" => (ExtensionType::Via, words.currency().to_le_bytes().to_vec()),
        "tiers" => (ExtensionType::Tiers, tiers(words.word())),
        "replaces" => (ExtensionType::Replaces, id_of(words.word()).0.to_vec()),
        _ => return None,
    };
    Some(read)
}

/// `100000:109:111,200000:108:112`: sizes, bids and asks with two decimal places.
fn tiers(text: &str) -> Vec<u8> {
    let tier = |text: &str| {
        let parts: Vec<u64> = text.split(':').map(number).collect();
        Tier {
            up_to: parts[0],
            bid: parts[1],
            ask: parts[2],
        }
    };
    let tiers: Vec<Tier> = text.split(',').map(tier).collect();
    Tiers::new(2, &tiers).expect("tiers obey their rules").encode()
}

/// Who bears charges; none was taken.
fn charges(words: &mut Words<'_>) -> Vec<u8> {
    let bearer = match words.word() {
        "shared" => Bearer::Shared,
        "debtor" => Bearer::Debtor,
        other => panic!("`{other}` bears no charges"),
    };
    let taken = Vec::new();
    Charges { bearer, taken }.to_bytes()
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
