//! `explain reach` is asked what the engines are asked. It reads the description and the documents of what
//! stands around, and never the policies.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use langop::reach::{World as Described, explain, parse};
use langop::render::Target;
use langop::stack::{LoadRequest, MemberKey, Stack, load};

use super::scene::Scene;
use crate::evaluator::{End, Pod, Question};

/// A description with the documents of a scene beside it.
pub struct Explained<'a> {
    scene: &'a Scene,
    stack: Stack,
    target: Target,
}

impl<'a> Explained<'a> {
    pub fn of(scene: &'a Scene) -> Self {
        Self::beside(scene, &[])
    }

    /// With these policies beside the description.
    pub fn beside(scene: &'a Scene, policies: &[Value]) -> Self {
        let dir = &scene.dir;
        let description = ["langop.toml", "langop.yaml"].into_iter().find(|file| dir.join(file).is_file()).unwrap();
        let documents: Vec<_> = documents(scene).iter().chain(policies).map(Value::to_string).collect();
        std::fs::write(dir.join("around.yaml"), documents.join("\n---\n")).unwrap();
        let request = LoadRequest {
            paths: vec![description.into(), "around.yaml".into()],
            directory: dir.clone(),
            ..LoadRequest::default()
        };
        let stack = load(&request).unwrap_or_else(|invalid| panic!("{:?}", invalid.diagnostics)).stack;
        Self { scene, stack, target: Target { cilium: scene.cilium, ..Target::default() } }
    }

    /// What the questions are about.
    pub fn world(&self) -> Described<'_> {
        Described::new(&self.stack, &self.target)
    }

    /// `yes`, the direction that refuses, or `?` when that is not decided.
    pub fn answer(&self, world: &Described<'_>, question: &Question) -> &'static str {
        let port = question.port.as_str().map_or_else(|| question.port.to_string(), str::to_owned);
        let to = format!("{}:{port}/{}", self.word(&question.to), question.protocol);
        let ends = parse(world, &self.word(&question.from), &to).unwrap_or_else(|error| panic!("{to}: {error}"));
        let answers = explain(world, &ends);
        let [answer] = answers.as_slice() else { panic!("{answers:?}") };
        match (answer.egress.allowed, answer.ingress.allowed) {
            _ if answer.undecided => "?",
            (true, true) => "yes",
            (true, false) => "ingress",
            (false, _) => "egress",
        }
    }

    /// Whether the answer of an engine is that of the description. Of the agents of another stack, a
    /// description only knows that its own end refuses them.
    pub fn agrees(&self, world: &Described<'_>, question: &Question, answered: &str) -> bool {
        let own = self.answer(world, question);
        let foreign = question.from.pod.as_ref().is_some_and(|pod| {
            let namespace = pod.split('/').next().unwrap();
            !self.stack.clusters.contains_key(namespace)
        });
        own == answered || (foreign && own == "ingress" && answered == "egress")
    }

    fn word(&self, end: &End) -> String {
        if let Some(name) = &end.pod {
            let mut pods = self.scene.world.pods.iter();
            return self.pod(pods.find(|pod| format!("{}/{}", pod.namespace, pod.name) == *name).unwrap());
        }
        match &end.dns {
            Some(host) => format!("host/{host}"),
            None => format!("[{}]", end.ip.as_ref().unwrap()),
        }
    }

    /// What is described goes by its name, all else by its document.
    fn pod(&self, pod: &Pod) -> String {
        let key = MemberKey { cluster: pod.namespace.clone(), name: pod.name.clone() };
        let kind = pod.labels["langop.io/kind"].as_str().unwrap_or_default();
        match kind {
            "LanguageAgent" if self.stack.agents.contains_key(&key) => format!("{}/agent.{}", pod.namespace, pod.name),
            "LanguageTool" if self.stack.tools.contains_key(&key) => format!("{}/tool.{}", pod.namespace, pod.name),
            "gateway" if self.stack.clusters.contains_key(&pod.namespace) => format!("{}/gateway", pod.namespace),
            _ => format!("pod/{}/{}", pod.namespace, pod.name),
        }
    }
}

/// Namespaces, pods and Services of a scene, as documents.
fn documents(scene: &Scene) -> Vec<Value> {
    let world = &scene.world;
    let namespaces = world.namespaces.iter().map(|one| {
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": one.name, "labels": one.labels } })
    });
    let pods = world.pods.iter().map(|pod| {
        let ports: Vec<_> = pod
            .ports
            .iter()
            .map(|port| json!({ "name": port.name, "containerPort": port.port, "protocol": port.protocol }))
            .collect();
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": { "name": pod.name, "namespace": pod.namespace, "labels": pod.labels },
            "spec": { "containers": [{ "name": "main", "image": "main:1", "ports": ports }] },
        })
    });
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    for document in namespaces.chain(pods).chain(scene.services.iter().cloned()) {
        let metadata = &document["metadata"];
        all.insert(format!("{}/{}/{}", document["kind"], metadata["namespace"], metadata["name"]), document);
    }
    all.into_values().collect()
}
