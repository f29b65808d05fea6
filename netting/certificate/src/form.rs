//! The shape of the JSON text. Numbers that may pass 2^53 stand in text, as decimal digits.
use causeway_netting::case::Priority;
use causeway_netting::limits::{CASE_ACCOUNTS_MAX, CASE_LEGS_MAX, TRADE_LEGS_MAX};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// A list of at most so many.
#[derive(Debug)]
pub struct List<T, const MAX: usize>(pub Vec<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T, const MAX: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Items<T, MAX> {
            type Value = List<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut out = Vec::new();
                while out.len() < MAX {
                    match items.next_element()? {
                        Some(item) => out.push(item),
                        None => return Ok(List(out)),
                    }
                }
                match items.next_element::<IgnoredAny>()? {
                    None => Ok(List(out)),
                    Some(_) => Err(A::Error::custom(format!("more than {MAX} in a list"))),
                }
            }
        }
        deserializer.deserialize_seq(Items(PhantomData))
    }
}

/// What stands there with the names of its fields, and not as a bare list of values, which derived readers take too.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Object<T>(pub T);

impl<T> Deref for Object<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields)).map(Object)
            }
        }
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// A field that may be left out, but is not `null`.
fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A field that may be `null`, but is not left out.
fn there<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// What every version has.
#[derive(Debug, Deserialize)]
pub struct Head {
    pub format: String,
    pub version: u64,
}

/// The whole of version 1.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form<'a> {
    #[serde(rename = "format")]
    pub _format: IgnoredAny,
    #[serde(rename = "version")]
    pub _version: IgnoredAny,
    #[serde(borrow, default, deserialize_with = "not_null")]
    pub log: Option<Object<LogForm<'a>>>,
    pub participants: List<String, CASE_ACCOUNTS_MAX>,
    #[serde(borrow)]
    pub currencies: List<Object<CurrencyForm<'a>>, { u16::MAX as usize }>,
    #[serde(borrow)]
    pub accounts: List<Object<AccountForm<'a>>, CASE_ACCOUNTS_MAX>,
    #[serde(borrow)]
    pub sender_limits: List<Object<LimitForm<'a>>, CASE_LEGS_MAX>,
    #[serde(borrow)]
    pub items: List<Object<ItemForm<'a>>, CASE_LEGS_MAX>,
    #[serde(borrow)]
    pub value: Cow<'a, str>,
    #[serde(borrow)]
    pub bound: Object<BoundForm<'a>>,
    pub quality: u32,
    #[serde(borrow)]
    pub inputs: Cow<'a, str>,
    #[serde(borrow)]
    pub names: Cow<'a, str>,
    #[serde(borrow)]
    pub seal: Cow<'a, str>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogForm<'a> {
    #[serde(borrow)]
    pub entry: Cow<'a, str>,
    #[serde(borrow)]
    pub digest: Cow<'a, str>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurrencyForm<'a> {
    #[serde(borrow)]
    pub code: Cow<'a, str>,
    pub weight: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountForm<'a> {
    #[serde(borrow)]
    pub participant: Cow<'a, str>,
    #[serde(borrow)]
    pub currency: Cow<'a, str>,
    #[serde(borrow)]
    pub before: Cow<'a, str>,
    #[serde(borrow)]
    pub limit: Cow<'a, str>,
    pub bypass: bool,
    pub discipline: DisciplineForm,
    #[serde(borrow)]
    pub after: Cow<'a, str>,
    #[serde(borrow)]
    pub multiplier: Cow<'a, str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DisciplineForm {
    Fifo,
    Bypass,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitForm<'a> {
    #[serde(borrow)]
    pub participant: Cow<'a, str>,
    #[serde(borrow)]
    pub currency: Cow<'a, str>,
    /// Nobody: all that have none of their own.
    #[serde(borrow, deserialize_with = "there")]
    pub against: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub room: Cow<'a, str>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemForm<'a> {
    pub settles: bool,
    #[serde(borrow)]
    pub rows: List<Object<RowForm<'a>>, TRADE_LEGS_MAX>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowForm<'a> {
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    #[serde(borrow)]
    pub debtor: Cow<'a, str>,
    #[serde(borrow)]
    pub creditor: Cow<'a, str>,
    #[serde(borrow)]
    pub currency: Cow<'a, str>,
    #[serde(borrow)]
    pub amount: Cow<'a, str>,
    pub priority: PriorityForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PriorityForm {
    Urgent,
    High,
    Normal,
}

impl From<Priority> for PriorityForm {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::Urgent => Self::Urgent,
            Priority::High => Self::High,
            Priority::Normal => Self::Normal,
        }
    }
}

impl From<PriorityForm> for Priority {
    fn from(priority: PriorityForm) -> Self {
        match priority {
            PriorityForm::Urgent => Self::Urgent,
            PriorityForm::High => Self::High,
            PriorityForm::Normal => Self::Normal,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundForm<'a> {
    #[serde(borrow)]
    pub value: Cow<'a, str>,
    #[serde(borrow)]
    pub scaled: Cow<'a, str>,
}

impl<T: Serialize, const MAX: usize> Serialize for List<T, MAX> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
