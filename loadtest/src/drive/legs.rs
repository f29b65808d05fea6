//! The legs of a scenario: one window, or what finds its rate before.
use super::control::Pace;
use super::director::{Director, Order, Ran};
use super::ramp::{Search, Tried};
use super::schedule::Open;
use crate::error::Failure;
use crate::plan::{BEST_SECONDS, Loop, Plan};
use crate::report::form::{Curve, Distribution, Step};

/// Seconds before the window of each rate that is tried.
const SETTLING: u64 = 1;

/// What the legs of a scenario came to.
#[derive(Debug)]
pub struct Legs {
    /// The window that counts.
    pub ran: Ran,
    /// Payments a second that were intended in it.
    pub rate: Option<f64>,
    /// What a closed loop reached before.
    pub best: Option<f64>,
    /// The search for the highest rate.
    pub curve: Option<Curve>,
}

/// Runs them.
///
/// # Errors
/// If somebody cannot go on.
pub async fn run(plan: &Plan, director: &mut Director<'_>) -> Result<Legs, Failure> {
    let closed = Pace::Closed(plan.load.depth);
    let whole = |pace: Pace| order(plan, pace, plan.warm_up, plan.seconds);
    match plan.load.kind {
        Loop::Closed => Ok(Legs {
            ran: director.leg(&whole(closed)).await?,
            rate: None,
            best: None,
            curve: None,
        }),
        Loop::Open => {
            let (rate, best) = match (plan.load.rate, plan.load.of_best) {
                (Some(rate), _) => (rate as f64, None),
                (None, share) => {
                    let mut first = order(plan, closed, plan.warm_up, BEST_SECONDS);
                    first.outage = None;
                    let ran = director.leg(&first).await?;
                    let best = ran.counts.settled as f64 / ran.window;
                    (best * share.unwrap_or(1.0), Some(best))
                }
            };
            if rate < 1.0 {
                return Err(Failure::Check("nothing settled in a closed loop".into()));
            }
            let ran = director.leg(&whole(Pace::Open(open(plan, rate)))).await?;
            Ok(Legs {
                ran,
                rate: Some(rate),
                best,
                curve: None,
            })
        }
        Loop::Ramp => ramp(plan, director).await,
    }
}

fn order(plan: &Plan, pace: Pace, warm_up: u64, seconds: u64) -> Order {
    Order {
        pace,
        batch: plan.load.batch,
        warm_up,
        seconds,
        outage: plan.outage,
    }
}

fn open(plan: &Plan, rate: f64) -> Open {
    Open {
        rate,
        batch: plan.load.batch,
        banks: plan.world.banks,
        arrivals: plan.load.arrivals,
        phases: plan.phases.clone().into(),
        shed: plan.load.shed,
        seed: plan.seed,
    }
}

/// The window that counts is that of the highest rate that met the objective; of the lowest tried if none did.
async fn ramp(plan: &Plan, director: &mut Director<'_>) -> Result<Legs, Failure> {
    let ramp = plan.ramp.clone().unwrap_or_default();
    let mut search = Search::new(&ramp);
    let mut curve = Curve {
        objective: Some(ramp.objective),
        ..Curve::default()
    };
    let mut kept: Option<(f64, bool, Ran)> = None;
    let mut warm_up = plan.warm_up;
    while let Some(rate) = search.next() {
        let pace = Pace::Open(open(plan, rate));
        let ran = director.leg(&order(plan, pace, warm_up, ramp.seconds)).await?;
        warm_up = SETTLING;
        let latency = &ran.counts.latency;
        let tried = Tried {
            rate,
            achieved: ran.counts.settled as f64 / ran.window,
            ms: latency.value_at_quantile(ramp.objective.quantile) as f64 / 1e3,
            backlog: ran.backlog,
            usual: (plan.load.batch * plan.world.banks) as u64,
        };
        let why = if latency.is_empty() {
            Some("nothing was answered".to_owned())
        } else {
            tried.why(&ramp)
        };
        let passed = why.is_none();
        search.note(passed);
        curve.steps.push(Step {
            rate: rate as u64,
            achieved: tried.achieved,
            latency_ms: Distribution::from(latency).short(),
            at_quantile_ms: Some(tried.ms),
            passed,
            why,
        });
        let better = kept.as_ref().is_none_or(|(before, met, _)| match (met, passed) {
            (false, true) => true,
            (true, false) => false,
            (true, true) => rate > *before,
            (false, false) => rate < *before,
        });
        if better {
            kept = Some((rate, passed, ran));
        }
    }
    curve.highest = search.highest().map(|rate| rate as u64);
    let (rate, _, ran) = kept.ok_or_else(|| Failure::Check("no rate could be tried".into()))?;
    Ok(Legs {
        ran,
        rate: Some(rate),
        best: None,
        curve: Some(curve),
    })
}
