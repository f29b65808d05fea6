//! The actions of `control propose` about members: admission, where they stand, their roles.
use causeway_message::ParticipantId;
use causeway_message::action::{Action, ParticipantGrant, Standing, role};
use causeway_message::extension::is_reference;
use causeway_message::keys::Signature;
use std::path::PathBuf;

use super::action::WhoArgs;
use super::values::Prepared;
use crate::Failure;
use crate::cmd::member::Proof;
use crate::config::Source;
use crate::genesis::ParticipantSpec;

macro_rules! help {
    ($action:literal; $more:literal) => {
        concat!(
            "Example:\n  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \\\n      ",
            $action,
            $more,
            "\n\nExit codes: 0 proposed, 1 refused, 2 wrong usage or configuration, 3 the node does not answer."
        )
    };
}

/// What can be proposed about members.
#[derive(Debug, clap::Subcommand)]
pub enum MemberArgs {
    /// Operator: admit a participant from a file; it takes part once it is activated.
    #[command(after_help = help!(
        "admit newcomer.toml --proof person-1.proof --proof person-2.proof";
        "\n\nThe file is that of `register`. For each key in it the newcomer hands over a proof that it holds it \
         (`causeway member prove`)."))]
    Admit(AdmitArgs),
    /// Operator: activate a participant that was admitted.
    #[command(after_help = help!("activate --participant EPSIJPJT --reference BOARD-12"; ""))]
    Activate(DecisionArgs),
    /// Operator: close a suspended participant of which nothing is left in the ledger. It stays closed.
    #[command(after_help = help!("close-member --participant EPSIJPJT --reference BOARD-31";
        "\n\nIts balances are zero, nothing waits from it or for it, it collects no fees and carries no currency. Its \
         keys sign nothing afterwards."))]
    CloseMember(DecisionArgs),
    /// Operator: declare a participant in default. Nothing leaves it from there on; nothing ends yet.
    #[command(name = "declare-default", after_help = help!("declare-default --participant EPSIJPJT --reference CASE-31";
        "\n\nWhat is at stake is shown by `causeway control default-report`."))]
    DeclareDefault(DecisionArgs),
    /// Operator: lift a declared default, or confirm it for good.
    #[command(name = "decide-default", after_help = help!("decide-default --participant EPSIJPJT --confirm";
        "\n\nA default that is confirmed ends what waits of the participant and for it, and is never lifted."))]
    DecideDefault(DefaultArgs),
    /// Operator: give a participant other roles.
    #[command(after_help = help!("set-roles --participant EPSIJPJT --roles participant,liquidity-provider"; ""))]
    SetRoles(RolesArgs),
}

/// Arguments of `admit`.
#[derive(Debug, clap::Args)]
pub struct AdmitArgs {
    /// The participant's description.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Proof that a key of it is held; one for each key, in any order.
    #[arg(long, value_name = "FILE", required = true)]
    pub proof: Vec<PathBuf>,
}

/// A participant, and the file number of what was decided about it.
#[derive(Debug, clap::Args)]
pub struct DecisionArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// File number of the decision.
    #[arg(long, value_name = "TEXT")]
    pub reference: String,
}

/// Arguments of `decide-default`.
#[derive(Debug, clap::Args)]
pub struct DefaultArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// Confirm it: what waits ends, and it stays so.
    #[arg(long, required_unless_present = "lift", conflicts_with = "lift")]
    pub confirm: bool,
    /// Lift it: everything is as if it had been held.
    #[arg(long)]
    pub lift: bool,
}

/// Arguments of `suspend` and `reinstate`.
#[derive(Debug, clap::Args)]
pub struct StandingArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// File number of the decision.
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<String>,
}

/// Arguments of `suspend`.
#[derive(Debug, clap::Args)]
pub struct SuspendArgs {
    #[command(flatten)]
    pub standing: StandingArgs,
    /// Whether it is paid while it is suspended.
    #[arg(long, value_name = "WORD", requires = "reference", default_value = "refused")]
    pub inflow: Inflow,
}

/// Whether a suspended participant is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Inflow {
    /// It is.
    Taken,
    /// What is paid to it is refused.
    Refused,
}

/// Arguments of `set-roles`.
#[derive(Debug, clap::Args)]
pub struct RolesArgs {
    #[command(flatten)]
    pub who: WhoArgs,
    /// All its roles from here on.
    #[arg(long, value_name = "ROLE", value_delimiter = ',', required = true)]
    pub roles: Vec<Role>,
}

