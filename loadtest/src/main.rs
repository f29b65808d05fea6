//! The `causeway-loadtest` command; everything it does is in the library beside it.
#![forbid(unsafe_code)]

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    causeway_loadtest::cli::main()
}
