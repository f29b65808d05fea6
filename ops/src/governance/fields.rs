//! The fields of a control action by name, in the words in which commands take them, and whom it names.
use causeway_message::ParticipantId;
use causeway_message::action::{
    AccountGrant, Action, FeeGrant, Hours, KeyGrant, ParticipantGrant, Phase, right,
};
use causeway_message::record::Kind;
use causeway_message::time::Timestamp;
use serde_json::{Map, Value, json};

use crate::client::words::{self, Names};
use crate::client::{exchange, rate};

/// Names of all actions.
pub const ACTIONS: &[&str] = &[
    "register_participant",
    "open_account",
    "set_cap",
    "add_key",
    "revoke_key",
    "set_standing",
    "open_currency",
    "fund",
    "defund",
    "confirm_defund",
    "release_defund",
    "hold_payment",
    "end_hold",
    "hold_participant",
    "set_fee",
    "set_day",
    "set_valuation",
    "set_tests",
    "set_short_limit",
    "set_pay_in",
    "set_exposure",
    "set_reference",
    "schedule_days",
    "extend_day",
    "set_collateral",
    "set_credit",
    "admit_member",
    "add_member_key",
    "set_membership",
    "set_roles",
    "declare_default",
    "decide_default",
    "open_window",
    "cancel_window",
];

/// Collects fields.
struct Fields<'a> {
    names: &'a Names,
    all: Map<String, Value>,
}

impl Fields<'_> {
    fn put(&mut self, field: &str, value: impl Into<Value>) -> &mut Self {
        self.all.insert(field.to_owned(), value.into());
        self
    }

    /// A participant by name and by id.
    fn who(&mut self, field: &str, who: ParticipantId) -> &mut Self {
        self.put(field, self.names.of(who));
        self.put(&format!("{field}_id"), who.0)
    }

    fn currency(&mut self, field: &str, currency: u16) -> &mut Self {
        self.put(field, words::code(currency))
    }

    /// An amount in the digits of its currency.
    fn amount(&mut self, field: &str, minor: u64, currency: u16) -> &mut Self {
        self.put(field, words::decimal(minor.into(), currency))
    }

    fn time(&mut self, field: &str, seconds: u32) -> &mut Self {
        self.put(field, Timestamp::from_seconds(seconds).to_text())
    }

    fn fee(&mut self, fee: &FeeGrant) -> &mut Self {
        let kind = Kind::from_number(fee.kind).map_or("unknown", Kind::name);
        self.currency("currency", fee.currency).put("kind", kind);
        self.who("collector", fee.collector)
            .amount("flat", fee.flat, fee.currency)
            .put("millionths", fee.per_million)
            .amount("least", fee.min, fee.currency);
        match fee.max {
            0 => self.put("most", Value::Null),
            most => self.amount("most", most, fee.currency),
        }
    }
}

/// A key grant.
pub fn key(grant: &KeyGrant) -> Value {
    let rights: Vec<&str> = [(right::INSTRUCT, "instruct"), (right::CONTROL, "control")]
        .into_iter()
        .filter(|(bit, _)| grant.rights & bit != 0)
        .map(|(_, name)| name)
        .collect();
    json!({
        "key": grant.key.0,
        "person": grant.person,
        "rights": rights,
        "public": grant.public.to_string(),
    })
}

fn account(grant: &AccountGrant) -> Value {
    json!({
        "currency": words::code(grant.currency),
        "cap": words::decimal(grant.cap.into(), grant.currency),
    })
}

/// A participant grant.
pub fn participant(grant: &ParticipantGrant) -> Map<String, Value> {
    let mut all = Map::new();
    all.insert("name".to_owned(), grant.name.clone().into());
    all.insert("roles".to_owned(), words::roles(grant.roles).into());
    let keys: Vec<Value> = grant.keys.iter().map(key).collect();
    all.insert("keys".to_owned(), keys.into());
    let accounts: Vec<Value> = grant.accounts.iter().map(account).collect();
    all.insert("accounts".to_owned(), accounts.into());
    all
}

const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Open => "open",
        Phase::CutOff => "cut_off",
        Phase::Closed => "closed",
    }
}

