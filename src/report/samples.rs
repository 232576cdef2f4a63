//! Plans and checks as the engine makes them, for snapshots of whole outputs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use crate::cluster::Session;
use crate::diff::Diff;
use crate::object::{Address, KNOWN_AFTER_APPLY, Lifecycle, ObjectRef, SENSITIVE, SENSITIVE_CHANGED, Source};
use crate::ops::{Call, CallFault, ClusterCheck, ClusterEvent, Fault, Finding, Fitness, Listing, Topic};
use crate::plan::{Action, Change, Claim, Confidence, Dependency, Plan, Problem, Reason, Severity, Succession, Wait};
use crate::report::StackRow;
use crate::state::{Entry, Held, Holder, Inventory, LockState, StackRecord, Standing, StateError};

/// Two versions of a configuration.
const OLD_CONFIG: &str = "gateway-config-0a1b2c3d4e";
const NEW_CONFIG: &str = "gateway-config-5f60718293";

/// Where they were made.
pub(crate) fn session() -> Session {
    Session {
        server: "https://10.0.0.1:6443".to_owned(),
        context: Some("production".to_owned()),
        cluster_id: Some("0c6b2a52-7c1d-4d55-9f5e-2f9a4f8f4a10".to_owned()),
        identity: Some("system:serviceaccount:ci:planner".to_owned()),
    }
}

/// What was found of a target, of each sort.
pub(crate) fn findings() -> Vec<Finding> {
    let finding = |topic, fitness, text: &str, hint: Option<&str>| Finding {
        topic,
        fitness,
        text: text.to_owned(),
        hint: hint.map(str::to_owned),
    };
    vec![
        finding(Topic::Version, Fitness::Fit, "Kubernetes 1.36.3, which langop is tested on", None),
        finding(
            Topic::Rights,
            Fitness::Unfit,
            "this identity may not do 1 of 90 things that `langop apply` of `shop` asks for: create namespaces",
            Some("`langop rbac apply` prints the roles that are needed"),
        ),
        finding(Topic::Network, Fitness::Doubtful, "no network plugin is seen", Some("try it by hand")),
    ]
}

fn of(group: &str, kind: &str, name: &str) -> ObjectRef {
    ObjectRef::namespaced(group, kind, "prod", name)
}

fn cluster() -> ObjectRef {
    ObjectRef::cluster_scoped("langop.io", "LanguageCluster", "prod")
}

fn change(object: ObjectRef, action: Action, reason: Reason) -> Change {
    let source = Some(Source { file: "quickstart.toml".into(), line: 3, column: 1 });
    Change { address: Address::cluster("prod"), source, ..Change::bare(object, action, reason) }
}

fn create(object: ObjectRef, desired: Value) -> Change {
    let confidence = if object.group == "langop.io" { Confidence::Schema } else { Confidence::Shadow };
    let confidence = if object.kind == "Namespace" { Confidence::Server } else { confidence };
    let diff = Diff::between(&Value::Null, &desired);
    Change { diff, confidence, desired: desired.into(), ..change(object, Action::Create, Reason::Absent) }
}

fn update(object: ObjectRef, reason: Reason, before: &Value, after: &Value) -> Change {
    let diff = Diff::between(before, after);
    Change { diff, desired: after.clone().into(), ..change(object, Action::Update, reason) }
}

fn plan(changes: Vec<Change>) -> Plan {
    Plan { stack: "quickstart".into(), changes, ..Plan::default() }
}

fn config(models: &[&str]) -> String {
    let model = |name: &&str| {
        format!(
            "- model_name: {name}\n  litellm_params:\n    model: anthropic/{name}\n    api_key: os.environ/ANTHROPIC\n"
        )
    };
    let models: String = models.iter().map(model).collect();
    format!(
        "model_list:\n{models}general_settings:\n  master_key: os.environ/LITELLM_MASTER_KEY\n  health_check: true\n"
    )
}

