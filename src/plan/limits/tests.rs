//! What a plan says of limits: by pods, by what changes, and nothing where a limit is what it says.

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::object::{Address, Lifecycle, Meta};
use crate::plan::{Confidence, PlanOptions, Preview, compute};

type Both<'a> = [Option<(&'a str, Value)>; 2];

/// The effects of a plan of one cluster and its members, each as it is on the server and as it is described.
pub(in crate::plan) fn said(cluster: [Option<Value>; 2], members: &[Both<'_>]) -> Vec<String> {
    let (mut desired, mut observed) = (BTreeMap::new(), BTreeMap::new());
    let mut put = |object: ObjectRef, specs: [Option<Value>; 2]| {
        let [live, next] = specs.map(|spec| spec.map(|spec| whole(&object, &spec)));
        let preview = |object: &Value| Preview::Becomes {
            object: object.clone(),
            confidence: Confidence::Server,
            takes: Vec::new(),
        };
        let Some(next) = next else { return };
        let seen = match live {
            Some(live) if live == next => Observed::Unchanged(Arc::new(meta(&object, &live))),
            Some(live) => Observed::Live { meta: Arc::new(meta(&object, &live)), live, next: preview(&next) },
            None => Observed::Absent(preview(&next)),
        };
        observed.insert(object.clone(), seen);
        desired.insert(object.clone(), wanted(&object, next));
    };
    put(ObjectRef::cluster_scoped(GROUP, CLUSTER_KIND, "prod"), cluster);
    for [before, after] in members {
        let name = after.as_ref().or(before.as_ref()).unwrap().0;
        let (word, name) = name.split_once('.').unwrap();
        let (kind, _) = MEMBERS.into_iter().find(|(_, own)| *own == word).unwrap();
        let object = ObjectRef::namespaced(GROUP, kind, "prod", name);
        put(object, [before, after].map(|spec| spec.as_ref().map(|(_, spec)| spec.clone())));
    }
    let (owned, options) = (BTreeMap::new(), PlanOptions::default());
    compute(&Inputs { stack: "s", desired: &desired, observed: &observed, owned: &owned, options: &options }).effects
}

fn whole(object: &ObjectRef, spec: &Value) -> Value {
    use crate::object::labels::{MANAGED_BY, STACK};
    json!({"apiVersion": "langop.io/v1alpha1", "kind": object.kind, "spec": spec,
        "metadata": {"name": object.name, "namespace": object.namespace, "uid": "u", "resourceVersion": "1",
            "labels": {MANAGED_BY: "langop", STACK: "s"}, "managedFields": [{"manager": "langop", "operation": "Apply"}]}})
}

fn meta(object: &ObjectRef, live: &Value) -> Meta {
    Meta::from_object(GROUP, &object.kind, live).unwrap()
}

fn wanted(object: &ObjectRef, whole: Value) -> Desired {
    Desired {
        address: Address::object(object),
        source: None,
        object: whole.into(),
        digest: "d".to_owned(),
        lifecycle: Lifecycle::Managed,
        replaceable: false,
        depends_on: Vec::new(),
        places: BTreeMap::new(),
    }
}

fn fixed(replicas: i64) -> Value {
    json!({"gateway": {"deployment": {"replicas": replicas}}})
}

fn scaled() -> Value {
    json!({"gateway": {"deployment": {"replicas": 1, "autoscaling": {"minReplicas": 2, "maxReplicas": 6}}}})
}

fn per_minute(requests: i64) -> Value {
    json!({"rateLimits": {"requestsPerMinute": requests}})
}

#[test]
fn a_limit_of_a_gateway_with_pods_is_as_many_times_what_is_written() {
    let model = [None, Some(("model.claude", per_minute(60)))];
    let one = |cluster: Value| said([None, Some(cluster)], std::slice::from_ref(&model));
    assert_eq!(one(scaled()), ["requests of model `claude` in `prod`: 60/min per pod, 2–6 pods: 120 to 360"]);
    assert_eq!(one(fixed(3)), ["requests of model `claude` in `prod`: 60/min per pod, 3 pods: 180"]);
    let single: [String; 0] = [];
    assert_eq!(one(fixed(1)), single);
    assert_eq!(one(json!({})), single);
    for config in [
        json!({"router_settings": {"redis_host": "os.environ/H"}}),
        json!({"litellm_settings": {"cache_params": {"type": "redis"}}}),
    ] {
        let shared = json!({"gateway": {"deployment": {"replicas": 3}, "config": config}});
        assert_eq!(one(shared), single, "its pods may count together");
    }
}

#[test]
fn with_a_store_a_limit_is_what_is_written() {
    let stored = |replicas: i64| json!({"gateway": {"store": {}, "deployment": {"replicas": replicas}}});
    let same = || [Some(("model.m", per_minute(60))), Some(("model.m", per_minute(60)))];
    let new = [None, Some(("model.m", per_minute(60)))];
    let of = "requests of model `m` in `prod`:";
    assert_eq!(said([None, Some(stored(2))], std::slice::from_ref(&new)), [format!("{of} 60/min over all pods")]);
    let nothing: [String; 0] = [];
    assert_eq!(said([None, Some(stored(1))], std::slice::from_ref(&new)), nothing);
    assert_eq!(said([Some(stored(2)), Some(stored(2))], &[same()]), nothing);
    assert_eq!(
        said([Some(fixed(2)), Some(stored(2))], &[same()]),
        [format!("{of} 60/min over all pods; until now 60/min per pod, 2 pods: 120")]
    );
    assert_eq!(
        said([Some(stored(2)), Some(fixed(2))], &[same()]),
        [format!("{of} 60/min per pod, 2 pods: 120; until now 60/min over all pods")]
    );
}

#[test]
fn every_way_to_write_a_limit_is_one_and_those_alike_share_a_sentence() {
    let limits = json!({"rateLimits": {"requestsPerMinute": 9, "tokensPerMinute": 100}, "params": {"rpm": 5}});
    let members: [Both<'_>; 4] = [
        [None, Some(("model.a", limits))],
        [None, Some(("agent.b", per_minute(5)))],
        [None, Some(("agent.c", json!({})))],
        [None, Some(("model.d", json!({"params": {"tpm": 70}})))],
    ];
    let expected = [
        "requests of agent `b`, model `a` in `prod`, each: 5/min per pod, 2 pods: 10",
        "tokens of model `a` in `prod`: 100/min per pod, 2 pods: 200",
        "tokens of model `d` in `prod`: 70/min per pod, 2 pods: 140",
    ];
    assert_eq!(said([None, Some(fixed(2))], &members), expected);
    let names: Vec<_> = (0..7).map(|number| format!("model.m{number}")).collect();
    let many: Vec<Both<'_>> = names.iter().map(|name| [None, Some((name.as_str(), per_minute(1)))]).collect();
    let all = "model `m0`, model `m1`, model `m2`, model `m3`, model `m4` and 2 more";
    assert_eq!(
        said([None, Some(fixed(2))], &many),
        [format!("requests of {all} in `prod`, each: 1/min per pod, 2 pods: 2")]
    );
}

#[test]
fn it_is_said_of_what_changes_and_of_what_comes_to_have_other_pods() {
    let same = |name: &'static str| [Some((name, per_minute(60))), Some((name, per_minute(60)))];
    let nothing: [String; 0] = [];
    assert_eq!(said([Some(fixed(2)), Some(fixed(2))], &[same("model.m")]), nothing);
    let raised = [Some(("model.n", per_minute(10))), Some(("model.n", per_minute(20)))];
    let words = "requests of model `n` in `prod`: 20/min per pod, 2 pods: 40; until now 10/min per pod, 2 pods: 20";
    assert_eq!(said([Some(fixed(2)), Some(fixed(2))], &[same("model.m"), raised]), [words]);
    let (alone, of) = ("60/min per pod, 2 pods: 120", "requests of model `m` in `prod`:");
    assert_eq!(
        said([Some(fixed(2)), Some(scaled())], &[same("model.m")]),
        [format!("{of} 60/min per pod, 2–6 pods: 120 to 360; until now {alone}")]
    );
    assert_eq!(
        said([Some(fixed(2)), Some(fixed(1))], &[same("model.m")]),
        [format!("{of} 60/min in one pod; until now {alone}")]
    );
}