/// What an action says, field by field.
pub fn of(action: &Action, names: &Names) -> Map<String, Value> {
    let mut fields = Fields {
        names,
        all: Map::new(),
    };
    match action {
        Action::RegisterParticipant(grant) => fields.all = participant(grant),
        Action::OpenAccount { participant, account } | Action::SetCap { participant, account } => {
            fields.who("participant", *participant);
            fields.currency("currency", account.currency);
            fields.amount("cap", account.cap, account.currency);
        }
        Action::AddKey { participant, grant } => {
            fields.who("participant", *participant).put("grant", key(grant));
        }
        Action::SetCollateral {
            participant,
            currency,
            asset,
            value,
            haircut,
        } => {
            fields
                .who("participant", *participant)
                .currency("currency", *currency);
            fields
                .put("asset", asset.as_str())
                .amount("value", *value, *currency)
                .put("haircut_millionths", *haircut);
        }
        Action::SetCredit {
            participant,
            currency,
            limit,
        } => {
            fields
                .who("participant", *participant)
                .currency("currency", *currency)
                .amount("limit", *limit, *currency);
        }
        Action::OpenWindow(grant) => {
            let codes: Vec<String> = grant
                .currencies
                .iter()
                .map(|currency| words::code(*currency))
                .collect();
            fields.put("currencies", codes);
            fields
                .time("close", grant.close)
                .time("pay_in_by", grant.pay_in_by)
                .time("ends", grant.ends);
        }
        Action::CancelWindow { window } => {
            fields.put("window", window.to_string());
        }
        Action::AdmitMember { grant, .. } => fields.all = participant(grant),
        Action::AddMemberKey {
            participant, grant, ..
        } => {
            fields.who("participant", *participant).put("grant", key(grant));
        }
        Action::SetMembership {
            participant,
            standing,
            reference,
        } => {
            fields
                .who("participant", *participant)
                .put("standing", standing.name());
            fields.put("reference", reference.as_str());
        }
        Action::SetRoles { participant, roles } => {
            fields
                .who("participant", *participant)
                .put("roles", words::roles(*roles));
        }
        Action::DeclareDefault {
            participant,
            reference,
        } => {
            fields
                .who("participant", *participant)
                .put("reference", reference.as_str());
        }
        Action::DecideDefault {
            participant,
            confirmed,
        } => {
            fields
                .who("participant", *participant)
                .put("confirmed", *confirmed);
        }
        Action::RevokeKey { participant, key } => {
            fields.who("participant", *participant).put("key", key.0);
        }
        Action::SetStanding {
            participant,
            suspended,
        } => {
            fields
                .who("participant", *participant)
                .put("suspended", *suspended);
        }
        Action::OpenCurrency { currency, agent } => {
            fields.currency("currency", *currency).who("agent", *agent);
        }
        Action::Fund {
            participant,
            currency,
            amount,
            reference,
        } => {
            fields
                .who("participant", *participant)
                .currency("currency", *currency);
            fields
                .amount("amount", *amount, *currency)
                .put("reference", reference.as_str());
        }
        Action::Defund {
            participant,
            currency,
            amount,
        } => {
            fields
                .who("participant", *participant)
                .currency("currency", *currency);
            fields.amount("amount", *amount, *currency);
        }
        Action::ConfirmDefund { defund, reference } => {
            fields
                .put("defund", defund.to_string())
                .put("reference", reference.as_str());
        }
        Action::ReleaseDefund { defund } => {
            fields.put("defund", defund.to_string());
        }
        Action::HoldPayment {
            submitter,
            payment,
            reference,
        } => {
            fields
                .who("submitter", *submitter)
                .put("payment", payment.to_string());
            fields.put("reference", reference.as_str());
        }
        Action::EndHold {
            submitter,
            payment,
            release,
        } => {
            fields
                .who("submitter", *submitter)
                .put("payment", payment.to_string());
            fields.put("release", *release);
        }
        Action::HoldParticipant {
            participant,
            held,
            reference,
        } => {
            fields.who("participant", *participant).put("held", *held);
            fields.put("reference", reference.as_str());
        }
        Action::SetFee(fee) => {
            fields.fee(fee);
        }
        Action::SetDay {
            currency,
            phase,
            date,
        } => {
            fields
                .currency("currency", *currency)
                .put("phase", self::phase(*phase));
            fields.put("date", words::date(*date));
        }
        Action::SetValuation(valuation) => {
            fields
                .currency("currency", valuation.currency)
                .currency("unit", valuation.unit);
            fields.put("rate", rate::decimal(valuation.rate, valuation.scale));
            fields.put("haircut_millionths", valuation.haircut);
        }
        Action::SetTests {
            participant,
            tested,
            aggregate,
        } => {
            fields.who("participant", *participant).put("tested", *tested);
            // The unit of account is not the action's to say.
            fields.put("aggregate_minor_units", aggregate.to_string());
        }
        Action::SetShortLimit {
            participant,
            currency,
            limit,
        } => {
            fields
                .who("participant", *participant)
                .currency("currency", *currency);
            fields.amount("limit", *limit, *currency);
        }
        Action::SetPayIn {
            participant,
            currency,
            deadline,
            allowed,
        } => {
            fields
                .who("participant", *participant)
                .currency("currency", *currency);
            fields
                .time("deadline", *deadline)
                .amount("allowed", *allowed, *currency);
        }
        Action::SetExposure {
            participant,
            base,
            counter,
            limit,
        } => {
            fields.who("participant", *participant).currency("base", *base);
            fields
                .currency("counter", *counter)
                .amount("limit", *limit, *base);
        }
        Action::SetReference {
            base,
            counter,
            rate,
            scale,
            time,
            source,
        } => {
            fields.currency("base", *base).currency("counter", *counter);
            fields
                .put("rate", rate::decimal(*rate, *scale))
                .time("time", *time);
            fields.put("source", exchange::source(source));
        }
        Action::ScheduleDays { currency, days } => {
            let days: Vec<Value> = days.iter().map(hours).collect();
            fields.currency("currency", *currency).put("days", days);
        }
        Action::ExtendDay { currency, hours: to } => {
            fields.currency("currency", *currency).put("day", hours(to));
        }
    }
    fields.all
}