/// A role.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Role {
    /// Holds accounts and pays.
    Participant,
    /// Carries the liability of a currency.
    SettlementAgent,
    /// Looks after members, caps, days.
    Operator,
    /// Reads everything.
    Regulator,
    /// Holds payments and participants.
    Screener,
    /// Quotes prices that others convert at.
    LiquidityProvider,
}

impl Role {
    const fn bit(self) -> u8 {
        match self {
            Self::Participant => role::PARTICIPANT,
            Self::SettlementAgent => role::SETTLEMENT_AGENT,
            Self::Operator => role::OPERATOR,
            Self::Regulator => role::REGULATOR,
            Self::Screener => role::SCREENER,
            Self::LiquidityProvider => role::LIQUIDITY_PROVIDER,
        }
    }
}

/// A file number that can be one.
fn judged(reference: &str) -> Result<String, Failure> {
    if !is_reference(reference.as_bytes()) {
        return Err(Failure::Config(
            "--reference: must be 1 to 35 printable ASCII characters, no blank at either end".to_owned(),
        ));
    }
    Ok(reference.to_owned())
}

/// A participant stands elsewhere, by a decision with a file number.
fn moved<'a>(who: &'a WhoArgs, standing: Standing, reference: &str) -> Result<Prepared<'a>, Failure> {
    let reference = judged(reference)?;
    Ok(Prepared::Of(
        who,
        Box::new(move |participant| Action::SetMembership {
            participant,
            standing,
            reference,
        }),
    ))
}

/// The same without one: the action that ledgers under every version of the rules have.
fn stopped(who: &WhoArgs, suspended: bool) -> Prepared<'_> {
    Prepared::Of(
        who,
        Box::new(move |participant: ParticipantId| Action::SetStanding {
            participant,
            suspended,
        }),
    )
}

impl SuspendArgs {
    pub fn prepare(&self) -> Result<Prepared<'_>, Failure> {
        let standing = match self.inflow {
            Inflow::Taken => Standing::Taking,
            Inflow::Refused => Standing::Suspended,
        };
        match &self.standing.reference {
            Some(reference) => moved(&self.standing.who, standing, reference),
            None => Ok(stopped(&self.standing.who, true)),
        }
    }
}

impl StandingArgs {
    /// To reinstate.
    pub fn prepare(&self) -> Result<Prepared<'_>, Failure> {
        match &self.reference {
            Some(reference) => moved(&self.who, Standing::Active, reference),
            None => Ok(stopped(&self.who, false)),
        }
    }
}

impl AdmitArgs {
    fn read(&self) -> Result<Action, Failure> {
        let grant: ParticipantGrant = ParticipantSpec::read_grant(&Source::read(&self.file)?)?;
        let mut found = Vec::new();
        for path in &self.proof {
            let proof = Proof::read(path)?;
            if !grant.keys.iter().any(|key| key.public == proof.public) {
                return Err(Failure::Config(format!(
                    "--proof: {} shows key {}, which does not stand in {}",
                    path.display(),
                    proof.public,
                    self.file.display()
                )));
            }
            found.push(proof);
        }
        let of = |public| found.iter().find(|proof| proof.public == public);
        let proofs: Result<Vec<Signature>, Failure> = grant
            .keys
            .iter()
            .map(|key| match of(key.public) {
                Some(proof) => Ok(proof.signature),
                None => Err(Failure::Config(format!(
                    "--proof: none shows key {} of {}",
                    key.key,
                    self.file.display()
                ))),
            })
            .collect();
        let proofs = proofs?;
        Ok(Action::AdmitMember { grant, proofs })
    }
}

impl MemberArgs {
    pub fn prepare(&self) -> Result<Prepared<'_>, Failure> {
        match self {
            Self::Admit(args) => args.read().map(Prepared::Ready),
            Self::Activate(args) => moved(&args.who, Standing::Active, &args.reference),
            Self::CloseMember(args) => moved(&args.who, Standing::Closed, &args.reference),
            Self::DeclareDefault(args) => {
                let reference = judged(&args.reference)?;
                Ok(Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::DeclareDefault {
                        participant,
                        reference,
                    }),
                ))
            }
            Self::DecideDefault(args) => {
                let confirmed = args.confirm;
                Ok(Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::DecideDefault {
                        participant,
                        confirmed,
                    }),
                ))
            }
            Self::SetRoles(args) => {
                let roles = args.roles.iter().fold(0, |bits, role| bits | role.bit());
                Ok(Prepared::Of(
                    &args.who,
                    Box::new(move |participant| Action::SetRoles { participant, roles }),
                ))
            }
        }
    }
}
