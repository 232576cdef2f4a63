//! Which pods a changed description starts anew, for every field of a model, a persona, a team, a tool and an agent: the
//! promises of the page, and their like.

use std::collections::BTreeSet;

use serde_json::Value;

use super::fixture::rendered;
use crate::api::{LanguageAgent, LanguageModel, LanguagePersona, LanguageTeam, LanguageTool};
use crate::object::Manifest;
use crate::object::pod_template::pod_template;

/// A field that changes: what is written beside it, and its value before and after; none where it is left out.
struct Row(&'static str, &'static str, [Option<&'static str>; 2]);

impl Row {
    /// The table with the field as it is before and after.
    fn texts(&self) -> [String; 2] {
        let Self(field, beside, values) = self;
        values
            .map(|value| value.map_or_else(|| format!("{beside}\n"), |value| format!("{beside}\n{field} = {value}\n")))
    }
}

/// All fields of a kind, as its definition has them.
fn fields<K: kube::CustomResourceExt>() -> BTreeSet<String> {
    let definition = serde_json::to_value(K::crd()).unwrap();
    let spec = definition.pointer("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties");
    spec.and_then(Value::as_object).unwrap().keys().cloned().collect()
}

/// Fails unless a table has all fields.
#[track_caller]
fn complete<K: kube::CustomResourceExt>(rows: &[Row]) {
    let rows: BTreeSet<_> = rows.iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(rows, fields::<K>());
}

/// What makes pods and is not the same in both.
fn restarted(before: &str, after: &str) -> BTreeSet<String> {
    let [before, after] = [before, after].map(rendered);
    let runs = |one: &&Manifest| pod_template(&one.object).is_some_and(|template| template.makes_pods());
    let is_in = |all: &[Manifest], one: &Manifest| {
        all.iter().any(|other| {
            (&other.reference, &other.object, &other.deferred) == (&one.reference, &one.object, &one.deferred)
        })
    };
    let changed = |of: &[Manifest], other: &[Manifest]| {
        let changed = of.iter().filter(runs).filter(|one| !is_in(other, one));
        changed.map(|one| one.reference.name.to_string()).collect::<BTreeSet<_>>()
    };
    &changed(&before, &after) | &changed(&after, &before)
}

fn names(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|&name| name.to_owned()).collect()
}

const OPENAI: &str = "provider = 'openai'\nmodelName = 'gpt'";
const OWN: &str = "provider = 'openai-compatible'\nmodelName = 'gpt'";
const AZURE: &str = "provider = 'azure'\nmodelName = 'gpt'\nendpoint = 'https://r.openai.azure.com'";
const BEDROCK: &str = "provider = 'bedrock'\nmodelName = 'gpt'";
const VERTEX: &str = "provider = 'vertex'\nmodelName = 'gpt'";

fn of_a_model() -> Vec<Row> {
    vec![
        Row("provider", "modelName = 'gpt'", [Some("'openai'"), Some("'gemini'")]),
        Row("litellmProvider", "modelName = 'gpt'", [Some("'groq'"), Some("'xai'")]),
        Row("modelName", "provider = 'openai'", [Some("'gpt'"), Some("'gpt-2'")]),
        Row("aliases", OPENAI, [None, Some("['fast']")]),
        Row("endpoint", OWN, [Some("'http://a.test'"), Some("'http://b.test'")]),
        Row("apiKeySecretRef", OPENAI, [None, Some("{ name = 'keys', key = 'one' }")]),
        Row("credentialsSecretRef", BEDROCK, [None, Some("{ name = 'cloud' }")]),
        Row("region", BEDROCK, [Some("'eu-west-1'"), Some("'us-east-1'")]),
        Row("project", VERTEX, [Some("'p'"), Some("'q'")]),
        Row("location", VERTEX, [Some("'europe-west1'"), Some("'global'")]),
        Row("apiVersion", AZURE, [Some("'2024-10-21'"), Some("'v1'")]),
        Row("params", OPENAI, [None, Some("{ temperature = 0.2 }")]),
        Row("rateLimits", OPENAI, [None, Some("{ requestsPerMinute = 5 }")]),
        Row("budget", OPENAI, [None, Some("{ usd = 5, window = 'day' }")]),
        Row("timeout", OPENAI, [None, Some("'9m'")]),
        Row("fallbacks", OPENAI, [None, Some("['other']")]),
        Row("retries", OPENAI, [None, Some("0")]),
        Row("cost", OPENAI, [None, Some("{ inputPerMillion = 3 }")]),
    ]
}

/// A cluster with agents of all forms that list the model `m`, one that lists none, and a tool.
fn with_models(settings: &str, models: &str) -> String {
    let lists = "models = [{ name = 'm' }]";
    format!(
        "[clusters.c]\n{settings}\n{models}\n\
         [secrets.cloud]\nfromEnv = {{ AWS_ACCESS_KEY_ID = 'I', AWS_SECRET_ACCESS_KEY = 'S' }}\n\
         [tools.t]\nimage = 't:1'\n\
         [agents.service]\nimage = 'a:1'\n{lists}\ntools = [{{ name = 't' }}]\n\
         [agents.task]\nimage = 'a:1'\n{lists}\nexecution.mode = 'task'\n\
         [agents.nightly]\nimage = 'a:1'\n{lists}\nexecution = {{ mode = 'task', schedule = '@daily' }}\n\
         [agents.free]\nimage = 'a:1'\n"
    )
}

/// The page: "When the model list changes, the gateway restarts with the updated configuration. No agent redeploy is
/// required."
#[test]
fn a_model_changed_in_any_field_restarts_the_gateway_and_nothing_else() {
    let rows = of_a_model();
    complete::<LanguageModel>(&rows);
    let other = "[models.other]\nprovider = 'anthropic'\nmodelName = 'claude'";
    for settings in ["", "gateway.auth.restrictModels = true"] {
        for row in &rows {
            let [before, after] =
                row.texts().map(|model| with_models(settings, &format!("[models.m]\n{model}{other}")));
            // What is read again while the gateway runs.
            let expected: &[&str] = if row.0 == "budget" { &[] } else { &["gateway"] };
            assert_eq!(restarted(&before, &after), names(expected), "{settings} {}", row.0);
        }
    }
}

/// The page, of the same sentence: models that come and go.
#[test]
fn a_model_added_or_removed_restarts_the_gateway_and_nothing_else() {
    let one = format!("[models.m]\n{OPENAI}\n");
    for settings in ["", "gateway.auth.restrictModels = true"] {
        for other in ["modelName = 'claude'", "modelName = 'gpt'", "modelName = '*'"] {
            let both = format!("{one}[models.other]\nprovider = 'openai'\n{other}\n");
            let [few, more] = [&one, &both].map(|models| with_models(settings, models));
            assert_eq!(restarted(&few, &more), names(&["gateway"]), "{settings} {other}");
            assert_eq!(restarted(&more, &few), names(&["gateway"]), "{settings} {other}");
        }
    }
}

fn of_a_team() -> Vec<Row> {
    vec![
        Row("agents", "", [None, Some("['service']")]),
        Row("groups", "", [None, Some("['g']")]),
        Row("claims", "", [None, Some("['research']")]),
        Row("models", "", [Some("['m']"), Some("['m', 'gpt*']")]),
        Row("regions", "", [None, Some("['eu-*']")]),
        Row("rateLimits", "", [None, Some("{ requestsPerMinute = 5 }")]),
        Row("budget", "", [Some("{ usd = 5, window = 'day' }"), Some("{ usd = 6, window = 'day' }")]),
        Row("blocked", "", [None, Some("true")]),
    ]
}

#[test]
fn a_changed_team_restarts_nothing() {
    let rows = of_a_team();
    complete::<LanguageTeam>(&rows);
    let with = |team: &str| {
        format!(
            "[clusters.c]\ngateway.store = {{}}\n[models.m]\n{OPENAI}\n[teams.t]\n{team}\n\
             [agents.service]\nimage = 'a:1'\ngroup = 'g'\n[agents.plain]\nimage = 'a:1'\n"
        )
    };
    for row in rows {
        let [before, after] = row.texts().map(|team| with(&team));
        assert_eq!(restarted(&before, &after), names(&[]), "{}", row.0);
    }
}

fn of_a_persona() -> Vec<Row> {
    ["tone", "personality", "expertise"].map(|field| Row(field, "", [Some("'one'"), Some("'other'")])).into()
}

/// A cluster with agents of all forms that have the persona `p`, and others.
fn with_personas(persona: &str) -> String {
    format!(
        "[clusters.c]\n[models.m]\n{OPENAI}\n[tools.t]\nimage = 't:1'\n\
         [personas.p]\n{persona}\n[personas.q]\ntone = 'calm'\n\
         [agents.service]\nimage = 'a:1'\npersona = 'p'\n\
         [agents.task]\nimage = 'a:1'\npersona = 'p'\nexecution.mode = 'task'\n\
         [agents.nightly]\nimage = 'a:1'\npersona = 'p'\nexecution = {{ mode = 'task', schedule = '@daily' }}\n\
         [agents.calm]\nimage = 'a:1'\npersona = 'q'\n\
         [agents.plain]\nimage = 'a:1'\n"
    )
}

#[test]
fn a_persona_changed_in_any_field_rolls_only_its_agents() {
    let rows = of_a_persona();
    complete::<LanguagePersona>(&rows);
    for row in &rows {
        let [before, after] = row.texts().map(|persona| with_personas(&persona));
        assert_eq!(restarted(&before, &after), names(&["service", "task", "nightly"]), "{}", row.0);
        assert_eq!(restarted(&with_personas(""), &after), names(&["service", "task", "nightly"]), "{}", row.0);
    }
}

const IMAGE: &str = "image = 't:1'";
const BESIDE: &str = "image = 't:1'\ndeploymentMode = 'sidecar'";

/// Each with what it changes: of a tool that runs by itself, its own pods, and its agents where it is elsewhere then.
fn of_a_tool() -> Vec<(Row, &'static [&'static str])> {
    const ALONE: &[&str] = &["t"];
    const AGENTS: &[&str] = &["service", "task", "nightly"];
    const BOTH: &[&str] = &["t", "service", "task", "nightly"];
    vec![
        (Row("image", "", [Some("'t:1'"), Some("'t:2'")]), ALONE),
        (Row("image", "deploymentMode = 'sidecar'", [Some("'t:1'"), Some("'t:2'")]), AGENTS),
        (Row("url", "", [Some("'https://a.test/mcp'"), Some("'https://b.test/mcp'")]), AGENTS),
        (Row("headers", "url = 'https://a.test/mcp'", [None, Some("[{ name = 'k', value = 'v' }]")]), AGENTS),
        (Row("type", IMAGE, [None, Some("'mcp'")]), &[]),
        (Row("transport", IMAGE, [Some("'streamable-http'"), Some("'sse'")]), AGENTS),
        (Row("stdio", "transport = 'stdio'", [Some("{ command = ['x'] }"), Some("{ command = ['y'] }")]), ALONE),
        (Row("deploymentMode", IMAGE, [None, Some("'sidecar'")]), BOTH),
        (Row("port", IMAGE, [Some("9000"), Some("9001")]), BOTH),
        (Row("deployment", IMAGE, [None, Some("{ env = [{ name = 'A', value = 'b' }] }")]), ALONE),
        (Row("deployment", BESIDE, [None, Some("{ env = [{ name = 'A', value = 'b' }] }")]), AGENTS),
        (Row("networkPolicies", IMAGE, [None, Some("{ egress = [{ to = [{ cidr = '192.0.2.0/24' }] }] }")]), &[]),
    ]
}

