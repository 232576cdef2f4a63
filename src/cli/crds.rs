//! `langop crds`.

use clap::Args;

use super::output;
use crate::api;
use crate::error::Error;
use crate::exit::Exit;
use crate::object::SharedValue;

/// Print the CRDs of langop.io, for those who install them separately, and roles for those who use the kinds
///
/// The roles extend Kubernetes' own `view`, `edit` and `admin` by the kinds. Making them needs the rights that they give.
#[derive(Args, Debug)]
pub(crate) struct CrdsArgs {}

pub(crate) fn run() -> Result<Exit, Error> {
    output::yaml_documents(api::crds().iter().map(SharedValue::to_value).chain(api::roles()))?;
    Ok(Exit::Done)
}
