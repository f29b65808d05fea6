//! Text to document, strictly: every field once, nothing else, every number in its one form.
use causeway_netting::case::{Account, Against, Builder, Case, Leg, Named, SenderLimit};
use causeway_netting::{Bound, Certificate, Discipline};
use std::collections::BTreeMap;
use std::str::FromStr;

use crate::digest::sha256;
use crate::form::{AccountForm, DisciplineForm, Form, Head, ItemForm, LimitForm, LogForm, Object};
use crate::limits::{CERTIFICATE_BYTES_MAX, NAME_BYTES_MAX};
use crate::{Document, FORMAT, LogEntry, VERSION};

/// Why bytes are no certificate file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The file is too large.
    #[error("more than {CERTIFICATE_BYTES_MAX} bytes")]
    TooLong,
    /// Not JSON, or not of this shape.
    #[error("line {line}, column {column}{}: {rule}", in_field(field))]
    Json {
        /// From 1.
        line: usize,
        /// From 1; 0 for the line as a whole.
        column: usize,
        /// The field that stands there, if it is known.
        field: String,
        /// What is wrong.
        rule: String,
    },
    /// The file says that it is something else.
    #[error("format: `{0}`, not `{FORMAT}`")]
    Format(String),
    /// A version that is not known here.
    #[error("version: {0}, but only {VERSION} can be read here")]
    Version(u64),
    /// A field that breaks a rule.
    #[error("{at}: {rule}")]
    Field {
        /// Which field, as a path: `accounts[3].before`.
        at: String,
        /// The rule.
        rule: String,
    },
}

fn in_field(field: &str) -> String {
    if field.is_empty() {
        String::new()
    } else {
        format!(" ({field})")
    }
}

/// Where, and the rule that is broken.
type Wrong = (String, String);

impl Document {
    /// Reads a file. What it says may still be wrong: see [`Document::verify`].
    ///
    /// # Errors
    /// If the bytes are not JSON of this form, or name what is not there.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        if bytes.len() > CERTIFICATE_BYTES_MAX {
            return Err(ReadError::TooLong);
        }
        let Object(head): Object<Head> =
            serde_json::from_slice(bytes).map_err(|error| placed(bytes, &error))?;
        if head.format != FORMAT {
            return Err(ReadError::Format(shortened(&head.format)));
        }
        if head.version != VERSION {
            return Err(ReadError::Version(head.version));
        }
        let Object(form): Object<Form> =
            serde_json::from_slice(bytes).map_err(|error| placed(bytes, &error))?;
        document(form).map_err(|(at, rule)| ReadError::Field { at, rule })
    }
}

fn placed(bytes: &[u8], error: &serde_json::Error) -> ReadError {
    let said = error.to_string();
    let rule = said.split(" at line ").next().unwrap_or_default();
    let names_it = rule.contains("field `") || !error.is_data();
    let field = if names_it {
        String::new()
    } else {
        field_before(bytes, error.line(), error.column())
    };
    ReadError::Json {
        line: error.line(),
        column: error.column(),
        field,
        rule: shortened(rule),
    }
}

/// Name of the field that begins last before a place; empty if none is near.
fn field_before(bytes: &[u8], line: usize, column: usize) -> String {
    let start = match line.checked_sub(2) {
        None => 0,
        Some(ends) => {
            let mut ends_of_lines = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            ends_of_lines.nth(ends).map_or(0, |(at, _)| at + 1)
        }
    };
    let end = start.saturating_add(column).min(bytes.len());
    let near = bytes
        .get(start.max(end.saturating_sub(NAME_BYTES_MAX))..end)
        .unwrap_or_default();
    let near = String::from_utf8_lossy(near);
    let name = near
        .rfind("\":")
        .and_then(|at| near.get(..at)?.rsplit('"').next());
    shortened(name.unwrap_or_default())
}

/// What a stranger wrote, no longer than an error should be.
fn shortened(text: &str) -> String {
    const MOST: usize = 200;
    if text.chars().nth(MOST).is_none() {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}

/// A whole number in its one form: no plus, no zeros in front.
fn number<T: FromStr + ToString>(text: &str, at: impl Fn() -> String) -> Result<T, Wrong> {
    let plain = text
        .strip_prefix('-')
        .unwrap_or(text)
        .bytes()
        .all(|byte| byte.is_ascii_digit());
    let wrong = |rule: &str| (at(), format!("`{}` {rule}", shortened(text)));
    if text.is_empty() || !plain {
        return Err(wrong("is not a whole number in decimal digits"));
    }
    let number: T = text
        .parse()
        .map_err(|_| wrong("is out of range, or not a whole number in decimal digits"))?;
    if number.to_string() == text {
        Ok(number)
    } else {
        Err(wrong("has more digits than it needs"))
    }
}

fn digest(text: &str, at: &str) -> Result<[u8; 32], Wrong> {
    let wrong = || {
        let rule = format!("`{}` is not 64 hexadecimal digits in lower case", shortened(text));
        (at.to_owned(), rule)
    };
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut out = [0; 32];
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    if text.len() != 2 * out.len() {
        return Err(wrong());
    }
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        *byte = digit(*high).ok_or_else(wrong)? << 4 | digit(*low).ok_or_else(wrong)?;
    }
    Ok(out)
}

