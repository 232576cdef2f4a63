//! What a plan finds out about isolation on a real target: names resolved at plan time, Services that are not
//! there, plugins that keep no policies.

use serde_json::Value;

use crate::bench::Bench;
use crate::control_plane;

const NAMED: &str = r#"stack = "NAME"
[clusters.NAME.networkPolicies]
dnsFallback = "resolve"
[[clusters.NAME.networkPolicies.egress]]
to = [
  { dns = ["localhost"] },
  { dns = ["nothing.invalid"] },
]
ports = [{ port = 443 }]
[[clusters.NAME.networkPolicies.egress]]
to = [{ dns = ["nothing.invalid"] }]
"#;

fn problems(plan: &Value) -> Vec<(String, String)> {
    let text = |problem: &Value, key: &str| problem[key].as_str().unwrap_or_default().to_owned();
    let all = plan["problems"].as_array().unwrap();
    all.iter().map(|problem| (text(problem, "code"), text(problem, "message"))).collect()
}

#[test]
fn the_fallback_is_a_snapshot_of_addresses_that_the_plan_shows() {
    let bench = Bench::new("fallback");
    bench.write("langop.toml", NAMED);
    let said = bench.langop(&["plan"]).exits(0);
    assert!(said.out.contains("dns `localhost` resolved to 127.0.0.1"), "{}", said.out);
    assert!(said.out.contains("at plan time; refreshed by each plan"), "{}", said.out);
    assert!(said.out.contains("warning[dns-no-address]") && said.out.contains("langop.toml:7:3"), "{}", said.out);
    bench.langop(&["apply", "--yes"]).exits(0);
    let policy = bench.object(&["-n", &bench.name, "networkpolicy", "agents-egress"]);
    // Agents and tools, the gateway, name resolution, and one rule: the one without an address is none.
    let egress = policy["spec"]["egress"].as_array().unwrap();
    assert_eq!(egress.len(), 4, "{egress:#?}");
    assert_eq!(egress[3]["to"][0]["ipBlock"]["cidr"], "127.0.0.1/32");
    assert!(egress.iter().all(|rule| rule["to"].as_array().is_some_and(|to| !to.is_empty())), "{egress:#?}");
    let again = bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    assert!(again.out.contains("dns `localhost` resolved"), "{}", again.out);
}

#[test]
fn without_the_fallback_the_plan_names_it() {
    let bench = Bench::new("fallback");
    bench.write("langop.toml", &NAMED.replace("\"resolve\"", "\"none\""));
    let said = bench.langop(&["plan"]).exits(1);
    assert!(said.out.contains("Cilium") && said.out.contains("dnsFallback"), "{}", said.out);
}

#[test]
fn render_leaves_names_out_that_only_a_plan_can_resolve() {
    let bench = Bench::new("fallback");
    bench.write("langop.toml", NAMED);
    let said = bench.langop(&["render"]).exits(0);
    assert!(said.err.contains("left out") && said.err.contains("`localhost`"), "{}", said.err);
    assert!(!said.out.contains("127.0.0.1") && !said.out.contains("CiliumNetworkPolicy"), "{}", said.out);
    let said = bench.langop(&["render", "--cilium"]).exits(0);
    assert!(said.out.contains("toFQDNs") && said.err.is_empty(), "{}", said.err);
}

const UNKNOWN: &str = r#"stack = "NAME"
[clusters.NAME]
[[clusters.NAME.networkPolicies.egress]]
to = [{ service = { name = "db", namespace = "default" } }]
[[clusters.NAME.networkPolicies.egress]]
to = [{ service = { name = "db", namespace = "default" } }]
ports = [{ port = 5432 }]
[models.llama]
provider = "openai-compatible"
modelName = "llama"
endpoint = "http://llama.NAME-models.svc:8080"
"#;

#[test]
fn a_service_that_does_not_exist_is_named_with_what_is_opened_instead() {
    let bench = Bench::new("unknown");
    bench.write("langop.toml", UNKNOWN);
    let plan = bench.langop(&["plan", "--json"]).exits(0).json();
    let said: Vec<_> = problems(&plan).into_iter().filter(|(code, _)| code == "missing-service").collect();
    let messages: Vec<_> = said.iter().map(|(_, message)| message.replace(&bench.name, "NAME")).collect();
    assert_eq!(
        messages,
        [
            "Service `default/db` does not exist: the peer opens nothing",
            "Service `default/db` does not exist: every pod of namespace `default` is opened on 5432/TCP",
            "Service `NAME-models/llama` does not exist: every pod of namespace `NAME-models` is opened on 8080/TCP",
        ]
    );
    let models = format!("{}-models", bench.name);
    bench.kubectl(&["create", "namespace", &models]);
    bench.kubectl(&["-n", &models, "create", "service", "clusterip", "llama", "--tcp=8080:9000"]);
    let plan = bench.langop(&["plan", "--json"]).exits(0).json();
    assert!(problems(&plan).iter().all(|(_, message)| !message.contains("llama")), "{:?}", problems(&plan));
    bench.langop(&["apply", "--yes"]).exits(0);
    let policy = bench.object(&["-n", &bench.name, "networkpolicy", "gateway-egress"]);
    assert_eq!(policy["spec"]["egress"][1]["ports"][0]["port"], 9000);
}

