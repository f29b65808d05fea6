//! What actions about members do, in sentences.
use causeway_message::action::{Action, Standing};

use super::{Names, key, roles};

/// What an action about members does, in one sentence without its point.
pub(super) fn action(action: &Action, names: &Names) -> String {
    match action {
        Action::AdmitMember { grant, .. } => {
            let keys: Vec<String> = grant.keys.iter().map(key).collect();
            format!(
                "admit {} ({}), not active yet, with {} accounts and {}, each shown to be held",
                grant.name,
                roles(grant.roles),
                grant.accounts.len(),
                keys.join("; ")
            )
        }
        Action::AddMemberKey {
            participant, grant, ..
        } => format!("give {} {}, shown to be held", names.of(*participant), key(grant)),
        Action::SetMembership {
            participant,
            standing,
            reference,
        } => {
            let who = names.of(*participant);
            match standing {
                Standing::Active => format!("make {who} active ({reference})"),
                Standing::Taking => {
                    format!("suspend {who}, which is paid and pays nothing ({reference})")
                }
                Standing::Suspended => {
                    format!("suspend {who}, which neither pays nor is paid ({reference})")
                }
                Standing::Closed => format!("close {who} for good ({reference})"),
                // No action says so.
                Standing::Admitted => format!("keep {who} from taking part ({reference})"),
            }
        }
        Action::SetRoles {
            participant,
            roles: given,
        } => format!(
            "give {} these roles and no others: {}",
            names.of(*participant),
            roles(*given)
        ),
        Action::DeclareDefault {
            participant,
            reference,
        } => format!(
            "declare {} in default ({reference}): nothing leaves it, and nothing ends yet",
            names.of(*participant)
        ),
        Action::DecideDefault {
            participant,
            confirmed: true,
        } => format!(
            "confirm for good that {} is in default: what waits for it and of it ends",
            names.of(*participant)
        ),
        Action::DecideDefault { participant, .. } => {
            format!("lift the default of {}", names.of(*participant))
        }
        other => other.name().to_owned(),
    }
}
