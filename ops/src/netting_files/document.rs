//! A certificate from the evidence of one proposal: accounts that take part, with the names that the ledger knows.
use causeway_certificate::{Document, LogEntry};
use causeway_engine::netting::Evidence;
use causeway_fx::Currency;
use causeway_message::{InstructionId, ParticipantId};
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
    let name = |id: u32| {
        let known = evidence.registry.get(ParticipantId(id));
        known.map(|participant| participant.name.clone())
    };
    let named = named(&evidence.case, &evidence.keys, &takes_part, &name)?;
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
fn named(
    case: &Case,
    keys: &[Vec<(ParticipantId, InstructionId)>],
    takes_part: &[bool],
    name: &dyn Fn(u32) -> Option<String>,
) -> Result<Named, Unproven> {
    let participant = |id: u32| name(id).ok_or_else(|| Unproven::Nameless(format!("participant {id}")));
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
    for (item, keys) in items(case).zip(keys) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use causeway_netting::case::Priority;
    use causeway_netting::{CashOnly, Mode, bound, fifo};

    const EUR: u16 = 978;
    const USD: u16 = 840;

    /// Participants 5 and 7 owe each other dollars; 3 and 9 only have money, of which 9 limits what it sends, and 7 what
    /// it sends to 9.
    fn case() -> Case {
        let mut builder = Builder::new();
        for (participant, currency) in [(3, EUR), (9, USD), (7, USD), (3, USD), (5, USD)] {
            let account = Account {
                participant,
                currency,
                balance: 11,
                limit: 0,
                bypass: false,
            };
            builder.account(account).expect("an account");
        }
        for (account, against) in [(1, Against::Others), (2, Against::One(9)), (2, Against::Others)] {
            let limit = SenderLimit {
                account,
                against,
                room: 100,
            };
            builder.sender_limit(limit).expect("a limit");
        }
        for (debtor, creditor, amount) in [(2, 4, 100), (4, 2, 90), (4, 2, 500)] {
            let leg = Leg {
                debtor,
                creditor,
                amount,
                priority: Priority::Normal,
            };
            builder.item(&[leg]).expect("an item");
        }
        builder.build()
    }

    fn keys() -> Vec<Vec<(ParticipantId, InstructionId)>> {
        // The same id by two submitters.
        [(7, 1), (5, 1), (5, 2)]
            .map(|(submitter, id)| vec![(ParticipantId(submitter), InstructionId([id; 16]))])
            .to_vec()
    }

    #[test]
    fn those_who_only_have_money_are_left_out_and_the_bound_still_holds() {
        let case = case();
        let part = takes_part(&case);
        assert_eq!(part, [false, false, true, false, true]);
        let named = named(&case, &keys(), &part, &|id| Some(format!("P{id}"))).expect("names");
        assert_eq!(named.participants, ["P7", "P5", "P9"]);
        assert_eq!(named.currencies, ["USD"]);
        let id = "01".repeat(16);
        assert_eq!(named.rows[..2], [format!("P7/{id}"), format!("P5/{id}")]);
        assert_eq!(
            (named.case.accounts().len(), named.case.sender_limits().len()),
            (2, 2)
        );

        let best = fifo(&case, &CashOnly).chosen(&case);
        assert_eq!(best.len(), 2);
        // Multipliers everywhere: what those who only have money add is gone, what is left is proven.
        let all = bound(&case, &mut || true);
        let some: Vec<u64> = all.multipliers.iter().map(|own| own.max(&1).to_owned()).collect();
        let of_part = |all: &[u64]| {
            let own = all.iter().zip(&part).filter(|(_, part)| **part);
            own.map(|(multiplier, _)| *multiplier).collect::<Vec<_>>()
        };
        let whole = Bound::prove(&case, &some).expect("a bound");
        let less = Bound::prove(&named.case, &of_part(&some)).expect("a bound");
        assert_eq!(whole - less, 3 * 11);

        let multipliers = of_part(&all.multipliers);
        let scaled = Bound::prove(&named.case, &multipliers).expect("a bound");
        let bound = Bound { multipliers, scaled };
        let document = Document::new(named, Mode::Fifo, &best, bound, None).expect("a certificate");
        assert_eq!(document.verify(), Ok(()));
    }

    #[test]
    fn somebody_without_a_name_makes_no_certificate() {
        let case = case();
        let error = named(&case, &keys(), &takes_part(&case), &|id| {
            (id != 9).then(|| format!("P{id}"))
        });
        assert_eq!(
            error.err().map(|error| error.to_string()).as_deref(),
            Some("participant 9 has no name")
        );
    }
}
