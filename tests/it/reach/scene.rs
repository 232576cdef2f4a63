//! The pods around the policies that a description became: those of its workloads, and strangers. Policies, workloads and
//! namespaces are read back from the API server, never from langop's output.

use std::net::IpAddr;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::explained::Explained;
use crate::bench::{Bench, said};
use crate::evaluator::{End, Engine, NamedPort, Namespace, Pod, Question, World, in_one_chain};

/// A world to ask questions about. Pods are known by their names alone.
pub struct Scene {
    pub world: World,
    /// Where the description is.
    pub dir: PathBuf,
    /// Whether Cilium's kinds are served there.
    pub cilium: bool,
    /// Services of others, as stored.
    pub services: Vec<Value>,
}

/// A port of a pod: name, number, protocol.
pub type Port<'a> = (&'a str, u16, &'a str);

/// The port of strangers, which is that of agents that name none.
pub const AGENT_PORT: [Port<'_>; 1] = [("http", 8080, "TCP")];

impl Scene {
    /// The policies of these namespaces as stored, beside the resolver of every cluster.
    pub fn read(bench: &Bench, namespaces: &[&str]) -> Self {
        let cilium = bench.try_kubectl(&["get", "crd", "ciliumnetworkpolicies.cilium.io"]).code == Some(0);
        let dir = bench.dir.path().to_owned();
        let mut scene = Self { world: World::default(), dir, cilium, services: Vec::new() };
        for name in namespaces.iter().chain(&["kube-system"]) {
            let labels = bench.object(&["namespace", name])["metadata"]["labels"].clone();
            scene.world.namespaces.push(Namespace { name: (*name).to_owned(), labels });
            scene.world.network_policies.extend(items(bench, "networkpolicies", name));
            scene.services.extend(items(bench, "services", name));
            if cilium {
                scene.world.cilium_network_policies.extend(items(bench, "ciliumnetworkpolicies", name));
            }
        }
        scene.pod(
            "kube-system",
            "resolver",
            json!({ "k8s-app": "kube-dns" }),
            &[("dns", 53, "UDP"), ("dns-tcp", 53, "TCP")],
        );
        scene
    }

    pub fn pod(&mut self, namespace: &str, name: &str, labels: Value, ports: &[Port<'_>]) -> &mut Self {
        let number = self.world.pods.len() + 1;
        let ports = ports.iter().map(|&(name, port, protocol)| NamedPort {
            name: name.to_owned(),
            port,
            protocol: protocol.to_owned(),
        });
        self.world.pods.push(Pod {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            labels,
            ips: vec![format!("10.244.0.{number}"), format!("fd00:10:244::{number:x}")],
            ports: ports.collect(),
        });
        self
    }

    /// The end that a word means: the name of a pod, an address, or a host name; those have an address too,
    /// which is in no rule.
    pub fn end(&self, word: &str) -> End {
        if let Some(pod) = self.world.pods.iter().find(|pod| pod.name == word) {
            return End { pod: Some(format!("{}/{}", pod.namespace, pod.name)), ..End::default() };
        }
        let word = word.trim_start_matches('[').trim_end_matches(']');
        if word.parse::<IpAddr>().is_ok() {
            return End { ip: Some(word.to_owned()), ..End::default() };
        }
        assert!(word.contains('.'), "neither a pod nor an address nor a host: {word}");
        End { dns: Some(word.to_owned()), ip: Some("198.51.100.77".to_owned()), ..End::default() }
    }

    /// `FROM > TO:PORT[/PROTOCOL]` as a question. `TO` in braces is the pod's IPv6 address.
    pub fn question(&self, engine: Engine, text: &str) -> Question {
        let (from, rest) = text.split_once('>').unwrap();
        let (target, protocol) = rest.trim().split_once('/').unwrap_or((rest.trim(), "TCP"));
        let (to, port) = target.rsplit_once(':').unwrap();
        let six = to.strip_prefix('{').and_then(|to| to.strip_suffix('}'));
        let mut end = self.end(six.unwrap_or(to));
        if let Some(name) = six {
            let pod = self.world.pods.iter().find(|pod| pod.name == name).unwrap();
            end.ip = Some(pod.ips[1].clone());
        }
        let port = port.parse::<u16>().map_or_else(|_| Value::from(port), Value::from);
        Question { engine, from: self.end(from.trim()), to: end, port, protocol: protocol.to_owned() }
    }

    /// Asks every line of a table of `QUESTION  yes|egress|ingress`, and fails with all that are answered
    /// otherwise. `yes` is allowed, a direction is the one that refuses.
    #[track_caller]
    pub fn answers(&self, engine: Engine, table: &str) {
        let lines: Vec<_> = lines(table).map(|line| line.rsplit_once(' ').unwrap()).collect();
        let questions: Vec<_> = lines.iter().map(|(question, _)| self.question(engine, question)).collect();
        let answers = self.world.ask(&questions);
        assert_eq!(answers.len(), lines.len());
        let wrong: Vec<_> = lines
            .iter()
            .zip(answers)
            .filter(|((_, expected), answer)| *expected != answer.direction.as_deref().unwrap_or("yes"))
            .map(|((question, expected), answer)| format!("{question}: not {expected}, but {answer:?}"))
            .collect();
        assert!(wrong.is_empty(), "{engine:?}: {wrong:#?}\n{:#?}", self.world.network_policies);
        if engine == Engine::Cyclonus {
            self.is_the_same_in_one_chain(&questions);
        }
        let explained = Explained::of(self);
        let world = explained.world();
        let wrong = lines
            .iter()
            .zip(&questions)
            .filter(|((_, expected), question)| !explained.agrees(&world, question, expected));
        let wrong: Vec<_> =
            wrong.map(|((line, _), question)| format!("{line}: {}", explained.answer(&world, question))).collect();
        assert!(wrong.is_empty(), "explain reach: {wrong:#?}");
    }

    /// Fails where a plugin that enforces both directions of a policy in one chain answers otherwise.
    #[track_caller]
    pub fn is_the_same_in_one_chain(&self, questions: &[Question]) {
        let chained = World { network_policies: in_one_chain(&self.world.network_policies), ..self.world.clone() };
        let (plain, chained) = (self.world.ask(questions), chained.ask(questions));
        let wrong = questions
            .iter()
            .zip(plain.iter().zip(&chained))
            .filter(|(_, (plain, chained))| (plain.allowed, &plain.direction) != (chained.allowed, &chained.direction));
        let wrong: Vec<_> = wrong.map(|wrong| format!("{wrong:?}")).collect();
        assert!(wrong.is_empty(), "otherwise in one chain: {wrong:#?}\n{:#?}", self.world.network_policies);
    }

    /// The same by both engines: neither knows of the other.
    #[track_caller]
    pub fn both_answer(&self, table: &str) {
        self.answers(Engine::Cyclonus, table);
        self.answers(Engine::Cilium, table);
    }
}

/// Applies what stands in `langop.toml`.
pub fn applied(bench: &Bench, text: &str) {
    bench.write("langop.toml", text);
    let mut command = bench.command(&["apply", "--yes"]);
    command.env("ANTHROPIC_API_KEY", "sk-ant-test").env("OPENAI_API_KEY", "sk-test");
    said(&command.output().unwrap()).exits(0);
}

/// A namespace of others, with labels.
pub fn namespace(bench: &Bench, name: &str, labels: &[&str]) -> String {
    let name = format!("{}-{name}", bench.name);
    bench.kubectl(&["create", "namespace", &name]);
    for label in labels {
        bench.kubectl(&["label", "namespace", &name, label]);
    }
    name
}

/// The questions of a table.
pub fn lines(table: &str) -> impl Iterator<Item = &str> {
    table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn items(bench: &Bench, kind: &str, namespace: &str) -> Vec<Value> {
    let list: Value = serde_json::from_str(&bench.kubectl(&["get", kind, "-n", namespace, "-o", "json"])).unwrap();
    list["items"].as_array().unwrap().clone()
}
