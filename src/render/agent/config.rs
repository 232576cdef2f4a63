//! The configuration of an agent, `/etc/agent/config.yaml`: who it is, what it is to do, how it talks, which models and
//! tools it has. Its form is documented in `docs/agent-config.schema.json`. Nothing in it says what a model is: that is
//! the gateway's business.

use serde_json::{Map, Value, json};

use crate::object::names::gateway_url;
use crate::render::gateway::agent_calls;
use crate::render::workload::Versioned;
use crate::render::yaml;

use super::Agent;
use super::tools::Tools;

/// The file.
const FILE: &str = "config.yaml";

/// A model as its agent knows it.
pub(super) struct Model<'a> {
    /// The name of the `LanguageModel`.
    pub name: &'a str,
    /// The name that the agent calls it by.
    pub called: String,
    role: &'static str,
    priority: Option<i32>,
}

/// The file, as a version.
pub(super) fn file(agent: &Agent<'_>, tools: &Tools<'_>) -> Versioned {
    let text = yaml::text(&content(agent, tools));
    Versioned { of: format!("{}-agent", agent.name), files: [(FILE.to_owned(), text)].into() }
}

fn content(agent: &Agent<'_>, tools: &Tools<'_>) -> Value {
    let mut content = json!({ "agent": { "name": agent.name, "namespace": agent.scope.cluster } });
    let models = Value::Object(models(agent).iter().map(|one| (one.name.to_owned(), model(agent, one))).collect());
    let parts = [
        ("instructions", agent.spec().instructions.as_ref().map(|text| json!(text))),
        ("personas", persona(agent).map(|persona| json!([persona]))),
        ("models", Some(models)),
        ("tools", Some(tools.section())),
    ];
    for (name, part) in parts {
        // An empty section says no more than none.
        if let Some(part) = part.filter(|part| part.as_object().is_none_or(|fields| !fields.is_empty())) {
            content[name] = part;
        }
    }
    content
}

/// The models of an agent, those that it should try first before the others.
pub(super) fn models<'a>(agent: &Agent<'a>) -> Vec<Model<'a>> {
    let mut all: Vec<_> = agent.spec().models.iter().collect();
    // Without a number a model comes last; of two with the same, the one that is written first.
    all.sort_by_key(|model| (model.role.unwrap_or_default() as u8, model.priority.unwrap_or(i32::MAX)));
    let model = all.into_iter().map(|model| Model {
        name: &model.name,
        called: agent_calls(agent.scope, model),
        role: model.role.unwrap_or_default().as_str(),
        priority: model.priority,
    });
    model.collect()
}

fn model(agent: &Agent<'_>, model: &Model<'_>) -> Value {
    let mut entry = json!({ "endpoint": gateway_url(agent.scope.cluster), "model": model.called, "role": model.role });
    if let Some(priority) = model.priority {
        entry["priority"] = json!(priority);
    }
    entry
}

/// How it talks.
fn persona(agent: &Agent<'_>) -> Option<Value> {
    let name = agent.spec().persona.as_deref()?;
    let persona = agent.scope.persona(name)?;
    let traits = [("tone", &persona.tone), ("personality", &persona.personality), ("expertise", &persona.expertise)];
    let mut entry = Map::from_iter([("name".to_owned(), json!(name))]);
    entry.extend(traits.into_iter().filter_map(|(key, text)| Some((key.to_owned(), json!(text.as_ref()?)))));
    Some(Value::Object(entry))
}