fn daemon_set(namespace: &str, name: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  \
         selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    \
         spec: {{containers: [{{name: main, image: '{image}'}}]}}\n"
    )
}

#[test]
fn a_plugin_that_keeps_no_policies_is_warned_about() {
    // The second control plane: no test there looks at the warnings of a plan.
    let bench = Bench::at("plugin", control_plane::kubeconfig_with_cilium());
    bench.write("langop.toml", "stack = \"NAME\"\n[clusters.NAME]\n");
    let warned = || {
        let plan = bench.langop(&["plan", "--json"]).exits(0).json();
        problems(&plan).into_iter().find(|(code, _)| code == "policies-not-kept").map(|(_, message)| message)
    };
    let install = |name: &str, image: &str| {
        bench.write("plugin.yaml", &daemon_set("kube-system", name, image));
        bench.kubectl(&["apply", "-f", "plugin.yaml"]);
    };
    assert_eq!(warned(), None);
    install("kindnet", "docker.io/kindest/kindnetd:v20240202-8f1494ea");
    assert!(warned().is_some_and(|message| message.contains("kindnet before kind 0.24")));
    install("kindnet", "docker.io/kindest/kindnetd:v20250214-acbabc1a");
    assert_eq!(warned(), None);
    install("kube-flannel-ds", "ghcr.io/flannel-io/flannel:v0.26.1");
    assert!(warned().is_some_and(|message| message.contains("flannel, which keeps no network policies")));
    install("calico-node", "docker.io/calico/node:v3.29.0");
    assert_eq!(warned(), None);
    for name in ["kindnet", "kube-flannel-ds", "calico-node"] {
        bench.kubectl(&["-n", "kube-system", "delete", "daemonset", name, "--wait=false"]);
    }
}

#[test]
fn a_name_cache_on_the_nodes_is_reached_by_every_pod_or_the_plan_says_what_to_write() {
    // Beside the test before: plans there warn of it too, and no other test looks at that.
    let bench = Bench::at("cache", control_plane::kubeconfig_with_cilium());
    let cache = daemon_set("kube-system", "node-local-dns", "registry.k8s.io/dns/k8s-dns-node-cache:1.26.4");
    let args = "args: [-localip, '169.254.20.10,10.0.0.10', -conf, /etc/Corefile], image:";
    bench.write("cache.yaml", &cache.replace("image:", args));
    bench.kubectl(&["apply", "-f", "cache.yaml"]);
    bench.write("langop.toml", "stack = \"NAME\"\n[clusters.NAME]\n");
    let warned = || {
        let plan = bench.langop(&["plan", "--json"]).exits(0).json();
        problems(&plan).into_iter().find(|(code, _)| code == "name-cache-closed").map(|(_, message)| message)
    };
    assert!(warned().is_some_and(|message| message.contains("resolves names at 10.0.0.10 too")));
    bench.write(
        "langop.toml",
        "stack = \"NAME\"\n[clusters.NAME]\n[[clusters.NAME.networkPolicies.egress]]\n\
         to = [{ cidr = \"10.0.0.10/32\" }]\nports = [{ port = 53, protocol = \"UDP\" }, { port = 53 }]\n",
    );
    assert_eq!(warned(), None);
    bench.kubectl(&["-n", "kube-system", "delete", "daemonset", "node-local-dns", "--wait=false"]);
    for address in ["169.254.20.10", "10.0.0.10"] {
        let said = bench.langop(&["explain", "reach", "gateway", &format!("{address}:53/UDP")]).exits(0);
        assert!(said.out.contains("name"), "{}", said.out);
        bench.langop(&["explain", "reach", "gateway", &format!("{address}:80")]).exits(1);
    }
}

