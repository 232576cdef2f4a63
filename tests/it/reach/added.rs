//! For random policies beside a description: `explain reach` answers what the engines answer, which see nothing
//! but the rendered policies and these. No server has a part in it.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tempfile::TempDir;

use langop::render::{Target, render};
use langop::stack::{LoadRequest, load};

use super::explained::Explained;
use super::laws::{of_one_family, runner};
use super::random::{PORTS, PROTOCOLS, Understood};
use super::random_policies::{cilium, kubernetes};
use super::scene::Scene;
use crate::evaluator::{Engine, Namespace, Question, World};

/// Random sets of policies of one run.
const SETS: usize = 20;
/// Questions about each.
const QUESTIONS: usize = 200;

const DESCRIPTION: &str = r#"
stack = "s"
[clusters.c]
[[clusters.c.networkPolicies.egress]]
to = [{ cidr = "203.0.113.0/24" }]
ports = [{ port = 443 }]
[models.m]
provider = "openai-compatible"
modelName = "m"
endpoint = "http://10.9.9.9:8080"
[agents.red]
image = "a:1"
group = "warm"
[agents.blue]
image = "a:1"
[[agents.blue.networkPolicies.ingress]]
from = [{ group = "warm" }]
[agents.nightly]
image = "a:1"
execution = { mode = "task", schedule = "0 3 1 1 *" }
[agents.errand]
image = "a:1"
execution.mode = "task"
[tools.tool]
image = "t:1"
port = 3000
[[tools.tool.networkPolicies.ingress]]
from = [{ podSelector = {} }]
"#;

const BY_NAME: &str = r#"
[[clusters.c.networkPolicies.egress]]
to = [{ dns = ["api.example.com"] }]
"#;

/// The policies that the description in a directory becomes, in the world of its pods and of others.
pub fn scene(dir: &TempDir, cilium: bool) -> Scene {
    let request = LoadRequest { directory: dir.path().to_owned(), ..LoadRequest::default() };
    let stack = load(&request).unwrap_or_else(|invalid| panic!("{:?}", invalid.diagnostics)).stack;
    let manifests = render(&stack, &Target { cilium, ..Target::default() });
    let of = |kind: &str| {
        let all = manifests.iter().filter(|one| one.reference.kind == kind);
        all.map(|one| one.object.to_value()).collect::<Vec<_>>()
    };
    let (network_policies, cilium_network_policies) = (of("NetworkPolicy"), of("CiliumNetworkPolicy"));
    let labels = |one: &Value| one["metadata"]["labels"].clone();
    let home = of("Namespace").first().map(labels).unwrap();
    let world = World { network_policies, cilium_network_policies, ..World::default() };
    let mut scene = Scene { world, dir: dir.path().to_owned(), cilium, services: Vec::new() };
    for (name, labels) in [
        ("c", home),
        ("data", json!({ "team": "data" })),
        ("web", json!({ "team": "web" })),
        ("kube-system", json!({})),
    ] {
        let mut labels = labels;
        labels["kubernetes.io/metadata.name"] = name.into();
        scene.world.namespaces.push(Namespace { name: name.to_owned(), labels });
    }
    for workload in ["Deployment", "CronJob", "Job"].iter().flat_map(|kind| of(kind)) {
        scene.runs("c", &workload, workload["metadata"]["name"].as_str().unwrap());
    }
    scene.pod("c", "stray", json!({ "app": "web" }), &[]);
    scene.pod("data", "db", json!({ "app": "db" }), &[("pg", 5432, "TCP")]);
    scene.pod("data", "cache", json!({ "app": "cache" }), &[]);
    scene.pod("web", "web", json!({ "app": "web" }), &[("http", 80, "TCP")]);
    scene.pod(
        "kube-system",
        "resolver",
        json!({ "k8s-app": "kube-dns" }),
        &[("dns", 53, "UDP"), ("dns-tcp", 53, "TCP")],
    );
    scene
}

pub fn questions(runner: &mut TestRunner, scene: &Scene, engine: Engine) -> Vec<Question> {
    let pods: Vec<_> =
        scene.world.pods.iter().map(|pod| pod.name.as_str()).filter(|name| *name != "resolver").collect();
    let outside = ["203.0.113.9", "203.0.113.70", "203.0.114.1", "10.9.9.9", "2001:db8::9", "2001:db9::9"];
    let hosts = ["api.example.com", "www.example.com", "b.example.org", "example.net"];
    let from: Vec<_> = pods.iter().chain(&outside).map(|&one| one.to_owned()).collect();
    let hosts = hosts.iter().filter(|_| engine == Engine::Cilium);
    let to: Vec<_> = pods.iter().chain(&["resolver"]).chain(&outside).chain(hosts).map(|&one| one.to_owned()).collect();
    let one = (select(from), select(to), any::<bool>(), select(PORTS.to_vec()), select(PROTOCOLS.to_vec()));
    let asked = prop::collection::vec(one, QUESTIONS).new_tree(runner).unwrap().current();
    let asked = asked.into_iter().map(|(from, to, six, port, protocol)| {
        let (from, to) = of_one_family(scene, scene.end(&from), scene.end(&to), six);
        Question { engine, from, to, port: port.into(), protocol: protocol.to_owned() }
    });
    asked
        .filter(|one| one.from != one.to && (one.from.pod.is_some() || one.to.pod.is_some()))
        .filter(of_one_kind)
        .collect()
}

