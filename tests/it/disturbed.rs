//! Errors are not absences: every LIST and GET that the commands send, under every fault, changes nothing that a clean
//! run would not change.
//!
//! The requests are recorded first. Each is disturbed at least once and each fault is used at least once for each
//! command; which request meets which fault moves with the day, so that all pairs come by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bench::{Bench, Said};
use crate::fire::day;
use crate::proxy::{Fault, Recorder, Rule, Seen};

const STACK: &str = r#"
stack = "NAME"

[clusters.NAME]
capacity = { maxModels = 3 }

[models.one]
provider = "openai-compatible"
modelName = "one"
endpoint = "http://one.models.svc:8080"
apiKeySecretRef = { name = "outside" }
"#;

/// A pod of the gateway that says to be ready, so that a check which sees none has not looked.
const POD: &str = "
apiVersion: v1
kind: Pod
metadata:
  name: gateway-pod
  namespace: NAME
  labels: {langop.io/kind: gateway, langop.io/cluster: NAME}
spec:
  nodeName: nowhere
  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: gateway
    image: gateway:1
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
";

const FAULTS: [Fault; 14] = [
    Fault::Status(403),
    Fault::Status(404),
    Fault::Status(410),
    Fault::Status(500),
    Fault::Status(502),
    Fault::Status(503),
    Fault::Status(504),
    Fault::Page(404),
    Fault::Page(200),
    Fault::Truncated,
    Fault::Empty,
    Fault::Nonsense,
    Fault::Slow(Duration::from_secs(1)),
    Fault::Reset,
];

/// How long the whole may take; what is left out then comes by on another day.
const BUDGET: Duration = Duration::from_secs(30);
/// Runs at once: most of them wait.
const AT_ONCE: usize = 12;

/// A command, and whether what it prints as JSON is a plan.
const COMMANDS: [(&str, &[&str]); 5] = [
    ("plan", &["plan", "--json"]),
    ("destroy", &["plan", "--destroy", "--json"]),
    ("apply", &["apply", "--yes", "--json"]),
    ("status", &["status", "langop.toml"]),
    ("check", &["check", "--json"]),
];

/// A stack that is as described, seen through a proxy of its own.
struct Place {
    recorder: Recorder,
    bench: Bench,
    _files: tempfile::TempDir,
}

impl Place {
    fn new(name: &str, direct: &Bench) -> Self {
        let files = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(files.path());
        let mut bench = Bench::at(name, recorder.kubeconfig.clone());
        bench.name.clone_from(&direct.name);
        bench.write("langop.toml", STACK);
        Self { recorder, bench, _files: files }
    }
}

/// A request without what differs from run to run.
fn reads(seen: Vec<Seen>) -> Vec<Seen> {
    let mut known = BTreeSet::new();
    let reads = seen.into_iter().filter(|seen| seen.method == "GET" && !seen.uri.contains("watch="));
    reads.filter(|seen| known.insert(seen.uri.clone())).collect()
}

/// What the commands could change: what the record has, and versions of everything in the cluster's namespace.
fn world(direct: &Bench) -> BTreeMap<String, String> {
    let name = direct.name.as_str();
    // Its version follows that of the cluster, whose status says how the last apply ended.
    let mut world = BTreeMap::from([("record".to_owned(), direct.langop(&["state", "list", name]).exits(0).out)]);
    let kinds = "configmap,secret,deployment,service,networkpolicy,resourcequota,serviceaccount,poddisruptionbudget,languagemodel";
    let answers = [
        direct.object(&[&format!("languagecluster/{name}"), &format!("namespace/{name}")]),
        direct.object(&[kinds, "-n", name]),
    ];
    for answer in answers {
        let items = answer["items"].as_array().cloned().unwrap_or_else(|| vec![answer.clone()]);
        for item in items {
            let meta = &item["metadata"];
            // Status of a quota moves by itself; who was changed has another generation or other fields.
            let version =
                if item["kind"] == "ConfigMap" { meta["resourceVersion"].to_string() } else { meta["uid"].to_string() };
            world.insert(
                format!("{} {}", item["kind"], meta["name"]),
                format!("{version} {}", meta["deletionTimestamp"]),
            );
        }
    }
    world
}