#[test]
fn a_host_that_the_gateway_is_told_of_and_may_not_reach_is_named() {
    let bench = Bench::at("told", "no-such-kubeconfig".into());
    let warned = |rule: &str| {
        bench.write(
            "langop.toml",
            &format!(
                "stack = \"NAME\"\n[clusters.NAME]\n{rule}\n\
                 [clusters.NAME.gateway.config.litellm_settings.cache_params]\n\
                 type = \"redis\"\nhost = \"redis.redis.svc\"\nport = 6379\n"
            ),
        );
        bench.langop(&["validate"]).exits(0).err
    };
    let said = warned("");
    let message = "may not connect to `redis.redis` on 6379/TCP, which \
                   `gateway.config.litellm_settings.cache_params.host` names";
    assert!(said.contains("warning[configured-host-closed]") && said.contains(message), "{said}");
    assert!(said.contains("langop.toml:6:1"), "{said}");
    let rule = |to: &str, port: u16| {
        format!("gateway.networkPolicies.egress = [{{ to = [{{ {to} }}], ports = [{{ port = {port} }}] }}]")
    };
    let service = "service = { name = \"redis\", namespace = \"redis\" }";
    let namespace = "namespaceSelector = { matchLabels = { \"kubernetes.io/metadata.name\" = \"redis\" } }";
    for to in [service, namespace] {
        assert_eq!(warned(&rule(to, 6379)), "");
        assert!(warned(&rule(to, 6380)).contains(message));
    }
}

/// Policies of both directions in one object, as langop made them before it made one for each.
const OLDER: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: agents, namespace: NAME}
spec: {podSelector: {matchLabels: {langop.io/kind: LanguageAgent}}, policyTypes: [Egress, Ingress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: agent-a, namespace: NAME}
spec: {podSelector: {matchLabels: {app.kubernetes.io/name: a}}, policyTypes: [Egress, Ingress]}
";

/// What happened to objects of these names, in its order: `started` or `finished`, the action and the name.
fn steps(stream: &str, names: &[&str]) -> Vec<String> {
    let lines = stream.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text =
        |line: &Value, pointer: &str| line.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let about = lines.filter(|line| names.contains(&text(line, "/object/name").as_str()));
    about
        .map(|line| format!("{} {} {}", text(&line, "/type"), text(&line, "/action"), text(&line, "/object/name")))
        .collect()
}

#[test]
fn policies_of_an_older_langop_go_when_those_in_their_place_are_there() {
    let bench = Bench::new("older");
    let text = "stack = \"NAME\"\n[clusters.NAME]\n";
    bench.write("langop.toml", text);
    bench.write("older.yaml", OLDER);
    bench.langop(&["apply", "--yes", "langop.toml", "older.yaml"]).exits(0);
    let rule = "[models.m]\nprovider = \"openai-compatible\"\nmodelName = \"m\"\nendpoint = \"http://10.9.9.9\"\n\
                [agents.a]\nimage = \"a:1\"\n[[agents.a.networkPolicies.ingress]]\nfrom = [{ group = \"g\" }]\n";
    bench.write("langop.toml", &format!("{text}{rule}"));
    let said = bench.langop(&["apply", "--yes", "--json"]).exits(0);
    let steps = steps(&said.out, &["agents", "agent-a", "agent-a-ingress", "agents-ingress"]);
    let at =
        |wanted: &str| steps.iter().position(|step| step == wanted).unwrap_or_else(|| panic!("{wanted}: {steps:?}"));
    let made = at("finished create agent-a-ingress").max(at("finished update agents-ingress"));
    let going = at("started delete agents").min(at("started delete agent-a"));
    assert!(made < going, "{steps:?}");
    let left = bench.kubectl(&["-n", &bench.name, "get", "networkpolicies", "-o", "name"]);
    let left: Vec<_> = left.lines().filter_map(|line| line.split_once('/')).map(|(_, name)| name).collect();
    let expected =
        ["agent-a-ingress", "agents-closed", "agents-egress", "agents-ingress", "gateway-egress", "gateway-ingress"];
    assert_eq!(left, expected);
}

const HOSTED: &str =
    "stack = \"NAME\"\n[clusters.NAME.gateway]\n[models.m]\nprovider = \"openai\"\nmodelName = \"gpt-4o\"\n";

#[test]
fn a_plan_says_that_a_gateway_may_connect_to_everywhere_and_how_to_narrow_it() {
    let bench = Bench::new("wide");
    let said_of = |text: &str| {
        bench.write("langop.toml", text);
        let plan = bench.langop(&["plan", "--json"]).exits(0).json();
        problems(&plan).into_iter().find(|(code, _)| code == "egress-wide").map(|(_, message)| message)
    };
    let said = said_of(HOSTED).unwrap();
    assert!(said.contains("everywhere on 443/TCP") && said.contains("model `m`"), "{said}");
    let out = bench.langop(&["plan"]).exits(0).out;
    assert!(
        ["Cilium", "cidr", "dnsFallback", "egressOnly", "HTTPS_PROXY"].iter().all(|way| out.contains(way)),
        "{out}"
    );
    let with = |line: &str| HOSTED.replace("[clusters.NAME.gateway]", &format!("[clusters.NAME.gateway]\n{line}"));
    assert_eq!(said_of(&with("networkPolicies.egressOnly = true")), None);
    let proxy = "deployment.env = [{ name = \"HTTPS_PROXY\", value = \"http://10.0.0.9:3128\" }]";
    assert_eq!(said_of(&with(proxy)), None);
}
