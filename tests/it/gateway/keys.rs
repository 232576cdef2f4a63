//! Keys of agents at the real gateway: which are good, from when and until when, and that a rotation refuses no call.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::process::{Gateway, key_with};
use super::rendered::{Rendered, secret_value};
use crate::bench::Bench;

const DESCRIPTION: &str = r#"
[clusters.c]

[models.small]
provider = "openai-compatible"
modelName = "small"
endpoint = "http://small.test"

[agents.scout]
image = "registry.example.com/scout:1"
[agents.other]
image = "registry.example.com/other:1"
"#;

fn rendered(test: &str) -> (Bench, Rendered) {
    let bench = Bench::at(test, PathBuf::new());
    let file = bench.write("langop.toml", &format!("stack = \"s\"\n\n{DESCRIPTION}")).display().to_string();
    let rendered = Rendered::of(&bench, &[&file], "c").refreshed_within(1);
    (bench, rendered)
}

/// The files with other words about `scout`.
fn saying(files: &BTreeMap<String, String>, scout: &Value, previous: Option<&str>) -> BTreeMap<String, String> {
    let mut files = files.clone();
    let mut said: Value = serde_json::from_str(&files["agents.json"]).unwrap();
    said["agents"]["scout"] = scout.clone();
    files.insert("agents.json".to_owned(), said.to_string());
    files.extend(previous.map(|text| ("scout.previous-key".to_owned(), text.to_owned())));
    files
}

/// A running gateway learns of epochs, ends and blocked agents.
fn learns(gateway: &Gateway, files: &BTreeMap<String, String>, secret: &str) {
    let key = |identity: &str| key_with(secret, identity);
    let status = |key: &str| gateway.chat(key, "small", "keys.").status;
    let (first, second) = (key("scout"), key("scout.2"));
    let others = || assert_eq!(status(&key("other")), 200, "no other agent is affected");

    // Made by langop, of which the gateway hears a minute later.
    assert_eq!((status(&first), status(&second)), (200, 200));
    assert_eq!(status(&key_with("the secret of another cluster", "scout")), 401);
    for nobody in
        ["unheard-of", "scout.0", "scout.1", "scout.02", "scout.x", "scout.", "scout.2.3", "", ".", "../scout"]
    {
        assert_eq!(status(&key(nobody)), 401, "{nobody}");
    }
    let epoch = json!({ "epoch": 2 });
    gateway.republish(&saying(files, &epoch, Some("1 until 2999-01-01T00:00:00Z")));
    assert_eq!((status(&first), status(&second)), (200, 200), "both, while one goes on beside the other");
    gateway.republish(&saying(files, &epoch, Some("1 until 2020-01-01T00:00:00Z")));
    assert_eq!((status(&first), status(&second)), (401, 200));
    others();
    for broken in ["1 until (known after apply)", "1", "", "2999-01-01T00:00:00Z"] {
        gateway.republish(&saying(files, &epoch, Some(broken)));
        assert_eq!((status(&first), status(&second)), (401, 200), "{broken}");
    }
    gateway.republish(&saying(files, &json!({ "epoch": 3 }), Some("1 until 2999-01-01T00:00:00Z")));
    assert_eq!((status(&first), status(&second)), (200, 401), "that of the epoch that is named, and no other");
    gateway.republish(&saying(files, &json!({ "blocked": true }), None));
    let refused = gateway.chat(&first, "small", "refused.");
    assert_eq!(refused.status, 403, "{}", refused.text);
    assert!(refused.text.contains("blocked") && gateway.arrived("refused.").is_empty());
    others();
    gateway.republish(files);
    assert_eq!(status(&first), 200);
}

/// What agents call while a cluster is rotated: the pods that serve, and the keys that agents have.
#[derive(Default)]
struct Cluster {
    pods: Mutex<Vec<Arc<Gateway>>>,
    keys: Mutex<Vec<String>>,
    calls: AtomicU64,
    ended: AtomicBool,
}

impl Cluster {
    /// Calls with every key at every pod, over and over; the first answer that is not 200.
    fn call(&self) -> Option<(u16, String)> {
        while !self.ended.load(Ordering::Relaxed) {
            // Pods stay until their calls are answered, and so do keys.
            let (pods, keys) = (self.pods.lock().unwrap(), self.keys.lock().unwrap());
            for (pod, key) in pods.iter().flat_map(|pod| keys.iter().map(move |key| (pod, key))) {
                let answered = pod.chat(key, "small", "rotated.");
                self.calls.fetch_add(1, Ordering::Relaxed);
                if answered.status != 200 {
                    return Some((answered.status, answered.text));
                }
            }
        }
        None
    }

    fn becomes(&self, pods: &[&Arc<Gateway>], keys: &[&str]) {
        *self.pods.lock().unwrap() = pods.iter().map(|pod| Arc::clone(pod)).collect();
        *self.keys.lock().unwrap() = keys.iter().map(|key| (*key).to_owned()).collect();
        let before = self.calls.load(Ordering::Relaxed);
        let all = u64::try_from(pods.len() * keys.len()).unwrap();
        crate::bench::eventually("all were called", std::time::Duration::from_secs(30), || {
            self.calls.load(Ordering::Relaxed) >= before + 2 * all
        });
    }
}

#[test]
fn a_gateway_learns_which_keys_are_good_and_a_rotation_refuses_no_call() {
    const OLD: &str = "the-old-secret";
    const NEW: &str = "the-new-secret";
    let pod = |present: &str, next: Option<&str>| {
        let (bench, mut rendered) = rendered("rotation");
        if let Some(next) = next {
            rendered.set("LANGOP_NEXT_HMAC_SECRET", next);
            rendered.set("LANGOP_NEXT_MASTER_KEY", &format!("sk-{next}"));
        }
        let secrets = |secret: &str, key: &str| match (secret, key) {
            ("gateway-auth", "hmac-secret") => present.to_owned(),
            ("gateway-auth", "master-key") => format!("sk-{present}"),
            _ => secret_value(secret, key),
        };
        Arc::new(Gateway::run(bench, &rendered, &secrets))
    };
    let keys = |secret: &str| ["scout", "other"].map(|agent| key_with(secret, agent));
    let ([old, old_other], [new, new_other]) = (keys(OLD), keys(NEW));
    let before = pod(OLD, None);
    learns(&before, &rendered("files").1.files, OLD);
    let cluster = Cluster::default();
    std::thread::scope(|scope| {
        let calls = scope.spawn(|| cluster.call());
        cluster.becomes(&[&before], &[&old, &old_other]);
        // Step 1: the gateway rolls, and its pods take both.
        let both = pod(OLD, Some(NEW));
        cluster.becomes(&[&before, &both], &[&old, &old_other]);
        cluster.becomes(&[&both], &[&old, &old_other]);
        drop(before);
        // Step 2: one agent after the other.
        cluster.becomes(&[&both], &[&old, &new, &old_other]);
        cluster.becomes(&[&both], &[&new, &new_other]);
        assert_eq!(both.models("sk-the-old-secret"), both.models("sk-the-new-secret"), "the administrator's, too");
        // Step 3: the gateway rolls again.
        let after = pod(NEW, None);
        cluster.becomes(&[&both, &after], &[&new, &new_other]);
        cluster.becomes(&[&after], &[&new, &new_other]);
        cluster.ended.store(true, Ordering::Relaxed);
        assert_eq!(calls.join().unwrap(), None, "a call was refused");
        for ended in [old.as_str(), &old_other, "sk-the-old-secret"] {
            assert_eq!(after.chat(ended, "small", "ended.").status, 401, "{ended}");
        }
    });
}
