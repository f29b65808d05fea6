//! How the words of `control propose` become values.
use causeway_fx::Currency;
use causeway_message::action::{AccountGrant, Action, FeeGrant, Hours, KeyGrant, ParticipantGrant, Phase};
use causeway_message::ids::parse_hex;
use causeway_message::keys::PublicKey;
use causeway_message::record::Kind;
use causeway_message::{InstructionId, KeyId, ParticipantId};

use super::action::{
    ActionArgs, AddKeyArgs, CapArgs, DayArgs, DayPhase, DefundArgs, FeeArgs, MoneyArgs, PaymentArgs,
    RegisterArgs, WhoArgs,
};
use super::days::Extension;
use crate::Failure;
use crate::client::words::{self, Names};
use crate::cmd::member::{Proof, bits};
use crate::config::Source;
use crate::genesis::ParticipantSpec;

/// An action whose values are checked and whose participants are still names.
pub enum Prepared<'a> {
    /// Nobody is named.
    Ready(Action),
    /// The present day of a currency is extended, once its instants are known.
    Extension(Extension),
    /// The same of several.
    All(Vec<Action>),
    /// A currency and its agent.
    Currency(&'static Currency, &'a str),
    /// A participant, and the action once its id is known.
    Of(&'a WhoArgs, Box<dyn FnOnce(ParticipantId) -> Action + 'a>),
    /// A fee, and who collects it.
    Fee(FeeGrant, &'a str),
}

impl Prepared<'_> {
    /// The currency whose present day has to be known.
    pub fn asks_for_day(&self) -> Option<u16> {
        match self {
            Self::Extension(extension) => Some(extension.currency.numeric),
            _ => None,
        }
    }

    /// The actions, their participants found by name; `hours` are those of the present day that was asked for, if a
    /// schedule opened it.
    pub fn resolve(self, names: &Names, hours: Option<&Hours>) -> Result<Vec<Action>, Failure> {
        Ok(vec![match self {
            Self::All(actions) => return Ok(actions),
            Self::Extension(extension) => extension.of(hours)?,
            Self::Ready(action) => action,
            Self::Currency(currency, agent) => Action::OpenCurrency {
                currency: currency.numeric,
                agent: names.find("--agent", agent)?,
            },
            Self::Fee(fee, collector) => Action::SetFee(FeeGrant {
                collector: names.find("--collector", collector)?,
                ..fee
            }),
            Self::Of(who, action) => action(names.find("--participant", &who.participant)?),
        }])
    }
}

impl MoneyArgs {
    fn read(&self) -> Result<(u16, u64), Failure> {
        let currency = words::currency("--currency", &self.currency)?;
        Ok((
            currency.numeric,
            words::amount("--amount", &self.amount, currency)?,
        ))
    }
}

impl CapArgs {
    fn read(&self) -> Result<AccountGrant, Failure> {
        let currency = words::currency("--currency", &self.currency)?;
        Ok(AccountGrant {
            currency: currency.numeric,
            cap: words::amount_or_zero("--cap", &self.cap, currency)?,
        })
    }
}

impl DefundArgs {
    fn read(&self) -> Result<InstructionId, Failure> {
        words::instruction_id("--defund", &self.defund)
    }
}

impl AddKeyArgs {
    fn read(&self) -> Result<(KeyGrant, Option<Proof>), Failure> {
        let wrong = |rule: &str| Failure::Config(format!("--public: {rule}"));
        let proof = self.proof.as_deref().map(Proof::read).transpose()?;
        let public = match (&proof, &self.public) {
            (Some(proof), _) => proof.public,
            (None, text) => {
                let bytes = parse_hex(text.as_deref().unwrap_or_default());
                let bytes = bytes.ok_or_else(|| wrong("must be 64 hexadecimal digits"))?;
                PublicKey::new(bytes).map_err(|error| wrong(&error.to_string()))?
            }
        };
        let grant = KeyGrant {
            key: KeyId(self.key),
            person: self.holder,
            rights: bits(&self.rights),
            public,
        };
        Ok((grant, proof))
    }
}

impl RegisterArgs {
    fn read(&self) -> Result<ParticipantGrant, Failure> {
        Ok(ParticipantSpec::read_grant(&Source::read(&self.file)?)?)
    }
}

impl PaymentArgs {
    fn read(&self) -> Result<InstructionId, Failure> {
        words::instruction_id("--payment", &self.payment)
    }
}

impl FeeArgs {
    fn read(&self) -> Result<FeeGrant, Failure> {
        let currency = words::currency("--currency", &self.currency)?;
        let kind = Kind::ALL.iter().find(|kind| kind.name() == self.kind);
        let kind = kind.ok_or_else(|| {
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            Failure::Config(format!("--kind: must be one of {}", known.join(", ")))
        })?;
        let minor = |option, text: &str| words::amount_or_zero(option, text, currency);
        Ok(FeeGrant {
            currency: currency.numeric,
            kind: *kind as u8,
            collector: ParticipantId(0),
            flat: minor("--flat", &self.flat)?,
            per_million: self.per_million,
            min: minor("--min", &self.min)?,
            max: minor("--max", &self.max)?,
        })
    }
}

