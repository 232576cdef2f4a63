//! `langop crds`.

use clap::Args;

use super::output;
use crate::api;
use crate::error::{CommandError, Error};
use crate::exit::Exit;

/// Print the CRDs of langop.io, for those who install them separately, and roles for those who use the kinds
///
/// The roles extend Kubernetes' own `view`, `edit` and `admin` by the kinds. Making them needs the rights that they give.
#[derive(Args, Debug)]
pub(crate) struct CrdsArgs {}

pub(crate) fn run() -> Result<Exit, Error> {
    let crds: Result<Vec<_>, _> = api::crds().iter().map(serde_json::to_value).collect();
    output::yaml_documents(crds.map_err(CommandError::from)?.into_iter().chain(api::roles()))?;
    Ok(Exit::Done)
}