fn document(form: Form<'_>) -> Result<Document, Wrong> {
    let log = form.log.as_deref().map(log_entry).transpose()?;
    let mut reader = Reader::new(&form)?;
    let mut discipline = Vec::with_capacity(form.accounts.0.len());
    let (mut before, mut after, mut multipliers) = (Vec::new(), Vec::new(), Vec::new());
    for (number_of, account) in form.accounts.0.iter().enumerate() {
        before.push(reader.account(number_of, account)?);
        let at = |field: &'static str| move || format!("accounts[{number_of}].{field}");
        after.push(number(&account.after, at("after"))?);
        multipliers.push(number(&account.multiplier, at("multiplier"))?);
        discipline.push(match account.discipline {
            DisciplineForm::Fifo => Discipline::Fifo,
            DisciplineForm::Bypass => Discipline::Bypass,
        });
    }
    for (at, limit) in form.sender_limits.0.iter().enumerate() {
        reader.limit(at, limit)?;
    }
    let mut chosen = Vec::new();
    for (at, item) in form.items.0.iter().enumerate() {
        let item_number = reader.item(at, item)?;
        if item.settles {
            chosen.push(item_number);
        }
    }
    let bound = Bound {
        multipliers,
        scaled: number(&form.bound.scaled, || "bound.scaled".to_owned())?,
    };
    let whole: u128 = number(&form.bound.value, || "bound.value".to_owned())?;
    if whole != bound.value() {
        let rule = format!(
            "{whole}, but bound.scaled without its last 16 bits is {}",
            bound.value()
        );
        return Err(("bound.value".to_owned(), rule));
    }
    let mut certificate = Certificate {
        inputs: digest(&form.inputs, "inputs")?,
        discipline,
        chosen,
        before,
        after,
        value: number(&form.value, || "value".to_owned())?,
        bound,
        quality: form.quality,
        seal: [0; 32],
    };
    // The seal of a file takes the place of the certificate's own.
    certificate.seal = sha256(&certificate.to_bytes());
    let names = digest(&form.names, "names")?;
    let seal = digest(&form.seal, "seal")?;
    let named = reader.named(form);
    check_names(&named)?;
    Ok(Document {
        named,
        certificate,
        log,
        names,
        seal,
    })
}

fn log_entry(form: &LogForm<'_>) -> Result<LogEntry, Wrong> {
    Ok(LogEntry {
        entry: number(&form.entry, || "log.entry".to_owned())?,
        digest: digest(&form.digest, "log.digest")?,
    })
}

struct Reader {
    builder: Builder,
    participants: BTreeMap<String, u32>,
    currencies: BTreeMap<String, u16>,
    rows: Vec<String>,
    item_of: Vec<u32>,
}

fn find<T: Copy>(
    known: &BTreeMap<String, T>,
    name: &str,
    list: &str,
    at: impl Fn() -> String,
) -> Result<T, Wrong> {
    let unknown = || (at(), format!("`{}` is not among the {list}", shortened(name)));
    known.get(name).copied().ok_or_else(unknown)
}

impl Reader {
    fn new(form: &Form<'_>) -> Result<Self, Wrong> {
        let mut builder = Builder::new();
        let participants = (0u32..).zip(&form.participants.0);
        let mut currencies = BTreeMap::new();
        for (number, currency) in (0u16..=u16::MAX).zip(&form.currencies.0) {
            builder
                .weight(number, currency.weight)
                .map_err(|error| (format!("currencies[{number}].weight"), error.to_string()))?;
            currencies.insert(currency.code.to_string(), number);
        }
        Ok(Self {
            builder,
            participants: participants
                .map(|(number, name)| (name.clone(), number))
                .collect(),
            currencies,
            rows: Vec::new(),
            item_of: Vec::new(),
        })
    }

    /// Adds an account, and gives its balance.
    fn account(&mut self, at: usize, form: &AccountForm<'_>) -> Result<i128, Wrong> {
        let field = |field: &'static str| move || format!("accounts[{at}].{field}");
        let balance = number(&form.before, field("before"))?;
        let account = Account {
            participant: find(
                &self.participants,
                &form.participant,
                "participants",
                field("participant"),
            )?,
            currency: find(&self.currencies, &form.currency, "currencies", field("currency"))?,
            balance,
            limit: number(&form.limit, field("limit"))?,
            bypass: form.bypass,
        };
        let added = self.builder.account(account);
        added.map_err(|error| (format!("accounts[{at}]"), error.to_string()))?;
        Ok(balance)
    }