fn deployment(image: &str, hash: &str, config: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "gateway", "namespace": "prod"},
    "spec": {"replicas": 2, "template": {
        "metadata": {"annotations": {"langop.io/credentials-hash": hash}},
        "spec": {"volumes": [{"name": "config", "projected": {"sources": [{"configMap": {"name": config}}]}}],
            "containers": [{"name": "gateway", "image": image, "args": ["--port", "4000"],
            "resources": {"requests": {"cpu": "100m", "memory": "512Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}}}]},
    }}})
}

/// The first plan of a quickstart on an empty cluster.
pub(super) fn create_all() -> Plan {
    let object = |kind: &str, body: Value| {
        let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}});
        object.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        object
    };
    let crd =
        ObjectRef::cluster_scoped("apiextensions.k8s.io", "CustomResourceDefinition", "languageclusters.langop.io");
    let crd = Change {
        address: Address::object(&crd),
        confidence: Confidence::Server,
        ..create(crd, json!({"spec": {"versions": [{"name": "v1alpha1"}], "scope": "Cluster"}}))
    };
    let model = Change {
        address: Address::member("model", "claude"),
        ..create(
            of("langop.io", "LanguageModel", "claude"),
            object("LanguageModel", json!({"spec": {"provider": "anthropic", "modelName": "claude-sonnet-4-5"}})),
        )
    };
    let secret = Change {
        address: Address::member("secret", "anthropic"),
        ..create(of("", "Secret", "anthropic"), object("Secret", json!({"data": {"api-key": "c2VjcmV0"}})))
    };
    // Values and keys of a Secret are not in its description any more.
    let secret = Change { desired: json!({"kind": "Secret"}).into(), ..secret };
    let policy = json!({"spec": {"policyTypes": ["Ingress", "Egress"], "ingress": [{}], "egress": [{}, {}]}});
    plan(vec![
        crd,
        create(cluster(), object("LanguageCluster", json!({"spec": {"capacity": {"maxAgents": 20, "maxCPU": "16"}}}))),
        create(ObjectRef::of_namespace("prod"), object("Namespace", json!({}))),
        create(of("", "ServiceAccount", "gateway"), object("ServiceAccount", json!({}))),
        secret,
        create(of("", "ConfigMap", OLD_CONFIG), object("ConfigMap", json!({"data": {"config.yaml": config(&["a"])}}))),
        create(
            of("", "ResourceQuota", "langop-quota"),
            object("ResourceQuota", json!({"spec": {"hard": {"limits.cpu": "16"}}})),
        ),
        create(of("networking.k8s.io", "NetworkPolicy", "gateway"), object("NetworkPolicy", policy)),
        model,
        create(
            of("apps", "Deployment", "gateway"),
            deployment("ghcr.io/berriai/litellm:v1.80.5", KNOWN_AFTER_APPLY, OLD_CONFIG),
        ),
        create(
            of("", "Service", "gateway"),
            object("Service", json!({"spec": {"ports": [{"port": 8000, "targetPort": 4000}]}})),
        ),
    ])
}

/// A model more: a text diff, the rollout behind it, a rotated secret, a replacement and an object that leaves.
pub(super) fn update_all() -> Plan {
    let map = |models: &[&str]| json!({"kind": "ConfigMap", "data": {"config.yaml": config(models)}});
    let config = create(of("", "ConfigMap", NEW_CONFIG), map(&["claude", "opus", "haiku"]));
    let config = Change { confidence: Confidence::Server, ..config };
    let old_config = change(of("", "ConfigMap", OLD_CONFIG), Action::Delete, Reason::Removed);
    let succession = Succession::new((old_config.object.clone(), &config), &map(&["claude", "haiku"]));
    let mut after = deployment("ghcr.io/berriai/litellm:v1.81.0", KNOWN_AFTER_APPLY, NEW_CONFIG);
    after["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap().push(json!({
        "name": "exporter", "image": "quay.io/exporter:v1", "ports": [{"containerPort": 9090, "name": "metrics"}],
    }));
    let gateway = Change {
        depends_on: vec![Dependency {
            on: of("", "ConfigMap", NEW_CONFIG),
            wait: Wait::Exists,
            why: "`spec.template.spec.volumes[config].projected.sources[0].configMap`".into(),
        }],
        ..update(
            of("apps", "Deployment", "gateway"),
            Reason::Changed,
            &deployment("ghcr.io/berriai/litellm:v1.80.5", "5e1f", OLD_CONFIG),
            &after,
        )
    };
    let secret = |value: &str| json!({"apiVersion": "v1", "kind": "Secret", "data": {"api-key": value}});
    let secret = update(of("", "Secret", "anthropic"), Reason::Changed, &secret(SENSITIVE), &secret(SENSITIVE_CHANGED));
    let job = |image: &str| json!({"kind": "Job", "spec": {"template": {"spec": {"image": image}}}});
    let job = Change {
        action: Action::Replace,
        confidence: Confidence::Unverified("a replacement cannot be dry-run".into()),
        ..update(
            of("batch", "Job", "index"),
            Reason::Immutable { fields: vec!["spec.template".into()] },
            &job("a:1"),
            &job("a:2"),
        )
    };
    let old = change(of("networking.k8s.io", "NetworkPolicy", "old"), Action::Delete, Reason::Removed);
    let gone = change(of("", "Secret", "gone"), Action::Forget, Reason::Gone);
    Plan {
        effects: vec!["gateway of cluster `prod` restarts: its configuration changed".into()],
        successions: vec![succession],
        ..plan(vec![
            change(ObjectRef::of_namespace("prod"), Action::NoOp, Reason::Equal),
            config,
            secret,
            gateway,
            job,
            old,
            old_config,
            gone,
        ])
    }
}