/// Addresses of both ends are of one family.
fn of_one_kind(question: &Question) -> bool {
    let six = |ip: &Option<String>| ip.as_ref().is_some_and(|ip| ip.contains(':'));
    six(&question.from.ip) == six(&question.to.ip)
}

/// Compares answers over random policies beside the description.
fn added(engine: Engine, text: &str, policies: impl Fn(&mut TestRunner) -> Vec<Value>) {
    let (mut runner, seed) = runner();
    let mut both = [0, 0];
    for _ in 0..SETS {
        let dir = TempDir::new().unwrap();
        std::fs::write(dir.path().join("langop.toml"), text).unwrap();
        let mut scene = scene(&dir, engine == Engine::Cilium);
        let beside = policies(&mut runner);
        let explained = Explained::beside(&scene, &beside);
        let world = explained.world();
        let mut asked = questions(&mut runner, &scene, engine);
        // Where a policy closes the resolver nobody learns a name, which is no question to the ends of a connection.
        asked.retain(|question| question.to.dns.is_none() || !beside.iter().any(may_close_the_resolver));
        let said: Vec<_> = asked.iter().map(|question| explained.answer(&world, question)).collect();
        drop(world);
        drop(explained);
        for policy in &beside {
            let all = match policy["kind"].as_str().unwrap() {
                "NetworkPolicy" => &mut scene.world.network_policies,
                "CiliumNetworkPolicy" => &mut scene.world.cilium_network_policies,
                _ => &mut scene.world.cilium_clusterwide_network_policies,
            };
            all.push(stored(policy));
        }
        let judged = scene.world.ask(&asked);
        let mut wrong = Vec::new();
        for ((question, said), judged) in asked.iter().zip(said).zip(judged) {
            let judged = judged.direction.as_deref().unwrap_or("yes");
            both[usize::from(judged == "yes")] += 1;
            if said != "?" && said != judged {
                wrong.push(format!("{question:?}: {engine:?} says {judged}, and `explain reach` {said}"));
            }
        }
        assert!(
            wrong.is_empty(),
            "{} of {} otherwise, again by LANGOP_TEST_SEED={seed}:\n{}\n{}",
            wrong.len(),
            asked.len(),
            wrong[..wrong.len().min(5)].join("\n"),
            serde_json::to_string_pretty(&beside).unwrap(),
        );
    }
    // A law that only ever hears one answer says nothing.
    assert!(both[0] * 20 > both[1] && both[1] * 20 > both[0], "{both:?}");
}

/// Whether a policy of Cilium may close the way to the resolver, at one end or the other.
fn may_close_the_resolver(policy: &Value) -> bool {
    let rules = |key: &str| policy["spec"][key].as_array().is_some_and(|rules| !rules.is_empty());
    let wide = policy["kind"] == "CiliumClusterwideNetworkPolicy";
    rules("egressDeny") || wide && (rules("ingress") || rules("ingressDeny"))
}

/// As the API server stores it: with the defaults of Kubernetes.
fn stored(policy: &Value) -> Value {
    let mut policy = policy.clone();
    let spec = &mut policy["spec"];
    if spec.get("podSelector").is_some() && spec.get("policyTypes").is_none() {
        let out = spec["egress"].as_array().is_some_and(|rules| !rules.is_empty());
        spec["policyTypes"] = if out { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) };
    }
    policy
}

fn homes() -> Vec<String> {
    ["c", "c", "data"].map(str::to_owned).to_vec()
}

#[test]
fn random_policies_of_kubernetes_add_up_as_two_engines_say() {
    let plain = Understood { names: false, not_in: false };
    let policies = |runner: &mut TestRunner| kubernetes(homes(), plain, false).new_tree(runner).unwrap().current();
    added(Engine::Cyclonus, DESCRIPTION, policies);
    let whole = Understood { names: false, not_in: true };
    let policies = |runner: &mut TestRunner| kubernetes(homes(), whole, true).new_tree(runner).unwrap().current();
    added(Engine::Cilium, DESCRIPTION, policies);
}

#[test]
fn random_policies_of_cilium_add_up_as_its_engine_says() {
    let policies = |runner: &mut TestRunner| {
        let whole = Understood { names: true, not_in: true };
        let all = (kubernetes(homes(), whole, true), cilium(homes()), cilium(Vec::new()));
        let (mut all, near, wide) = all.new_tree(runner).unwrap().current();
        all.extend(near);
        all.extend(wide);
        all
    };
    added(Engine::Cilium, &format!("{DESCRIPTION}{BY_NAME}"), policies);
}
