//! What a choice of items comes to, by currency and by account.
use causeway_netting::Chosen;
use causeway_netting::case::Named;
use std::collections::BTreeMap;

/// A count of rows, and what they move in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Rows of the queue.
    pub count: u64,
    /// Minor units.
    pub value: u128,
}

impl Sums {
    fn add(&mut self, amount: u64) {
        self.count += 1;
        self.value += u128::from(amount);
    }

    /// Both less those of a part.
    pub const fn less(self, part: Self) -> Self {
        Self {
            count: self.count - part.count,
            value: self.value - part.value,
        }
    }
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Name of the participant.
    pub participant: String,
    /// Code of the currency.
    pub currency: String,
    /// Minor units before and after.
    pub before: i128,
    /// Balance afterwards.
    pub after: i128,
    /// How far below zero it may go.
    pub limit: i128,
    /// What it pays, and gets, by what settles.
    pub pays: u128,
    /// What it gets.
    pub gets: u128,
    /// What it would pay that does not settle.
    pub left: Sums,
}

/// What settles of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows that settle, in order of the file.
    pub settled: Vec<String>,
    /// By currency: what is queued, and what of it settles.
    pub currencies: BTreeMap<String, (Sums, Sums)>,
    /// Accounts, by participant and currency.
    pub lines: Vec<Line>,
    /// By currency, debtor and creditor: what is queued, and what of it is left.
    pub owed: BTreeMap<(String, String, String), (u128, u128)>,
}

impl Report {
    /// Of what was chosen.
    pub fn new(named: &Named, chosen: &Chosen) -> Self {
        let case = &named.case;
        let name = |participant: u32| {
            named
                .participants
                .get(participant as usize)
                .cloned()
                .unwrap_or_default()
        };
        let code = |currency: u16| {
            named
                .currencies
                .get(usize::from(currency))
                .cloned()
                .unwrap_or_default()
        };
        let after = chosen.balances(case);
        let mut lines: Vec<Line> = case
            .accounts()
            .iter()
            .zip(after)
            .map(|(account, after)| Line {
                participant: name(account.participant),
                currency: code(account.currency),
                before: account.balance,
                after,
                limit: account.limit,
                pays: 0,
                gets: 0,
                left: Sums::default(),
            })
            .collect();
        let mut report = Self::default();
        for item in 0..case.items() as u32 {
            let settles = chosen.contains(item);
            for leg in case.legs(item) {
                let (debtor, creditor) = (leg.debtor as usize, leg.creditor as usize);
                let currency = lines[debtor].currency.clone();
                let pair = (
                    currency.clone(),
                    lines[debtor].participant.clone(),
                    lines[creditor].participant.clone(),
                );
                let owed = report.owed.entry(pair).or_default();
                owed.0 += u128::from(leg.amount);
                let (queued, settled) = report.currencies.entry(currency).or_default();
                queued.add(leg.amount);
                if settles {
                    settled.add(leg.amount);
                    lines[debtor].pays += u128::from(leg.amount);
                    lines[creditor].gets += u128::from(leg.amount);
                } else {
                    owed.1 += u128::from(leg.amount);
                    lines[debtor].left.add(leg.amount);
                }
            }
        }
        lines.sort_by(|a, b| (&a.participant, &a.currency).cmp(&(&b.participant, &b.currency)));
        report.lines = lines;
        let rows = named.rows.iter().zip(&named.item_of);
        let settled = rows.filter(|(_, item)| chosen.contains(**item));
        report.settled = settled.map(|(row, _)| row.clone()).collect();
        report
    }
}