/// Somebody scaled and edited by hand.
pub(super) fn drift() -> Plan {
    let before = json!({"spec": {"replicas": 5, "paused": true}});
    let after = json!({"spec": {"replicas": 2}});
    let reason = Reason::Drifted { managers: vec!["kubectl-edit".into(), "kubectl-scale".into()] };
    let gateway = Change {
        takes: vec!["spec.replicas (kubectl-scale)".into()],
        ..update(of("apps", "Deployment", "gateway"), reason, &before, &after)
    };
    let service = |port: i64| json!({"spec": {"ports": [{"port": port, "name": "http"}]}});
    let unknown = Reason::Drifted { managers: Vec::new() };
    plan(vec![gateway, update(of("", "Service", "gateway"), unknown, &service(80), &service(8000))])
}

fn problem(severity: Severity, code: &str, message: &str, hint: &str) -> Problem {
    Problem {
        severity,
        code: code.into(),
        object: Some(of("apps", "Deployment", "gateway")),
        address: Some(Address::cluster("prod")),
        source: Some(Source { file: "quickstart.toml".into(), line: 3, column: 1 }),
        message: message.into(),
        hint: Some(hint.into()),
        conflicts: Vec::new(),
    }
}

/// Two errors and a warning; the rest of the plan is shown all the same.
pub(super) fn conflict() -> Plan {
    let conflict = problem(
        Severity::Error,
        "conflict",
        "other field managers own `spec.replicas` (kubectl-scale, Update since 2026-01-01T00:00:00Z): 5 there, 2 described",
        "`--force-conflicts` takes these fields; or leave them out of the description",
    );
    let conflict = conflict.with_conflicts(vec![Claim {
        field: "spec.replicas".into(),
        manager: "kubectl-scale".into(),
        operation: "Update".into(),
        since: "2026-01-01T00:00:00Z".into(),
        live: "5".into(),
        described: "2".into(),
    }]);
    let mut exists = problem(
        Severity::Error,
        "exists",
        "it exists already and langop did not make it",
        "`--adopt=Namespace/prod` takes it over",
    );
    exists.object = Some(ObjectRef::of_namespace("prod"));
    let warning = Problem {
        object: None,
        address: None,
        source: None,
        hint: None,
        ..problem(Severity::Warning, "deprecated", "provider `custom` is deprecated\nwrite `openai-compatible`", "")
    };
    let created = create(of("", "ServiceAccount", "gateway"), json!({"kind": "ServiceAccount"}));
    Plan { problems: vec![conflict, exists, warning], ..plan(vec![created]) }
}

/// Everything goes, most of it with its owner.
pub(super) fn destroy() -> Plan {
    let with = |object: ObjectRef, owner: ObjectRef| change(object, Action::Delete, Reason::With { object: owner });
    let namespace = ObjectRef::of_namespace("prod");
    let kept = change(of("", "PersistentVolumeClaim", "data"), Action::Forget, Reason::Kept);
    let kinds = BTreeMap::from([("PersistentVolumeClaim".to_owned(), 2), ("Secret".to_owned(), 1)]);
    Plan {
        destroy: true,
        unmanaged: BTreeMap::from([("prod".to_owned(), kinds)]),
        ..plan(vec![
            with(of("", "Service", "gateway"), namespace.clone()),
            with(of("apps", "Deployment", "gateway"), namespace.clone()),
            with(of("", "ConfigMap", OLD_CONFIG), namespace.clone()),
            kept,
            with(namespace, cluster()),
            change(cluster(), Action::Delete, Reason::Destroyed),
        ])
    }
}

/// All as described.
pub(super) fn nothing() -> Plan {
    let done = |object| change(object, Action::NoOp, Reason::Equal);
    plan(vec![done(cluster()), done(ObjectRef::of_namespace("prod")), done(of("apps", "Deployment", "gateway"))])
}

