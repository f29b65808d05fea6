//! `world`: the genesis of a scenario, for a node that somebody else runs.
use std::fs;
use std::path::PathBuf;

use crate::drive::world_of;
use crate::error::Failure;
use crate::plan::Plan;

const HELP: &str = "\
Example:
  causeway-loadtest world steady --out there
  causeway init --dir there/node --genesis there/genesis.toml
  causeway node --config there/node/node.toml
  causeway-loadtest run steady --node 127.0.0.1:7400 --profiles there/node

Exit codes: 0 written, 2 wrong usage, 3 the file cannot be written.";

/// Arguments of `world`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// A shipped scenario, or the file of one.
    scenario: String,
    /// Sets a key of the scenario, as `world.banks=8`.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Directory for `genesis.toml`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Writes the genesis.
///
/// # Errors
/// If the scenario breaks a rule, or the file is there or cannot be written.
pub fn run(args: &Args) -> Result<String, Failure> {
    let world = world_of(&Plan::find(&args.scenario, &args.set)?)?;
    let path = args.out.join("genesis.toml");
    let failed = |error: std::io::Error| Failure::Io(format!("{}: {error}", path.display()));
    fs::create_dir_all(&args.out).map_err(failed)?;
    if path.exists() {
        return Err(Failure::Io(format!("{}: is there already", path.display())));
    }
    fs::write(&path, world.genesis()).map_err(failed)?;
    Ok(format!(
        "{}: {} participants, {} accounts, {} currencies",
        path.display(),
        world.participants,
        world.accounts(),
        world.holders.len()
    ))
}
