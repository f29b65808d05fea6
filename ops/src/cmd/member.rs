//! `causeway member`: what a member, or who is to be one, does with keys of its own, without a node.
use causeway_message::action::{Holder, KeyGrant, possession_bytes, right};
use causeway_message::ids::{hex, parse_hex};
use causeway_message::keys::{PublicKey, SIGNATURE_BYTES, Signature};
use causeway_message::{KeyId, LedgerId, ParticipantId};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

use super::Answer;
use super::control::Right;
use crate::config::Source;
use crate::files::{self, Access};
use crate::{Failure, keyfile};

const HELP: &str = "\
Examples:
  causeway member prove --ledger LEDGER --name EPSIJPJT --key 1 --holder 1 --rights instruct,control \\
      --signing-key person-1.key --out person-1.proof
  causeway member prove --ledger LEDGER --participant 3 --key 3 --holder 3 --rights instruct \\
      --signing-key person-3.key --out person-3.proof

Exit codes: 0 done, 1 the file exists, 2 wrong usage, 3 a file cannot be read or written.";

const PROVE_HELP: &str = "\
The file that it writes goes to the operator, with `control propose admit` or `control propose add-key`. It shows that
who signed holds the private key; it holds for this ledger, this participant, this key id, person and set of rights
alone, and says nothing else. LEDGER is the ledger's id as it stands in `bank.toml`, or as the operator tells it.

Example:
  causeway member prove --ledger LEDGER --name EPSIJPJT --key 1 --holder 1 --rights instruct,control \\
      --signing-key person-1.key --out person-1.proof

Exit codes: 0 done, 1 the file exists, 2 wrong usage, 3 a file cannot be read or written.";

/// Arguments of `member`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show that a key is held by who is to have it.
    Prove(ProveArgs),
}

#[derive(Debug, clap::Args)]
#[command(after_help = PROVE_HELP)]
struct ProveArgs {
    /// Id of the ledger.
    #[arg(long, value_name = "HEX")]
    ledger: String,
    /// For a participant that is to be admitted: its name.
    #[arg(
        long,
        value_name = "NAME",
        required_unless_present = "participant",
        conflicts_with = "participant"
    )]
    name: Option<String>,
    /// For a further key of a participant: its id.
    #[arg(long, value_name = "ID")]
    participant: Option<u32>,
    /// Id that the key is to have within the participant.
    #[arg(long, value_name = "ID")]
    key: u32,
    /// Number of the person who holds it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    holder: u32,
    /// What it is to sign.
    #[arg(long, value_name = "RIGHT", value_delimiter = ',', required = true)]
    rights: Vec<Right>,
    /// The key's file, as `causeway keygen` wrote it.
    #[arg(long, value_name = "FILE")]
    signing_key: PathBuf,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// A key and its signature over what it is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// The key.
    pub public: PublicKey,
    /// Its signature.
    pub signature: Signature,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    public: String,
    signature: String,
}

#[derive(Debug, Serialize)]
struct Made<'a> {
    file: String,
    #[serde(flatten)]
    proof: &'a File,
}

impl Proof {
    /// Reads what `member prove` wrote.
    ///
    /// # Errors
    /// If the file cannot be read, or does not have its form.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let source = Source::read(path)?;
        let file: File = source.parse()?;
        let bytes = parse_hex(&file.public);
        let bytes = bytes.ok_or_else(|| source.at("public", "must be 64 hexadecimal digits"))?;
        let public = PublicKey::new(bytes).map_err(|error| source.at("public", error.to_string()))?;
        let signature = parse_hex::<SIGNATURE_BYTES>(&file.signature);
        Ok(Self {
            public,
            signature: signature.ok_or_else(|| source.at("signature", "must be 128 hexadecimal digits"))?,
        })
    }
}

/// Rights as bits.
pub fn bits(rights: &[Right]) -> u8 {
    rights.iter().fold(0, |bits, word| {
        bits | match word {
            Right::Instruct => right::INSTRUCT,
            Right::Control => right::CONTROL,
        }
    })
}

/// Runs the command.
///
/// # Errors
/// If an argument is wrong, or a file cannot be read or written.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.command {
        Command::Prove(args) => prove(args),
    }
}

fn prove(args: &ProveArgs) -> Result<Answer, Failure> {
    let ledger = parse_hex(&args.ledger)
        .map(LedgerId)
        .ok_or_else(|| Failure::Config("--ledger: must be 64 hexadecimal digits".to_owned()))?;
    let holder = match (&args.name, args.participant) {
        (Some(name), _) => Holder::Newcomer(name),
        (None, Some(id)) => Holder::Member(ParticipantId(id)),
        (None, None) => return Err(Failure::Config("--name or --participant is missing".to_owned())),
    };
    let own = keyfile::read(&args.signing_key)?;
    let grant = KeyGrant {
        key: KeyId(args.key),
        person: args.holder,
        rights: bits(&args.rights),
        public: own.public(),
    };
    let file = File {
        public: grant.public.to_string(),
        signature: hex(&own.sign(&possession_bytes(ledger, holder, &grant))),
    };
    let text = format!(
        "public = \"{}\"\nsignature = \"{}\"\n",
        file.public, file.signature
    );
    files::write_new(&args.out, text.as_bytes(), Access::Public)?;
    if args.json {
        return Answer::json(&Made {
            file: args.out.display().to_string(),
            proof: &file,
        });
    }
    Ok(Answer::done(format!(
        "public {}\nIts proof is in {}; it goes to the operator.\n",
        file.public,
        args.out.display()
    )))
}