/// What a plan document wants to change.
fn changes(document: &Value) -> BTreeSet<String> {
    let changes = document["changes"].as_array().into_iter().flatten();
    let moving = changes.filter(|change| !matches!(change["action"].as_str(), Some("no-op" | "NoOp" | "noop")));
    moving.map(|change| format!("{} {}", change["action"], change["object"])).collect()
}

/// What is wrong with how a disturbed run ended, if anything.
fn wrong(command: &str, clean: &Said, said: &Said) -> Option<String> {
    let text = format!("{}{}", said.out, said.err);
    if text.contains("already gone") {
        return Some("it takes something for gone".to_owned());
    }
    if command == "check" && text.contains("no pod") {
        return Some("it sees no pod".to_owned());
    }
    if text.contains("panicked") {
        return Some("it panics".to_owned());
    }
    if said.code == clean.code && said.out == clean.out {
        return None;
    }
    match command {
        "plan" | "destroy" => {
            let document: Value = serde_json::from_str(&said.out).unwrap_or_default();
            let expected = changes(&serde_json::from_str(&clean.out).unwrap());
            let more: Vec<_> = changes(&document).difference(&expected).cloned().collect();
            if !more.is_empty() {
                return Some(format!("it wants {}", more.join(", ")));
            }
            let fewer = document.is_object() && changes(&document) != expected;
            (fewer && said.code == clean.code).then(|| "it wants less, and says nothing".to_owned())
        }
        "apply" => {
            let ends: Vec<Value> = said.out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            let started = ends.iter().any(|event| event["type"] == "started");
            started.then(|| "it begins to change something".to_owned())
        }
        // What they print is what is there; when they cannot see it they fail.
        _ => (said.code == Some(0)).then(|| "it prints something else and says that all is well".to_owned()),
    }
}

/// A pair of a request and a fault for one command.
struct Case<'a> {
    command: usize,
    seen: &'a Seen,
    fault: Fault,
}

/// Of the day, unless `LANGOP_TEST_SEED` says otherwise.
fn seed() -> u64 {
    std::env::var("LANGOP_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(day)
}

/// Every request once, every fault once; then the rest, in an order of the day.
fn cases(requests: &[Vec<Seen>]) -> Vec<Case<'_>> {
    let turn = usize::try_from(seed() % FAULTS.len() as u64).unwrap();
    let mut cases = Vec::new();
    for round in 0..FAULTS.len() {
        for (command, all) in requests.iter().enumerate() {
            // Few requests meet all faults in the first round already.
            for at in 0..if round == 0 { all.len().max(FAULTS.len()) } else { all.len() } {
                let fault = FAULTS[(at + round + turn) % FAULTS.len()];
                cases.push(Case { command, seen: &all[at % all.len()], fault });
            }
        }
    }
    cases
}

#[test]
fn no_fault_of_any_read_is_taken_for_an_absence() {
    let direct = Bench::new("disturbed");
    direct.write("langop.toml", STACK);
    direct.kubectl(&["create", "namespace", &direct.name]);
    direct.kubectl(&["create", "secret", "generic", "outside", "-n", &direct.name, "--from-literal=api-key=x"]);
    direct.langop(&["apply", "--yes", "--adopt"]).exits(0);
    direct.write("pod.yaml", POD);
    direct.kubectl(&["apply", "-f", "pod.yaml"]);
    let status = r#"{"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}"#;
    direct.kubectl(&["patch", "pod", "gateway-pod", "-n", &direct.name, "--subresource=status", "-p", status]);
    let places: Vec<_> = (0..AT_ONCE).map(|_| Place::new("disturbed", &direct)).collect();
    let mut requests = Vec::new();
    let mut clean = Vec::new();
    for (_, args) in COMMANDS {
        places[0].recorder.take();
        clean.push(places[0].bench.langop(args));
        requests.push(reads(places[0].recorder.take()));
        assert!(requests.last().is_some_and(|all| all.len() > 2), "{:?}", clean.last());
    }
    assert!(clean[0].out.contains("\"changes\""), "{:?}", clean[0]);
    assert!(changes(&serde_json::from_str(&clean[0].out).unwrap()).is_empty(), "{:?}", clean[0]);
    let before = world(&direct);

    let all = cases(&requests);
    let must = requests.iter().map(|all| all.len().max(FAULTS.len())).sum::<usize>();
    let (next, failures, begun) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Instant::now());
    std::thread::scope(|scope| {
        for place in &places {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= all.len() || at >= must && begun.elapsed() > BUDGET {
                        return next.fetch_sub(1, Ordering::Relaxed);
                    }
                    let Case { command, seen, fault } = &all[at];
                    let (name, args) = COMMANDS[*command];
                    // The answer stays disturbed for as long as a command that reads goes on asking.
                    let times = if name == "apply" { 2 } else { usize::MAX };
                    place.recorder.disturb(Rule::exactly(seen, *fault).times(times));
                    let said = place.bench.langop(args);
                    place.recorder.calm();
                    if let Some(what) = wrong(name, &clean[*command], &said) {
                        let text = format!("{name}, {} under {fault:?}: {what}\n{}\n{}", seen.uri, said.out, said.err);
                        failures.lock().unwrap().push(text);
                    }
                }
            });
        }
    });
    let covered = next.into_inner().min(all.len());
    println!("{covered} of {} pairs of request and fault in {:?}", all.len(), begun.elapsed());
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {covered}:\n{}", failures.len(), failures.join("\n---\n"));
    assert_eq!(world(&direct), before);
    direct.langop(&["destroy", "--yes", "--include-unmanaged"]).exits(0);
}

