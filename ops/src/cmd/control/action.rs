//! The actions of `control propose`, one subcommand each, and how their words become values.
use causeway_fx::Currency;
use causeway_message::action::{AccountGrant, Action, KeyGrant, ParticipantGrant, right};
use causeway_message::ids::parse_hex;
use causeway_message::keys::PublicKey;
use causeway_message::{InstructionId, KeyId};
use std::path::PathBuf;

use crate::Failure;
use crate::client::words::{self, Names};
use crate::config::Source;
use crate::genesis::ParticipantSpec;

const REGISTER_HELP: &str = "\
The file describes the participant as a genesis does, with a public key for each person (`causeway keygen`):

  [participant]
  name = \"EPSIJPJT\"
  roles = [\"participant\"]
  keys = [{ person = 1, rights = [\"instruct\", \"control\"], public = \"64 hexadecimal digits\" }]
  accounts = [{ currency = \"EUR\", cap = \"0\" }]

Example:
  causeway control propose --config banks/OPERATOR/bank.toml --person 1 register newcomer.toml";

/// What can be proposed.
#[derive(Debug, clap::Subcommand)]
pub enum ActionArgs {
    /// Settlement agent: fund an account against a confirmed credit in the RTGS.
    #[command(
        after_help = "Example:\n  causeway control propose --config banks/ECB-TARGET/bank.toml --person 1 \
                            fund --participant ALFADEFF --currency EUR --amount 1000000.00 --reference RTGS-1"
    )]
    Fund(FundArgs),
    /// Settlement agent: set money aside to be paid out in the RTGS.
    #[command(
        after_help = "Example:\n  causeway control propose --config banks/ECB-TARGET/bank.toml --person 1 \
                            defund --participant ALFADEFF --currency EUR --amount 250000.00"
    )]
    Defund(MoneyArgs),
    /// Settlement agent: the pay-out of a defunding happened; the money leaves the ledger.
    #[command(
        after_help = "Example:\n  causeway control propose --config banks/ECB-TARGET/bank.toml --person 1 \
                            confirm-defund --defund ID --reference RTGS-OUT-1"
    )]
    ConfirmDefund(ConfirmArgs),
    /// Settlement agent: the pay-out of a defunding failed; the money is free again.
    #[command(
        after_help = "Example:\n  causeway control propose --config banks/ECB-TARGET/bank.toml --person 1 \
                            release-defund --defund ID"
    )]
    ReleaseDefund(DefundArgs),
    /// Operator: register a participant from a file.
    #[command(after_help = REGISTER_HELP)]
    Register(RegisterArgs),
    /// Operator: open an account.
    #[command(
        after_help = "Example:\n  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \
                            open-account --participant ALFADEFF --currency USD --cap 0"
    )]
    OpenAccount(CapArgs),
    /// Operator: set a net debit cap.
    #[command(
        after_help = "Example:\n  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \
                            set-cap --participant ALFADEFF --currency EUR --cap 5000000.00"
    )]
    SetCap(CapArgs),
    /// Operator, or a participant for itself: add a key.
    #[command(
        after_help = "Example:\n  causeway control propose --config banks/ALFADEFF/bank.toml --person 1 \
                            add-key --participant ALFADEFF --key 3 --holder 3 --rights instruct --public HEX"
    )]
    AddKey(AddKeyArgs),
    /// Operator, or a participant for itself: revoke a key.
    #[command(
        after_help = "Example:\n  causeway control propose --config banks/ALFADEFF/bank.toml --person 1 \
                            revoke-key --participant ALFADEFF --key 3"
    )]
    RevokeKey(RevokeKeyArgs),
    /// Operator: suspend a participant.
    #[command(
        after_help = "Example:\n  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \
                            suspend --participant ALFADEFF"
    )]
    Suspend(WhoArgs),
    /// Operator: reinstate a suspended participant.
    #[command(
        after_help = "Example:\n  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \
                            reinstate --participant ALFADEFF"
    )]
    Reinstate(WhoArgs),
    /// Operator: open a currency with its settlement agent.
    #[command(
        after_help = "Example:\n  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \
                            open-currency --currency SEK --agent RIKSBANK"
    )]
    OpenCurrency(CurrencyArgs),
}

#[derive(Debug, clap::Args)]
pub struct WhoArgs {
    /// The participant: its name, or its id.
    #[arg(long, value_name = "NAME")]
    participant: String,
}

#[derive(Debug, clap::Args)]
pub struct MoneyArgs {
    #[command(flatten)]
    who: WhoArgs,
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// Exact decimal amount.
    #[arg(long, value_name = "AMOUNT")]
    amount: String,
}

