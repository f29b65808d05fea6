//! `causeway keygen`: makes a signing key.
use causeway_message::keys::SigningKey;
use serde::Serialize;
use std::path::PathBuf;

use super::Answer;
use crate::{Failure, keyfile};

const HELP: &str = "\
The file is readable by its owner alone (mode 0600) and never overwritten. Only the public key is printed.

Example:
  causeway keygen --out person-1.key

Exit codes: 0 made, 1 the file exists, 2 wrong usage, 3 it cannot be written.";

/// Arguments of `keygen`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// File to write.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct Made {
    file: String,
    public: String,
}

/// Makes the key.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    let key = SigningKey::generate().map_err(|error| Failure::Io(error.to_string()))?;
    keyfile::write(&args.out, &key)?;
    let made = Made {
        file: args.out.display().to_string(),
        public: key.public().to_string(),
    };
    if args.json {
        return Answer::json(&made);
    }
    Ok(Answer::done(format!(
        "public {}\nThe signing key is in {}; keep it secret.\n",
        made.public, made.file
    )))
}