/// One stack of its own for a fault.
struct Small {
    fault: Fault,
    recorder: Recorder,
    bench: Bench,
    _files: tempfile::TempDir,
}

/// A stack for each fault.
fn smalls(name: &str) -> Vec<Small> {
    let small = |fault: &Fault| {
        let files = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(files.path());
        let bench = Bench::at(name, recorder.kubeconfig.clone());
        Small { fault: *fault, recorder, bench, _files: files }
    };
    FAULTS.iter().map(small).collect()
}

/// Disturbs one request in each stack; which meets which fault moves with the seed. `wrong` says what is wrong with how
/// that went, if anything.
fn disturb(smalls: &[Small], requests: &[Seen], wrong: impl Fn(&Small, &dyn Fn() -> Rule) -> Option<String> + Sync) {
    let seed = seed();
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for (number, small) in smalls.iter().enumerate() {
            let (wrong, failures) = (&wrong, &failures);
            scope.spawn(move || {
                let template = &requests[(number + usize::try_from(seed).unwrap()) % requests.len()];
                let request = Seen { uri: template.uri.replace("NAME", &small.bench.name), ..template.clone() };
                if let Some(what) = wrong(small, &|| Rule::exactly(&request, small.fault).times(2)) {
                    failures.lock().unwrap().push(format!("{} under {:?}: {what}", request.uri, small.fault));
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "LANGOP_TEST_SEED={seed}:\n{}", failures.join("\n---\n"));
}

/// Something of the stack and, made by others, something beside it.
const SMALL: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ours, namespace: NAME}
";

/// What was read since the last time but the lock, with `NAME` for the name of the stack.
fn named_reads(recorder: &Recorder, bench: &Bench) -> impl Iterator<Item = Seen> {
    let all = reads(recorder.take()).into_iter().filter(|seen| !seen.uri.contains("/leases/"));
    all.map(|seen| Seen { uri: seen.uri.replace(&bench.name, "NAME"), ..seen })
}

/// What a destroy of the small stack reads of what tells it what is there, with `NAME` for its name.
fn reads_of_destroy(recorder: &Recorder, bench: &Bench) -> Vec<Seen> {
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "small.yaml"]).exits(0);
    recorder.take();
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
    let told = ["/configmaps", "/namespaces/NAME", "/namespaces?", "/secrets", "/persistentvolumeclaims"];
    named_reads(recorder, bench).filter(|seen| told.iter().any(|part| seen.uri.contains(part))).collect()
}

