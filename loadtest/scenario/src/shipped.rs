//! Days that are shipped: an ordinary one, and hard ones.
use crate::form::{FormError, Scenario};

/// Names and texts, the ordinary one first.
pub const SHIPPED: [(&str, &str); 5] = [
    ("ordinary", include_str!("../days/ordinary.toml")),
    ("stopped-sender", include_str!("../days/stopped-sender.toml")),
    ("hub", include_str!("../days/hub.toml")),
    ("giant-payment", include_str!("../days/giant-payment.toml")),
    ("cut-off-surge", include_str!("../days/cut-off-surge.toml")),
];

/// A shipped scenario by its name.
pub fn shipped(name: &str) -> Option<Result<Scenario, FormError>> {
    let found = SHIPPED.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| Scenario::parse(text))
}
