//! A drawn day as the two files that a replay reads.
use causeway_netting::case::Priority;
use causeway_netting::day::time;
use std::fmt::Write;

use crate::day::DrawnDay;

impl DrawnDay {
    /// Opening balances and limits, all accounts in order.
    pub fn balances_csv(&self) -> String {
        let mut out = String::from("participant,currency,balance,limit\n");
        for account in self.day.case().accounts() {
            let (bank, currency) = (self.bank(account.participant), self.currency(account.currency));
            let _ = writeln!(out, "{bank},{currency},{},{}", account.balance, account.limit);
        }
        out
    }

    /// All that arrives, in order.
    pub fn arrivals_csv(&self) -> String {
        let mut out = String::from("time,id,debtor,creditor,currency,amount,priority,trade\n");
        let case = self.day.case();
        for (item, at) in (0_u32..).zip(self.day.times()) {
            let legs = case.legs(item);
            let at = time::text(*at);
            for (place, leg) in legs.iter().enumerate() {
                let account = |account: u32| case.accounts().get(account as usize);
                let (Some(debtor), Some(creditor)) = (account(leg.debtor), account(leg.creditor)) else {
                    continue;
                };
                let (id, trade) = match legs.len() {
                    1 => (format!("{}", item + 1), String::new()),
                    _ => (format!("{}-{}", item + 1, place + 1), format!("T{}", item + 1)),
                };
                let class = match leg.priority {
                    Priority::Urgent => "urgent",
                    Priority::High => "high",
                    Priority::Normal => "normal",
                };
                let (from, to) = (self.bank(debtor.participant), self.bank(creditor.participant));
                let currency = self.currency(debtor.currency);
                let _ = writeln!(
                    out,
                    "{at},{id},{from},{to},{currency},{},{class},{trade}",
                    leg.amount
                );
            }
        }
        out
    }

    fn bank(&self, number: u32) -> &str {
        self.banks.get(number as usize).map_or("", String::as_str)
    }

    fn currency(&self, number: u16) -> &str {
        self.currencies
            .get(usize::from(number))
            .map_or("", |currency| currency.code)
    }
}