impl DayArgs {
    fn read(&self) -> Result<Action, Failure> {
        let date = words::days(&self.date).and_then(|days| u16::try_from(days).ok());
        Ok(Action::SetDay {
            currency: words::currency("--currency", &self.currency)?.numeric,
            phase: match self.phase {
                DayPhase::Open => Phase::Open,
                DayPhase::CutOff => Phase::CutOff,
                DayPhase::Closed => Phase::Closed,
            },
            date: date.ok_or_else(|| Failure::Config("--date: must be a date like 2026-11-25".to_owned()))?,
        })
    }
}

/// The actions of a screener, checked without the node.
fn hold(args: &ActionArgs) -> Option<Result<Prepared<'_>, Failure>> {
    Some(match args {
        ActionArgs::HoldPayment(args) => args.payment.read().map(|payment| {
            let reference = args.reference.clone();
            Prepared::Of(
                &args.payment.who,
                Box::new(move |submitter| Action::HoldPayment {
                    submitter,
                    payment,
                    reference,
                }),
            )
        }),
        ActionArgs::EndHold(args) => args.payment.read().map(|payment| {
            let release = args.release;
            Prepared::Of(
                &args.payment.who,
                Box::new(move |submitter| Action::EndHold {
                    submitter,
                    payment,
                    release,
                }),
            )
        }),
        ActionArgs::HoldParticipant(args) => {
            let (held, reference) = (!args.end, args.reference.clone());
            Ok(Prepared::Of(
                &args.who,
                Box::new(move |participant| Action::HoldParticipant {
                    participant,
                    held,
                    reference,
                }),
            ))
        }
        ActionArgs::SetFee(args) => args.read().map(|fee| Prepared::Fee(fee, &args.collector)),
        ActionArgs::SetDay(args) => args.read().map(Prepared::Ready),
        _ => return None,
    })
}

impl ActionArgs {
    /// Checks everything that can be checked without the node.
    pub fn prepare(&self) -> Result<Prepared<'_>, Failure> {
        if let Some(prepared) = hold(self) {
            return prepared;
        }
        Ok(match self {
            Self::Fund(args) => {
                let (currency, amount) = args.money.read()?;
                let reference = args.reference.clone();
                Prepared::Of(
                    &args.money.who,
                    Box::new(move |participant| Action::Fund {
                        participant,
                        currency,
                        amount,
                        reference,
                    }),
                )
            }
            Self::Defund(args) => {
                let (currency, amount) = args.read()?;
                Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::Defund {
                        participant,
                        currency,
                        amount,
                    }),
                )
            }
            Self::ConfirmDefund(args) => Prepared::Ready(Action::ConfirmDefund {
                defund: args.defund.read()?,
                reference: args.reference.clone(),
            }),
            Self::ReleaseDefund(args) => Prepared::Ready(Action::ReleaseDefund { defund: args.read()? }),
            Self::Register(args) => Prepared::Ready(Action::RegisterParticipant(args.read()?)),
            Self::OpenAccount(args) => {
                let account = args.read()?;
                Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::OpenAccount { participant, account }),
                )
            }
            Self::SetCap(args) => {
                let account = args.read()?;
                Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::SetCap { participant, account }),
                )
            }
            Self::AddKey(args) => {
                let (grant, proof) = args.read()?;
                Prepared::Of(
                    &args.who,
                    Box::new(move |participant| match proof {
                        Some(proof) => Action::AddMemberKey {
                            participant,
                            grant,
                            proof: proof.signature,
                        },
                        None => Action::AddKey { participant, grant },
                    }),
                )
            }
            Self::RevokeKey(args) => {
                let key = KeyId(args.key);
                Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::RevokeKey { participant, key }),
                )
            }
            Self::Suspend(args) => args.prepare()?,
            Self::Reinstate(args) => args.prepare()?,
            Self::Member(args) => args.prepare()?,
            Self::Days(args) => args.prepare()?,
            Self::Risk(args) => args.prepare()?,
            Self::Credit(args) => args.prepare()?,
            Self::Window(args) => args.prepare()?,
            Self::Market(args) => args.prepare()?,
            Self::OpenCurrency(args) => {
                Prepared::Currency(words::currency("--currency", &args.currency)?, &args.agent)
            }
            // Prepared above.
            Self::HoldPayment(_)
            | Self::EndHold(_)
            | Self::HoldParticipant(_)
            | Self::SetFee(_)
            | Self::SetDay(_) => return Err(Failure::Config("the action is not known".to_owned())),
        })
    }
}