/// Checks of every kind.
pub(super) fn checks() -> Vec<ClusterCheck> {
    let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let call = |model: &str, milliseconds: u64, answer| Call {
        model: model.to_owned(),
        took: Duration::from_millis(milliseconds),
        answer,
    };
    let good = ClusterCheck {
        cluster: "prod".to_owned(),
        pod: Some("gateway-7d4f-x".to_owned()),
        listing: Listing {
            listed: names(&["claude", "fast"]),
            catalogues: BTreeMap::from([("all/*".to_owned(), 3)]),
            ..Listing::default()
        },
        calls: vec![
            call("claude", 1234, Ok(Some(0.000_045))),
            call("embed", 80, Err(CallFault::Status(400, Some("invalid_request_error".to_owned())))),
            call("gpt", 310, Err(CallFault::Status(401, None))),
            call("llama", 60_000, Err(CallFault::Silent("no answer within 60 s".to_owned()))),
            call("own", 90, Ok(None)),
            call("two", 90, Err(CallFault::Other("one".to_owned()))),
        ],
        ..ClusterCheck::default()
    };
    let wrong = ClusterCheck {
        cluster: "stage".to_owned(),
        pod: Some("gateway-5c9b-y".to_owned()),
        stale: true,
        listing: Listing {
            listed: names(&["claude"]),
            missing: names(&["gpt"]),
            extra: names(&["old"]),
            ..Listing::default()
        },
        ..ClusterCheck::default()
    };
    let faults = [
        Fault::NotReady("it has no pod".to_owned()),
        Fault::Silent("no connection to the pod: refused".to_owned()),
        Fault::Unhealthy(503),
        Fault::NoKey,
        Fault::Refused(401),
    ];
    let without_list = faults.into_iter().enumerate().map(|(number, fault)| ClusterCheck {
        cluster: format!("test-{number}"),
        pod: (number > 0).then(|| "gateway-z".to_owned()),
        fault: Some(fault),
        ..ClusterCheck::default()
    });
    [good, wrong].into_iter().chain(without_list).collect()
}

/// A stack that is being changed, one that nobody may look at, and one whose record is broken.
pub(super) fn stacks() -> Vec<StackRow> {
    let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
    let record = |stack: &str, serial| {
        let entries = nothing().changes.into_iter().map(|change| (change.object, entry())).collect();
        let written_by = "0.1.0".to_owned();
        Inventory { serial, written_by, entries, ..Inventory::new(stack) }
    };
    let broken = StateError::Corrupt { place: "ConfigMap/stack-z".to_owned(), cause: "it is not base64".to_owned() };
    let problem = broken.to_string();
    let row = |stack: &str, record, written: &str, lock| {
        let stack = StackRecord { stack: stack.to_owned(), record, written: time(written), lock };
        StackRow { stack, problem: None }
    };
    vec![
        row("production", Ok(record("production", 17)), "2026-01-02T03:04:05Z", LockState::Held(Box::new(held()))),
        row("stage", Ok(record("stage", 1)), "2026-01-01T00:00:00Z", LockState::Unknown),
        StackRow { problem: Some(problem), ..row("z", Err(broken), "", LockState::Free) },
    ]
}

fn entry() -> Entry {
    Entry {
        uid: None,
        generation: None,
        resource_version: None,
        fields: None,
        digest: String::new(),
        address: Address::cluster("prod"),
        api_version: "v1".to_owned(),
        depends_on: Vec::new(),
        lifecycle: Lifecycle::Managed,
        adopted: false,
        standing: Standing::Ready,
    }
}

fn held() -> Held {
    let mut holder = Holder::this_process(Some("https://ci.example.com/7".to_owned()));
    (holder.host, holder.pid) = ("ci-7".to_owned(), 4711);
    holder.since = "2026-01-02T03:04:00Z".parse().unwrap();
    Held { holder: Some(holder), identity: "ci-7".to_owned(), renewed: None }
}

/// Events, of which one has words that would move a terminal.
pub(crate) fn cluster_events() -> Vec<ClusterEvent> {
    let event = |object: ObjectRef, reason: &str, message: &str, count: i64| ClusterEvent {
        object,
        warning: count > 1,
        reason: reason.to_owned(),
        message: message.to_owned(),
        by: Some("kubelet".to_owned()),
        count,
        first: "2026-11-27T06:00:00Z".parse().ok(),
        last: "2026-11-27T06:30:00Z".parse().ok(),
    };
    vec![
        event(of("apps", "Deployment", "gateway"), "ScalingReplicaSet", "Scaled up replica set gateway-1 to 2", 1),
        event(of("", "Pod", "gateway-1-a"), "BackOff", "Back-off pulling\n  image \u{1b}[31mx", 7),
    ]
}
