//! `/netting`: what netting last saw; a POST makes it look now and propose what it finds.
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use causeway_engine::netting::{Look, Netting};
use causeway_fx::Currency;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::Shared;

/// One currency. Minor units, as texts: they may be beyond what a JSON number holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenJson {
    /// ISO 4217 code.
    pub currency: String,
    /// Instructions in queues.
    pub queued_count: u64,
    /// What they would move.
    pub queued: String,
    /// What those that wait may pay by their own means.
    pub liquidity: String,
    /// What settles together though no turn lets it.
    pub found: String,
    /// What of that nobody has to hold.
    pub saved: String,
}

/// A look at the queues.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LookJson {
    /// `off`, `fifo` or `bypass`.
    pub mode: String,
    /// Log index after which it stood; 0 before the first look.
    pub index: u64,
    /// Instructions in queues.
    pub queued: usize,
    /// True while instructions wait for each other that would settle together.
    pub gridlock: bool,
    /// Instructions of that.
    pub gridlocked: usize,
    /// Share of what could settle at most that was found; only where that was looked for.
    pub quality: Option<f64>,
    /// How long the look took.
    pub millis: f64,
    /// Why it was proposed; nothing if it was not.
    pub proposed_for: Option<String>,
    /// In how many plans.
    pub plans: usize,
    /// Instructions that fit into no plan.
    pub unsplit: usize,
    /// By currency.
    pub currencies: Vec<SeenJson>,
}

impl From<&Look> for LookJson {
    fn from(look: &Look) -> Self {
        let code = |numeric| Currency::from_numeric(numeric).map_or("unknown", Currency::alpha);
        let seen = look.currencies.iter().map(|seen| SeenJson {
            currency: code(seen.currency).to_owned(),
            queued_count: seen.queued_count,
            queued: seen.queued.to_string(),
            liquidity: seen.liquidity.to_string(),
            found: seen.found.to_string(),
            saved: seen.saved.to_string(),
        });
        Self {
            mode: look.mode.name().to_owned(),
            index: look.index,
            queued: look.queued,
            gridlock: !look.found.is_empty(),
            gridlocked: look.found.len(),
            quality: look.quality.map(|quality| f64::from(quality) / 1e6),
            millis: look.took.as_secs_f64() * 1e3,
            proposed_for: look.proposed.map(|(trigger, _)| trigger.name().to_owned()),
            plans: look.proposed.map_or(0, |(_, plans)| plans),
            unsplit: look.unsplit,
            currencies: seen.collect(),
        }
    }
}

pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Response {
    match shared.netting.as_ref().filter(|netting| netting.is_on()) {
        Some(netting) => Json(LookJson::from(&*netting.last())).into_response(),
        None => no_netting(),
    }
}

pub(super) async fn run(State(shared): State<Arc<Shared>>) -> Response {
    let Some(netting) = shared.netting.clone() else {
        return no_netting();
    };
    match tokio::task::spawn_blocking(move || Netting::run_now(&netting)).await {
        Ok(Ok(Some(look))) => Json(LookJson::from(&look)).into_response(),
        Ok(Ok(None)) => no_netting(),
        Ok(Err(error)) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

fn no_netting() -> Response {
    let why = "netting is off: node.toml says netting.mode = \"off\"\n";
    (StatusCode::CONFLICT, why).into_response()
}
