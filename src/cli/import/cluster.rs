//! `langop import cluster`.

use clap::Args;

use super::OutArgs;
use super::files::write_one;
use super::format::{text, validated};
use super::name::name;
use crate::cli::args::TargetArgs;
use crate::cli::connect::{connect, records};
use crate::cli::format::Format;
use crate::cli::output;
use crate::error::Error;
use crate::exit::Exit;
use crate::ops::{self, ClusterRequest};

/// Write the description of a language cluster that stands
///
/// Of one that a stack has, it is the description of what stands: for when the description was lost. Where values of
/// Secrets come from is recorded nowhere; variables of the environment stand for them.
#[derive(Args, Debug)]
pub(crate) struct ClusterArgs {
    /// The cluster
    #[arg(value_name = "CLUSTER")]
    cluster: String,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    out: OutArgs,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Toml)]
    format: Format,
    /// Name of the stack, where none has the cluster; default: that of the cluster
    #[arg(long, value_name = "NAME", value_parser = name)]
    stack: Option<String>,
}

pub(super) async fn run(args: ClusterArgs) -> Result<Exit, Error> {
    let connection = connect(&args.target).await?;
    let records = records(&args.target, &connection);
    let request = ClusterRequest { name: args.cluster, stack: args.stack };
    let mut imported = ops::import_cluster(&connection.reader(), &records, &request).await?;
    imported.description.comments.clone_from(&imported.remarks);
    write_one(&args.out, &text(&imported.description, args.format))?;
    for remark in &imported.remarks {
        output::note(&format!("note: {remark}"));
    }
    Ok(if validated(&imported.description) { Exit::Done } else { Exit::Invalid })
}
