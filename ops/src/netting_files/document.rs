//! A certificate from the evidence of one proposal: accounts that take part, with the names that the ledger knows.
use causeway_certificate::{Document, LogEntry};
use causeway_engine::netting::Evidence;
use causeway_fx::Currency;
use causeway_message::ParticipantId;
use causeway_netting::case::{Account, Against, Builder, Case, CaseError, Leg, Named, SenderLimit};
use causeway_netting::{Bound, Chosen};

/// Why evidence makes no certificate.
#[derive(Debug, thiserror::Error)]
pub enum Unproven {
    /// A case that cannot be built again from its parts.
    #[error("the accounts that take part make no case: {0}")]
    Case(#[from] CaseError),
    /// A participant or currency that nobody knows by name.
    #[error("{0} has no name")]
    Nameless(String),
    /// Multipliers that prove nothing of the accounts that are left.
    #[error("the multipliers prove no bound")]
    Bound,
    /// Names that do not tell things apart.
    #[error(transparent)]
    Names(#[from] causeway_certificate::Unsupported),
    /// It would not stand its own test.
    #[error("it does not hold: {0}")]
    Broken(#[from] causeway_certificate::Broken),
}

/// Numbers things in order of first mention.
#[derive(Debug)]
struct Numbers<T> {
    known: std::collections::BTreeMap<T, usize>,
    names: Vec<String>,
}

impl<T: Ord + Copy> Numbers<T> {
    const fn new() -> Self {
        Self {
            known: std::collections::BTreeMap::new(),
            names: Vec::new(),
        }
    }

    fn of(&mut self, thing: T, name: impl FnOnce(T) -> Result<String, Unproven>) -> Result<usize, Unproven> {
        if let Some(number) = self.known.get(&thing) {
            return Ok(*number);
        }
        let number = self.names.len();
        self.names.push(name(thing)?);
        self.known.insert(thing, number);
        Ok(number)
    }
}

/// Writes down what was planned. An account that no item debits or credits is left out: no choice moves anything there,
/// its sender limits bind nothing, and a bound only gets less without what its multiplier adds.
///
/// # Errors
/// If it would not hold.
pub fn document(evidence: Evidence) -> Result<Document, Unproven> {
    let takes_part = takes_part(&evidence.case);
    let named = named(&evidence, &takes_part)?;
    let of_part = evidence.bound.multipliers.iter().zip(&takes_part);
    let multipliers: Vec<u64> = of_part
        .filter(|(_, part)| **part)
        .map(|(multiplier, _)| *multiplier)
        .collect();
    let scaled = Bound::prove(&named.case, &multipliers).ok_or(Unproven::Bound)?;
    let planned = Chosen::of(&named.case, evidence.planned.iter());
    let log = evidence.plans.last().map(|entry| LogEntry {
        entry: *entry,
        digest: evidence.hash,
    });
    let bound = Bound { multipliers, scaled };
    let document = Document::new(named, evidence.mode, &planned, bound, log)?;
    document.verify()?;
    Ok(document)
}

/// By account: whether any item debits or credits it.
fn takes_part(case: &Case) -> Vec<bool> {
    let mut part = vec![false; case.accounts().len()];
    for leg in items(case).flat_map(|item| case.legs(item)) {
        for account in [leg.debtor, leg.creditor] {
            if let Some(part) = part.get_mut(account as usize) {
                *part = true;
            }
        }
    }
    part
}

fn items(case: &Case) -> std::ops::Range<u32> {
    0..case.items() as u32
}

/// The case of those that take part, numbered without gaps, with names.
fn named(evidence: &Evidence, takes_part: &[bool]) -> Result<Named, Unproven> {
    let case = &evidence.case;
    let participant = |id: u32| {
        let known = evidence.registry.get(ParticipantId(id));
        let name = known.map(|participant| participant.name.clone());
        name.ok_or_else(|| Unproven::Nameless(format!("participant {id}")))
    };
    let currency = |code: u16| {
        let known = Currency::from_numeric(code).map(|currency| currency.alpha().to_owned());
        known.ok_or_else(|| Unproven::Nameless(format!("currency {code}")))
    };
    let (mut participants, mut currencies) = (Numbers::new(), Numbers::new());
    let mut builder = Builder::new();
    // Stands for accounts that are left out: nothing refers to them.
    let mut places = vec![u32::MAX; case.accounts().len()];
    let accounts = case.accounts().iter().zip(takes_part).zip(&mut places);
    for ((account, _), place) in accounts.filter(|((_, part), _)| **part) {
        let number = currencies.of(account.currency, currency)? as u16;
        builder.weight(number, case.weight(account.currency))?;
        *place = builder.account(Account {
            participant: participants.of(account.participant, participant)? as u32,
            currency: number,
            ..*account
        })?;
    }
    let place = |account: u32| places.get(account as usize).copied().unwrap_or(u32::MAX);
    for limit in case.sender_limits() {
        if place(limit.account) == u32::MAX {
            continue;
        }
        let against = match limit.against {
            Against::One(other) => Against::One(participants.of(other, participant)? as u32),
            Against::Others => Against::Others,
        };
        builder.sender_limit(SenderLimit {
            account: place(limit.account),
            against,
            room: limit.room,
        })?;
    }
    let (mut rows, mut item_of) = (Vec::new(), Vec::new());
    for (item, keys) in items(case).zip(&evidence.keys) {
        let legs = case.legs(item).iter().map(|leg| Leg {
            debtor: place(leg.debtor),
            creditor: place(leg.creditor),
            ..*leg
        });
        builder.item(&legs.collect::<Vec<_>>())?;
        for (submitter, id) in keys {
            // Ids are unique for each submitter alone.
            rows.push(format!("{}/{id}", participant(submitter.0)?));
            item_of.push(item);
        }
    }
    Ok(Named {
        case: builder.build(),
        participants: participants.names,
        currencies: currencies.names,
        rows,
        item_of,
    })
}
