//! `causeway init`: makes a data directory.
use serde::Serialize;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::Answer;
use crate::config::{Source, node};
use crate::genesis::{self, GenesisSpec};
use crate::init::{self, Made, Options};
use crate::{Failure, layout};

const HELP: &str = "\
Makes the genesis, the node's checkpoint key, a development authority with certificates for the node and for
each participant, signing keys for every person without a public key in the genesis, and ready configuration.
A directory that holds anything is left as it is. Without --genesis it makes a ledger of six currencies, their
settlement agents, one operator and four banks; its text is kept in the directory to start from.

Examples:
  causeway init --dir ./ledger
  causeway init --dir ./ledger --genesis genesis.toml --json

Exit codes: 0 made, 1 the directory is not empty, 2 wrong usage or genesis, 3 it cannot be written.";

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Directory to make.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// What the ledger begins with.
    #[arg(long, value_name = "FILE")]
    pub genesis: Option<PathBuf>,
    /// Address where the node will listen for banks.
    #[arg(long, value_name = "ADDRESS", default_value_t = node::LISTEN)]
    pub listen: SocketAddr,
    /// Address where the node will show metrics and health.
    #[arg(long, value_name = "ADDRESS", default_value_t = node::METRICS)]
    pub metrics: SocketAddr,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct MadeJson {
    dir: String,
    ledger: String,
    log_key: String,
    log_key_file: String,
    node_config: String,
    participants: Vec<ParticipantJson>,
}

#[derive(Debug, Serialize)]
struct ParticipantJson {
    id: u32,
    name: String,
    config: String,
}

/// Makes the directory.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    let source = match &args.genesis {
        Some(path) => Source::read(path)?,
        None => Source::new("default genesis", genesis::DEFAULT_TEXT),
    };
    let spec = GenesisSpec::read(&source)?;
    let genesis_text = Some(source.text().to_owned());
    let options = Options {
        listen: args.listen,
        metrics: args.metrics,
        genesis_text,
        ..Options::now()
    };
    let made = init::create(&args.dir, &spec, &options)?;
    if args.json {
        Answer::json(&json(&made))
    } else {
        Ok(Answer::done(text(&made)))
    }
}

fn json(made: &Made) -> MadeJson {
    let participant = |bank: &init::MadeBank| ParticipantJson {
        id: bank.id.0,
        name: bank.name.clone(),
        config: bank.config.display().to_string(),
    };
    MadeJson {
        dir: made.dir.display().to_string(),
        ledger: made.ledger.to_string(),
        log_key: made.log_key.to_text(),
        log_key_file: made.dir.join(layout::LOG_KEY).display().to_string(),
        node_config: made.node_config.display().to_string(),
        participants: made.banks.iter().map(participant).collect(),
    }
}

fn text(made: &Made) -> String {
    let at = |name: &str| made.dir.join(name).display().to_string();
    let mut out = format!("The ledger {:?} is ready to start.\n\n", made.genesis.name);
    let mut line = |what: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {what:<18}{value}");
    };
    line("ledger id", made.ledger.to_string());
    line("log key", made.log_key.to_text());
    line(
        "",
        format!("{} (give it to everyone who verifies)", at(layout::LOG_KEY)),
    );
    line(
        "genesis",
        format!("{}, {}", at(layout::GENESIS), at(layout::GENESIS_TEXT)),
    );
    line("node", made.node_config.display().to_string());
    line(
        "development CA",
        at(&format!("{}/{}", layout::TLS, layout::CA_CERT)),
    );
    for bank in &made.banks {
        line(
            &format!("participant {}", bank.id),
            format!("{} ({})", bank.config.display(), bank.name),
        );
    }
    out.push_str("\nNext:\n");
    let _ = writeln!(out, "  causeway config check {}", made.node_config.display());
    let _ = writeln!(out, "  causeway node --config {}", made.node_config.display());
    out
}
