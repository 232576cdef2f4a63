//! From the description arguments to a stack, or to everything that is wrong with it.

use std::collections::BTreeMap;

use super::args::{DescriptionArgs, TargetArgs};
use super::{environment_name, output, saved};
use crate::cluster::{Access, ContextNamespace};
use crate::error::{CommandError, Error};
use crate::stack::diagnostic::Code;
use crate::stack::{self, DefaultNamespace, LoadRequest, Loaded, Stack};

/// Loads the description for a target. What is worth a warning goes to stderr.
pub(crate) fn load(description: &DescriptionArgs, target: &TargetArgs) -> Result<Stack, Error> {
    Ok(load_whole(description, target)?.stack)
}

/// The same with the warnings and the files that they are about.
pub(crate) fn load_whole(description: &DescriptionArgs, target: &TargetArgs) -> Result<Loaded, Error> {
    if let Some(plan) = saved::named(&description.files())? {
        return Err(CommandError::NotADescription(plan.to_owned()).into());
    }
    let loaded = read(description, target)?;
    expect(&loaded, target);
    show_warnings(&loaded);
    Ok(loaded)
}

/// Whoever connects holds the cluster against what the description says of it.
fn expect(loaded: &Loaded, target: &TargetArgs) {
    if let Some(expected) = &loaded.stack.target {
        target.expect(expected.clone());
    }
    if let Some(environment) = &loaded.stack.environment {
        target.is_for(environment.clone());
    }
}

fn show_warnings(loaded: &Loaded) {
    if !loaded.warnings.is_empty() {
        output::note(&stack::diagnostic::render(&loaded.warnings, &loaded.files, output::error_colour()));
    }
}

/// The same beside documents that were taken from a server, as they are: it says nothing of what a server adds.
pub(crate) fn load_beside_exports(description: &DescriptionArgs, target: &TargetArgs) -> Result<Stack, Error> {
    let mut loaded = read(description, target)?;
    expect(&loaded, target);
    loaded.warnings.retain(|warning| warning.code != Code::ServerField);
    show_warnings(&loaded);
    Ok(loaded.stack)
}

/// The stack that is to be destroyed: what is described does not matter, its name alone does, and `--stack` says it.
pub(crate) fn to_destroy(description: &DescriptionArgs, target: &TargetArgs) -> Result<Stack, Error> {
    match &description.stack {
        Some(name) if description.names_none() && description.env.is_empty() => {
            Ok(Stack { name: name.clone(), ..Stack::default() })
        }
        _ => load(description, target),
    }
}

/// Loads the description for a command that has no target: the kubeconfig is read for its namespace alone.
pub(crate) fn load_offline(description: &DescriptionArgs) -> Result<Stack, Error> {
    load(description, &TargetArgs::default())
}

/// Reads the description and prints nothing.
pub(crate) fn read(description: &DescriptionArgs, target: &TargetArgs) -> Result<Loaded, Error> {
    let request = LoadRequest {
        environment_name: environment_name::one(description)?.map(str::to_owned),
        contexts: contexts(description, target),
        ..request(description, target)
    };
    Ok(stack::load(&request).map_err(Box::new)?)
}

/// What is to be read, whatever the environment.
pub(super) fn request(description: &DescriptionArgs, target: &TargetArgs) -> LoadRequest {
    LoadRequest {
        paths: description.files(),
        recursive: description.recursive,
        variables: description.vars.clone(),
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        stack: description.stack.clone(),
        directory: std::env::current_dir().unwrap_or_default(),
        namespace: namespace(description, target),
        ..LoadRequest::default()
    }
}

/// The namespaces of contexts that an environment may choose: none where the command has chosen.
fn contexts(description: &DescriptionArgs, target: &TargetArgs) -> BTreeMap<String, DefaultNamespace> {
    if description.env.is_empty() || description.namespace.is_some() || target.context.is_some() || target.dev {
        return BTreeMap::new();
    }
    let names = target.access().contexts().unwrap_or_default();
    names.into_iter().map(|name| (name.clone(), of_access(&target.access().in_context(&name)))).collect()
}

/// Where objects go that name no namespace: the same for commands with and without a server.
fn namespace(description: &DescriptionArgs, target: &TargetArgs) -> DefaultNamespace {
    if let Some(name) = &description.namespace {
        return DefaultNamespace::Given(name.clone());
    }
    if target.dev {
        let because = "for the local control plane names no other".to_owned();
        return DefaultNamespace::Found { name: "default".to_owned(), because };
    }
    of_access(target.access())
}

fn of_access(access: &Access) -> DefaultNamespace {
    match access.namespace() {
        Ok(ContextNamespace { name, because }) => DefaultNamespace::Found { name, because },
        Err(error) => DefaultNamespace::Unknown(error.to_string()),
    }
}
