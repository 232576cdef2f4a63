//! How an agent reaches its tools: what its environment and its configuration say of each. Values of Secrets go into
//! variables, and the configuration names these. Knows no pod.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, SecretKeySelector};
use serde_json::{Value, json};

use crate::api::{Header, LanguageAgentSpec, Transport};
use crate::object::names::tool_url;
use crate::stack::Stack;

use super::bridge::literal;
use super::header::{self, Names};
use super::used::{Used, used};

/// The variable with the URLs of all tools that need no header.
const SERVERS: &str = "MCP_SERVERS";

/// A tool as an agent reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection<'a> {
    /// What the agent calls it.
    pub name: &'a str,
    /// Its URL.
    pub endpoint: String,
    /// How it is spoken to: `streamable-http` or `sse`.
    pub transport: &'static str,
    /// Whether it is a tool of the cluster, and not a server that the agent names itself.
    pub is_own: bool,
    headers: &'a [Header],
}

/// The tools that an agent of a cluster uses, by name. One that the stack does not have is left out.
#[must_use]
pub fn connections<'a>(stack: &'a Stack, cluster: &'a str, agent: &'a LanguageAgentSpec) -> Vec<Connection<'a>> {
    used(stack, cluster, agent).iter().map(|one| connection(cluster, one)).collect()
}

fn connection<'a>(cluster: &str, used: &Used<'a>) -> Connection<'a> {
    let (name, headers, is_own) = (used.name, used.headers, used.tool.is_some());
    if let Some(url) = used.url {
        return Connection { name, endpoint: url.to_owned(), transport: spoken(None), is_own, headers };
    }
    let spec = used.tool.map(|tool| &tool.spec);
    let (port, path) = spec.map_or((0, ""), |spec| (spec.port(), spec.path()));
    let endpoint = if spec.is_some_and(crate::api::LanguageToolSpec::is_sidecar) {
        format!("http://localhost:{port}{path}")
    } else {
        format!("{}{path}", tool_url(cluster, name, port))
    };
    Connection { name, endpoint, transport: spoken(spec.and_then(|spec| spec.transport)), is_own, headers }
}

impl Connection<'_> {
    /// Secrets that the values of its headers come from.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().filter_map(|header| Some(header.value_from.as_ref()?.name.as_str()))
    }
}

/// A program on standard input and output is spoken to through its bridge.
fn spoken(transport: Option<Transport>) -> &'static str {
    match transport {
        Some(Transport::Sse) => "sse",
        Some(Transport::StreamableHttp | Transport::Stdio) | None => "streamable-http",
    }
}

