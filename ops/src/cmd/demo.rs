//! `causeway demo`: a node and banks on this machine.
use super::Answer;
use crate::Failure;

const HELP: &str = "\
Example:
  causeway demo --seconds 15 --banks 12 --json

Exit codes: 0 every check held, 1 one did not, 2 wrong usage, 3 the node failed.";

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// How long the banks pay.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: u32,
    /// How many banks take part.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    pub banks: u32,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            seconds: 15,
            banks: 12,
            json: false,
        }
    }
}

/// Runs the demo.
pub fn run(_args: &Args) -> Result<Answer, Failure> {
    Err(Failure::Io(
        "this build holds no node to run a demo on".to_owned(),
    ))
}
