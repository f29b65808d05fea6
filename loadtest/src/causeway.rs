//! The `causeway` command as runs start it: by default this very program, so that the node measured is always of the
//! same build, and a run needs nothing else.
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::error::Failure;

/// The hidden word under which this program is `causeway`.
const WORD: &str = "as-causeway";

/// Arguments of `as-causeway`: those of `causeway`.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Args {
    /// What `causeway` is given.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Is `causeway` for the rest of this process.
pub fn run(args: Args) -> ExitCode {
    causeway_ops::cli::run(std::iter::once(OsString::from("causeway")).chain(args.args))
}

/// How `causeway` is started.
#[derive(Debug, Clone)]
pub struct Causeway {
    program: PathBuf,
    inside: bool,
}

impl Causeway {
    /// The binary that was named; without one, this program.
    ///
    /// # Errors
    /// If it is not there.
    pub fn new(named: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = named else {
            let program = std::env::current_exe()?;
            return Ok(Self {
                program,
                inside: true,
            });
        };
        // Processes of a run have other working directories in mind.
        let program = path
            .canonicalize()
            .map_err(|error| Failure::Usage(format!("--causeway {}: {error}", path.display())))?;
        Ok(Self {
            program,
            inside: false,
        })
    }

    /// The file that is run.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Words before the arguments of `causeway`.
    pub fn words(&self) -> &'static [&'static str] {
        if self.inside { &[WORD] } else { &[] }
    }

    /// A command to which the arguments of `causeway` are added.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(self.words());
        command
    }
}