    /// Number of an account that the file lists.
    fn find(&self, participant: &str, currency: &str, at: impl Fn(&str) -> String) -> Result<u32, Wrong> {
        let currency_number = find(&self.currencies, currency, "currencies", || at("currency"))?;
        let holder = find(&self.participants, participant, "participants", || at(""))?;
        let found = self.builder.find(holder, currency_number);
        let none = || {
            let rule = format!(
                "`{}` has no account in {}",
                shortened(participant),
                shortened(currency)
            );
            (at(""), rule)
        };
        found.ok_or_else(none)
    }

    fn limit(&mut self, at: usize, form: &LimitForm<'_>) -> Result<(), Wrong> {
        let field = |field: &str| match field {
            "" => format!("sender_limits[{at}].participant"),
            other => format!("sender_limits[{at}].{other}"),
        };
        let against = match &form.against {
            None => Against::Others,
            Some(name) => Against::One(find(&self.participants, name, "participants", || {
                field("against")
            })?),
        };
        let limit = SenderLimit {
            account: self.find(&form.participant, &form.currency, field)?,
            against,
            room: number(&form.room, || field("room"))?,
        };
        let added = self.builder.sender_limit(limit);
        added.map_err(|error| (format!("sender_limits[{at}]"), error.to_string()))
    }

    fn item(&mut self, at: usize, form: &ItemForm<'_>) -> Result<u32, Wrong> {
        let mut legs = Vec::with_capacity(form.rows.0.len());
        for (row, leg) in form.rows.0.iter().enumerate() {
            let field = |field: &str| format!("items[{at}].rows[{row}].{field}");
            let account = |name: &str, side: &'static str| {
                let place = |place: &str| field(if place.is_empty() { side } else { place });
                self.find(name, &leg.currency, place)
            };
            legs.push(Leg {
                debtor: account(&leg.debtor, "debtor")?,
                creditor: account(&leg.creditor, "creditor")?,
                amount: number(&leg.amount, || field("amount"))?,
                priority: leg.priority.into(),
            });
        }
        let item = self.builder.item(&legs);
        let item = item.map_err(|error| (format!("items[{at}]"), error.to_string()))?;
        for leg in &form.rows.0 {
            self.rows.push(leg.id.to_string());
            self.item_of.push(item);
        }
        Ok(item)
    }

    fn named(self, form: Form<'_>) -> Named {
        Named {
            case: self.builder.build(),
            participants: form.participants.0,
            currencies: form
                .currencies
                .0
                .into_iter()
                .map(|Object(currency)| currency.code.into_owned())
                .collect(),
            rows: self.rows,
            item_of: self.item_of,
        }
    }
}

/// Names that are there, not too long, and tell apart; ids for every row; no currency without an account.
pub fn check_names(named: &Named) -> Result<(), Wrong> {
    let case = &named.case;
    for (list, names) in [
        ("participants", &named.participants),
        ("currencies", &named.currencies),
        ("ids of rows", &named.rows),
    ] {
        check_list(list, names)?;
    }
    let legs = |case: &Case| -> usize { (0..case.items() as u32).map(|item| case.legs(item).len()).sum() };
    if named.rows.len() != legs(case) || named.item_of.len() != named.rows.len() {
        return Err(("ids of rows".to_owned(), "not one for each row".to_owned()));
    }
    let mut used = vec![false; named.currencies.len()];
    for account in case.accounts() {
        let known = (account.participant as usize) < named.participants.len();
        match used.get_mut(usize::from(account.currency)) {
            Some(used) if known => *used = true,
            _ => return Err(("accounts".to_owned(), "one without a name".to_owned())),
        }
    }
    let unused = used.iter().position(|used| !used);
    unused.map_or(Ok(()), |at| {
        Err((format!("currencies[{at}]"), "no account is in it".to_owned()))
    })
}

fn check_list(list: &str, names: &[String]) -> Result<(), Wrong> {
    for (at, name) in names.iter().enumerate() {
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            let rule = format!("empty, or longer than {NAME_BYTES_MAX} bytes");
            return Err((format!("{list}[{at}]"), rule));
        }
    }
    let mut sorted: Vec<&str> = names.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    let twice = sorted.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    });
    twice.map_or(Ok(()), |name| {
        Err((
            list.to_owned(),
            format!("`{}` stands there twice", shortened(name)),
        ))
    })
}
