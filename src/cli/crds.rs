//! `langop crds`.

use clap::Args;

use super::exit::Exit;
use super::output;
use crate::api;

/// Print the CRDs of langop.io, for those who install them separately
#[derive(Args, Debug)]
pub(crate) struct CrdsArgs {}

pub(crate) fn run() -> anyhow::Result<Exit> {
    let crds: Result<Vec<_>, _> = api::crds().iter().map(serde_json::to_value).collect();
    output::yaml(crds?.into_iter());
    Ok(Exit::Done)
}
