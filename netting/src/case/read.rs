//! A case from two files: balances (`participant,currency,balance,limit`) and queue
//! (`id,debtor,creditor,currency,amount,priority,trade`), or arrivals: the same with `time` before it.
use std::collections::{BTreeMap, BTreeSet};

use super::csv::{Row, RowError, Rows};
use super::{Account, Builder, Case, CaseError, FileError, Leg, Priority, Wrong};
use crate::day::time;
use crate::limits::{CASE_MONEY_MAX, TRADE_LEGS_MAX};

const BALANCES: &str = "participant,currency,balance,limit";
const QUEUE: &str = "id,debtor,creditor,currency,amount,priority,trade";
const ARRIVALS: &str = "time,id,debtor,creditor,currency,amount,priority,trade";

/// A case with the names that the files give.
#[derive(Debug, Clone)]
pub struct Named {
    /// What is to be netted. All accounts are opted in to bypass.
    pub case: Case,
    /// Names of the participants, by number; in order of first mention.
    pub participants: Vec<String>,
    /// Names of the currencies, by number; in order of first mention.
    pub currencies: Vec<String>,
    /// Ids of the rows of the queue, in order of the file.
    pub rows: Vec<String>,
    /// Item that each row belongs to.
    pub item_of: Vec<u32>,
}

/// A leg before its trade is complete, with its line.
struct Draft {
    line: u64,
    trade: String,
    legs: Vec<Leg>,
}

/// What the rows of a queue make.
#[derive(Default)]
struct Rowed {
    /// Items to be.
    drafts: Vec<Draft>,
    /// Ids of the rows.
    rows: Vec<String>,
    /// Item of each row.
    item_of: Vec<u32>,
    /// When each item arrives; empty if the rows have no times.
    times: Vec<u32>,
}

impl Rowed {
    /// Adds a row to its item, the last one or a trade among the earlier ones.
    fn add(&mut self, line: u64, fields: &[String], item: u32, mut leg: Leg) {
        if item as usize == self.drafts.len() {
            self.drafts.push(Draft {
                line,
                trade: fields[6].clone(),
                legs: Vec::new(),
            });
        }
        let draft = &mut self.drafts[item as usize];
        leg.priority = draft.legs.first().map_or(leg.priority, |first| first.priority);
        draft.legs.push(leg);
        self.rows.push(fields[0].clone());
        self.item_of.push(item);
    }
}

#[derive(Default)]
struct Names {
    known: BTreeMap<String, u32>,
    list: Vec<String>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.known.get(name) {
            return *number;
        }
        let number = self.list.len() as u32;
        self.known.insert(name.to_owned(), number);
        self.list.push(name.to_owned());
        number
    }
}

struct Reader<'a> {
    builder: Builder,
    participants: Names,
    currencies: Names,
    roster: Option<&'a BTreeSet<String>>,
}

/// Reads both files. Names are what the caller calls them in errors. With a roster, participants that are not on it
/// are errors; without one, an account that the balances leave out is empty and may not go below zero.
///
/// Rows that share a trade make one item at the place and with the priority of the first of them.
pub fn read(
    balances: (&str, &[u8]),
    queue: (&str, &[u8]),
    roster: Option<&BTreeSet<String>>,
) -> Result<Named, FileError> {
    read_both(balances, queue, QUEUE, roster).map(|(named, _)| named)
}

/// The same with arrivals instead of a queue: each row begins with its time, which is not before that of the row
/// above; rows of a trade have one time. Also says when each item arrives, in milliseconds since midnight.
pub fn read_arrivals(
    balances: (&str, &[u8]),
    arrivals: (&str, &[u8]),
    roster: Option<&BTreeSet<String>>,
) -> Result<(Named, Vec<u32>), FileError> {
    read_both(balances, arrivals, ARRIVALS, roster)
}

fn read_both(
    (balances_name, balances): (&str, &[u8]),
    (queue_name, queue): (&str, &[u8]),
    header: &'static str,
    roster: Option<&BTreeSet<String>>,
) -> Result<(Named, Vec<u32>), FileError> {
    let mut reader = Reader {
        builder: Builder::new(),
        participants: Names::default(),
        currencies: Names::default(),
        roster,
    };
    reader
        .balances(balances)
        .map_err(|error| placed(balances_name, BALANCES, error))?;
    let rowed = reader
        .queue(queue, header)
        .map_err(|error| placed(queue_name, header, error))?;
    for draft in rowed.drafts {
        let item = reader.item(&draft);
        item.map_err(|error| placed(queue_name, header, shifted(header, error)))?;
    }
    let named = Named {
        case: reader.builder.build(),
        participants: reader.participants.list,
        currencies: reader.currencies.list,
        rows: rowed.rows,
        item_of: rowed.item_of,
    };
    Ok((named, rowed.times))
}

