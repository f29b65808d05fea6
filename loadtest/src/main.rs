//! `causeway-loadtest`: drives a node as many banks would, and says what it measured.
#![forbid(unsafe_code)]

mod bench;
mod cli;
mod error;
mod random;
mod report;
mod run;
mod world;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
