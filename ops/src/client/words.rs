//! From words to values and back: participants by name, amounts in the digits of their currency, actions and
//! outcomes in sentences.
mod member;
mod window;

use causeway_fx::{Currency, Money, format_minor, parse_amount};
use causeway_message::action::{Action, FeeGrant, KeyGrant, Phase, right, role};
use causeway_message::record::Kind;
use causeway_message::time::{Timestamp, civil, days_from_civil};
use causeway_message::wire::DirectoryLine;
use causeway_message::{InstructionId, ParticipantId};
use std::collections::BTreeMap;

use crate::Failure;

/// Who takes part, by id and by name.
#[derive(Debug, Clone, Default)]
pub struct Names {
    by_id: BTreeMap<u32, String>,
    by_name: BTreeMap<String, u32>,
}

impl Names {
    /// From the node's directory.
    pub fn new(lines: &[DirectoryLine]) -> Self {
        Self {
            by_id: lines
                .iter()
                .map(|line| (line.participant.0, line.name.clone()))
                .collect(),
            by_name: lines
                .iter()
                .map(|line| (line.name.clone(), line.participant.0))
                .collect(),
        }
    }

    /// From names in order of their ids, which begin at 0.
    pub fn in_order(names: &[String]) -> Self {
        let numbered = || (0_u32..).zip(names.iter().cloned());
        Self {
            by_id: numbered().collect(),
            by_name: numbered().map(|(id, name)| (name, id)).collect(),
        }
    }

    /// The participant's name, and its id where it has none known here.
    pub fn of(&self, participant: ParticipantId) -> String {
        self.by_id
            .get(&participant.0)
            .cloned()
            .unwrap_or_else(|| format!("participant {participant}"))
    }

    /// The participant that a word names: by its name, or by its id.
    ///
    /// # Errors
    /// If there is none.
    pub fn find(&self, option: &str, word: &str) -> Result<ParticipantId, Failure> {
        if let Some(id) = self.by_name.get(word) {
            return Ok(ParticipantId(*id));
        }
        number(word)
            .filter(|id| self.by_id.contains_key(id))
            .map(ParticipantId)
            .ok_or_else(|| Failure::Refused(format!("{option}: the ledger has no participant {word:?}")))
    }
}

/// A currency by its code.
///
/// # Errors
/// The rule of ISO 4217 that the code breaks.
pub fn currency(option: &str, code: &str) -> Result<&'static Currency, Failure> {
    Currency::from_alpha(code).map_err(|error| Failure::Config(format!("{option}: {error}")))
}

/// The number of the currency that `--currency` names; zero, which stands for all, if it names none.
///
/// # Errors
/// The rule of ISO 4217 that the code breaks.
pub fn currency_or_all(code: Option<&str>) -> Result<u16, Failure> {
    code.map_or(Ok(0), |code| Ok(currency("--currency", code)?.numeric))
}

/// An amount in the digits of its currency, in minor units; zero is one.
///
/// # Errors
/// The rule that the text breaks.
pub fn amount_or_zero(option: &str, text: &str, currency: &Currency) -> Result<u64, Failure> {
    parse_amount(text, currency).map_err(|error| Failure::Config(format!("{option}: {error}")))
}

/// The same, but more than zero.
///
/// # Errors
/// The rule that the text breaks.
pub fn amount(option: &str, text: &str, currency: &Currency) -> Result<u64, Failure> {
    match amount_or_zero(option, text, currency)? {
        0 => Err(Failure::Config(format!(
            "{option}: the amount is zero: something must move"
        ))),
        minor => Ok(minor),
    }
}

/// An amount in the digits of its currency.
pub fn money(minor: i128, currency: u16) -> String {
    match Currency::from_numeric(currency) {
        Some(known) => Money::new(minor, known).to_string(),
        None => format!("{minor} minor units of currency {currency:03}"),
    }
}

/// An amount in the digits of its currency, without its code.
pub fn decimal(minor: i128, currency: u16) -> String {
    match Currency::from_numeric(currency) {
        Some(known) => format_minor(minor, known.minor_units),
        None => minor.to_string(),
    }
}

/// The code of a currency.
pub fn code(currency: u16) -> String {
    Currency::from_numeric(currency)
        .map_or_else(|| format!("{currency:03}"), |known| known.alpha().to_owned())
}

/// An instruction id in hexadecimal.
///
/// # Errors
/// If it is none.
pub fn instruction_id(option: &str, text: &str) -> Result<InstructionId, Failure> {
    let named = InstructionId::from_hex(text).filter(|id| *id != InstructionId([0; 16]));
    named.ok_or_else(|| {
        Failure::Config(format!(
            "{option}: must be 32 hexadecimal digits, as the command printed it, and not all zero"
        ))
    })
}

