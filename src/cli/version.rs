//! `langop version`.

use clap::Args;

use super::args::Output;
use super::output;
use crate::error::Error;
use crate::exit::Exit;
use crate::report;

/// Say what this langop is: version, default image of gateways, formats that it writes, client of Kubernetes
#[derive(Args, Debug)]
pub(crate) struct VersionArgs {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &VersionArgs) -> Result<Exit, Error> {
    let build = report::build();
    match Output::of_flag(args.json) {
        Output::Json => output::json_document(&build)?,
        Output::Human => output::result(&build.text())?,
    }
    Ok(Exit::Done)
}