/// A day with its instants; of one that is taken away its date alone.
fn hours(hours: &Hours) -> Value {
    let at = |second: u32| Timestamp::from_seconds(second).to_text();
    let date = words::date(hours.date);
    if hours.is_none() {
        return json!({ "date": date });
    }
    json!({
        "date": date,
        "open": at(hours.open),
        "customer_cut_off": at(hours.customer_cut_off),
        "interbank_cut_off": at(hours.interbank_cut_off),
        "close": at(hours.close),
    })
}

/// The participant that an action names.
pub fn named(action: &Action) -> Option<ParticipantId> {
    match action {
        Action::OpenAccount { participant, .. }
        | Action::SetCap { participant, .. }
        | Action::AddKey { participant, .. }
        | Action::RevokeKey { participant, .. }
        | Action::SetStanding { participant, .. }
        | Action::Fund { participant, .. }
        | Action::Defund { participant, .. }
        | Action::HoldParticipant { participant, .. }
        | Action::SetTests { participant, .. }
        | Action::SetShortLimit { participant, .. }
        | Action::SetPayIn { participant, .. }
        | Action::SetExposure { participant, .. }
        | Action::SetCollateral { participant, .. }
        | Action::SetCredit { participant, .. }
        | Action::AddMemberKey { participant, .. }
        | Action::SetMembership { participant, .. }
        | Action::SetRoles { participant, .. }
        | Action::DeclareDefault { participant, .. }
        | Action::DecideDefault { participant, .. } => Some(*participant),
        Action::HoldPayment { submitter, .. } | Action::EndHold { submitter, .. } => Some(*submitter),
        Action::OpenCurrency { agent, .. } => Some(*agent),
        Action::SetFee(fee) => Some(fee.collector),
        Action::RegisterParticipant(_)
        | Action::AdmitMember { .. }
        | Action::ConfirmDefund { .. }
        | Action::ReleaseDefund { .. }
        | Action::SetDay { .. }
        | Action::SetValuation(_)
        | Action::SetReference { .. }
        | Action::ScheduleDays { .. }
        | Action::ExtendDay { .. }
        | Action::OpenWindow(_)
        | Action::CancelWindow { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_of_the_protocol_can_be_asked_for() {
        let text = include_str!("../../../transport/PROTOCOL.md");
        let (_, control) = text.split_once("\n## 6 ").expect("section 6");
        let (control, _) = control.split_once("\n## 7 ").expect("section 7");
        let named = control.lines().filter_map(|line| {
            let (number, rest) = line.strip_prefix("| ")?.split_once(" | `")?;
            number.parse::<u16>().ok()?;
            Some(rest.split_once('`')?.0)
        });
        let named: Vec<&str> = named.collect();
        assert!(named.len() > 30, "{named:?}");
        assert_eq!(named, ACTIONS);
    }
}
