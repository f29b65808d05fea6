//! `causeway admin`: what operators ask a running node on its private address.
mod netting;

use clap::Subcommand;

use super::Answer;
use crate::Failure;

/// Arguments of `admin`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// What waits for each other, and let it settle.
    Netting(netting::Args),
}

/// Asks the node.
///
/// # Errors
/// If it cannot be reached, or refuses.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.what {
        What::Netting(args) => netting::run(args),
    }
}
