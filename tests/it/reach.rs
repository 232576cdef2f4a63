//! Who may reach whom, by the stored policies and by an engine that is not ours (cyclonus, in `tests/policy`).
//! Each test is a sentence of the page's section *Network Isolation*.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::bench::{Bench, repository};

/// The program, compiled once a run; Go's own cache makes that short.
fn evaluator() -> &'static PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("policy");
        let mut build = Command::new("go");
        build.args(["build", "-o"]).arg(&program).arg(".").current_dir(repository("tests/policy"));
        let done = build.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        program
    })
}

fn ask(document: &Value) -> Vec<bool> {
    let answers = evaluate("reach", document);
    answers.as_array().unwrap().iter().map(|answer| answer["allowed"].as_bool().unwrap()).collect()
}

fn evaluate(what: &str, input: &Value) -> Value {
    let mut child = Command::new(evaluator())
        .arg(what)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A cluster that was applied, with the pods that its agents and others would have.
struct Applied {
    bench: Bench,
    document: Value,
}

impl Applied {
    fn new(test: &str, rules: &str) -> Self {
        let bench = Bench::new(test);
        let description = format!(
            "stack = \"NAME\"\n[clusters.NAME]\n{rules}\n[models.llama]\nprovider = \"openai-compatible\"\n\
             modelName = \"llama\"\nendpoint = \"http://llama.models.svc:8080\"\n"
        );
        bench.write("langop.toml", &description);
        bench.langop(&["apply", "--yes"]).exits(0);
        let policies = bench.object(&["networkpolicy", "-n", &bench.name])["items"].clone();
        let gateway = bench.object(&["deployment", "gateway", "-n", &bench.name]);
        let gateway = gateway["spec"]["template"]["metadata"]["labels"].clone();
        let namespace = |name: &str| json!({"name": name, "labels": {"kubernetes.io/metadata.name": name}});
        let pod = |namespace: &str, name: &str, labels: Value, ip: &str, port: u16| {
            json!({"namespace": namespace, "name": name, "labels": labels, "ips": [ip],
                "ports": [{"name": "http", "port": port, "protocol": "TCP"}]})
        };
        let own = bench.name.as_str();
        let agent = |group: &str| json!({"langop.io/kind": "LanguageAgent", "langop.io/group": group});
        let document = json!({
            "namespaces": [namespace(own), namespace("other"), namespace("kube-system"), namespace("models")],
            "pods": [
                pod(own, "agent", agent("workers"), "10.1.0.1", 8080),
                pod(own, "front", agent("front"), "10.1.0.2", 8080),
                pod(own, "gateway", gateway, "10.1.0.3", 4000),
                pod("other", "stranger", json!({"langop.io/kind": "LanguageAgent"}), "10.2.0.1", 8080),
                pod("kube-system", "dns", json!({"k8s-app": "kube-dns"}), "10.3.0.1", 53),
                pod("models", "llama", json!({"app": "llama"}), "10.4.0.1", 8080),
            ],
            "networkPolicies": policies, "ciliumNetworkPolicies": [], "questions": [],
        });
        Self { bench, document }
    }

    /// Asks every question of the table at once: from, to, port, protocol, and whether it must be allowed.
    /// A name without `/` is a pod of the cluster, one with digits and dots an address outside.
    #[track_caller]
    fn expect(mut self, table: &[(&str, &str, u16, &str, bool)]) {
        let end = |name: &str| {
            if name.contains('/') {
                json!({"pod": name})
            } else if name.contains(['.', ':']) {
                json!({"ip": name})
            } else {
                json!({"pod": format!("{}/{name}", self.bench.name)})
            }
        };
        let question = |(from, to, port, protocol, _): &(&str, &str, u16, &str, bool)| json!({"engine": "cyclonus", "from": end(from), "to": end(to), "port": port, "protocol": protocol});
        self.document["questions"] = table.iter().map(question).collect();
        let answers = ask(&self.document);
        let wrong: Vec<_> =
            table.iter().zip(answers).filter(|((.., must), may)| must != may).map(|(row, _)| row).collect();
        assert!(wrong.is_empty(), "answered otherwise: {wrong:?}");
        self.bench.langop(&["destroy", "--yes"]).exits(0);
    }
}

#[test]
fn by_default_agents_reach_each_other_and_the_gateway_but_not_arbitrary_hosts() {
    Applied::new("reach-default", "").expect(&[
        ("agent", "front", 8080, "TCP", true),
        ("front", "agent", 8080, "TCP", true),
        ("agent", "gateway", 4000, "TCP", true),
        ("agent", "kube-system/dns", 53, "UDP", true),
        ("agent", "kube-system/dns", 53, "TCP", true),
        ("agent", "203.0.113.7", 443, "TCP", false),
        ("agent", "2001:db8::7", 443, "TCP", false),
        ("agent", "169.254.169.254", 80, "TCP", false),
        ("agent", "other/stranger", 8080, "TCP", false),
        ("agent", "models/llama", 8080, "TCP", false),
        ("other/stranger", "agent", 8080, "TCP", false),
        ("other/stranger", "gateway", 4000, "TCP", false),
        ("203.0.113.7", "agent", 8080, "TCP", false),
        ("203.0.113.7", "gateway", 4000, "TCP", false),
        ("gateway", "models/llama", 8080, "TCP", true),
        ("gateway", "other/stranger", 8080, "TCP", false),
        ("gateway", "kube-system/dns", 53, "UDP", true),
    ]);
}

#[test]
fn https_egress_to_upstream_apis_is_allowed_by_a_rule_and_only_that() {
    let rules = "[[clusters.NAME.networkPolicies.egress]]\n\
                 to = [{ cidr = \"0.0.0.0/0\" }, { cidr = \"::/0\" }]\nports = [{ port = 443 }]\n";
    Applied::new("reach-https", rules).expect(&[
        ("agent", "203.0.113.7", 443, "TCP", true),
        ("front", "203.0.113.7", 443, "TCP", true),
        ("agent", "2001:db8::7", 443, "TCP", true),
        ("agent", "203.0.113.7", 80, "TCP", false),
        ("agent", "203.0.113.7", 443, "UDP", false),
        ("agent", "gateway", 4000, "TCP", true),
        ("203.0.113.7", "agent", 8080, "TCP", false),
    ]);
}

#[test]
fn ingress_is_restricted_to_agents_in_a_named_group() {
    let rules =
        "[[clusters.NAME.networkPolicies.ingress]]\nfrom = [{ group = \"front\" }]\nports = [{ port = 8080 }]\n";
    Applied::new("reach-group", rules).expect(&[
        ("front", "agent", 8080, "TCP", true),
        ("agent", "front", 8080, "TCP", false),
        ("front", "agent", 9090, "TCP", false),
        ("other/stranger", "agent", 8080, "TCP", false),
        ("agent", "gateway", 4000, "TCP", true),
    ]);
}

#[test]
fn egress_by_dns_name_is_allowed_where_cilium_is_and_only_to_that_name() {
    let own = crate::control_plane::OwnHome::new();
    let example = repository("examples/dns-egress.toml").display().to_string();
    let run = |args: &[&str]| crate::bench::said(&own.langop(args).output().unwrap());
    run(&["dev", "up"]).exits(0);
    // No Cilium: closed, and said so.
    let refused = run(&["plan", "--dev", &example]).exits(1);
    assert!(refused.out.contains("Cilium"), "{}", refused.out);

    let crds = own.root.path().join("cilium.json");
    let list = json!({"apiVersion": "v1", "kind": "List", "items": evaluate("crds", &Value::Null)});
    std::fs::write(&crds, list.to_string()).unwrap();
    let crds = crds.display().to_string();
    run(&["dev", "kubectl", "--", "apply", "--server-side", "-f", &crds]).exits(0);
    let names = "crd/ciliumnetworkpolicies.cilium.io";
    run(&["dev", "kubectl", "--", "wait", "--for=condition=Established", names]).exits(0);
    run(&["apply", "--dev", "--yes", &example]).exits(0);
    run(&["plan", "--dev", "--detailed-exitcode", &example]).exits(0);

    let stored = |kind: &str| {
        let said = run(&["dev", "kubectl", "--", "get", kind, "-n", "named-hosts", "-o", "json"]).exits(0);
        said.json()["items"].clone()
    };
    let (policies, cilium) = (stored("networkpolicy"), stored("ciliumnetworkpolicy"));
    let verdicts = evaluate("sanitize", &cilium);
    assert!(!verdicts.as_array().unwrap().is_empty());
    for verdict in verdicts.as_array().unwrap() {
        assert!(verdict["error"].is_null() && verdict["rules"].as_u64() > Some(0), "{verdict}");
    }
    let ask_for = |dns: &str, port: u16| {
        json!({"engine": "cilium", "from": {"pod": "named-hosts/agent"}, "to": {"dns": dns, "ip": "203.0.113.7"},
            "port": port, "protocol": "TCP"})
    };
    let answers = ask(&json!({
        "namespaces": [{"name": "named-hosts", "labels": {"kubernetes.io/metadata.name": "named-hosts"}},
            {"name": "kube-system", "labels": {"kubernetes.io/metadata.name": "kube-system"}}],
        "pods": [{"namespace": "named-hosts", "name": "agent", "labels": {"langop.io/kind": "LanguageAgent"},
            "ips": ["10.1.0.1"], "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]},
            {"namespace": "kube-system", "name": "dns", "labels": {"k8s-app": "kube-dns"}, "ips": ["10.3.0.1"],
            "ports": [{"name": "dns", "port": 53, "protocol": "UDP"}]}],
        "networkPolicies": policies, "ciliumNetworkPolicies": cilium,
        "questions": [ask_for("api.anthropic.com", 443), ask_for("api.openai.com", 443),
            ask_for("api.anthropic.com", 80), ask_for("example.com", 443)],
    }));
    assert_eq!(answers, [true, true, false, false]);
    run(&["destroy", "--dev", "--yes", &example]).exits(0);
}
