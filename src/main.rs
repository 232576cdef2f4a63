//! Parses the command line, runs one command, exits with its code. Decides nothing.

use std::process::ExitCode;

fn main() -> ExitCode {
    langop::cli::main()
}
