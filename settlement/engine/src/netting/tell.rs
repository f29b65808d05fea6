//! Metrics of netting.
use causeway_ledger::{Planned, currency_code};

use std::sync::atomic::{AtomicU64, Ordering};

use super::status::{Look, Totals};

/// What a look found.
pub(super) fn look(look: &Look, totals: &Totals) {
    totals.looks.fetch_add(1, Ordering::Relaxed);
    metrics::histogram!("causeway_netting_look_seconds").record(look.took.as_secs_f64());
    metrics::gauge!("causeway_netting_gridlock").set(f64::from(u8::from(!look.found.is_empty())));
    if let Some(quality) = look.quality {
        metrics::gauge!("causeway_netting_bound_gap_ratio").set(1.0 - f64::from(quality) / 1e6);
    }
    metrics::counter!("causeway_netting_unsplit_total").increment(look.unsplit as u64);
    if let Some((trigger, plans)) = look.proposed {
        let trigger = trigger.name();
        metrics::counter!("causeway_netting_proposals_total", "trigger" => trigger).increment(1);
        metrics::counter!("causeway_netting_plans_total").increment(plans as u64);
    }
    for seen in &look.currencies {
        let code = currency_code(seen.currency);
        if seen.queued != 0 {
            metrics::gauge!("causeway_netting_liquidity_ratio", "currency" => code)
                .set(seen.liquidity as f64 / seen.queued as f64);
        }
        if look.proposed.is_some() {
            value(code, "proposed", seen.found, &totals.proposed_value);
            metrics::counter!("causeway_netting_saved_minor_units_total", "currency" => code)
                .increment(narrow(seen.saved));
        }
    }
}

/// What came of a plan.
pub(crate) fn planned(planned: &Planned, totals: &Totals) {
    totals.named.fetch_add(planned.named.into(), Ordering::Relaxed);
    totals
        .settled
        .fetch_add(planned.settled.into(), Ordering::Relaxed);
    let count = |state, count: u32| {
        metrics::counter!("causeway_netting_plan_instructions_total", "state" => state)
            .increment(count.into());
    };
    count("proposed", planned.named);
    count("applied", planned.settled);
    for (currency, settled) in &planned.value {
        value(
            currency_code(*currency),
            "applied",
            *settled,
            &totals.applied_value,
        );
    }
    totals.plans.fetch_add(1, Ordering::AcqRel);
}

fn value(code: &'static str, state: &'static str, amount: u128, total: &AtomicU64) {
    total.fetch_add(narrow(amount), Ordering::Relaxed);
    metrics::counter!("causeway_netting_plan_value_minor_units_total", "currency" => code, "state" => state)
        .increment(narrow(amount));
}

fn narrow(amount: u128) -> u64 {
    u64::try_from(amount).unwrap_or(u64::MAX)
}