/// What is wrong with how a destroy ended under this fault, if anything.
fn destroyed_wrongly(bench: &Bench, recorder: &Recorder, rule: &dyn Fn() -> Rule) -> Option<String> {
    let run = |args: &[&str]| bench.langop(&[args, &["--timeout", "20s", "--stack", &bench.name]].concat());
    let is_there = || bench.try_kubectl(&["get", "configmap", "theirs", "-n", &bench.name]).code == Some(0);
    let is_gone = || bench.try_kubectl(&["get", "namespace", &bench.name]).code == Some(1);
    recorder.disturb(rule());
    let said = run(&["destroy", "--yes"]);
    if said.code == Some(0) || !is_there() {
        return Some(format!("it deletes what others made: {said:?}"));
    }
    recorder.calm();
    recorder.disturb(rule());
    let said = run(&["destroy", "--yes", "--include-unmanaged"]);
    recorder.calm();
    if said.code == Some(0) && !is_gone() {
        return Some(format!("it says that all is done: {said:?}"));
    }
    let last = run(&["destroy", "--yes", "--include-unmanaged"]);
    (last.code != Some(0) || !is_gone()).then(|| format!("it does not converge: {said:?}, {last:?}"))
}

#[test]
fn a_destroy_that_is_disturbed_deletes_nothing_of_others_and_converges() {
    let smalls = smalls("disturbed-destroy");
    for small in &smalls {
        small.bench.write("small.yaml", SMALL);
    }
    let requests = reads_of_destroy(&smalls[0].recorder, &smalls[0].bench);
    assert!(requests.len() > 5, "{requests:?}");
    disturb(&smalls, &requests, |Small { bench, recorder, .. }, rule| {
        bench.langop(&["apply", "--yes", "--stack", &bench.name, "small.yaml"]).exits(0);
        bench.kubectl(&["create", "configmap", "theirs", "-n", &bench.name]);
        destroyed_wrongly(bench, recorder, rule)
    });
}

/// A workload that is waited for, and a file that it reads.
const WORKLOAD: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ours, namespace: NAME}
data: {key: \"VALUE\"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: \"web:VALUE\", envFrom: [{configMapRef: {name: ours}}]}]
";

fn change_workload(bench: &Bench, value: &str) {
    bench.write("workload.yaml", &WORKLOAD.replace("VALUE", value));
}

/// What an apply reads that changes the workload and waits for it, with `NAME` for its name.
fn reads_of_apply(recorder: &Recorder, bench: &Bench) -> Vec<Seen> {
    change_workload(bench, "1");
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "workload.yaml"]).exits(0);
    change_workload(bench, "2");
    recorder.take();
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "workload.yaml"]).exits(0);
    named_reads(recorder, bench).filter(|seen| seen.uri.contains("NAME")).collect()
}

/// What is wrong with how an apply ended under this fault, if anything.
fn applied_wrongly(bench: &Bench, recorder: &Recorder, rule: Rule) -> Option<String> {
    let run = |args: &[&str]| bench.langop(&[args, &["--stack", &bench.name, "workload.yaml"]].concat());
    let uids = || {
        let live = bench.object(&[
            "configmap/ours",
            "deployment/web",
            &format!("namespace/{}", bench.name),
            "-n",
            &bench.name,
        ]);
        live["items"].as_array().unwrap().iter().map(|item| item["metadata"]["uid"].clone()).collect::<Vec<_>>()
    };
    let before = uids();
    recorder.disturb(rule);
    let said = run(&["apply", "--yes", "--timeout", "20s"]);
    recorder.calm();
    let image =
        bench.object(&["deployment", "web", "-n", &bench.name])["spec"]["template"]["spec"]["containers"][0]["image"]
            .clone();
    if said.code == Some(0) && image != "web:2" {
        return Some(format!("it says that all is done: {said:?}"));
    }
    let last = run(&["apply", "--yes"]);
    let plan = run(&["plan", "--detailed-exitcode"]);
    let converged = last.code == Some(0) && plan.code == Some(0) && uids() == before;
    (!converged).then(|| format!("it does not converge: {said:?}, {last:?}, {plan:?}"))
}

#[test]
fn an_apply_that_is_disturbed_makes_nothing_anew_and_converges() {
    let smalls = smalls("disturbed-apply");
    let requests = reads_of_apply(&smalls[0].recorder, &smalls[0].bench);
    assert!(requests.iter().any(|seen| seen.uri.contains("/deployments/web")), "it is waited for: {requests:?}");
    disturb(&smalls, &requests, |Small { bench, recorder, .. }, rule| {
        change_workload(bench, "1");
        bench.langop(&["apply", "--yes", "--stack", &bench.name, "workload.yaml"]).exits(0);
        change_workload(bench, "2");
        let wrong = applied_wrongly(bench, recorder, rule());
        bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
        wrong
    });
}
