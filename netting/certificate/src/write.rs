//! A document as text: one line for each account, limit and item, so that two of them can be compared by line.
use causeway_netting::case::Against;
use causeway_netting::{Case, Discipline};
use serde::Serialize;
use std::borrow::Cow;

use crate::form::{
    AccountForm, BoundForm, CurrencyForm, DisciplineForm, ItemForm, LimitForm, List, LogForm, Object, RowForm,
};
use crate::{Document, FORMAT, VERSION};

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Collects the fields of an object, one after another.
struct Writer {
    out: Vec<u8>,
}

impl Writer {
    fn value(&mut self, value: &impl Serialize) -> Result<(), serde_json::Error> {
        serde_json::to_writer(&mut self.out, value)
    }

    fn name(&mut self, name: &str) {
        let before = if self.out.is_empty() { "{\n" } else { ",\n" };
        self.out.extend_from_slice(before.as_bytes());
        self.out.extend_from_slice(format!("  \"{name}\": ").as_bytes());
    }

    fn field(&mut self, name: &str, value: &impl Serialize) -> Result<(), serde_json::Error> {
        self.name(name);
        self.value(value)
    }

    fn list<T: Serialize>(
        &mut self,
        name: &str,
        items: impl Iterator<Item = T>,
    ) -> Result<(), serde_json::Error> {
        self.name(name);
        self.out.push(b'[');
        let empty = self.out.len();
        for item in items {
            let before: &[u8] = if self.out.len() == empty {
                b"\n    "
            } else {
                b",\n    "
            };
            self.out.extend_from_slice(before);
            self.value(&item)?;
        }
        let after: &[u8] = if self.out.len() == empty { b"]" } else { b"\n  ]" };
        self.out.extend_from_slice(after);
        Ok(())
    }
}

impl Document {
    /// The text of the file. The same document has the same text.
    ///
    /// # Errors
    /// None that anything here leads to; the JSON writer could have some.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let Self {
            named, certificate, ..
        } = self;
        let case = &named.case;
        let mut writer = Writer { out: Vec::new() };
        writer.field("format", &FORMAT)?;
        writer.field("version", &VERSION)?;
        if let Some(log) = &self.log {
            let form = LogForm {
                entry: digits(log.entry),
                digest: hex(&log.digest).into(),
            };
            writer.field("log", &form)?;
        }
        writer.list("participants", named.participants.iter())?;
        let currency = |(number, code): (usize, &'_ String)| CurrencyForm {
            code: code.clone().into(),
            weight: case.weight(number as u16),
        };
        writer.list("currencies", named.currencies.iter().enumerate().map(currency))?;
        writer.list("accounts", self.account_forms())?;
        writer.list("sender_limits", self.limit_forms())?;
        writer.list("items", self.item_forms())?;
        writer.field("value", &digits(certificate.value))?;
        let bound = BoundForm {
            value: digits(certificate.bound.value()),
            scaled: digits(certificate.bound.scaled),
        };
        writer.field("bound", &bound)?;
        writer.field("quality", &certificate.quality)?;
        writer.field("inputs", &hex(&certificate.inputs))?;
        writer.field("names", &hex(&self.names))?;
        writer.field("seal", &hex(&self.seal))?;
        writer.out.extend_from_slice(b"\n}\n");
        Ok(writer.out)
    }

    fn account_forms(&self) -> impl Iterator<Item = AccountForm<'_>> {
        let certificate = &self.certificate;
        let said = certificate
            .discipline
            .iter()
            .zip(&certificate.before)
            .zip(&certificate.after)
            .zip(&certificate.bound.multipliers);
        let accounts = self.named.case.accounts().iter().zip(said);
        accounts.map(
            |(account, (((discipline, before), after), multiplier))| AccountForm {
                participant: self.participant(account.participant).into(),
                currency: self.currency(account.currency).into(),
                before: digits(*before),
                limit: digits(account.limit),
                bypass: account.bypass,
                discipline: match discipline {
                    Discipline::Bypass => DisciplineForm::Bypass,
                    _ => DisciplineForm::Fifo,
                },
                after: digits(*after),
                multiplier: digits(*multiplier),
            },
        )
    }

    fn limit_forms(&self) -> impl Iterator<Item = LimitForm<'_>> {
        self.named.case.sender_limits().iter().map(|limit| {
            let (participant, currency) = self.account(limit.account);
            LimitForm {
                participant: participant.into(),
                currency: currency.into(),
                against: match limit.against {
                    Against::One(participant) => Some(self.participant(participant).into()),
                    Against::Others => None,
                },
                room: digits(limit.room),
            }
        })
    }

    fn item_forms(&self) -> impl Iterator<Item = ItemForm<'_>> {
        let case: &Case = &self.named.case;
        let mut ids = self.named.rows.iter();
        let mut settles = self.certificate.chosen.iter().peekable();
        (0..case.items() as u32).map(move |item| {
            let rows = case.legs(item).iter().map(|leg| {
                let (debtor, currency) = self.account(leg.debtor);
                Object(RowForm {
                    id: ids.next().map_or("", String::as_str).into(),
                    debtor: debtor.into(),
                    creditor: self.account(leg.creditor).0.into(),
                    currency: currency.into(),
                    amount: digits(leg.amount),
                    priority: leg.priority.into(),
                })
            });
            ItemForm {
                rows: List(rows.collect()),
                settles: settles.next_if(|chosen| **chosen == item).is_some(),
            }
        })
    }

    pub(crate) fn participant(&self, number: u32) -> &str {
        let name = self.named.participants.get(number as usize);
        name.map_or("", String::as_str)
    }

    pub(crate) fn currency(&self, number: u16) -> &str {
        let code = self.named.currencies.get(usize::from(number));
        code.map_or("", String::as_str)
    }

    /// Participant and currency of an account.
    pub(crate) fn account(&self, number: u32) -> (&str, &str) {
        let account = self.named.case.accounts().get(number as usize);
        account.map_or(("", ""), |account| {
            (
                self.participant(account.participant),
                self.currency(account.currency),
            )
        })
    }
}

fn digits<'a>(number: impl ToString) -> Cow<'a, str> {
    number.to_string().into()
}