/// An error told by the columns of a queue, by those of a file with this header.
fn shifted(header: &str, (line, column, wrong): RowError) -> RowError {
    let by = usize::from(header == ARRIVALS && column > 0);
    (line, column + by, wrong)
}

/// Time of a row, which is not before that of the row above.
fn arrival(line: u64, text: &str, above: Option<u32>) -> Result<u32, RowError> {
    if text.is_empty() {
        return Err((line, 1, Wrong::Empty));
    }
    let at = time::parse(text).ok_or_else(|| (line, 1, Wrong::NotATime(text.to_owned())))?;
    match above {
        Some(above) if at < above => {
            let (time, above) = (time::text(at), time::text(above));
            Err((line, 1, Wrong::TimeFalls { time, above }))
        }
        _ => Ok(at),
    }
}

fn placed(file: &str, header: &'static str, (line, column, wrong): RowError) -> FileError {
    let field = column
        .checked_sub(1)
        .and_then(|at| header.split(',').nth(at))
        .unwrap_or("");
    FileError {
        file: file.to_owned(),
        line,
        column,
        field,
        wrong,
    }
}

impl Reader<'_> {
    fn balances(&mut self, bytes: &[u8]) -> Result<(), RowError> {
        let mut seen: BTreeMap<(u32, u16), u64> = BTreeMap::new();
        for row in Rows::new(bytes, BALANCES)? {
            let Row { line, fields } = row?;
            let at = |column: usize| move |wrong| (line, column, wrong);
            let participant = self.participant(&fields[0]).map_err(at(1))?;
            let currency = self.currency(&fields[1]).map_err(at(2))?;
            if let Some(first) = seen.insert((participant, currency), line) {
                let id = format!("{},{}", fields[0], fields[1]);
                return Err((line, 1, Wrong::Duplicate { id, first }));
            }
            let balance = money(&fields[2]).map_err(at(3))?;
            let limit = money(&fields[3]).map_err(at(4))?;
            if limit < 0 {
                return Err((line, 4, Wrong::Negative(fields[3].clone())));
            }
            let account = Account {
                participant,
                currency,
                balance,
                limit,
                bypass: true,
            };
            self.builder
                .account(account)
                .map_err(|error| (line, 0, Wrong::Case(error)))?;
        }
        Ok(())
    }

    fn queue(&mut self, bytes: &[u8], header: &'static str) -> Result<Rowed, RowError> {
        let timed = header == ARRIVALS;
        let mut rowed = Rowed::default();
        let mut lines: BTreeMap<String, u64> = BTreeMap::new();
        let mut trades: BTreeMap<String, u32> = BTreeMap::new();
        let mut above = None;
        for row in Rows::new(bytes, header)? {
            let Row { line, mut fields } = row?;
            if timed {
                above = Some(arrival(line, &fields.remove(0), above)?);
            }
            let known = |first| {
                let id = fields[0].clone();
                shifted(header, (line, 1, Wrong::Duplicate { id, first }))
            };
            let leg = self.leg(line, &fields).map_err(|error| shifted(header, error))?;
            if let Some(first) = lines.insert(fields[0].clone(), line) {
                return Err(known(first));
            }
            let next = rowed.drafts.len() as u32;
            let item = match fields[6].as_str() {
                "" => next,
                trade => *trades.entry(trade.to_owned()).or_insert(next),
            };
            if item == next {
                rowed.times.extend(above);
            } else if above.is_some_and(|at| rowed.times.get(item as usize) != Some(&at)) {
                let (trade, first) = (fields[6].clone(), rowed.drafts[item as usize].line);
                return Err((line, 1, Wrong::TradeTimes { trade, first }));
            }
            rowed.add(line, &fields, item, leg);
        }
        Ok(rowed)
    }

    fn leg(&mut self, line: u64, fields: &[String]) -> Result<Leg, RowError> {
        let at = |column: usize| move |wrong| (line, column, wrong);
        name(&fields[0]).map_err(at(1))?;
        let debtor = self.participant(&fields[1]).map_err(at(2))?;
        let creditor = self.participant(&fields[2]).map_err(at(3))?;
        let currency = self.currency(&fields[3]).map_err(at(4))?;
        let amount = amount(&fields[4]).map_err(at(5))?;
        let priority = match fields[5].as_str() {
            "urgent" => Priority::Urgent,
            "high" => Priority::High,
            "normal" => Priority::Normal,
            "" => return Err((line, 6, Wrong::Empty)),
            _ => return Err((line, 6, Wrong::PriorityUnknown(fields[5].clone()))),
        };
        if !fields[6].is_empty() {
            name(&fields[6]).map_err(at(7))?;
        }
        if debtor == creditor {
            return Err((line, 3, Wrong::Case(CaseError::SameParty)));
        }
        let debtor = self.account(debtor, currency).map_err(at(2))?;
        let creditor = self.account(creditor, currency).map_err(at(3))?;
        Ok(Leg {
            debtor,
            creditor,
            amount,
            priority,
        })
    }

    fn participant(&mut self, text: &str) -> Result<u32, Wrong> {
        let name = name(text)?;
        if self.roster.is_some_and(|roster| !roster.contains(name)) {
            return Err(Wrong::ParticipantUnknown(name.to_owned()));
        }
        Ok(self.participants.number(name))
    }

    fn currency(&mut self, text: &str) -> Result<u16, Wrong> {
        u16::try_from(self.currencies.number(name(text)?)).map_err(|_| Wrong::TooManyCurrencies)
    }

    fn account(&mut self, participant: u32, currency: u16) -> Result<u32, Wrong> {
        if let Some(number) = self.builder.find(participant, currency) {
            return Ok(number);
        }
        let account = Account {
            participant,
            currency,
            balance: 0,
            limit: 0,
            bypass: true,
        };
        self.builder.account(account).map_err(Wrong::Case)
    }

    fn item(&mut self, draft: &Draft) -> Result<(), RowError> {
        let Draft { line, trade, legs } = draft;
        if legs.len() > TRADE_LEGS_MAX {
            return Err((*line, 7, Wrong::Case(CaseError::TooManyTradeLegs)));
        }
        if !trade.is_empty()
            && let Some(account) = self.one_sided(legs)
        {
            let participant = self.participants.list[account as usize].clone();
            return Err((
                *line,
                7,
                Wrong::HalfTrade {
                    trade: trade.clone(),
                    participant,
                },
            ));
        }
        let item = self.builder.item(legs);
        item.map(|_| ()).map_err(|error| (*line, 0, Wrong::Case(error)))
    }

    /// Who only pays or only gets in a trade.
    fn one_sided(&self, legs: &[Leg]) -> Option<u32> {
        let holder = |account: u32| self.builder.holder(account);
        let pays = |who: u32| legs.iter().any(|leg| holder(leg.debtor) == Some(who));
        let gets = |who: u32| legs.iter().any(|leg| holder(leg.creditor) == Some(who));
        let parties = legs
            .iter()
            .flat_map(|leg| [holder(leg.debtor), holder(leg.creditor)]);
        parties.flatten().find(|who| !(pays(*who) && gets(*who)))
    }
}

/// A name of something: two that look the same are the same.
fn name(text: &str) -> Result<&str, Wrong> {
    if text.is_empty() {
        Err(Wrong::Empty)
    } else if text.contains(char::is_control) {
        Err(Wrong::ControlCharacter)
    } else if text.trim() != text {
        Err(Wrong::OuterSpace)
    } else {
        Ok(text)
    }
}

/// A whole number, with a sign or without, no further than [`CASE_MONEY_MAX`] from zero.
fn money(text: &str) -> Result<i128, Wrong> {
    if text.is_empty() {
        return Err(Wrong::Empty);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::NotANumber(text.to_owned()));
    }
    let number = text.parse::<i128>().ok();
    let number = number.filter(|number| (-CASE_MONEY_MAX..=CASE_MONEY_MAX).contains(number));
    number.ok_or_else(|| Wrong::Overflow(text.to_owned()))
}

fn amount(text: &str) -> Result<u64, Wrong> {
    match money(text)? {
        number if number < 0 => Err(Wrong::Negative(text.to_owned())),
        0 => Err(Wrong::Case(CaseError::AmountZero)),
        number => u64::try_from(number).map_err(|_| Wrong::Overflow(text.to_owned())),
    }
}
