//! Business dates as the node has them: which one a currency stands at, and which days of it lie ahead.
use crate::failure::Failure;
use crate::iso::AnyMessage;
use crate::proof::{Patience, is_not_found, is_passing};
use causeway_message::wire::{Days, day_flags};
use causeway_transport::{Client, ClientError};
use std::collections::{BTreeMap, BTreeSet};

/// The days of one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Own {
    /// The business date; before the first day there is none.
    date: Option<u16>,
    /// Dates of the days ahead.
    ahead: BTreeSet<u16>,
}

/// The days of the currencies that were asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BusinessDates(BTreeMap<u16, Own>);

impl BusinessDates {
    /// Takes over what a node answered of one currency.
    pub fn note(&mut self, days: &Days) {
        for line in &days.lines {
            let own = self.0.entry(line.currency).or_default();
            let date = line.hours.date;
            if line.flags & day_flags::AHEAD != 0 {
                own.ahead.insert(date);
            } else {
                own.date = (date != 0).then_some(date);
            }
        }
    }

    /// The business date of a currency, if it ever had a day.
    pub fn date(&self, currency: u16) -> Option<u16> {
        self.0.get(&currency)?.date
    }

    /// True if a day of this date lies ahead.
    pub fn is_ahead(&self, currency: u16, date: u16) -> bool {
        self.0.get(&currency).is_some_and(|own| own.ahead.contains(&date))
    }

    /// Only that there is no such thing means that no days are known: without them a date would be read as another.
    fn answered(&mut self, days: Result<Days, ClientError>) -> Result<(), Failure> {
        match days {
            Err(error) if is_not_found(&error) => {}
            days => self.note(&days?),
        }
        Ok(())
    }

    /// Asks the node about the currencies in which the messages name a date.
    ///
    /// # Errors
    /// If the node does not answer, or refuses for another reason than that it knows of none.
    pub async fn of(
        client: &Client,
        messages: &[(String, AnyMessage)],
        patience: &mut Patience,
    ) -> Result<Self, Failure> {
        let mut currencies = BTreeSet::new();
        for (_, message) in messages {
            if let AnyMessage::Transfer(message) = message {
                let dated = message
                    .transactions
                    .iter()
                    .filter(|one| one.settlement_date.is_some());
                currencies.extend(dated.map(|one| one.amount.currency.numeric));
            }
        }
        let mut dates = Self::default();
        for currency in currencies {
            loop {
                match client.days(currency).await {
                    Err(error) if is_passing(&error) && patience.wait().await => {}
                    days => {
                        dates.answered(days)?;
                        break;
                    }
                }
            }
        }
        Ok(dates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use causeway_message::refusal::{Refusal, RefusalCode};

    #[test]
    fn only_not_found_means_that_no_days_are_known() {
        for code in RefusalCode::ALL {
            let refused = ClientError::Refused(Refusal {
                code: *code,
                number: 0,
                expected: 0,
                retry_after_ms: 0,
                text: String::new(),
            });
            let mut dates = BusinessDates::default();
            let taken = dates.answered(Err(refused)).is_ok();
            assert_eq!(taken, *code == RefusalCode::NotFound, "{}", code.name());
            assert_eq!(dates, BusinessDates::default());
        }
    }
}