/// What the environment of the agent says of its tools: the list of their URLs, without those that need headers, and
/// the values of headers.
pub(crate) fn variables(connections: &[Connection<'_>]) -> Vec<EnvVar> {
    let plain = connections.iter().filter(|one| one.headers.is_empty());
    // A comma parts two of them.
    let urls: Vec<_> = plain.map(|one| one.endpoint.replace(',', "%2C")).collect();
    let servers = (!urls.is_empty()).then(|| EnvVar {
        name: SERVERS.to_owned(),
        value: Some(literal(&urls.join(","))),
        ..EnvVar::default()
    });
    let names = names(connections);
    let secrets = connections.iter().flat_map(|one| one.headers.iter().map(move |header| (one.name, header)));
    let secrets = secrets.filter_map(|(tool, header)| secret(&names, tool, header));
    servers.into_iter().chain(secrets).collect()
}

fn secret(names: &Names<'_>, tool: &str, header: &Header) -> Option<EnvVar> {
    let source = header.value_from.as_ref()?;
    let selector =
        SecretKeySelector { name: source.name.clone(), key: source.key().to_owned(), ..SecretKeySelector::default() };
    Some(EnvVar {
        name: header::variable(names, tool, &header.name),
        value_from: Some(EnvVarSource { secret_key_ref: Some(selector), ..EnvVarSource::default() }),
        ..EnvVar::default()
    })
}

/// What the agent's configuration says of its tools, by name. `$(NAME)` in a header is a variable of the agent.
pub(crate) fn config(connections: &[Connection<'_>]) -> Value {
    let names = names(connections);
    let one = |one: &Connection<'_>| {
        let mut entry = json!({ "endpoint": one.endpoint, "protocol": "mcp", "transport": one.transport });
        let headers: BTreeMap<_, _> =
            one.headers.iter().map(|header| (&header.name, text(&names, one, header))).collect();
        if !headers.is_empty() {
            entry["headers"] = json!(headers);
        }
        (one.name.to_owned(), entry)
    };
    connections.iter().map(one).collect::<serde_json::Map<_, _>>().into()
}

fn text(names: &Names<'_>, connection: &Connection<'_>, header: &Header) -> String {
    match &header.value_from {
        Some(_) => format!("$({})", header::variable(names, connection.name, &header.name)),
        None => header.value.clone().unwrap_or_default(),
    }
}

fn names<'a>(connections: &[Connection<'a>]) -> Names<'a> {
    let headers = connections.iter().flat_map(|one| one.headers.iter().map(move |header| (one.name, header)));
    header::names(
        headers.filter(|(_, header)| header.value_from.is_some()).map(|(tool, header)| (tool, header.name.as_str())),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture::stack;

    const TOOLS: &str = "[clusters.c]\n[tools.search]\nimage = 's'\nport = 9000\n\
                         [tools.files]\ntransport = 'stdio'\nstdio = { command = ['f'] }\ndeploymentMode = 'sidecar'\n\
                         [tools.events]\nimage = 'e'\ntransport = 'sse'\n\
                         [tools.docs]\nurl = 'https://mcp.example.com/v1'\n\
                         headers = [{ name = 'Authorization', valueFrom = { name = 'docs', key = 'token' } }, { name = 'X-Team', value = 'a' }]\n\
                         [agents.a]\nimage = 'a'\n";

    fn of(lines: &str) -> (Value, Vec<Value>) {
        let stack = stack(&format!("{TOOLS}{lines}"));
        let agent = stack.agents.values().next().unwrap();
        let all = connections(&stack, "c", &agent.spec);
        (config(&all), variables(&all).iter().map(|one| serde_json::to_value(one).unwrap()).collect())
    }

    #[test]
    fn every_form_of_a_tool_has_the_url_at_which_it_is_reached() {
        let (config, variables) = of(
            "tools = [{ name = 'search' }, { name = 'files' }, { name = 'events' }, { name = 'own', url = 'http://10.0.0.7/mcp?a,b' }]",
        );
        let endpoints: BTreeMap<_, _> = config
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, one)| (name.as_str(), one["endpoint"].as_str().unwrap()))
            .collect();
        let expected = BTreeMap::from([
            ("events", "http://events.c.svc.cluster.local:8080/sse"),
            ("files", "http://localhost:8080/mcp"),
            ("own", "http://10.0.0.7/mcp?a,b"),
            ("search", "http://search.c.svc.cluster.local:9000/mcp"),
        ]);
        assert_eq!(endpoints, expected);
        assert_eq!(
            (&config["events"]["transport"], &config["files"]["transport"]),
            (&json!("sse"), &json!("streamable-http"))
        );
        let servers = "http://events.c.svc.cluster.local:8080/sse,http://localhost:8080/mcp,http://10.0.0.7/mcp?a%2Cb,\
                       http://search.c.svc.cluster.local:9000/mcp";
        assert_eq!(variables, [json!({ "name": "MCP_SERVERS", "value": servers })]);
    }

    #[test]
    fn the_value_of_a_secret_is_named_in_the_configuration_and_stands_in_the_environment_alone() {
        let (config, variables) = of("tools = [{ name = 'docs' }]");
        let headers = json!({ "Authorization": "$(MCP_HEADER_DOCS_AUTHORIZATION)", "X-Team": "a" });
        assert_eq!(config["docs"]["headers"], headers);
        let source = json!({ "secretKeyRef": { "name": "docs", "key": "token" } });
        assert_eq!(variables, [json!({ "name": "MCP_HEADER_DOCS_AUTHORIZATION", "valueFrom": source })]);
    }

    #[test]
    fn a_tool_that_is_switched_off_is_not_there() {
        assert_eq!(of("tools = [{ name = 'search', enabled = false }]"), (json!({}), Vec::new()));
        assert_eq!(of(""), (json!({}), Vec::new()));
    }
}
