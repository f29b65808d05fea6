//! placeholder
use crate::error::Failure;
/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub struct Args {}
/// Runs.
pub fn run(_: &Args) -> Result<String, Failure> { Err(Failure::Usage("no".into())) }
