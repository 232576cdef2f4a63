//! `langop crds`.

use clap::Args;

use super::output;
use crate::api;
use crate::error::{CommandError, Error};
use crate::exit::Exit;

/// Print the CRDs of langop.io, for those who install them separately
#[derive(Args, Debug)]
pub(crate) struct CrdsArgs {}

pub(crate) fn run() -> Result<Exit, Error> {
    let crds: Result<Vec<_>, _> = api::crds().iter().map(serde_json::to_value).collect();
    output::yaml_documents(crds.map_err(CommandError::from)?.into_iter())?;
    Ok(Exit::Done)
}