fn with_tools(tool: &str) -> String {
    let lists = "tools = [{ name = 't' }]";
    format!(
        "[clusters.c]\n[models.m]\n{OPENAI}\n[tools.t]\n{tool}\n[tools.u]\nimage = 'u:1'\n\
         [agents.service]\nimage = 'a:1'\n{lists}\n\
         [agents.task]\nimage = 'a:1'\n{lists}\nexecution.mode = 'task'\n\
         [agents.nightly]\nimage = 'a:1'\n{lists}\nexecution = {{ mode = 'task', schedule = '@daily' }}\n\
         [agents.other]\nimage = 'a:1'\ntools = [{{ name = 'u' }}]\n\
         [agents.off]\nimage = 'a:1'\ntools = [{{ name = 't', enabled = false }}]\n\
         [agents.plain]\nimage = 'a:1'\n"
    )
}

#[test]
fn a_tool_changed_in_any_field_rolls_only_itself_and_agents_that_use_it() {
    let (rows, expected): (Vec<_>, Vec<_>) = of_a_tool().into_iter().unzip();
    complete::<LanguageTool>(&rows);
    for (row, expected) in rows.iter().zip(expected) {
        let [before, after] = row.texts().map(|tool| with_tools(&tool));
        assert_eq!(restarted(&before, &after), names(expected), "{} beside {}", row.0, row.1);
    }
}

