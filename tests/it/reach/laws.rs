//! For random rules: what the engines let through is what the rules mean.

use std::time::{SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::by_name;
use super::explained::Explained;
use super::meaning::{Meaning, answer};
use super::random::{Names, PORTS, PROTOCOLS, RuleSet, Understood, rule_sets};
use super::scene::{Scene, namespace};
use crate::bench::Bench;
use crate::evaluator::{End, Engine, Question};

/// Random clusters of one run; all in one stack, for applying is what takes time.
const CLUSTERS: usize = 16;
/// Questions about each.
const QUESTIONS: usize = 400;

const SERVICES: &str = "
apiVersion: v1
kind: Service
metadata: {name: db, namespace: NAME-data}
spec:
  selector: {app: db}
  ports: [{name: a, port: 80, targetPort: pg}, {name: b, port: 443, targetPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: cache, namespace: NAME-data}
spec:
  selector: {app: cache}
  ports: [{name: a, port: 6379, targetPort: redis, protocol: UDP}, {name: b, port: 80, targetPort: 5060, protocol: SCTP}]
---
apiVersion: v1
kind: Service
metadata: {name: headless, namespace: NAME-data}
spec:
  clusterIP: None
  ports: [{port: 80}]
";

/// A random number generator, and the seed that makes the same one.
pub(super) fn runner() -> (TestRunner, String) {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos().to_string();
    let seed = std::env::var("LANGOP_TEST_SEED").unwrap_or_else(|_| now());
    let mut bytes = [0; 32];
    for (byte, from) in bytes.iter_mut().zip(seed.bytes().rev()) {
        *byte = from;
    }
    (TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)), seed)
}

/// One stack of all clusters. Agents and tools are called after the number of their cluster.
fn description(bench: &Bench, sets: &[RuleSet]) -> Value {
    let others = format!("{}-data", bench.name);
    let clusters: Vec<_> = (0..sets.len()).map(|number| format!("{}-{number}", bench.name)).collect();
    // No agent is without a model. This one is served where no rule points.
    let model = json!({
        "clusters": clusters, "provider": "openai-compatible", "modelName": "m", "endpoint": "http://203.0.113.99:9/v1",
    });
    let mut stack = json!({ "stack": bench.name, "models": { "served": model } });
    for (number, set) in sets.iter().enumerate() {
        let cluster = format!("{}-{number}", bench.name);
        let suffix = format!("-{number}");
        let names = Names { others: &others, suffix: &suffix };
        stack["clusters"][&cluster] = json!({
            "networkPolicies": set.cluster.written(&names),
            "gateway": { "networkPolicies": set.gateway.written(&names) },
        });
        let nightly = json!({ "mode": "task", "schedule": "0 3 1 1 *" });
        let ports = json!([{ "name": "sip", "port": 5060, "protocol": "UDP" }]);
        let rules = set.agent.written(&names);
        let red = json!({ "clusters": [cluster], "image": "a:1", "group": "warm", "networkPolicies": rules });
        stack["agents"][format!("red{suffix}")] = red;
        stack["agents"][format!("blue{suffix}")] =
            json!({ "clusters": [cluster], "image": "a:1", "group": "cold", "ports": ports });
        stack["agents"][format!("plain{suffix}")] =
            json!({ "clusters": [cluster], "image": "a:1", "execution": nightly });
        let rules = set.tool.written(&names);
        stack["tools"][format!("tool{suffix}")] =
            json!({ "clusters": [cluster], "image": "t:1", "port": 3000, "networkPolicies": rules });
    }
    stack
}

/// Applies the clusters beside the namespaces of others, and gives the pods of all of them.
fn scene(bench: &Bench, sets: &[RuleSet]) -> Scene {
    let data = namespace(bench, "data", &["team=data"]);
    let web = namespace(bench, "web", &["team=web"]);
    bench.write("services.yaml", SERVICES);
    bench.kubectl(&["apply", "-f", "services.yaml"]);
    bench.write("langop.yaml", &description(bench, sets).to_string());
    bench.langop(&["apply", "--yes"]).exits(0);
    let clusters: Vec<_> = (0..sets.len()).map(|number| format!("{}-{number}", bench.name)).collect();
    let all: Vec<_> = clusters.iter().chain([&data, &web]).map(String::as_str).collect();
    let mut scene = Scene::read(bench, &all);
    scene.pod(&data, "db", json!({ "app": "db" }), &[("pg", 5432, "TCP")]);
    scene.pod(&data, "cache", json!({ "app": "cache" }), &[("redis", 6379, "UDP")]);
    scene.pod(&web, "web", json!({ "app": "web" }), &[("http", 80, "TCP")]);
    for (number, cluster) in clusters.iter().enumerate() {
        let called = |name: &str| if name == "gateway" { format!("gateway-{number}") } else { name.to_owned() };
        scene.workloads(bench, cluster, called);
        // What is no agent is in no group, whatever its labels say.
        let stray = json!({ "app": "db", "langop.io/group": "warm" });
        scene.pod(cluster, &format!("stray-{number}"), stray, &[("pg", 5432, "TCP")]);
    }
    scene
}

