//! Plans against quotas, case by case.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::object::{Address, Lifecycle, Manifest, Meta, Source};
use crate::plan::{Confidence, Inputs, PlanOptions, compute};

/// A namespace `n`, as it is and as it should be.
#[derive(Default)]
struct Scene {
    desired: BTreeMap<ObjectRef, Desired>,
    observed: BTreeMap<ObjectRef, Observed>,
    usage: Usage,
}

fn becomes(object: Value) -> Preview {
    Preview::Becomes { object, confidence: Confidence::Server, takes: Vec::new() }
}

fn named(kind: &str, name: &str, mut object: Value) -> Value {
    let api = match kind {
        "Deployment" | "DaemonSet" => "apps/v1",
        "CronJob" => "batch/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        "LanguageModel" => "langop.io/v1alpha1",
        _ => "v1",
    };
    object["apiVersion"] = json!(api);
    object["kind"] = json!(kind);
    object["metadata"] = json!({"name": name, "namespace": "n", "uid": format!("{kind}-{name}"),
        "managedFields": [{"manager": "langop", "operation": "Apply"}], "labels": {"app.kubernetes.io/managed-by": "langop", "langop.io/stack": "s"}});
    object
}

impl Scene {
    fn want(&mut self, object: Value, observed: Observed) {
        let manifest = Manifest::new(object.clone(), None, None).unwrap();
        let wanted = Desired {
            address: Address::object(&manifest.reference),
            source: Some(Source { file: "a.toml".into(), line: 1, column: 1 }),
            object: object.into(),
            digest: "d".to_owned(),
            lifecycle: Lifecycle::Managed,
            replaceable: false,
            depends_on: Vec::new(),
            places: BTreeMap::from([("/spec/hard/limits.cpu".to_owned(), at_line(7))]),
        };
        self.desired.insert(manifest.reference.clone(), wanted);
        self.observed.insert(manifest.reference, observed);
    }

    fn made(mut self, object: Value) -> Self {
        let observed = Observed::Absent(becomes(object.clone()));
        self.want(object, observed);
        self
    }

    fn changed(mut self, from: Value, to: Value) -> Self {
        let (group, kind) = match from["kind"].as_str().unwrap() {
            kind @ "Deployment" => ("apps", kind.to_owned()),
            kind => ("", kind.to_owned()),
        };
        let meta = std::sync::Arc::new(Meta::from_object(group, &kind, &from).unwrap());
        let observed = Observed::Live { meta, live: from, next: becomes(to.clone()) };
        self.want(to, observed);
        self
    }

    fn quota(mut self, hard: Value, used: Value) -> Self {
        let mut quota = json!({"metadata": {"name": "theirs"}});
        quota["spec"]["hard"] = hard;
        quota["status"]["used"] = used;
        self.usage.quotas.push(quota);
        self
    }

    /// Live pods of a Deployment.
    fn pods(mut self, of: &str, count: usize, cpu: &str) -> Self {
        let pod = json!({"metadata": {"labels": {"pod-template-hash": "h"}, "ownerReferences": [
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{of}-h"), "controller": true}]},
            "spec": pod(cpu), "status": {"phase": "Running"}});
        self.usage.pods.extend(std::iter::repeat_n(pod, count));
        self
    }

    fn problems(&self) -> Vec<Problem> {
        let (owned, options) = (BTreeMap::new(), PlanOptions::default());
        let (desired, observed) = (&self.desired, &self.observed);
        let plan = compute(&Inputs { stack: "s", desired, observed, owned: &owned, options: &options });
        assert!(plan.problems.is_empty(), "{:?}", plan.problems);
        let usage = BTreeMap::from([("n".to_owned(), self.usage.clone())]);
        let model = GroupKind::new("langop.io", "LanguageModel");
        let plurals = BTreeMap::from([(model, "languagemodels.langop.io".to_owned())]);
        Capacity { plan: &plan, desired, observed, usage: &usage, plurals: &plurals }.problems()
    }

    #[track_caller]
    fn fits(&self) {
        assert_eq!(self.problems(), Vec::new());
    }

    #[track_caller]
    fn says(&self, severity: Severity, message: &str) -> Problem {
        let problems = self.problems();
        let said: Vec<_> = problems.iter().map(|one| (one.severity, one.message.as_str())).collect();
        assert_eq!(said, [(severity, message)]);
        problems[0].clone()
    }
}

fn at_line(line: usize) -> Source {
    Source { file: "a.toml".into(), line, column: 1 }
}

fn pod(cpu: &str) -> Value {
    json!({"containers": [{"name": "c", "resources": {"limits": {"cpu": cpu}}}]})
}

fn deployment(name: &str, replicas: i64, cpu: &str) -> Value {
    let rolling = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}});
    let spec = json!({"replicas": replicas, "strategy": rolling, "template": {"spec": pod(cpu)}});
    named("Deployment", name, json!({"spec": spec}))
}

