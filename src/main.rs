//! Parses the command line, runs one command, exits with its code. Decides nothing.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    langop::cli::main()
}