/// Random questions to and from a cluster.
fn questions(runner: &mut TestRunner, scene: &Scene, number: usize, engine: Engine, names: bool) -> Vec<Question> {
    let own = ["red", "blue", "plain", "tool", "gateway"].map(|name| format!("{name}-{number}"));
    let next = format!("red-{}", (number + 1) % CLUSTERS);
    let stray = format!("stray-{number}");
    let outside = ["203.0.113.9", "203.0.114.1", "10.9.9.9", "2001:db8::9", "2001:db9::9"];
    let hosts =
        ["api.example.com", "www.example.com", "a.b.example.org", "b.example.org", "example.net", "example.com"];
    let pods = ["db", "cache", "web", "resolver", &next, &stray];
    let all: Vec<_> = own.iter().map(String::as_str).chain(pods).chain(outside).collect();
    let targets: Vec<_> = all.iter().copied().chain(hosts.into_iter().filter(|_| names)).collect();
    let ends = (select(own.to_vec()), select(all.iter().map(|&one| one.to_owned()).collect::<Vec<_>>()));
    let target = select(targets.iter().map(|&one| one.to_owned()).collect::<Vec<_>>());
    let one = (ends, target, any::<bool>(), any::<bool>(), select(PORTS.to_vec()), select(PROTOCOLS.to_vec()));
    let asked = prop::collection::vec(one, QUESTIONS).new_tree(runner).unwrap().current();
    asked
        .into_iter()
        .map(|((own, any), target, out, six, port, protocol)| {
            let (from, to) = if out { (own, target) } else { (any, own) };
            let (from, to) = of_one_family(scene, scene.end(&from), scene.end(&to), six);
            Question { engine, from, to, port: port.into(), protocol: protocol.to_owned() }
        })
        .filter(|question| question.from.pod != question.to.pod)
        .collect()
}

/// Gives both ends addresses of one family: that of the one outside, else the wanted one.
pub(super) fn of_one_family(scene: &Scene, mut from: End, mut to: End, six: bool) -> (End, End) {
    let outside = [&from, &to].into_iter().filter(|end| end.pod.is_none()).find_map(|end| end.ip.clone());
    let six = outside.map_or(six, |ip| ip.contains(':'));
    for end in [&mut from, &mut to] {
        if let Some(name) = &end.pod {
            let mut pods = scene.world.pods.iter();
            let pod = pods.find(|pod| format!("{}/{}", pod.namespace, pod.name) == *name).unwrap();
            end.ip = Some(pod.ips[usize::from(six)].clone());
        }
    }
    (from, to)
}

/// Compares the answers of these engines with the meaning of random rules.
fn engines_agree_with_the_meaning(bench: &Bench, by: Understood, engines: &[Engine]) {
    let (mut runner, seed) = runner();
    let sets = prop::collection::vec(rule_sets(by), CLUSTERS).new_tree(&mut runner).unwrap().current();
    let scene = scene(bench, &sets);
    let others = format!("{}-data", bench.name);
    let clusters: Vec<_> = (0..CLUSTERS).map(|number| format!("{}-{number}", bench.name)).collect();
    for &engine in engines {
        let of = |(rules, cluster)| Meaning {
            world: &scene.world,
            rules,
            cluster,
            others: &others,
            blocks_mean_pods: engine == Engine::Cyclonus,
        };
        let meanings: Vec<_> = sets.iter().zip(clusters.iter().map(String::as_str)).map(of).collect();
        let asked: Vec<_> =
            (0..CLUSTERS).flat_map(|number| questions(&mut runner, &scene, number, engine, by.names)).collect();
        let answers = scene.world.ask(&asked);
        let wrong = asked.iter().zip(&answers).filter(|(question, answer)| {
            let port = u16::try_from(question.port.as_u64().unwrap()).unwrap();
            answer.direction.as_deref().unwrap_or("yes") != meant(&meanings, question, port)
        });
        let wrong: Vec<_> = wrong.map(|wrong| format!("{wrong:?}")).collect();
        let text = description(bench, &sets);
        assert!(
            wrong.is_empty(),
            "{} of {} otherwise than meant, again by LANGOP_TEST_SEED={seed}:\n{}\n{text}",
            wrong.len(),
            asked.len(),
            wrong[..wrong.len().min(5)].join("\n"),
        );
        if engine == Engine::Cyclonus {
            scene.is_the_same_in_one_chain(&asked);
        }
        if engine == Engine::Cilium {
            let explained = Explained::of(&scene);
            let world = explained.world();
            let otherwise = asked.iter().zip(&answers).filter(|(question, answer)| {
                !explained.agrees(&world, question, answer.direction.as_deref().unwrap_or("yes"))
            });
            let otherwise: Vec<_> = otherwise
                .map(|(question, answer)| format!("{question:?} {answer:?}: {}", explained.answer(&world, question)))
                .collect();
            assert!(
                otherwise.is_empty(),
                "`explain reach` says otherwise {} times of {}, again by LANGOP_TEST_SEED={seed}:\n{}\n{text}",
                otherwise.len(),
                asked.len(),
                otherwise[..otherwise.len().min(5)].join("\n"),
            );
        }
        // A law that only ever hears one answer says nothing.
        let allowed = answers.iter().filter(|answer| answer.allowed).count();
        assert!(allowed * 20 > answers.len() && allowed * 20 < answers.len() * 19, "{allowed} of {}", answers.len());
    }
}

fn meant(clusters: &[Meaning<'_>], question: &Question, port: u16) -> &'static str {
    answer(clusters, &question.from, &question.to, (port, &question.protocol))
}

#[test]
fn for_random_rules_two_engines_answer_what_the_rules_mean() {
    let understood = Understood { names: false, not_in: false };
    engines_agree_with_the_meaning(&Bench::new("random"), understood, &[Engine::Cyclonus, Engine::Cilium]);
}

#[test]
fn for_random_rules_with_names_cilium_answers_what_the_rules_mean() {
    let understood = Understood { names: true, not_in: true };
    engines_agree_with_the_meaning(&by_name::bench("random"), understood, &[Engine::Cilium]);
}
