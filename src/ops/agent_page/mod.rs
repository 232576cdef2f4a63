//! Everything about one agent on one page: which models it may call, its tools, the keys that its pods hold, what it
//! reaches, its limits, and where each is written. Read off the description and what is rendered of it; asks no server.

mod models;
mod pod;
mod reaches;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::api::{ExecutionMode, LanguageAgentSpec};
use crate::object::{GatewayCaller, Grant, Source};
use crate::reach::{Answer, RuleRef, World};
use crate::render::{Target, connections, gateway_grants, render};
use crate::stack::{Item, MemberKey, Stack};

pub(crate) use models::PageModel;
pub(crate) use pod::PageKey;
pub(super) use reaches::word;

/// One agent.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct AgentPage {
    /// Its name.
    pub agent: String,
    /// Its cluster.
    pub cluster: String,
    /// Where it is written.
    pub source: Source,
    /// Its group, for network rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// When it runs, in words.
    pub runs: String,
    /// Its persona.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persona: Option<PageThing>,
    /// The models that it lists, in the order in which it tries them.
    pub models: Vec<PageModel>,
    /// Whether its gateway lets it call the models that it does not list, too.
    pub any_model: bool,
    /// Its tools.
    pub tools: Vec<PageTool>,
    /// The keys that its pods hold, by the variable that has the value.
    pub keys: Vec<PageKey>,
    /// Whom it reaches, of its cluster and its tools.
    pub reaches: Vec<Answer>,
    /// The rules that say what else it reaches.
    pub rules: Vec<RuleRef>,
    /// Its limits by name: calls and tokens a minute, CPU and memory of a pod.
    pub limits: BTreeMap<String, String>,
    /// The directories of its pods, and what is in them.
    pub files: BTreeMap<String, String>,
}

/// A thing that an agent names.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct PageThing {
    /// Its name.
    pub name: String,
    /// Where it is written; nothing of one that the description does not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// A tool of an agent.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct PageTool {
    /// What the agent calls it.
    pub name: String,
    /// Its URL.
    pub endpoint: String,
    /// `streamable-http` or `sse`.
    pub transport: &'static str,
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// The page of an agent on a target.
#[must_use]
pub(crate) fn agent_page(
    stack: &Stack,
    target: &Target,
    (key, item): (&MemberKey, &Item<LanguageAgentSpec>),
) -> AgentPage {
    let manifests = render(stack, target);
    let world = World::new(stack, target);
    let pod = pod::read(&manifests, key);
    let named = |name: &String| MemberKey { cluster: key.cluster.clone(), name: name.clone() };
    let persona = item.spec.persona.as_ref().map(|name| PageThing {
        name: name.clone(),
        source: stack.personas.get(&named(name)).map(|persona| persona.source.clone()),
    });
    let tools = connections(stack, &key.cluster, &item.spec).into_iter().map(|one| PageTool {
        name: one.name.to_owned(),
        transport: one.transport,
        source: if one.is_own {
            stack.tools.get(&named(&one.name.to_owned())).map(|tool| tool.source.clone())
        } else {
            Some(item.places.get("tools").unwrap_or(&item.source).clone())
        },
        endpoint: one.endpoint,
    });
    let grants = gateway_grants(stack, target, &key.cluster).unwrap_or_default().callers;
    let mut limits = models::limits(stack, key, &item.spec);
    limits.extend(pod.limits);
    AgentPage {
        agent: key.name.clone(),
        cluster: key.cluster.clone(),
        source: item.source.clone(),
        group: item.spec.group.clone(),
        runs: runs(&item.spec),
        persona,
        models: models::listed(stack, target, key, &item.spec),
        any_model: grants.get(&GatewayCaller::Agent(key.name.clone())) == Some(&Grant::All),
        tools: tools.collect(),
        keys: pod.keys,
        reaches: reaches::answers(&world, key, item),
        rules: reaches::rules(&world, key),
        limits,
        files: pod.files,
    }
}

