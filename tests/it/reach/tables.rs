//! What whole descriptions let through, question by question.
//!
//! A line is `FROM > TO:PORT[/PROTOCOL]` and the answer: `yes`, or the direction that refuses.

use serde_json::json;

use super::scene::{AGENT_PORT, Scene, applied, lines, namespace};
use super::{by_name, protocols};
use crate::bench::{Bench, repository};

/// An example with names of its own, so that it can live beside the test of the examples.
fn example(name: &str, renamed: &[&str]) -> String {
    let text = std::fs::read_to_string(repository("examples").join(name)).unwrap();
    renamed.iter().fold(text, |text, one| text.replace(one, &format!("NAME-{one}")))
}

const WITHOUT_RULES: &str = r#"
stack = "NAME"
[clusters.NAME]
[models.claude]
provider = "openai"
modelName = "gpt-4o"
apiKeySecretRef = { name = "key" }
[secrets.key]
fromEnv = { api-key = "OPENAI_API_KEY" }
[agents.one]
image = "one:1"
[agents.two]
image = "two:1"
ports = [{ name = "http", port = 9000 }, { name = "talk", port = 9001, protocol = "UDP" }]
[agents.errand]
image = "errand:1"
execution.mode = "task"
[agents.nightly]
image = "nightly:1"
execution = { mode = "task", schedule = "0 3 1 1 *" }
[tools.search]
image = "search:1"
port = 3000
"#;

const NEIGHBOUR: &str = r#"
stack = "NAME"
[clusters.NAME]
[models.m]
provider = "openai-compatible"
modelName = "m"
endpoint = "http://10.9.9.9:8080"
[agents.agent]
image = "agent:1"
"#;

const WITHOUT_RULES_TABLE: &str = "
    one > two:9000              yes
    one > two:talk/UDP          yes
    one > {two}:9000            yes
    two > one:http              yes
    one > two:22                ingress
    one > two:9000/UDP          ingress
    one > search:3000           yes
    one > gateway:4000          yes
    one > {gateway}:4000        yes
    one > gateway:22            egress
    one > resolver:53/UDP       yes
    one > resolver:53           yes
    one > resolver:9153         egress
    one > 203.0.113.9:443       egress
    one > [2001:db8::9]:443     egress
    one > stranger:8080         egress
    one > other-agent:8080      egress
    one > other-gateway:4000    egress
    search > gateway:4000       yes
    search > one:8080           ingress
    gateway > one:8080          egress
    gateway > resolver:53/UDP   yes
    gateway > 203.0.113.9:443   yes
    gateway > [2001:db8::9]:443 yes
    gateway > 203.0.113.9:80    egress
    gateway > 10.1.2.3:443      egress
    gateway > 169.254.169.254:443 egress
    other-agent > one:8080      egress
    other-agent > gateway:4000  egress
    errand > gateway:4000       yes
    errand > two:9000           yes
    errand > search:3000        yes
    errand > resolver:53/UDP    yes
    errand > 203.0.113.9:443    egress
    errand > stranger:8080      egress
    nightly > gateway:4000      yes
    nightly > one:http          yes
    nightly > 203.0.113.9:443   egress
    nightly > other-gateway:4000 egress
    search > nightly:8080       ingress
    stranger > errand:8080      ingress
    stranger > nightly:8080     ingress
    local > errand:8080         ingress
    stranger > one:8080         ingress
    stranger > gateway:4000     ingress
    203.0.113.9 > one:8080      ingress
    203.0.113.9 > gateway:4000  ingress
    local > one:8080            ingress
    local > gateway:4000        ingress
";

#[test]
fn without_rules_agents_reach_each_other_tools_the_gateway_and_dns() {
    let bench = Bench::new("reach");
    applied(&bench, WITHOUT_RULES);
    let elsewhere = namespace(&bench, "elsewhere", &[]);
    let neighbour = Bench::new("reach-neighbour");
    applied(&neighbour, NEIGHBOUR);
    let mut scene = Scene::read(&bench, &[&bench.name, &elsewhere, &neighbour.name]);
    scene.workloads(&bench, &bench.name, str::to_owned);
    scene.workloads(&neighbour, &neighbour.name, |name| format!("other-{name}"));
    scene.pod(&elsewhere, "stranger", json!({ "app": "x" }), &AGENT_PORT);
    scene.pod(&bench.name, "local", json!({ "app": "x" }), &[]);
    scene.both_answer(WITHOUT_RULES_TABLE);
}