fn own_quota(hard: Value) -> Value {
    let mut quota = named("ResourceQuota", "langop-quota", json!({}));
    quota["spec"]["hard"] = hard;
    quota
}

fn image(mut deployment: Value, image: &str) -> Value {
    deployment["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image);
    deployment
}

#[test]
fn what_a_new_stack_asks_for_is_summed_up() {
    let scene = |cpu: &str| {
        Scene::default()
            .made(own_quota(json!({"limits.cpu": cpu})))
            .made(deployment("gateway", 2, "1"))
            .made(deployment("web", 1, "500m"))
    };
    scene("2500m").fits();
    let problem = scene("2").says(
        Severity::Error,
        "limits.cpu: 2500m wanted, 2 allowed by ResourceQuota/langop-quota in n: \
         Deployment/gateway 2 × 1, Deployment/web 1 × 500m",
    );
    assert_eq!(problem.source, Some(at_line(7)));
    assert_eq!(problem.hint.unwrap(), "raise `capacity.maxCPU` of cluster `n`, or ask for less");
}

#[test]
fn a_rolling_update_needs_room_for_its_surge_pod() {
    let scene = |cpu: &str| {
        let old = deployment("gateway", 2, "1");
        Scene::default()
            .changed(old.clone(), image(old, "new"))
            .pods("gateway", 2, "1")
            .quota(json!({"limits.cpu": cpu}), json!({"limits.cpu": "2"}))
    };
    scene("3").fits();
    scene("2").says(
        Severity::Error,
        "limits.cpu: 3 wanted, 2 allowed by ResourceQuota/theirs in n: Deployment/gateway 2 × 1 + 1 surge pod × 1",
    );
}

#[test]
fn smaller_pods_come_one_by_one_beside_the_larger_ones() {
    let scene = |cpu: &str| {
        Scene::default()
            .changed(deployment("gateway", 2, "2"), deployment("gateway", 2, "1"))
            .pods("gateway", 2, "2")
            .quota(json!({"limits.cpu": cpu}), json!({"limits.cpu": "4"}))
    };
    scene("5").fits();
    scene("4").says(
        Severity::Error,
        "limits.cpu: 5 wanted, 4 allowed by ResourceQuota/theirs in n: \
         Deployment/gateway 2 × 1 + 3 while its pods of 2 are replaced one by one",
    );
}

#[test]
fn a_change_that_replaces_no_pod_needs_no_surge() {
    let old = deployment("gateway", 2, "1");
    let mut labelled = old.clone();
    labelled["metadata"]["labels"]["x"] = json!("y");
    let full = json!({"limits.cpu": "2"});
    Scene::default().changed(old.clone(), labelled).pods("gateway", 2, "1").quota(full.clone(), full.clone()).fits();
    Scene::default()
        .changed(old, deployment("gateway", 1, "1"))
        .pods("gateway", 2, "1")
        .quota(full.clone(), full)
        .fits();
}

#[test]
fn surges_take_turns_and_the_plan_says_that_they_wait() {
    let two = |cpu: &str| {
        let (one, other) = (deployment("a", 1, "1"), deployment("b", 1, "1"));
        Scene::default()
            .changed(one.clone(), image(one, "new"))
            .changed(other.clone(), image(other, "new"))
            .pods("a", 1, "1")
            .pods("b", 1, "1")
            .quota(json!({"limits.cpu": cpu}), json!({"limits.cpu": "2"}))
    };
    two("4").fits();
    two("3").says(
        Severity::Warning,
        "limits.cpu: 4 are wanted for a while; some pods wait until others have been replaced or have ended: \
         3 allowed by ResourceQuota/theirs in n: Deployment/a 1 × 1 + 1 surge pod × 1, Deployment/b 1 × 1 + 1 surge pod × 1",
    );
    assert_eq!(two("2").problems()[0].severity, Severity::Error);
}

#[test]
fn what_others_use_counts_and_own_pods_count_once() {
    let old = deployment("gateway", 1, "1");
    let scene = Scene::default()
        .changed(old.clone(), image(old, "new"))
        .pods("gateway", 1, "1")
        .pods("theirs", 2, "1")
        .quota(json!({"limits.cpu": "3"}), json!({"limits.cpu": "3"}));
    scene.says(
        Severity::Error,
        "limits.cpu: 4 wanted, 3 allowed by ResourceQuota/theirs in n: \
         Deployment/gateway 1 × 1 + 1 surge pod × 1, others 2",
    );
}

#[test]
fn a_count_of_the_quota_that_is_late_is_not_believed() {
    // Its controller still counts a pod that is gone.
    Scene::default()
        .made(deployment("gateway", 1, "1"))
        .quota(json!({"limits.cpu": "1"}), json!({"limits.cpu": "1"}))
        .fits();
}

#[test]
fn an_autoscaler_must_reach_its_minimum_and_is_warned_of_its_maximum() {
    let scene = |cpu: &str| {
        let scaler = json!({"spec": {"minReplicas": 2, "maxReplicas": 5,
            "scaleTargetRef": {"kind": "Deployment", "name": "gateway"}}});
        Scene::default()
            .made(deployment("gateway", 1, "1"))
            .made(named("HorizontalPodAutoscaler", "gateway", scaler))
            .quota(json!({"limits.cpu": cpu}), json!({"limits.cpu": "0"}))
    };
    scene("5").fits();
    scene("2").says(
        Severity::Warning,
        "limits.cpu: 5 are wanted when autoscalers go to their maximum; the last pods would be refused: \
         2 allowed by ResourceQuota/theirs in n: Deployment/gateway 2 × 1",
    );
    assert_eq!(scene("1").problems()[0].severity, Severity::Error);
}

#[test]
fn a_cron_job_must_find_room_for_one_run() {
    let cron = named(
        "CronJob",
        "night",
        json!({"spec": {"jobTemplate": {"spec": {"parallelism": 2, "template": {"spec": pod("1")}}}}}),
    );
    let scene = |cpu: &str| Scene::default().made(cron.clone()).quota(json!({"limits.cpu": cpu}), json!({}));
    scene("2").fits();
    scene("1").says(
        Severity::Error,
        "limits.cpu: 2 wanted, 1 allowed by ResourceQuota/theirs in n: a run of CronJob/night 2 × 1",
    );
}

#[test]
fn pods_are_counted_too() {
    Scene::default()
        .made(named("Pod", "p", json!({"spec": pod("1")})))
        .made(deployment("gateway", 2, "1"))
        .quota(json!({"pods": "2"}), json!({"pods": "0"}))
        .says(
            Severity::Error,
            "pods: 3 wanted, 2 allowed by ResourceQuota/theirs in n: Pod/p 1 × 1, Deployment/gateway 2 × 1",
        );
}

#[test]
fn a_container_without_a_limit_is_named_unless_a_limit_range_speaks_for_it() {
    let mut web = deployment("web", 1, "1");
    web["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({});
    web["spec"]["template"]["spec"]["initContainers"] = json!([{"name": "i"}]);
    let hard = json!({"limits.cpu": "4", "limits.memory": "1Gi", "count/secrets": "3"});
    let mut scene = Scene::default().made(web).quota(hard, json!({}));
    scene.says(
        Severity::Error,
        "ResourceQuota/theirs in n refuses containers that do not say what it counts: \
         `c` says no limits.cpu and limits.memory, `i` says no limits.cpu and limits.memory",
    );
    let defaults = json!({"cpu": "1", "memory": "512Mi"});
    scene.usage.limit_ranges.push(json!({"metadata": {"name": "r"},
        "spec": {"limits": [{"type": "Container", "default": defaults}]}}));
    scene.fits();
    scene = scene.made(named("LimitRange", "r", json!({"spec": {"limits": []}})));
    assert_eq!(scene.problems()[0].code, "no-limit", "the desired limit range stands for the live one");
}

#[test]
fn one_model_more_than_the_maximum_is_named_with_the_numbers() {
    let model = |name: &str| named("LanguageModel", name, json!({"spec": {}}));
    let key = "count/languagemodels.langop.io";
    let scene = |most: &str| Scene::default().made(own_quota(json!({key: most}))).made(model("a")).made(model("b"));
    scene("2").fits();
    let problem = scene("1").says(
        Severity::Error,
        "count/languagemodels.langop.io: 2 wanted, 1 allowed by ResourceQuota/langop-quota in n: \
         0 there, 2 new: LanguageModel/a, LanguageModel/b",
    );
    assert!(problem.hint.unwrap().contains("`capacity.maxModels` of cluster `n`"));
    let mut with_theirs = scene("2");
    with_theirs.usage.counts.insert("languagemodels.langop.io".to_owned(), 1);
    assert!(with_theirs.problems()[0].message.contains("3 wanted, 2 allowed"), "{:?}", with_theirs.problems());
}

#[test]
fn what_the_server_has_no_room_for_yet_waits_for_what_leaves() {
    let total = |most: i64| {
        let old = ObjectRef::namespaced("langop.io", "LanguageModel", "n", "old");
        let new = named("LanguageModel", "new", json!({"spec": {}}));
        let new = ObjectRef::namespaced("langop.io", "LanguageModel", "n", new["metadata"]["name"].as_str().unwrap());
        let quota = json!({"metadata": {"name": "langop-quota", "namespace": "n"},
            "spec": {"hard": {"count/languagemodels.langop.io": most.to_string()}},
            "status": {"used": {"count/languagemodels.langop.io": "2"}}});
        let usage = Usage { quotas: vec![quota], ..Usage::default() };
        let plurals =
            BTreeMap::from([(GroupKind::new("langop.io", "LanguageModel"), "languagemodels.langop.io".into())]);
        let steps = vec![(&old, Step::Delete), (&new, Step::Create)];
        let inputs = CapacityInputs { namespace: "n", items: Vec::new(), steps, usage: &usage, plurals: &plurals };
        let found: Vec<_> =
            inputs.findings().into_iter().map(|finding| (finding.kind.code(), finding.message)).collect();
        (inputs.makes_room_for(&new), found)
    };
    assert_eq!(total(3), (true, Vec::new()), "there is room for both");
    let words = "count/languagemodels.langop.io: 2 allowed by ResourceQuota/langop-quota in n: LanguageModel/old goes \
                 before what is new is made";
    assert_eq!(total(2).1, [("goes-first", words.to_owned())]);
    assert_eq!(total(1).1[0].0, "over-quota");
}

#[test]
fn a_maximum_below_the_use_is_a_warning_with_numbers() {
    let quota = |cpu: &str| own_quota(json!({"limits.cpu": cpu}));
    let live = |cpu: &str, used: &str| {
        let mut live = quota(cpu);
        live["status"] = json!({"used": {"limits.cpu": used}});
        live
    };
    let lowered = |used: &str| {
        let mut scene = Scene::default().changed(live("8", used), quota("2"));
        scene.usage.quotas.push(live("8", used));
        scene
    };
    lowered("2").fits();
    lowered("4").says(
        Severity::Warning,
        "limits.cpu goes from 8 to 2 in ResourceQuota/langop-quota in n, below the 4 in use: \
         nothing is stopped, but nothing is let in until less is used",
    );
    Scene::default().made(quota("1")).pods("theirs", 2, "1").says(
        Severity::Warning,
        "limits.cpu is now limited to 1 in ResourceQuota/langop-quota in n, below the 2 in use: \
         nothing is stopped, but nothing is let in until less is used",
    );
}

#[test]
fn what_the_server_has_no_room_for_is_an_error_unless_this_plan_makes_room() {
    let model = named("LanguageModel", "a", json!({"spec": {}}));
    let refused = || {
        let mut scene = Scene::default();
        let message = "exceeded quota: theirs".to_owned();
        scene.want(model.clone(), Observed::Absent(Preview::NoRoom { object: model.clone(), message }));
        scene
    };
    refused().says(Severity::Error, "exceeded quota: theirs");
    refused().made(own_quota(json!({"count/languagemodels.langop.io": "9"}))).fits();
}
