//! A configuration of the proxy of `LiteLLM` as a description: deployments become models, keys become references, and
//! what langop has no field for lies in `params` and `gateway.config`, or is named with the reason. A key that is written
//! out is neither written nor shown: its place is named, and a variable stands for it.

mod collected;
mod config;
mod credential;
mod deployment;
mod label;
mod model;
mod naming;
mod provider;
mod remark;
mod settings;
#[cfg(test)]
mod tests;
mod value;

use serde_json::{Value, json};

use super::description::Description;
use crate::stack::diagnostic::{Code, Diagnostic, Files};
use crate::stack::{Invalid, Node, read_yaml};
use collected::Collected;
use deployment::deployments;
use naming::Naming;
use remark::Remark;
use settings::Settings;

/// What a configuration is to become.
#[derive(Clone, Debug)]
pub(crate) struct LitellmRequest {
    /// How messages call the file.
    pub name: String,
    /// What stands in it.
    pub text: String,
    /// Name of the stack.
    pub stack: String,
    /// Name of the cluster.
    pub cluster: String,
}

/// A configuration as a description.
#[derive(Clone, Debug)]
pub(crate) struct ImportedLitellm {
    /// The description.
    pub description: Description,
    /// What is not in it, and what is in it otherwise, in the order of the file.
    pub remarks: Vec<Remark>,
    /// Variables of the description, each with the environment variable in which `LiteLLM` found its value.
    pub variables: Vec<(String, String)>,
}

/// Reads a configuration.
///
/// # Errors
/// It is no YAML, or no configuration with models: all mistakes, with their places.
pub(crate) fn import_litellm(request: LitellmRequest) -> Result<ImportedLitellm, Box<Invalid>> {
    let mut files = Files::default();
    let root = parse(&request.name, request.text, &mut files)?;
    let mut collected = Collected::new(&files);
    let deployments = deployments(&root, &mut collected);
    let settings = Settings::read(&root);
    let naming = Naming::new(&deployments, &settings);
    let mut description = Description::of_stack(&request.stack);
    for (deployment, names) in deployments.iter().zip(naming.names()) {
        let model = model::model(deployment, names, &naming, &settings, &mut collected);
        description.add("models", &names.thing, model);
    }
    let config = config::config(&root, &settings, naming.groups(), &mut collected);
    description.add("clusters", &request.cluster, cluster(config, &collected));
    for (name, secret) in collected.secrets() {
        description.add("secrets", &name, secret);
    }
    let variables = collected.variables();
    for (name, _) in &variables {
        description.add("variables", name, json!({}));
    }
    Ok(ImportedLitellm { description, remarks: collected.into_remarks(), variables })
}

fn cluster(config: Value, collected: &Collected<'_>) -> Value {
    let mut gateway = serde_json::Map::new();
    if config.as_object().is_some_and(|config| !config.is_empty()) {
        gateway.insert("config".to_owned(), config);
    }
    let environment = collected.environment();
    if !environment.is_empty() {
        gateway.insert("deployment".to_owned(), json!({ "env": environment }));
    }
    if gateway.is_empty() { json!({}) } else { json!({ "gateway": gateway }) }
}

/// The configuration as a tree with places.
fn parse(name: &str, text: String, files: &mut Files) -> Result<Node, Box<Invalid>> {
    let mut found = Vec::new();
    let file = files.add(name, text);
    let mut documents = read_yaml(files.text(file), file, &mut found);
    let document = if documents.len() == 1 { documents.pop() } else { None };
    let root = document.filter(|node| !node.items_of("model_list").is_empty());
    if let Some(root) = root.filter(|_| !found.iter().any(Diagnostic::is_error)) {
        return Ok(root);
    }
    if !found.iter().any(Diagnostic::is_error) {
        let message = format!("`{name}` is no configuration of LiteLLM: it has no list `model_list`");
        found.push(Diagnostic::error(Code::MissingKey, message));
    }
    Err(Box::new(Invalid { diagnostics: found, files: files.clone() }))
}
