//! The cluster on the target that a command is about: the one that it names, else the only one there is.

use clap::Args;

use super::args::TargetArgs;
use super::describe;
use super::named_files::NamedFiles;
use crate::cluster::Reader;
use crate::error::{CommandError, Error};
use crate::object::ErrorKind;
use crate::ops;

/// Which cluster, and on which target.
#[derive(Args, Debug)]
pub(super) struct LiveClusterArgs {
    /// The cluster; may be left out where there is one, in the description if `-f` names it, else on the target
    cluster: Option<String>,
    #[command(flatten)]
    files: NamedFiles,
    #[command(flatten)]
    pub(super) target: TargetArgs,
}

/// The clusters that may be meant.
pub(super) enum Candidates {
    /// Those of a description.
    Described(Vec<String>),
    /// Those on the target, of this stack if one is named.
    Live(Option<String>),
}

impl LiveClusterArgs {
    /// Reads the description, if the command names one. Before connecting: it may say where to.
    pub(super) fn candidates(&self) -> Result<Candidates, Error> {
        let description = self.files.description();
        if description.names_none() && description.env.is_empty() {
            return Ok(Candidates::Live(description.stack));
        }
        let stack = describe::load(&description, &self.target)?;
        Ok(Candidates::Described(stack.clusters.into_keys().collect()))
    }

    /// The cluster that is meant.
    pub(super) async fn choose(&self, candidates: Candidates, reader: &Reader) -> Result<String, Error> {
        let named = self.cluster.as_deref();
        match (named, candidates) {
            (_, Candidates::Described(has)) => Ok(one(named, has, CommandError::NoCluster)?),
            (named, Candidates::Live(stack)) => match (named, ops::cluster_names(reader, stack.as_deref()).await) {
                // Who may not list clusters may look at one all the same.
                (Some(named), Err(error)) if error.kind() == ErrorKind::Forbidden => Ok(named.to_owned()),
                (Some(named), Ok(has)) if !has.iter().any(|name| name == named) => {
                    Err(CommandError::NoSuchLiveCluster { name: named.to_owned(), has }.into())
                }
                (named, has) => Ok(one(named, has?, CommandError::NoClusterHere)?),
            },
        }
    }
}

fn one(named: Option<&str>, mut has: Vec<String>, none: CommandError) -> Result<String, CommandError> {
    match named {
        Some(named) if has.iter().any(|name| name == named) => Ok(named.to_owned()),
        Some(named) => Err(CommandError::NoSuchGateway { name: named.to_owned(), has }),
        None if has.len() > 1 => Err(CommandError::NameACluster(has)),
        None => has.pop().ok_or(none),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_cluster_need_not_be_named_and_of_several_none_is_guessed() {
        let chosen = |named, has: &[&str]| {
            let has = has.iter().map(|name| (*name).to_owned()).collect();
            one(named, has, CommandError::NoClusterHere).map_err(|error| error.code())
        };
        assert_eq!(chosen(None, &["a"]), Ok("a".to_owned()));
        assert_eq!(chosen(Some("b"), &["a", "b"]), Ok("b".to_owned()));
        assert_eq!(chosen(None, &["a", "b"]), Err("which-cluster"));
        assert_eq!(chosen(Some("c"), &["a"]), Err("no-such-cluster"));
        assert_eq!(chosen(None, &[]), Err("no-cluster-on-target"));
    }
}