#[derive(Debug, clap::Args)]
pub struct FundArgs {
    #[command(flatten)]
    money: MoneyArgs,
    /// Reference of the credit in the RTGS; each is funded once.
    #[arg(long, value_name = "TEXT")]
    reference: String,
}

#[derive(Debug, clap::Args)]
pub struct DefundArgs {
    /// Id of the defunding, as `propose … defund` printed it.
    #[arg(long, value_name = "HEX")]
    defund: String,
}

#[derive(Debug, clap::Args)]
pub struct ConfirmArgs {
    #[command(flatten)]
    defund: DefundArgs,
    /// Reference of the pay-out in the RTGS.
    #[arg(long, value_name = "TEXT")]
    reference: String,
}

#[derive(Debug, clap::Args)]
pub struct RegisterArgs {
    /// The participant's description.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct CapArgs {
    #[command(flatten)]
    who: WhoArgs,
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// Net debit cap: how far below zero the balance may go.
    #[arg(long, value_name = "AMOUNT")]
    cap: String,
}

#[derive(Debug, clap::Args)]
pub struct AddKeyArgs {
    #[command(flatten)]
    who: WhoArgs,
    /// Id of the key within the participant, never used before.
    #[arg(long, value_name = "ID")]
    key: u32,
    /// Number of the person who holds it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    holder: u32,
    /// What it may sign.
    #[arg(long, value_name = "RIGHT", value_delimiter = ',', required = true)]
    rights: Vec<Right>,
    /// The public key, as `causeway keygen` printed it.
    #[arg(long, value_name = "HEX")]
    public: String,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Right {
    /// Payments.
    Instruct,
    /// Proposals and approvals.
    Control,
}

#[derive(Debug, clap::Args)]
pub struct RevokeKeyArgs {
    #[command(flatten)]
    who: WhoArgs,
    /// Id of the key within the participant.
    #[arg(long, value_name = "ID")]
    key: u32,
}

#[derive(Debug, clap::Args)]
pub struct CurrencyArgs {
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// Its settlement agent: name, or id.
    #[arg(long, value_name = "NAME")]
    agent: String,
}

/// An action whose values are checked and whose participants are still names.
pub enum Prepared<'a> {
    /// Nobody is named.
    Ready(Action),
    /// A currency and its agent.
    Currency(&'static Currency, &'a str),
    /// A participant, and the action once its id is known.
    Of(
        &'a WhoArgs,
        Box<dyn FnOnce(causeway_message::ParticipantId) -> Action + 'a>,
    ),
}

impl Prepared<'_> {
    /// The action, its participants found by name.
    pub fn resolve(self, names: &Names) -> Result<Action, Failure> {
        Ok(match self {
            Self::Ready(action) => action,
            Self::Currency(currency, agent) => Action::OpenCurrency {
                currency: currency.numeric,
                agent: names.find("--agent", agent)?,
            },
            Self::Of(who, action) => action(names.find("--participant", &who.participant)?),
        })
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
    fn read(&self) -> Result<KeyGrant, Failure> {
        let wrong = |rule: &str| Failure::Config(format!("--public: {rule}"));
        let bytes = parse_hex(&self.public).ok_or_else(|| wrong("must be 64 hexadecimal digits"))?;
        let bit = |word: &Right| match word {
            Right::Instruct => right::INSTRUCT,
            Right::Control => right::CONTROL,
        };
        Ok(KeyGrant {
            key: KeyId(self.key),
            person: self.holder,
            rights: self.rights.iter().fold(0, |bits, word| bits | bit(word)),
            public: PublicKey::new(bytes).map_err(|error| wrong(&error.to_string()))?,
        })
    }
}

impl RegisterArgs {
    fn read(&self) -> Result<ParticipantGrant, Failure> {
        Ok(ParticipantSpec::read_grant(&Source::read(&self.file)?)?)
    }
}

impl ActionArgs {
    /// Checks everything that can be checked without the node.
    pub fn prepare(&self) -> Result<Prepared<'_>, Failure> {
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
                let grant = args.read()?;
                Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::AddKey { participant, grant }),
                )
            }
            Self::RevokeKey(args) => {
                let key = KeyId(args.key);
                Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::RevokeKey { participant, key }),
                )
            }
            Self::Suspend(args) => Prepared::Of(
                args,
                Box::new(|participant| Action::SetStanding {
                    participant,
                    suspended: true,
                }),
            ),
            Self::Reinstate(args) => Prepared::Of(
                args,
                Box::new(|participant| Action::SetStanding {
                    participant,
                    suspended: false,
                }),
            ),
            Self::OpenCurrency(args) => {
                Prepared::Currency(words::currency("--currency", &args.currency)?, &args.agent)
            }
        })
    }
}
