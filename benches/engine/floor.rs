//! The least that the API server could be asked for a stack: a client that knows what to send and sends it, as many
//! requests at once as is best on its way.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use kube::Client;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::Value;

use crate::way::Open;

/// A bare client, and the objects that it sends.
pub struct Floor {
    runtime: tokio::runtime::Runtime,
    client: Client,
    at_once: usize,
    definitions: Vec<Sent>,
    /// Those that make room for the others: namespaces and language clusters.
    first: Vec<Sent>,
    rest: Vec<Sent>,
    changed: Vec<Sent>,
}

/// An object and where it is sent.
#[derive(Clone, Debug, PartialEq)]
struct Sent {
    collection: String,
    list: String,
    name: String,
    body: Value,
}

impl Sent {
    fn path(&self) -> String {
        format!("{}/{}", self.collection, self.name)
    }
}

impl Floor {
    /// The objects of two files; of the second those that differ.
    pub fn of(way: &Open, file: &Path, changed: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let options = KubeConfigOptions::default();
        let client = runtime.block_on(async {
            let kubeconfig = Kubeconfig::read_from(&way.kubeconfig).unwrap();
            let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.unwrap();
            Client::try_from(config).unwrap()
        });
        let all = rendered(file);
        let changed = rendered(changed).into_iter().filter(|sent| !all.contains(sent)).collect();
        let (definitions, all): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|sent| sent.collection.ends_with("/customresourcedefinitions"));
        let (first, rest) = all
            .into_iter()
            .partition(|sent| ["/namespaces", "/languageclusters"].iter().any(|end| sent.collection.ends_with(end)));
        Self { runtime, client, at_once: way.at_once, definitions, first, rest, changed }
    }

    /// How many they are.
    pub fn objects(&self) -> usize {
        self.definitions.len() + self.first.len() + self.rest.len()
    }

    /// Tries every object, where the namespaces exist: they are made for that.
    pub fn try_all(&self) {
        self.patch(&self.definitions, "");
        for sent in &self.first {
            // An established kind is served a moment later.
            self.until(&sent.list, |answer| answer.is_some());
        }
        self.patch(&self.first, "");
        self.patch(&self.rest, "&dryRun=All");
    }

    /// Applies every object, and looks until all that runs is ready: an apply ends no sooner.
    pub fn apply_all(&self) {
        self.patch(&self.first, "");
        self.patch(&self.rest, "");
        let deployments: BTreeSet<_> =
            self.rest.iter().filter(|sent| sent.collection.ends_with("/deployments")).map(Sent::path).collect();
        for path in deployments {
            self.until(&path, |found| {
                let found = found.unwrap_or_default();
                found["status"]["availableReplicas"] == found["spec"]["replicas"]
            });
        }
    }

    pub fn try_changed(&self) {
        self.patch(&self.changed, "&dryRun=All");
    }

    pub fn apply_changed(&self) {
        self.patch(&self.changed, "");
    }

    /// One LIST of metadata for each kind.
    pub fn list_all(&self) {
        let lists: BTreeSet<&str> = self.first.iter().chain(&self.rest).map(|sent| sent.list.as_str()).collect();
        let list = |list: &str| {
            http::Request::get(list)
                .header("accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
                .body(Vec::new())
                .unwrap()
        };
        self.send(lists.into_iter().map(list).collect());
    }

    /// Deletes every object at once, and looks until the namespaces are gone.
    pub fn delete_all(&self) {
        let delete = |sent: &Sent| {
            let path = format!("{}?propagationPolicy=Background", sent.path());
            http::Request::delete(path).body(Vec::new()).unwrap()
        };
        self.send(self.first.iter().chain(&self.rest).map(delete).collect());
        for sent in &self.first {
            self.until(&sent.path(), |found| found.is_none());
        }
    }

    /// Looks until what is found is as it should be.
    fn until(&self, path: &str, is_done: impl Fn(Option<Value>) -> bool) {
        self.runtime.block_on(async {
            let get = async || self.client.request(http::Request::get(path).body(Vec::new()).unwrap()).await.ok();
            while !is_done(get().await) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
    }

    fn patch(&self, objects: &[Sent], query: &str) {
        let patch = |sent: &Sent| {
            let path = format!("{}?fieldManager=floor&force=true{query}", sent.path());
            http::Request::patch(path)
                .header("content-type", "application/apply-patch+yaml")
                .body(serde_json::to_vec(&sent.body).unwrap())
                .unwrap()
        };
        self.send(objects.iter().map(patch).collect());
    }

    fn send(&self, requests: Vec<http::Request<Vec<u8>>>) {
        self.runtime.block_on(async {
            let answers = stream::iter(requests).map(|request| async {
                let place = request.uri().to_string();
                match self.client.request::<Value>(request).await {
                    // What went with another is gone before it is asked for.
                    Ok(_) | Err(kube::Error::Api(_)) if place.contains("propagationPolicy") => {}
                    answer => drop(answer.unwrap_or_else(|error| panic!("{place}: {error}"))),
                }
            });
            answers.buffer_unordered(self.at_once).for_each(async |()| {}).await;
        });
    }
}

/// The objects as langop renders them, without what only an apply knows.
fn rendered(file: &Path) -> Vec<Sent> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_langop"));
    let output = command.args(["render", file.to_str().unwrap(), "--stack", "floor"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.split("\n---\n")
        .filter(|part| part.contains("kind:"))
        .map(|part| sent(serde_saphyr::from_str(part).unwrap()))
        .collect()
}

fn sent(mut body: Value) -> Sent {
    if body["kind"] == "Secret" {
        // What is printed in place of a value is none.
        for value in body["data"].as_object_mut().into_iter().flatten().map(|(_, value)| value) {
            *value = "bm90IGEgc2VjcmV0".into();
        }
    }
    let metadata = body["metadata"].as_object_mut().unwrap();
    metadata.remove("ownerReferences");
    let name = metadata["name"].as_str().unwrap().to_owned();
    let namespace = metadata.get("namespace").and_then(Value::as_str).map(str::to_owned);
    let version = body["apiVersion"].as_str().unwrap();
    let root = if version.contains('/') { format!("/apis/{version}") } else { format!("/api/{version}") };
    let kind = body["kind"].as_str().unwrap().to_lowercase();
    let plural = kind.strip_suffix('y').map_or_else(|| format!("{kind}s"), |stem| format!("{stem}ies"));
    let within = namespace.map(|namespace| format!("/namespaces/{namespace}")).unwrap_or_default();
    Sent { collection: format!("{root}{within}/{plural}"), list: format!("{root}/{plural}"), name, body }
}