/// When an agent runs.
fn runs(spec: &LanguageAgentSpec) -> String {
    let execution = spec.execution();
    let at = |schedule: &String| match &execution.timezone {
        Some(zone) => format!("at `{schedule}` ({zone})"),
        None => format!("at `{schedule}`"),
    };
    let when = match (spec.mode(), &execution.schedule) {
        (ExecutionMode::Service, _) => "always".to_owned(),
        (ExecutionMode::Task, None) => "once".to_owned(),
        (ExecutionMode::Task, Some(schedule)) => at(schedule),
    };
    if execution.suspend == Some(true) { format!("{when}, suspended") } else { when }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use serde_json::{Value, json};

    use super::*;
    use crate::stack::{LoadRequest, load};

    const TEXT: &str = "stack = 's'\n[clusters.c]\n[clusters.c.gateway.auth]\nrestrictModels = true\n\
        [models.big]\nprovider = 'openai-compatible'\nmodelName = 'big-1'\nendpoint = 'http://m.m.svc'\nfallbacks = ['small']\n\
        [models.small]\nprovider = 'openai-compatible'\nmodelName = 'small-1'\nendpoint = 'http://m.m.svc'\n\
        [personas.calm]\ntone = 'calm'\n[tools.search]\nimage = 'search:1'\n\
        [tools.docs]\nurl = 'https://docs.example.com/mcp'\nheaders = [{ name = 'Authorization', valueFrom = { name = 'docs', key = 'token' } }]\n\
        [agents.a]\nimage = 'a:1'\npersona = 'calm'\nrateLimits = { requestsPerMinute = 6 }\nmodels = [{ name = 'big' }, { name = 'small', role = 'summarization' }]\n\
        tools = [{ name = 'search' }, { name = 'docs' }]\n[[agents.a.networkPolicies.egress]]\nto = [{ cidr = '192.0.2.0/24' }]\n\
        [agents.b]\nimage = 'b:1'\nmodels = [{ name = 'big' }]\nexecution = { mode = 'task', schedule = '0 6 * * *', timezone = 'Europe/Berlin' }\n";

    fn page(agent: &str) -> Value {
        page_of(TEXT, agent)
    }

    fn page_of(text: &str, agent: &str) -> Value {
        let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let request = LoadRequest { paths: vec![file.path().to_owned()], ..LoadRequest::default() };
        let stack = load(&request).unwrap_or_else(|invalid| panic!("{invalid}")).stack;
        let key = MemberKey { cluster: "c".to_owned(), name: agent.to_owned() };
        let page = agent_page(&stack, &Target::default(), (&key, &stack.agents[&key]));
        serde_json::to_value(page).unwrap()
    }

    #[test]
    fn models_say_what_is_tried_when_they_fail_and_may_be_called_there() {
        let models = &page("a")["models"];
        assert_eq!((&models[0]["called"], &models[0]["model"]), (&json!("big"), &json!("big-1")));
        assert_eq!(models[0]["fallbacks"], json!(["small-1"]));
        assert_eq!((&models[1]["name"], &models[1]["role"]), (&json!("small"), &json!("summarization")));
        assert_eq!(page("b")["models"][0]["fallbacks"], json!([]), "it may not call the other");
        assert_eq!(page("a")["any_model"], false);
    }

    #[test]
    fn fallbacks_are_those_of_the_whole_configuration() {
        let config = "[clusters.c.gateway.config.router_settings]\nfallbacks = [{ small-1 = ['big-1', 'unlisted'] }]\n\
                      context_window_fallbacks = [{ big-1 = ['large'] }]\n";
        let text = format!("{config}{TEXT}")
            .replace("stack = 's'\n", "")
            .replace("'small-1'", "'small-1'\naliases = ['large']");
        let models = &page_of(&format!("stack = 's'\n{text}"), "a")["models"];
        assert_eq!(
            models[0]["fallbacks"],
            json!(["small-1"]),
            "that of the model stays beside those of the configuration"
        );
        assert_eq!(models[0]["context_window_fallbacks"], json!(["large"]), "an alias of one that it may call");
        assert_eq!(models[1]["fallbacks"], json!(["big-1"]), "it may not call the other");
    }

    #[test]
    fn keys_are_named_with_their_secrets_and_never_shown() {
        let page = page("a");
        let keys = page["keys"].as_array().unwrap();
        let header = keys.iter().find(|key| key["variable"] == "MCP_HEADER_DOCS_AUTHORIZATION").unwrap();
        assert_eq!((&header["secret"], &header["key"]), (&json!("docs"), &json!("token")));
        assert!(keys.iter().any(|key| key["variable"] == "MODEL_API_KEY"));
    }

    #[test]
    fn what_it_reaches_is_what_explain_reach_says() {
        let page = page("a");
        let reached = |to: &str| {
            let answers = page["reaches"].as_array().unwrap();
            answers.iter().find(|answer| answer["to"] == to).unwrap_or_else(|| panic!("{answers:#?}"))["allowed"]
                == true
        };
        assert!(reached("gateway") && reached("tool.search") && reached("agent.b"));
        assert!(!reached("docs.example.com"), "nobody keeps names without Cilium");
        assert_eq!(page["rules"][0]["path"], "networkPolicies.egress[0]");
    }

    #[test]
    fn limits_files_and_lines_are_there() {
        let page = page("a");
        assert_eq!((&page["limits"]["requests per minute"], &page["limits"]["memory"]), (&json!("6"), &json!("2Gi")));
        assert!(page["files"]["/etc/agent"].as_str().unwrap().contains("config.yaml"), "{}", page["files"]);
        assert!(page["source"]["line"].as_u64() > Some(10) && page["persona"]["source"]["line"].is_u64());
        assert_eq!(self::page("b")["runs"], "at `0 6 * * *` (Europe/Berlin)");
    }
}
