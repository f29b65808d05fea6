//! Gauges of what stands in the ledger: counted between two groups, a bounded part at a time, so that no payment waits for
//! them, and told once the whole is counted.
use std::time::Duration;

use causeway_ledger::{Bound, CurrencyStanding, Ledger, Standing, Survey};
use causeway_message::action::Hours;
use causeway_message::record::Priority;
use causeway_message::time::Timestamp;
use causeway_message::wire::WindowStage;

use crate::limits::WATCH_MS;

/// A survey now and then.
#[derive(Default)]
pub(crate) struct Watch {
    survey: Survey,
    /// A survey is under way.
    counting: bool,
    /// Log index at which the last one began.
    seen: Option<u64>,
    /// When the next one may begin.
    due: Duration,
}

impl Watch {
    /// How long there may be no turn: none at all while a survey is under way.
    pub fn patience(&self) -> Duration {
        if self.counting {
            return Duration::ZERO;
        }
        Duration::from_millis(WATCH_MS)
    }

    /// Counts some more, if it is time and anything can have changed.
    pub fn turn(&mut self, ledger: &Ledger, now: Duration) {
        if !self.counting {
            if now < self.due || self.seen == Some(ledger.index()) {
                return;
            }
            self.seen = Some(ledger.index());
            self.counting = true;
        }
        if let Some(standing) = self.survey.step(ledger) {
            tell(&standing);
            self.counting = false;
            self.due = now + Duration::from_millis(WATCH_MS);
        }
    }
}

fn tell(standing: &Standing) {
    metrics::gauge!("causeway_queue_chains").set(standing.chains as f64);
    metrics::gauge!("causeway_queue_warehoused").set(standing.warehoused as f64);
    metrics::gauge!("causeway_queue_matched_trades").set(standing.matched as f64);
    metrics::gauge!("causeway_queue_unmatched").set(standing.unmatched as f64);
    metrics::gauge!("causeway_queue_unmatched_age_seconds").set(standing.oldest_unmatched_seconds as f64);
    metrics::gauge!("causeway_queue_awaiting_quote").set(standing.awaiting_quote as f64);
    metrics::gauge!("causeway_settlement_quotes").set(standing.quotes as f64);
    metrics::gauge!("causeway_settlement_quote_locks").set(standing.locks as f64);
    metrics::gauge!("causeway_queue_held").set(standing.held_payments as f64);
    metrics::gauge!("causeway_settlement_held_participants").set(standing.held_participants as f64);
    metrics::gauge!("causeway_settlement_defaulted_participants").set(standing.defaulted_participants as f64);
    metrics::gauge!("causeway_settlement_conditional_payments").set(standing.conditionals as f64);
    metrics::gauge!("causeway_settlement_open_questions").set(standing.questions as f64);
    for (stage, count) in WindowStage::ALL.iter().zip(standing.windows) {
        metrics::gauge!("causeway_settlement_windows", "stage" => stage.name()).set(count as f64);
    }
    standing.currencies.iter().for_each(tell_currency);
}

fn tell_day(standing: &CurrencyStanding) {
    let currency = standing.code;
    let unix = |second: fn(&Hours) -> u32| {
        let second = standing.hours.as_ref().map(second);
        second.map_or(0, |second| Timestamp::from_seconds(second).unix_seconds()) as f64
    };
    metrics::gauge!("causeway_settlement_day_phase", "currency" => currency)
        .set(f64::from(standing.phase as u8));
    metrics::gauge!("causeway_settlement_customer_cut_off_timestamp_seconds", "currency" => currency)
        .set(unix(|hours| hours.customer_cut_off));
    metrics::gauge!("causeway_settlement_interbank_cut_off_timestamp_seconds", "currency" => currency)
        .set(unix(|hours| hours.interbank_cut_off));
    metrics::gauge!("causeway_settlement_close_timestamp_seconds", "currency" => currency)
        .set(unix(|hours| hours.close));
    metrics::gauge!("causeway_settlement_days_ahead", "currency" => currency).set(standing.days_ahead as f64);
    metrics::gauge!("causeway_queue_dated", "currency" => currency).set(standing.dated as f64);
}

fn tell_currency(standing: &CurrencyStanding) {
    let currency = standing.code;
    for (class, (count, value)) in Priority::ALL.iter().zip(standing.queued) {
        let class = class.name();
        metrics::gauge!("causeway_queue_payments", "currency" => currency, "class" => class)
            .set(count as f64);
        metrics::gauge!("causeway_queue_value_minor_units", "currency" => currency, "class" => class)
            .set(value as f64);
    }
    metrics::gauge!("causeway_settlement_set_aside_minor_units", "currency" => currency)
        .set(standing.set_aside as f64);
    metrics::gauge!("causeway_settlement_fees_minor_units", "currency" => currency).set(standing.fees as f64);
    metrics::gauge!("causeway_settlement_collateral_minor_units", "currency" => currency)
        .set(standing.collateral as f64);
    metrics::gauge!("causeway_settlement_credit_minor_units", "currency" => currency)
        .set(standing.credit_in_use as f64);
    metrics::gauge!("causeway_settlement_credit_unpaid", "currency" => currency)
        .set(standing.credit_frozen as f64);
    metrics::gauge!("causeway_settlement_window_positions_minor_units", "currency" => currency)
        .set(standing.window_positions as f64);
    tell_day(standing);
    for (bound, counted) in Bound::ALL.iter().zip(standing.bounds) {
        let bound = bound.name();
        metrics::gauge!("causeway_settlement_limits", "currency" => currency, "limit" => bound)
            .set(counted.set as f64);
        metrics::gauge!("causeway_settlement_limits_below_use", "currency" => currency, "limit" => bound)
            .set(counted.below_use as f64);
    }
}