fn of_an_agent() -> Vec<Row> {
    vec![
        Row("image", "", [Some("'a:1'"), Some("'a:2'")]),
        Row("group", "image = 'a:1'", [None, Some("'g'")]),
        Row("models", "image = 'a:1'", [None, Some("[{ name = 'm' }]")]),
        Row("rateLimits", "image = 'a:1'", [None, Some("{ requestsPerMinute = 5 }")]),
        Row("budget", "image = 'a:1'", [None, Some("{ usd = 5, window = 'day' }")]),
        Row("key", "image = 'a:1'", [None, Some("{ epoch = 2 }")]),
        Row("blocked", "image = 'a:1'", [None, Some("true")]),
        Row("tools", "image = 'a:1'", [None, Some("[{ name = 't' }]")]),
        Row("persona", "image = 'a:1'", [None, Some("'p'")]),
        Row("instructions", "image = 'a:1'", [Some("'Do it.'"), Some("'Do it well.'")]),
        Row("workspace", "image = 'a:1'", [None, Some("{ mountPath = '/data' }")]),
        Row("networkPolicies", "image = 'a:1'", [None, Some("{ ingress = [{ from = [{ group = 'g' }] }] }")]),
        Row("ports", "image = 'a:1'", [None, Some("[{ name = 'http', port = 80 }]")]),
        Row("deployment", "image = 'a:1'", [None, Some("{ env = [{ name = 'A', value = 'b' }] }")]),
        Row("execution", "image = 'a:1'", [None, Some("{ mode = 'task' }")]),
        Row("credentials", "image = 'a:1'", [None, Some("[{ name = 'TOKEN' }]")]),
    ]
}

#[test]
fn an_agent_changed_in_any_field_and_its_instructions_roll_that_agent_alone() {
    let rows = of_an_agent();
    complete::<LanguageAgent>(&rows);
    // What the gateway alone is told, and what others are told of its pods.
    let at_most = ["rateLimits", "budget", "key", "blocked", "networkPolicies"];
    for row in &rows {
        let [before, after] = row.texts().map(|agent| {
            format!(
                "[clusters.c]\n[models.m]\n{OPENAI}\n[personas.p]\ntone = 'calm'\n[tools.t]\nimage = 't:1'\n\
                 [agents.one]\n{agent}\n[agents.two]\nimage = 'a:1'\ninstructions = 'x'\npersona = 'p'\n\
                 tools = [{{ name = 't' }}]\nmodels = [{{ name = 'm' }}]\n"
            )
        });
        let expected = if at_most.contains(&row.0) { names(&[]) } else { names(&["one"]) };
        assert_eq!(restarted(&before, &after), expected, "{}", row.0);
    }
}
