//! Holds a statement to the ledger, line by line and by balances.
use serde::Serialize;
use std::collections::BTreeMap;

use super::{Booked, Date, Line, Side, Statement};

/// How the two differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The same reference and side, another amount.
    AmountDiffers,
    /// The same reference on the other side.
    SideDiffers,
    /// The same side and amount, the only such pair, under another reference.
    ReferenceDiffers,
    /// A line that repeats one that already has its entry.
    TwiceInStatement,
    /// The ledger knows nothing of it.
    NotInLedger,
    /// The statement, though it covers the day, knows nothing of it.
    NotInStatement,
    /// The liability before the first day is not the opening balance.
    OpeningDiffers,
    /// The liability after the last day is not the closing balance.
    ClosingDiffers,
    /// Opening balance and lines do not come to the closing balance: the statement contradicts itself.
    SumDiffers,
}

impl Kind {
    /// What it means.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::AmountDiffers => "the amounts differ",
            Self::SideDiffers => "one went in, the other out",
            Self::ReferenceDiffers => "only the references differ",
            Self::TwiceInStatement => "the statement has it twice",
            Self::NotInLedger => "it is not on the ledger",
            Self::NotInStatement => "it is not in the statement",
            Self::OpeningDiffers => "the opening balance is not the liability before the first day",
            Self::ClosingDiffers => "the closing balance is not the liability after the last day",
            Self::SumDiffers => "the statement's own lines do not come to its closing balance",
        }
    }
}

/// One side of a difference. Amounts in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Line of the statement, or log index of the entry.
    pub at: Option<u64>,
    /// Booked there, or sequenced.
    pub date: Option<Date>,
    /// Its references, one behind the other.
    pub reference: Option<String>,
    /// Where the money went.
    pub side: Option<Side>,
    /// Amount, or balance, as text: it may be beyond what a JSON number holds.
    pub amount: String,
    /// Whose account on the ledger.
    pub participant: Option<String>,
}

impl From<&Line> for Told {
    fn from(line: &Line) -> Self {
        Self {
            at: Some(line.at.into()),
            date: Some(line.date),
            reference: Some(line.references.join(", ")),
            side: Some(line.side),
            amount: line.amount.to_string(),
            participant: None,
        }
    }
}

impl From<&Booked> for Told {
    fn from(booked: &Booked) -> Self {
        Self {
            at: Some(booked.entry),
            date: Some(booked.date),
            reference: Some(booked.reference.clone()),
            side: Some(booked.side),
            amount: booked.amount.to_string(),
            participant: Some(booked.participant.clone()),
        }
    }
}

/// A balance.
impl From<i128> for Told {
    fn from(balance: i128) -> Self {
        Self {
            at: None,
            date: None,
            reference: None,
            side: None,
            amount: balance.to_string(),
            participant: None,
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// How they differ.
    pub kind: Kind,
    /// What the statement says.
    pub statement: Option<Told>,
    /// What the ledger says.
    pub ledger: Option<Told>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// Lines that have exactly their entry.
    pub agreed: usize,
    /// All that differ: lines in their order, then entries, then balances.
    pub differences: Vec<Difference>,
}

/// Pairs every line with its entry of the log.
pub fn compare(statement: &Statement, booked: &[Booked]) -> Reconciliation {
    let mut pairing = Pairing::new(statement, booked);
    pairing.exact();
    pairing.same_reference();
    pairing.same_money();
    pairing.rest();
    let mut differences: Vec<Difference> = pairing.differences.into_values().collect();
    let missing = booked
        .iter()
        .zip(&pairing.used)
        .filter(|(one, used)| !**used && (statement.from..=statement.to).contains(&one.date));
    differences.extend(missing.map(|(one, _)| Difference {
        kind: Kind::NotInStatement,
        statement: None,
        ledger: Some(one.into()),
    }));
    differences.extend(balances(statement, booked));
    Reconciliation {
        agreed: pairing.agreed,
        differences,
    }
}

fn balances(statement: &Statement, booked: &[Booked]) -> Vec<Difference> {
    let liability = |counts: &dyn Fn(Date) -> bool| -> i128 {
        let all = booked.iter().filter(|one| counts(one.date));
        all.map(|one| one.side.signed(one.amount)).sum()
    };
    let mut differences = Vec::new();
    let mut hold = |kind, told: Option<i128>, wanted: i128| {
        if let Some(told) = told.filter(|told| *told != wanted) {
            differences.push(Difference {
                kind,
                statement: Some(told.into()),
                ledger: Some(wanted.into()),
            });
        }
    };
    let before = liability(&|date| date < statement.from);
    let after = liability(&|date| date <= statement.to);
    hold(Kind::OpeningDiffers, statement.opening, before);
    hold(Kind::ClosingDiffers, statement.closing, after);
    if let (Some(opening), Some(closing)) = (statement.opening, statement.closing) {
        let lines = statement.lines.iter();
        let sum: i128 = opening + lines.map(|line| line.side.signed(line.amount)).sum::<i128>();
        if sum != closing {
            differences.push(Difference {
                kind: Kind::SumDiffers,
                statement: Some(closing.into()),
                ledger: Some(sum.into()),
            });
        }
    }
    differences
}

struct Pairing<'a> {
    statement: &'a Statement,
    booked: &'a [Booked],
    by_reference: BTreeMap<&'a str, Vec<usize>>,
    /// Of each entry: whether a line has it.
    used: Vec<bool>,
    /// Of each line: whether it is done.
    done: Vec<bool>,
    agreed: usize,
    /// By line.
    differences: BTreeMap<usize, Difference>,
}

impl<'a> Pairing<'a> {
    fn new(statement: &'a Statement, booked: &'a [Booked]) -> Self {
        let mut by_reference: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, one) in booked.iter().enumerate() {
            by_reference.entry(&one.reference).or_default().push(at);
        }
        Self {
            statement,
            booked,
            by_reference,
            used: vec![false; booked.len()],
            done: vec![false; statement.lines.len()],
            agreed: 0,
            differences: BTreeMap::new(),
        }
    }

