//! Days that turn by the clock, as far as the tally has to know them: which currency closed, and which may be open.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::action::{Action, Hours, Phase};
use causeway_message::statement::{DayStep, DayTold};
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::seen::{Ended, Seen};

/// Seconds between the instant of a close and the close.
const LAST_SECONDS: u32 = 5;

/// The schedule of one currency.
#[derive(Debug, Default)]
struct Own {
    today: Option<Hours>,
    coming: BTreeMap<u16, Hours>,
}

/// The schedules that operators entered.
#[derive(Debug, Default)]
pub(super) struct Schedules {
    of: BTreeMap<u16, Own>,
    /// Business dates of the currencies that ever had a day.
    dates: BTreeMap<u16, u16>,
}

impl Schedules {
    /// What the clock turned up to the begin of an entry, as if somebody had said it. A day may be told open here while
    /// the close before it is under way still. A close may be put off by windows that are told of in the entry.
    pub fn turn(&mut self, time: Timestamp, seen: &Seen, closed: &BTreeSet<u16>) -> Vec<Ended> {
        let come = |second: u32| Timestamp::from_seconds(second) <= time;
        let mut turned = Vec::new();
        for (currency, own) in &mut self.of {
            if let Some(today) = own.today
                && come(today.close.saturating_add(LAST_SECONDS))
            {
                let is_told = |step: &DayTold| step.currency == *currency && step.step == DayStep::Closed;
                if !seen.windows.is_empty() && !seen.steps.iter().any(is_told) {
                    continue;
                }
                own.today = None;
                turned.push(said(*currency, Phase::Closed, today.date));
                continue;
            }
            let ready = closed.contains(currency) || !self.dates.contains_key(currency);
            let next = own.coming.values().find(|day| !come(day.close)).copied();
            if let Some(next) = next.filter(|next| ready && own.today.is_none() && come(next.open)) {
                own.coming.retain(|date, _| *date > next.date);
                own.today = Some(next);
                self.dates.insert(*currency, next.date);
                turned.push(said(*currency, Phase::Open, next.date));
            }
        }
        turned
    }

    /// Takes over what was carried out.
    pub fn executed(&mut self, action: &Action) {
        match action {
            Action::ScheduleDays { currency, days } => {
                let own = self.of.entry(*currency).or_default();
                for day in days {
                    if day.is_none() {
                        own.coming.remove(&day.date);
                    } else {
                        own.coming.insert(day.date, *day);
                    }
                }
            }
            Action::ExtendDay { currency, hours } => {
                self.of.entry(*currency).or_default().today = Some(*hours);
            }
            Action::SetDay {
                currency,
                phase,
                date,
            } => {
                self.dates.insert(*currency, *date);
                if let Some(own) = self.of.get_mut(currency).filter(|_| *phase == Phase::Closed) {
                    own.today = None;
                }
            }
            _ => {}
        }
    }

    /// The date of the last day that began.
    pub fn date(&self, currency: u16) -> Option<u16> {
        self.dates.get(&currency).copied()
    }
}

fn said(currency: u16, phase: Phase, date: u16) -> Ended {
    Ended {
        proposer: ParticipantId(0),
        id: InstructionId([0; 16]),
        origin: Default::default(),
        status: Status::Executed,
        amount: 0,
        action: Action::SetDay {
            currency,
            phase,
            date,
        },
    }
}
