//! Agents, tools and the gateway with the labels of the pods that run them, and the endpoints that agents are told of.

use std::collections::BTreeSet;

use serde_json::Value;

use super::scene::{Scene, applied};
use crate::bench::Bench;

const DESCRIPTION: &str = r#"
stack = "NAME"
[clusters.NAME]
[models.m]
provider = "openai-compatible"
modelName = "m"
endpoint = "http://10.9.9.9:8080"
[personas.calm]
tone = "calm"
[tools.search]
image = "registry.example.com/search:1"
port = 9000
[[tools.search.networkPolicies.ingress]]
from = [{ group = "front" }]
ports = [{ port = 9000 }]
[[tools.search.networkPolicies.egress]]
to = [{ cidr = "198.51.100.0/24" }]
[tools.program]
transport = "stdio"
stdio = { command = ["npx", "-y", "server"] }
[tools.files]
image = "registry.example.com/files:1"
port = 9001
deploymentMode = "sidecar"
[tools.elsewhere]
url = "http://192.0.2.7:8443/mcp"
[agents.front]
image = "registry.example.com/front:1"
group = "front"
persona = "calm"
tools = [{ name = "search" }, { name = "program" }, { name = "files" }, { name = "elsewhere" }]
[agents.back]
image = "registry.example.com/back:1"
tools = [{ name = "search" }]
"#;

/// The URLs in `MCP_SERVERS` of an agent.
fn told(bench: &Bench, agent: &str) -> Vec<String> {
    let object = bench.object(&["-n", &bench.name, "deployment", agent]);
    let containers = object["spec"]["template"]["spec"]["containers"].as_array().unwrap();
    let env = containers.iter().find(|one| one["name"] == "agent").unwrap()["env"].as_array().unwrap();
    let servers = env.iter().find(|one| one["name"] == "MCP_SERVERS").unwrap()["value"].as_str().unwrap();
    servers.split(',').map(str::to_owned).collect()
}

#[test]
fn agents_reach_the_tools_that_they_are_told_of_by_the_labels_of_the_pods_that_run() {
    let bench = Bench::new("workloads");
    bench.write("langop.toml", DESCRIPTION);
    let plan = bench.langop(&["plan"]).exits(0);
    assert!(plan.all().contains("agent `back` may not connect to its tool `search`"), "{}", plan.all());
    assert!(!plan.all().contains("agent `front` may not connect"), "{}", plan.all());
    // It waits until all pods are ready, those with a sidecar among them.
    applied(&bench, DESCRIPTION);
    let mut scene = Scene::read(&bench, &[&bench.name]);
    scene.workloads(&bench, &bench.name, str::to_owned);
    scene.both_answer(
        "
        front > search:9000         yes
        front > program:8080        yes
        front > 192.0.2.7:8443      yes
        front > 192.0.2.7:443       egress
        front > back:8080           yes
        front > gateway:4000        yes
        back > search:9000          ingress
        back > 192.0.2.7:8443       egress
        search > 198.51.100.1:443   yes
        search > 203.0.113.9:443    egress
        search > gateway:4000       egress
        program > 203.0.113.9:443   yes
        program > gateway:4000      yes
        program > back:8080         ingress
        gateway > search:9000       egress
        ",
    );
    let services = |name: &str| {
        let ports = bench.object(&["-n", &bench.name, "service", name])["spec"]["ports"].clone();
        ports.as_array().unwrap().iter().map(|port| port["port"].as_u64().unwrap()).collect::<BTreeSet<_>>()
    };
    let own = |name: &str, port: u16| {
        assert!(services(name).contains(&port.into()), "{name}");
        format!("http://{name}.{}.svc.cluster.local:{port}/mcp", bench.name)
    };
    let elsewhere = "http://192.0.2.7:8443/mcp".to_owned();
    let beside = "http://localhost:9001/mcp".to_owned();
    assert_eq!(told(&bench, "front"), [elsewhere, beside, own("program", 8080), own("search", 9000)]);
    explained(&bench);
}

/// `explain reach` and `explain agent` say the same of names.
fn explained(bench: &Bench) {
    let reach = |to: &str, code: i32| bench.langop(&["explain", "reach", "front", to]).exits(code).out;
    assert!(reach("search:9000", 0).contains("allowed"));
    assert!(reach("tool.elsewhere", 0).contains("its tool `elsewhere`"));
    assert!(bench.langop(&["explain", "reach", "front", "tool.files"]).exits(64).err.contains("agent.front"));
    assert_eq!(bench.langop(&["explain", "reach", "back", "tool.elsewhere"]).code, Some(1));
    let page: Value = bench.langop(&["explain", "agent", "back", "--json"]).exits(0).json();
    let answers = page["page"]["reaches"].as_array().unwrap();
    let search = answers.iter().find(|answer| answer["to"] == "tool.search").unwrap();
    assert_eq!(search["allowed"], false);
    let text = bench.langop(&["explain", "agent", "front"]).exits(0).out;
    for words in ["persona     calm", "search: http://search.", "MODEL_API_KEY", "langop.toml:"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let wrong = bench.langop(&["explain", "agent", "frnt"]).exits(65).err;
    assert!(wrong.contains("did you mean `front`?"), "{wrong}");
}
