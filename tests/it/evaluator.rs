//! Asks engines that others wrote what a set of policies lets through: cyclonus for what Kubernetes says of
//! `NetworkPolicy`, Cilium's own for what Cilium does with both kinds. The Go program in `tests/policy` holds
//! them; it is built once for each version of its sources.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::bench::repository;

/// Everything a question is asked about.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct World {
    pub namespaces: Vec<Namespace>,
    pub pods: Vec<Pod>,
    /// As the API server stored them.
    pub network_policies: Vec<Value>,
    pub cilium_network_policies: Vec<Value>,
    pub cilium_clusterwide_network_policies: Vec<Value>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Namespace {
    pub name: String,
    pub labels: Value,
}

#[derive(Clone, Debug, Serialize)]
pub struct Pod {
    pub namespace: String,
    pub name: String,
    pub labels: Value,
    pub ips: Vec<String>,
    pub ports: Vec<NamedPort>,
}

#[derive(Clone, Debug, Serialize)]
pub struct NamedPort {
    pub name: String,
    pub port: u16,
    pub protocol: String,
}

/// Whose engine answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// `NetworkPolicy` as Kubernetes describes it; it knows nothing of names.
    Cyclonus,
    /// Both kinds, as Cilium enforces them: its address blocks match no pods, and a name has an address only
    /// when the pod could ask for it through the DNS proxy.
    Cilium,
}

#[derive(Clone, Debug, Serialize)]
pub struct Question {
    pub engine: Engine,
    pub from: End,
    pub to: End,
    pub port: Value,
    pub protocol: String,
}

/// A pod as `namespace/name`, an address, or a host name with its address.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct End {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Answer {
    pub allowed: bool,
    /// The direction that refused.
    pub direction: Option<String>,
    /// The policies that decided; cyclonus only.
    #[serde(default)]
    pub by: Vec<String>,
}

/// What Cilium's parser says of one of its policies.
#[derive(Clone, Debug, Deserialize)]
pub struct Verdict {
    pub rules: usize,
    pub error: Option<String>,
}

impl World {
    /// An answer to each question, in their order.
    pub fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        let mut document = serde_json::to_value(self).unwrap();
        document["questions"] = serde_json::to_value(questions).unwrap();
        serde_json::from_value(run("reach", &document)).unwrap()
    }
}

/// The same policies as kube-router (and what shares its design) enforces them: an object of both directions is one
/// chain, so that a peer which either direction allows is allowed in both. In the words of Kubernetes, for an engine
/// that knows no other.
pub fn in_one_chain(policies: &[Value]) -> Vec<Value> {
    policies.iter().map(one_chain).collect()
}

fn one_chain(policy: &Value) -> Value {
    let mut policy = policy.clone();
    let types = policy["spec"]["policyTypes"].as_array().map_or(0, Vec::len);
    if types < 2 {
        return policy;
    }
    let rules = |direction: &str| policy["spec"][direction].as_array().cloned().unwrap_or_default();
    let (ingress, egress) = (rules("ingress"), rules("egress"));
    let turned = |rules: &[Value], from: &str, to: &str| {
        let turn = |rule: &Value| {
            let mut rule = rule.clone();
            let peers = rule.as_object_mut().unwrap().remove(from);
            if let Some(peers) = peers {
                rule[to] = peers;
            }
            rule
        };
        rules.iter().map(turn).collect::<Vec<_>>()
    };
    let both = |own: &[Value], other: Vec<Value>| Value::from([own, &other].concat());
    policy["spec"]["ingress"] = both(&ingress, turned(&egress, "to", "from"));
    policy["spec"]["egress"] = both(&egress, turned(&ingress, "from", "to"));
    policy
}

/// What Cilium's own parser makes of these policies.
pub fn sanitize(policies: &[Value]) -> Vec<Verdict> {
    serde_json::from_value(run("sanitize", &policies.to_vec().into())).unwrap()
}

/// The custom resources that Cilium installs, as a list that `kubectl` takes.
pub fn cilium_crds() -> Value {
    serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": run("crds", &Value::Null) })
}

#[track_caller]
fn run(command: &str, input: &Value) -> Value {
    let mut child = Command::new(program());
    child.arg(command).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = input.to_string();
    // Beside the wait: what is written may be more than a pipe holds.
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "policy {command}: {said}\n{input:#}");
    // `crds` reads nothing.
    let _ = writer.join().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let sources = repository("tests/policy");
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let program = cache.join(format!("policy-{}", hash(&sources)));
        fs::create_dir_all(cache).unwrap();
        // `cargo nextest` runs each test in a process of its own; one of them builds.
        let lock = File::create(cache.join("policy.lock")).unwrap();
        lock.lock().unwrap();
        if !program.is_file() {
            build(&sources, &program);
        }
        program
    })
}

fn build(sources: &Path, program: &Path) {
    let _ = writeln!(std::io::stderr(), "tests: building the policy engines, once; this takes some minutes");
    let unfinished = program.with_extension("unfinished");
    let mut go = Command::new("go");
    go.args(["build", "-trimpath", "-ldflags", "-s -w", "-o"]).arg(&unfinished).arg(".").current_dir(sources);
    go.env("GOFLAGS", "-mod=readonly").env("GOWORK", "off").env("CGO_ENABLED", "0");
    let output = go.output().unwrap_or_else(|error| panic!("go: {error}"));
    assert!(output.status.success(), "go build: {}", String::from_utf8_lossy(&output.stderr));
    fs::rename(&unfinished, program).unwrap();
}

/// SHA-256 of names and contents of the module's files.
fn hash(sources: &Path) -> String {
    let entries = fs::read_dir(sources).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        let content = fs::read(&file).unwrap();
        digest.update(format!("{} {}\n", file.file_name().unwrap().display(), content.len()));
        digest.update(content);
    }
    digest.finalize().iter().take(16).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
