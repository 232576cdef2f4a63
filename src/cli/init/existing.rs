//! A description of what is there already, where a directory has none yet: what `langop import` writes, under the name
//! that a directory stands for.

use std::path::Path;

use super::{InitArgs, Written};
use crate::cli::format::Format;
use crate::cli::import::{LITELLM_CLUSTER, describe_litellm, describe_namespace};
use crate::error::Error;
use crate::exit::Exit;

pub(super) async fn namespace(namespace: &str, args: &InitArgs) -> Result<Written, Error> {
    let described = describe_namespace(&args.target, namespace, args.name.as_deref()).await?;
    let text = format!("{}{}", Format::Yaml.schema_line(), described.text);
    Ok(Written { format: Format::Yaml, text, notes: described.notes, needs: Vec::new(), exit: Exit::Done })
}

pub(super) fn litellm(file: &Path, args: &InitArgs) -> Result<Written, Error> {
    let cluster = args.name.as_deref().unwrap_or(LITELLM_CLUSTER);
    let described = describe_litellm(file, cluster, None, args.format)?;
    Ok(Written {
        format: args.format,
        text: format!("{}{}", args.format.schema_line(), described.text),
        exit: described.exit(),
        notes: described.notes,
        needs: Vec::new(),
    })
}
