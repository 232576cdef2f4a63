//! `langop import`.

mod cluster;
mod described;
mod files;
mod format;
mod litellm;
mod name;
mod namespace;

pub(super) use files::write_all;
pub(super) use litellm::{CLUSTER as LITELLM_CLUSTER, describe as describe_litellm};
pub(super) use name::name;
pub(super) use namespace::describe as describe_namespace;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::error::Error;
use crate::exit::Exit;

/// Write a description of what is there already
///
/// A plan of what is written changes nothing but whose the objects are. Values of Secrets are never
/// written, and no file is overwritten without `--force`.
#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Namespace(namespace::NamespaceArgs),
    Cluster(cluster::ClusterArgs),
    Litellm(litellm::LitellmArgs),
}

/// Where an import is written.
#[derive(Args, Clone, Debug)]
pub(crate) struct OutArgs {
    /// Write to this file; default: standard output
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Overwrite what is there
    #[arg(long, requires = "out")]
    force: bool,
}

pub(crate) async fn run(args: ImportArgs) -> Result<Exit, Error> {
    match args.what {
        What::Namespace(args) => namespace::run(args).await,
        What::Cluster(args) => cluster::run(args).await,
        What::Litellm(args) => litellm::run(&args),
    }
}
