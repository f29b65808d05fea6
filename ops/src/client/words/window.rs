//! What actions about netting windows do, in sentences.
use causeway_message::action::WindowGrant;
use causeway_message::time::Timestamp;

use super::code;

/// What opening a window does, in one sentence without its point.
pub(super) fn opening(grant: &WindowGrant) -> String {
    let currencies: Vec<String> = grant.currencies.iter().map(|currency| code(*currency)).collect();
    let at = |seconds| Timestamp::from_seconds(seconds).to_text();
    format!(
        "open a netting window in {} that collects until {}, is paid in by {}, and ends at {}",
        currencies.join(", "),
        at(grant.close),
        at(grant.pay_in_by),
        at(grant.ends)
    )
}