const ISOLATION_TABLE: &str = "
    assistant > 203.0.113.9:443      yes
    assistant > [2001:db8::9]:443    yes
    assistant > 203.0.113.9:80       egress
    assistant > 203.0.113.9:443/UDP  egress
    assistant > postgres:5432        yes
    assistant > {postgres}:pg        yes
    assistant > postgres:9187        egress
    assistant > cache:5432           egress
    assistant > collector:4317       yes
    assistant > collector:4318       yes
    assistant > collector:13133      egress
    assistant > dashboard:4317       egress
    assistant > impostor:4317        egress
    assistant > researcher:8080      yes
    researcher > assistant:8080      ingress
    tool > assistant:8080            ingress
    postgres > assistant:8080        ingress
    researcher > 10.20.3.4:9200      yes
    researcher > 10.21.3.4:9200      egress
    assistant > 10.20.3.4:9200       egress
    assistant > gateway:4000         yes
    gateway > ollama:11434           yes
    gateway > postgres:5432          egress
    gateway > 203.0.113.9:443        egress
";

#[test]
fn the_isolation_example_opens_what_it_says() {
    let bench = Bench::new("reach");
    let databases = namespace(&bench, "databases", &[]);
    let ollama = namespace(&bench, "ollama", &[]);
    let watch = namespace(&bench, "watch", &["purpose=observability"]);
    bench.write(
        "postgres.yaml",
        "
apiVersion: v1
kind: Service
metadata: {name: postgres, namespace: NAME-databases}
spec:
  selector: {app: postgres}
  ports: [{name: sql, port: 5432, targetPort: pg}, {name: metrics, port: 9187}]
",
    );
    bench.kubectl(&["apply", "-f", "postgres.yaml"]);
    let text =
        example("network-isolation.toml", &["isolated-agents", "databases", "ollama.svc", "\"network-isolation"])
            .replace("NAME-\"", "\"NAME-");
    applied(&bench, &format!("{text}\n[tools.tool]\nimage = \"tool:1\"\n"));
    let cluster = format!("{}-isolated-agents", bench.name);
    let mut scene = Scene::read(&bench, &[&cluster, &databases, &ollama, &watch]);
    scene.workloads(&bench, &cluster, str::to_owned);
    scene.pod(&databases, "postgres", json!({ "app": "postgres" }), &[("pg", 5432, "TCP")]);
    scene.pod(&databases, "cache", json!({ "app": "redis" }), &[("pg", 5432, "TCP")]);
    scene.pod(&ollama, "ollama", json!({ "app": "ollama" }), &[("http", 11434, "TCP")]);
    scene.pod(&watch, "collector", json!({ "app": "collector" }), &[("grpc", 4317, "TCP")]);
    scene.pod(&watch, "dashboard", json!({ "app": "grafana" }), &[]);
    scene.pod(&databases, "impostor", json!({ "app": "collector" }), &[]);
    scene.both_answer(ISOLATION_TABLE);
}

const PRODUCTION_TABLE: &str = "
    controller > gateway:4000     yes
    controller > agent:8080       ingress
    stranger > gateway:4000       ingress
    203.0.113.9 > gateway:4000    ingress
    agent > gateway:4000          yes
    agent > 203.0.113.9:443       egress
    gateway > 203.0.113.9:443     yes
    gateway > controller:443      egress
";

#[test]
fn an_exposed_gateway_is_reached_through_its_ingress_controller_alone() {
    let bench = Bench::new("reach");
    let nginx = namespace(&bench, "ingress-nginx", &[]);
    let text = example("production-agents.toml", &["production-agents"])
        .replace("\"production\"", "\"NAME\"")
        .replace("controllerNamespace = \"ingress-nginx\"", "controllerNamespace = \"NAME-ingress-nginx\"");
    applied(&bench, &format!("{text}\n[agents.agent]\nimage = \"agent:1\"\n"));
    let cluster = format!("{}-production-agents", bench.name);
    let elsewhere = namespace(&bench, "elsewhere", &[]);
    let mut scene = Scene::read(&bench, &[&cluster, &nginx, &elsewhere]);
    scene.workloads(&bench, &cluster, str::to_owned);
    scene.pod(&nginx, "controller", json!({ "app": "nginx" }), &[("https", 443, "TCP")]);
    scene.pod(&elsewhere, "stranger", json!({ "app": "nginx" }), &[]);
    scene.both_answer(PRODUCTION_TABLE);
}

#[test]
fn the_tables_ask_at_least_sixty_questions() {
    let tables = [
        WITHOUT_RULES_TABLE,
        ISOLATION_TABLE,
        PRODUCTION_TABLE,
        protocols::PROTOCOLS_TABLE,
        by_name::NAMED_HOSTS_TABLE,
    ];
    assert!(tables.iter().map(|table| lines(table).count()).sum::<usize>() >= 60);
}