    /// Entries under any of a line's references.
    fn under(&self, line: &'a Line) -> impl Iterator<Item = usize> + '_ {
        let found = line
            .references
            .iter()
            .filter_map(|reference| self.by_reference.get(reference.as_str()));
        found.flatten().copied()
    }

    fn open(&self) -> Vec<(usize, &'a Line)> {
        let lines = self.statement.lines.iter().enumerate();
        lines.filter(|(at, _)| !self.done[*at]).collect()
    }

    fn settle(&mut self, line: usize, entry: Option<usize>, kind: Option<Kind>) {
        self.done[line] = true;
        if let Some(entry) = entry {
            self.used[entry] = true;
        }
        let Some(kind) = kind else {
            self.agreed += 1;
            return;
        };
        let difference = Difference {
            kind,
            statement: Some((&self.statement.lines[line]).into()),
            ledger: entry.map(|entry| (&self.booked[entry]).into()),
        };
        self.differences.insert(line, difference);
    }

    fn exact(&mut self) {
        for (at, line) in self.open() {
            let fits = |entry: &usize| {
                let one = &self.booked[*entry];
                !self.used[*entry] && one.side == line.side && one.amount == line.amount
            };
            let found = self.under(line).find(fits);
            if let Some(entry) = found {
                self.settle(at, Some(entry), None);
            }
        }
    }

    fn same_reference(&mut self) {
        for (at, line) in self.open() {
            let free: Vec<usize> = self.under(line).filter(|entry| !self.used[*entry]).collect();
            let same = free.iter().find(|entry| self.booked[**entry].side == line.side);
            match (same, free.first()) {
                (Some(entry), _) => self.settle(at, Some(*entry), Some(Kind::AmountDiffers)),
                (None, Some(entry)) => self.settle(at, Some(*entry), Some(Kind::SideDiffers)),
                (None, None) => {
                    let taken = self.under(line).next();
                    if taken.is_some() {
                        self.settle(at, taken, Some(Kind::TwiceInStatement));
                    }
                }
            }
        }
    }

    /// A mistyped reference leaves one line and one entry with the same money, and no other.
    fn same_money(&mut self) {
        let (mut lines, mut entries): (BTreeMap<i128, Vec<usize>>, BTreeMap<i128, Vec<usize>>) =
            Default::default();
        for (at, line) in self.open() {
            lines.entry(line.side.signed(line.amount)).or_default().push(at);
        }
        let days = self.statement.from..=self.statement.to;
        for (at, one) in self.booked.iter().enumerate() {
            if !self.used[at] && days.contains(&one.date) {
                entries.entry(one.side.signed(one.amount)).or_default().push(at);
            }
        }
        for (money, lines) in lines {
            if let ([line], Some([entry])) = (&lines[..], entries.get(&money).map(Vec::as_slice)) {
                self.settle(*line, Some(*entry), Some(Kind::ReferenceDiffers));
            }
        }
    }

    fn rest(&mut self) {
        for (at, _) in self.open() {
            self.settle(at, None, Some(Kind::NotInLedger));
        }
    }
}
