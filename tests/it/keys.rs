//! Keys of agents as a user meets them, on the API server: who has which, what a new epoch and a rotation do, and that no
//! value is ever seen. And keys of Secrets that pods still name.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::bench::Bench;
use crate::stopped::interrupted_when;

const STACK: &str = r#"stack = "NAME"

[clusters.NAME]
[clusters.NAME-b]

[models.llama]
clusters = ["NAME", "NAME-b"]
provider = "openai-compatible"
modelName = "llama3.2"
endpoint = "http://llama.models.svc:8080"

[agents.scout]
clusters = ["NAME", "NAME-b"]
image = "registry.example.com/scout:1"
models = [{ name = "llama" }]

[agents.other]
clusters = ["NAME"]
image = "registry.example.com/other:1"
models = [{ name = "llama" }]
"#;

fn data(bench: &Bench, namespace: &str, secret: &str, key: &str) -> String {
    let path = format!("go-template={{{{with index .data \"{key}\"}}}}{{{{. | base64decode}}}}{{{{end}}}}");
    bench.kubectl(&["get", "secret", secret, "-n", namespace, "-o", &path])
}

/// By the rule that is documented.
fn made(secret: &str, id: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(id.as_bytes());
    let first: [u8; 16] = mac.finalize().into_bytes()[..16].try_into().unwrap();
    format!("sk-langop-{id}.{:032x}", u128::from_be_bytes(first))
}

struct Keys<'a> {
    bench: &'a Bench,
    said: Vec<String>,
    seen: Vec<String>,
}

impl Keys<'_> {
    /// Runs langop, and remembers what it said and which values there are now.
    fn langop(&mut self, args: &[&str], code: i32) -> String {
        let said = self.bench.langop(args).exits(code).all();
        self.said.push(said.clone());
        for (namespace, secret, key) in [
            ("", "gateway-auth", "hmac-secret"),
            ("", "gateway-auth", "master-key"),
            ("", "gateway-auth", "hmac-secret-next"),
            ("", "gateway-auth", "master-key-next"),
            ("", "scout-gateway-key", "MODEL_API_KEY"),
            ("-b", "scout-gateway-key", "MODEL_API_KEY"),
        ] {
            let value = data(self.bench, &format!("{}{namespace}", self.bench.name), secret, key);
            self.seen.extend(Some(value).filter(|value| !value.is_empty()));
        }
        said
    }

    fn of(&self, namespace: &str, agent: &str) -> String {
        data(self.bench, &format!("{}{namespace}", self.bench.name), &format!("{agent}-gateway-key"), "MODEL_API_KEY")
    }

    fn secret(&self, namespace: &str) -> String {
        data(self.bench, &format!("{}{namespace}", self.bench.name), "gateway-auth", "hmac-secret")
    }

    fn unchanged(&mut self) {
        self.langop(&["plan", "--detailed-exitcode"], 0);
        self.langop(&["plan", "--detailed-exitcode", "--refresh=full"], 0);
    }
}

fn annotation(bench: &Bench, object: &[&str], name: &str) -> Option<String> {
    let object: Value = bench.object(&[object, &["-n", &bench.name]].concat());
    object["metadata"]["annotations"][name].as_str().map(str::to_owned)
}

