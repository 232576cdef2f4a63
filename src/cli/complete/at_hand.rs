//! The description that a half-typed command line is about, and what can be called in it. Reads files, asks no server.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use clap::{ArgMatches, Command};

use crate::cluster::Access;
use crate::object::Address;
use crate::stack::{LoadRequest, Outline, load, outline};
use crate::{ops, render};

/// What is known by the words that were typed; read when it is asked for.
#[derive(Clone, Debug)]
pub(super) struct AtHand(Arc<Known>);

#[derive(Debug)]
struct Known {
    request: LoadRequest,
    kubeconfig: Option<PathBuf>,
    outline: OnceLock<Outline>,
}

impl AtHand {
    /// By the command line `words`, which may lack what is required.
    pub(super) fn new(command: Command, words: Vec<OsString>) -> Self {
        let matches = command.ignore_errors(true).try_get_matches_from(words).ok();
        let leaf = matches.as_ref().map(leaf);
        let request = leaf.map(request).unwrap_or_default();
        let request = LoadRequest { directory: std::env::current_dir().unwrap_or_default(), ..request };
        let kubeconfig = leaf.and_then(|leaf| all::<PathBuf>(leaf, "kubeconfig").pop());
        Self(Arc::new(Known { request, kubeconfig, outline: OnceLock::new() }))
    }

    fn outline(&self) -> &Outline {
        self.0.outline.get_or_init(|| outline(&self.0.request))
    }

    pub(super) fn clusters(&self) -> Vec<String> {
        self.outline().clusters.iter().cloned().collect()
    }

    pub(super) fn agents(&self) -> Vec<String> {
        self.outline().agents.iter().cloned().collect()
    }

    pub(super) fn environments(&self) -> Vec<String> {
        self.outline().environments.iter().cloned().collect()
    }

    /// `NAME=`, for a value to follow.
    pub(super) fn variables(&self) -> Vec<String> {
        self.outline().variables.iter().map(|name| format!("{name}=")).collect()
    }

    /// Who can connect, and be connected to.
    pub(super) fn ends(&self) -> Vec<String> {
        let outline = self.outline();
        let named = outline.agents.iter().chain(&outline.tools).cloned();
        let groups = outline.groups.iter().map(|group| format!("group.{group}"));
        named.chain(groups).chain(["gateway".to_owned()]).collect()
    }

    /// What is described, and the objects that are made of it where the description is right.
    pub(super) fn addresses(&self) -> Vec<String> {
        let described = self.outline().addresses.iter().map(|address| address.as_str().to_owned());
        let all: BTreeSet<_> = described.chain(self.objects()).collect();
        all.into_iter().collect()
    }

    /// The objects that are made, by kind, namespace and name.
    pub(super) fn objects(&self) -> Vec<String> {
        let Ok(loaded) = load(&self.0.request) else { return Vec::new() };
        let target = render::needs(&loaded.stack).assumed_target();
        let manifests = render::render(&loaded.stack, &target);
        manifests.iter().map(|one| Address::object(&one.reference).as_str().to_owned()).collect()
    }

    /// What can be out where the description is right.
    pub(super) fn outages(&self) -> Vec<String> {
        let Ok(loaded) = load(&self.0.request) else { return Vec::new() };
        ops::possible_outages(&loaded.stack, &render::needs(&loaded.stack).assumed_target())
    }

    /// The contexts of the kubeconfig.
    pub(super) fn contexts(&self) -> Vec<String> {
        Access::new(self.0.kubeconfig.clone(), None).contexts().unwrap_or_default()
    }
}

/// What was typed behind the last word that is a command.
fn leaf(matches: &ArgMatches) -> &ArgMatches {
    matches.subcommand().map_or(matches, |(_, below)| leaf(below))
}

fn request(leaf: &ArgMatches) -> LoadRequest {
    let environment =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    LoadRequest {
        paths: ["files", "named"]
            .into_iter()
            .flat_map(|id| all::<PathBuf>(leaf, id))
            .filter(|path| is_quiet(path))
            .collect(),
        recursive: all::<bool>(leaf, "recursive").contains(&true),
        variables: all(leaf, "vars"),
        environment: environment.collect(),
        environment_name: all::<String>(leaf, "env").pop(),
        stack: all::<String>(leaf, "stack").pop(),
        ..LoadRequest::default()
    }
}

/// Whether a path can be read while somebody types: a pipe waits for its writer, and is empty for the command then.
fn is_quiet(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() || file.is_dir())
}

/// The values of an argument, where the command has one of this name and type.
fn all<T: Clone + Send + Sync + 'static>(leaf: &ArgMatches, id: &str) -> Vec<T> {
    leaf.try_get_many::<T>(id).ok().flatten().into_iter().flatten().cloned().collect()
}