/// A whole number with its digits in groups of three.
pub fn grouped(number: impl Into<i128>) -> String {
    let number = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number in digits alone: what the standard library reads may begin with a plus sign.
fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// Days since 2000-01-01 of `YYYY-MM-DD`.
pub fn days(text: &str) -> Option<u64> {
    let mut parts = text.split('-');
    let mut part = |digits: usize| number(parts.next().filter(|part| part.len() == digits)?);
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    if parts.next().is_some() {
        return None;
    }
    days_from_civil(year, month, day).map(u64::from)
}

/// A date on which something can settle, in days since 2000-01-01.
///
/// # Errors
/// If it is none.
pub fn value_date(option: &str, text: &str) -> Result<u16, Failure> {
    let days = days(text).and_then(|days| u16::try_from(days).ok());
    days.filter(|days| *days != 0)
        .ok_or_else(|| Failure::Config(format!("{option}: must be a date like 2026-12-01")))
}

/// A date, given in days since 2000-01-01, as `YYYY-MM-DD`.
pub fn date(days: u16) -> String {
    let (year, month, day) = civil(days.into());
    format!("{year:04}-{month:02}-{day:02}")
}

fn bits(words: &[(u8, &'static str)], bits: u8) -> String {
    let set: Vec<&str> = words
        .iter()
        .filter(|(bit, _)| bits & bit != 0)
        .map(|(_, word)| *word)
        .collect();
    set.join(", ")
}

/// The roles of a participant.
pub fn roles(of: u8) -> String {
    let words = [
        (role::PARTICIPANT, "participant"),
        (role::SETTLEMENT_AGENT, "settlement agent"),
        (role::OPERATOR, "operator"),
        (role::REGULATOR, "regulator"),
        (role::SCREENER, "screener"),
        (role::LIQUIDITY_PROVIDER, "liquidity provider"),
    ];
    bits(&words, of)
}

fn key(grant: &KeyGrant) -> String {
    let rights = bits(
        &[(right::INSTRUCT, "instruct"), (right::CONTROL, "control")],
        grant.rights,
    );
    format!(
        "key {} of person {} ({rights}): {}",
        grant.key, grant.person, grant.public
    )
}

/// What an action does, in one sentence without its point.
pub fn action(action: &Action, names: &Names) -> String {
    match action {
        Action::RegisterParticipant(grant) => format!(
            "register {} ({}) with {} keys and {} accounts",
            grant.name,
            roles(grant.roles),
            grant.keys.len(),
            grant.accounts.len()
        ),
        Action::OpenAccount { participant, account } => format!(
            "open an account of {} in {} with a net debit cap of {}",
            names.of(*participant),
            code(account.currency),
            money(account.cap.into(), account.currency)
        ),
        Action::SetCap { participant, account } => format!(
            "set the net debit cap of {} to {}",
            names.of(*participant),
            money(account.cap.into(), account.currency)
        ),
        Action::AddKey { participant, grant } => format!("give {} {}", names.of(*participant), key(grant)),
        Action::AdmitMember { .. }
        | Action::AddMemberKey { .. }
        | Action::SetMembership { .. }
        | Action::SetRoles { .. }
        | Action::DeclareDefault { .. }
        | Action::DecideDefault { .. } => member::action(action, names),
        Action::RevokeKey { participant, key } => format!("revoke key {key} of {}", names.of(*participant)),
        Action::SetStanding {
            participant,
            suspended,
        } => {
            format!(
                "{} {}",
                if *suspended { "suspend" } else { "reinstate" },
                names.of(*participant)
            )
        }
        Action::OpenCurrency { currency, agent } => {
            format!(
                "open {} with {} as its settlement agent",
                code(*currency),
                names.of(*agent)
            )
        }
        Action::Fund {
            participant,
            currency,
            amount,
            reference,
        } => format!(
            "fund {} with {} against RTGS credit {reference}",
            names.of(*participant),
            money((*amount).into(), *currency)
        ),
        Action::Defund {
            participant,
            currency,
            amount,
        } => format!(
            "set {} of {} aside to be paid out in the RTGS",
            money((*amount).into(), *currency),
            names.of(*participant)
        ),
        Action::ConfirmDefund { defund, reference } => {
            format!("confirm that defunding {defund} was paid out as {reference}")
        }
        Action::ReleaseDefund { defund } => format!("release the money of defunding {defund}"),
        Action::HoldPayment {
            submitter,
            payment,
            reference,
        } => format!(
            "hold payment {payment} of {} (file {reference})",
            names.of(*submitter)
        ),
        Action::EndHold {
            submitter,
            payment,
            release,
        } => format!(
            "{} held payment {payment} of {}",
            if *release { "let go" } else { "reject" },
            names.of(*submitter)
        ),
        Action::HoldParticipant {
            participant,
            held,
            reference,
        } => format!(
            "{} payments of and to {} (file {reference})",
            if *held { "hold" } else { "let go" },
            names.of(*participant)
        ),
        Action::SetFee(fee) => self::fee(fee, names),
        Action::SetDay {
            currency,
            phase,
            date,
        } => {
            let does = match phase {
                Phase::Open => "open",
                Phase::CutOff => "cut off",
                Phase::Closed => "close",
            };
            format!(
                "{does} {} on business date {}",
                code(*currency),
                self::date(*date)
            )
        }
        Action::SetValuation(valuation) => format!(
            "value 1 {} at {} {} with a haircut of {} millionths",
            code(valuation.currency),
            format_minor(valuation.rate.into(), valuation.scale),
            code(valuation.unit),
            valuation.haircut
        ),
        Action::SetTests {
            participant,
            tested,
            aggregate,
        } => match tested {
            true => format!(
                "put {} under the risk tests, its short positions together worth at most {aggregate} minor \
                 units of the unit of account",
                names.of(*participant)
            ),
            false => format!("end the risk tests of {}", names.of(*participant)),
        },
        Action::SetShortLimit {
            participant,
            currency,
            limit,
        } => format!(
            "let {} be short by at most {}",
            names.of(*participant),
            money((*limit).into(), *currency)
        ),
        Action::SetPayIn {
            participant,
            currency,
            deadline,
            allowed,
        } => format!(
            "ask of {} to be short by at most {} at {}",
            names.of(*participant),
            money((*allowed).into(), *currency),
            Timestamp::from_seconds(*deadline).to_text()
        ),
        Action::SetExposure {
            participant,
            base,
            counter,
            limit,
        } => {
            let (who, pair) = (
                names.of(*participant),
                format!("{}/{}", code(*base), code(*counter)),
            );
            match limit {
                0 => format!("take the right to quote {pair} from {who}"),
                limit => format!(
                    "let {who} quote {pair}, its exposure at most {}",
                    money((*limit).into(), *base)
                ),
            }
        }
        Action::ScheduleDays { currency, days } => super::days::schedule(*currency, days),
        Action::ExtendDay { currency, hours } => super::days::extension(*currency, hours),
        Action::SetReference {
            base,
            counter,
            rate,
            scale,
            time,
            source,
        } => format!(
            "set the reference rate of 1 {} to {} {}, fixed by {} at {}",
            code(*base),
            super::rate::decimal(*rate, *scale),
            code(*counter),
            super::exchange::source(source),
            Timestamp::from_seconds(*time).to_text()
        ),
        Action::SetCollateral { .. } | Action::SetCredit { .. } => credit(action, names),
        Action::OpenWindow(grant) => window::opening(grant),
        Action::CancelWindow { window } => format!("cancel the netting window {window}"),
    }
}

fn credit(action: &Action, names: &Names) -> String {
    match action {
        Action::SetCollateral {
            participant,
            currency,
            asset,
            value: 0,
            ..
        } => format!(
            "end {asset} as collateral of {} in {}",
            names.of(*participant),
            code(*currency)
        ),
        Action::SetCollateral {
            participant,
            currency,
            asset,
            value,
            haircut,
        } => format!(
            "take {asset}, worth {}, as collateral of {}, with a haircut of {haircut} millionths",
            money((*value).into(), *currency),
            names.of(*participant)
        ),
        Action::SetCredit {
            participant,
            currency,
            limit,
        } => format!(
            "lend {} at most {} against collateral within the day",
            names.of(*participant),
            money((*limit).into(), *currency)
        ),
        other => other.name().to_owned(),
    }
}

fn fee(fee: &FeeGrant, names: &Names) -> String {
    let amount = |minor: u64| money(minor.into(), fee.currency);
    let kind = Kind::from_number(fee.kind).map_or("unknown", Kind::name);
    let most = if fee.max == 0 {
        String::new()
    } else {
        format!(", at most {}", amount(fee.max))
    };
    format!(
        "charge {} and {} millionths of the amount for each {kind}, at least {}{most}, for {}",
        amount(fee.flat),
        fee.per_million,
        amount(fee.min),
        names.of(fee.collector)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups_of_three() {
        let told = [0_i128, 7, -12, 999, 1_000, -123_456, 31_132_000].map(grouped);
        assert_eq!(told, ["0", "7", "-12", "999", "1,000", "-123,456", "31,132,000"]);
    }

    #[test]
    fn numbers_are_digits_alone() {
        assert_eq!(days("2000-01-02"), Some(1));
        for text in [
            "2000-+1-02",
            "2000-01-+2",
            "+200-01-02",
            "2000-01-02-",
            "2000-1-02",
            "2000-01- 2",
        ] {
            assert_eq!(days(text), None, "{text}");
        }
        let names = Names::in_order(&["A".to_owned(), "B".to_owned()]);
        assert_eq!(names.find("--of", "1").ok(), Some(ParticipantId(1)));
        assert!(names.find("--of", "+1").is_err());
    }
}