#[test]
fn an_agent_has_a_key_of_its_gateway_that_epochs_and_rotations_renew() {
    let bench = Bench::new("keys");
    let write = |scout: &str| {
        let table = "image = \"registry.example.com/scout:1\"\n";
        bench.write("langop.toml", &STACK.replace(table, &format!("{table}{scout}\n")))
    };
    write("");
    let mut keys = Keys { bench: &bench, said: Vec::new(), seen: Vec::new() };
    let ready = "--timeout=20s";
    bench.langop(&["apply", "--yes", ready]).exits(0);
    assert_eq!(keys.of("", "scout"), made(&keys.secret(""), "scout"));
    assert_eq!(keys.of("-b", "scout"), made(&keys.secret("-b"), "scout"));
    assert_ne!(keys.of("", "scout"), keys.of("-b", "scout"), "one cluster's key is none of another");
    keys.unchanged();

    // A new key, the old one beside it until a time that stays.
    write("key = { epoch = 2, overlap = \"24h\" }");
    let other = keys.of("", "other");
    let plan = keys.langop(&["plan", "--out", "plan.json"], 0);
    let words = "key of `scout` of epoch 1 goes on until (known after apply), beside that of epoch 2; no other agent is affected";
    assert!(plan.contains(words), "{plan}");
    keys.langop(&["apply", "--yes", "plan.json"], 0);
    let previous = annotation(&bench, &["secret", "scout-gateway-key"], "langop.io/previous-key").unwrap();
    assert!(previous.starts_with("1 until 20") && previous.ends_with('Z'), "{previous}");
    let told = bench.object(&["configmap", "gateway-agents", "-n", &bench.name]);
    assert_eq!(told["data"]["scout.previous-key"], previous.as_str(), "the gateway is told the same moment");
    assert_eq!((keys.of("", "scout"), keys.of("", "other")), (made(&keys.secret(""), "scout.2"), other));
    keys.unchanged();
    let kept = annotation(&bench, &["secret", "scout-gateway-key"], "langop.io/previous-key");
    assert_eq!(kept, Some(previous));

    // No way back to a key that was ended; and one agent is blocked.
    write("key = { epoch = 1 }");
    let refused = keys.langop(&["plan"], 1);
    assert!(refused.contains("lower-epoch") && refused.contains("`key.epoch = 3`"), "{refused}");
    write("key = { epoch = 3 }\nblocked = true");
    let plan = keys.langop(&["plan"], 0);
    for words in [
        "key of `scout` ends; no other agent is affected",
        "key of `scout` of epoch 2 ends, and that of epoch 3 is its only one; no other agent is affected",
    ] {
        assert!(plan.contains(words), "{plan}");
    }
    keys.langop(&["plan", "--json"], 0);
    assert!(keys.said.last().unwrap().contains("key of `scout` ends; no other agent is affected"));
    keys.langop(&["apply", "--yes", ready], 0);
    assert_eq!(annotation(&bench, &["secret", "scout-gateway-key"], "langop.io/previous-key"), None);
    keys.unchanged();

    rotate(&bench, &mut keys);

    // An agent that goes takes its key along, and no other's.
    let without = bench.path("langop.toml");
    let text = std::fs::read_to_string(&without).unwrap();
    std::fs::write(&without, &text[..text.find("[agents.other]").unwrap()]).unwrap();
    let plan = keys.langop(&["plan"], 0);
    assert!(plan.contains("key of `other` ends; no other agent is affected"), "{plan}");
    let destroyed = keys.said.len();
    bench.langop(&["destroy", "--yes"]).exits(0);
    let record = bench.try_kubectl(&["get", "configmap", "-A", "-o", "yaml"]).out;
    let places = [record, std::fs::read_to_string(bench.path("plan.json")).unwrap()];
    assert!(keys.seen.len() > 4 && destroyed > 4);
    for text in keys.said.iter().chain(&places) {
        for value in &keys.seen {
            assert!(!text.contains(value.as_str()), "a value was shown:\n{text}");
        }
    }
}

/// A pod of an agent with a key of before: a rotation stops before it would end that key, and goes on later.
fn rotate(bench: &Bench, keys: &mut Keys<'_>) {
    let namespace = bench.name.as_str();
    let (secret, elsewhere, master) =
        (keys.secret(""), keys.secret("-b"), data(bench, namespace, "gateway-auth", "master-key"));
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: by-hand, namespace: NAME, labels: {{langop.io/kind: LanguageAgent, \
         app.kubernetes.io/name: other}}, annotations: {{langop.io/credentials-hash: other-gateway-key=0f3a}}}}\n\
         spec: {{securityContext: {HARDENED}, containers: [{{name: main, image: x, securityContext: {CONFINED}, \
         resources: {{limits: {{cpu: 1m, memory: 1Mi}}}}}}]}}\n"
    );
    bench.write("pod.yaml", &pod);
    bench.kubectl(&["apply", "-f", "pod.yaml"]);
    let rotate = ["rotate", "gateway-auth", namespace, "--yes", "--timeout=20s"];
    let said = bench.langop(&[&rotate[..4], &["--timeout=5s"]].concat()).exits(1).all();
    assert!(said.contains("rotation, step 3 of 3") && said.contains("by-hand"), "{said}");
    keys.said.push(said);
    // Whoever waits for that pod may stop, too.
    let said =
        interrupted_when(bench, &[&rotate[..4], &["--timeout=60s"]].concat(), "waiting for pods").exits(130).all();
    assert!(said.contains("run again"), "{said}");
    keys.said.push(said);
    // Both are good meanwhile, and an apply changes nothing.
    assert_eq!(keys.secret(""), secret);
    let next = data(bench, namespace, "gateway-auth", "hmac-secret-next");
    assert_eq!(keys.of("", "other"), made(&next, "other"));
    keys.unchanged();
    bench.kubectl(&["delete", "pod", "by-hand", "-n", namespace, "--grace-period=0", "--force"]);
    keys.langop(&rotate, 0);
    assert_eq!(keys.secret(""), next);
    assert_ne!(data(bench, namespace, "gateway-auth", "master-key"), master);
    assert!(data(bench, namespace, "gateway-auth", "master-key").starts_with("sk-"));
    for gone in ["hmac-secret-next", "master-key-next"] {
        assert_eq!(data(bench, namespace, "gateway-auth", gone), "");
    }
    assert_eq!((keys.of("", "scout"), keys.of("", "other")), (made(&next, "scout.3"), made(&next, "other")));
    assert_eq!((keys.secret("-b"), keys.of("-b", "scout")), (elsewhere.clone(), made(&elsewhere, "scout.3")));
    keys.unchanged();
}

const HARDENED: &str = "{runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}";
const CONFINED: &str = "{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}";

const TWO_KEYS: &str = r#"stack = "NAME"

[clusters.NAME.gateway]
image = "IMAGE"

[models.openai]
provider = "openai"
modelName = "gpt-4o"
apiKeySecretRef = { name = "vendors", key = "openai" }

[secrets.vendors]
fromFile = { openai = "one", anthropic = "two" }
"#;

const SECOND: &str = "\n[models.claude]\nprovider = \"anthropic\"\nmodelName = \"claude-sonnet-4-5\"\n\
                      apiKeySecretRef = { name = \"vendors\", key = \"anthropic\" }\n";

#[test]
fn a_key_that_leaves_a_secret_stays_until_no_pod_names_it() {
    let bench = Bench::new("kept-keys");
    let write = |text: &str, image: &str| bench.write("langop.toml", &text.replace("IMAGE", image));
    bench.write("one", "sk-of-one-vendor");
    bench.write("two", "sk-of-another");
    let served = "registry.example.com/litellm:1";
    write(&format!("{TWO_KEYS}{SECOND}"), served);
    bench.langop(&["apply", "--yes", "--timeout=20s"]).exits(0);

    // The model goes with its key, and the new pods are never ready.
    let one = TWO_KEYS.replace(", anthropic = \"two\"", "");
    write(&one, "dev.langop.io/does-not-exist:1");
    let plan = bench.langop(&["plan"]).exits(0).out;
    assert!(plan.contains("key `anthropic` of Secret/vendors in"), "{plan}");
    let failed = bench.langop(&["apply", "--yes", "--timeout=2s"]).exits(6);
    let value = |key: &str| data(&bench, &bench.name, "vendors", key);
    assert_eq!(value("anthropic"), "sk-of-another", "the pod that serves can start again");

    // Once they are ready, it goes with the same command.
    write(&one, served);
    let applied = bench.langop(&["apply", "--yes", "--timeout=20s"]).exits(0);
    assert_eq!((value("anthropic").as_str(), value("openai").as_str()), ("", "sk-of-one-vendor"));
    bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    for text in [&plan, &failed.all(), &applied.all()] {
        assert!(!text.contains("sk-of-"), "{text}");
    }
    bench.langop(&["destroy", "--yes"]).exits(0);
}
