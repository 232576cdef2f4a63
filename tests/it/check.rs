//! `langop check` against real gateways: `LiteLLM` runs on loopback, with what was applied, behind a port of the
//! simulated pod.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use langop::dev::gateway::{self, Gateway, GatewayWish};
use langop::dev::{DevHome, Silent};
use secrecy::SecretBox;
use serde_json::{Value, json};

use crate::bench::{Bench, Checked, eventually};

/// A provider's key; its provider quotes it.
const KEY: &str = "k3y-of-the-vendor";

const DESCRIPTION: &str = r#"
    stack = "NAME"
    [clusters.NAME]
    [models.good]
    provider = "openai-compatible"
    modelName = "large"
    endpoint = "http://127.0.0.1:PORT/v1"
    aliases = ["fast"]
    cost = { inputPerMillion = 3.0, outputPerMillion = 15.0 }
    [models.other]
    provider = "openai-compatible"
    modelName = "large"
    endpoint = "http://127.0.0.1:PORT/v1"
    apiKeySecretRef = { name = "vendor" }
    [models.all]
    litellmProvider = "openrouter"
    modelName = "*"
    apiKeySecretRef = { name = "vendor" }
    [models.refused]
    provider = "openai-compatible"
    modelName = "refused"
    endpoint = "http://127.0.0.1:PORT/v1"
    apiKeySecretRef = { name = "vendor" }
    fallbacks = ["good"]
    [secrets.vendor]
    fromEnv = { api-key = "VENDOR_KEY" }
"#;

/// A provider on loopback. It knows every model but `refused`, and counts a token or two.
pub fn provider() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || while answer(stream.as_ref().unwrap()).is_some() {});
        }
    });
    port
}

/// Answers one request; none when there are no more.
fn answer(mut stream: &TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream);
    let (mut head, mut line) = (String::new(), String::new());
    while lines.read_line(&mut line).ok()? > 2 {
        head.push_str(&line.to_lowercase());
        line.clear();
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    lines.read_exact(&mut body).ok()?;
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let (status, said) = match asked["model"].as_str() {
        None => (404, json!({})),
        Some("refused") => {
            let message = format!("Incorrect API key provided: {KEY}");
            (401, json!({ "error": { "message": message, "type": "invalid_request_error", "code": KEY } }))
        }
        Some(model) => {
            let message = json!({ "role": "assistant", "content": "ok" });
            let choice = json!({ "index": 0, "finish_reason": "stop", "message": message });
            let usage = json!({ "prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7 });
            (
                200,
                json!({ "id": "x", "object": "chat.completion", "created": 1, "model": model,
                          "choices": [choice], "usage": usage }),
            )
        }
    };
    let said = said.to_string();
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}", said.len());
    stream.write_all(format!("{head}\r\n\r\n{said}").as_bytes()).ok()
}

/// Values of a Secret as they are in the cluster.
fn secret(bench: &Bench, name: &str) -> BTreeMap<String, Vec<u8>> {
    let secret = bench.object(&["secret", name, "-n", &bench.name]);
    let data: BTreeMap<String, String> = serde_json::from_value(secret["data"].clone()).unwrap();
    data.into_iter().map(|(key, value)| (key, STANDARD.decode(value).unwrap())).collect()
}

/// Runs what was applied: the Deployment's arguments and environment, the `ConfigMap`, the Secrets.
pub fn run(bench: &Bench) -> Gateway {
    let boxed = |bytes: Vec<u8>| SecretBox::new(Box::new(bytes));
    let deployment = bench.object(&["deployment", "gateway", "-n", &bench.name]);
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    let variables = container["env"].as_array().unwrap().iter().filter_map(|variable| {
        let name = variable["name"].as_str().unwrap().to_owned();
        let source = &variable["valueFrom"]["secretKeyRef"];
        let value = match source["name"].as_str() {
            Some(name) => match secret(bench, name).remove(source["key"].as_str().unwrap()) {
                None if source["optional"] == true => return None,
                value => value.unwrap(),
            },
            None => variable["value"].as_str().unwrap_or_default().into(),
        };
        Some((name, boxed(value)))
    });
    let maps = bench.object(&["configmap", "-n", &bench.name, "-l", "langop.io/kind=gateway"]);
    let files = maps["items"].as_array().unwrap().iter().flat_map(|map| map["data"].as_object().unwrap());
    let files = files.map(|(name, text)| (name.clone(), boxed(text.as_str().unwrap().into()))).collect();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let wish = GatewayWish {
        directories: BTreeMap::from([(PathBuf::from("/etc/langop"), files), ("/tmp".into(), BTreeMap::new())]),
        variables: variables.collect(),
        arguments: serde_json::from_value(container["args"].clone()).unwrap(),
        port: Some(port),
        log: Some(bench.dir.path().join("gateway.log")),
    };
    let home = DevHome::from_env().unwrap();
    let mut gateway = gateway::start(&home, &wish, &Silent).unwrap_or_else(|error| panic!("{error}"));
    assert!(gateway.wait_ready(|| true).unwrap());
    gateway
}

/// Leads port 4000 of all pods of the test's namespace to a port of this machine.
pub fn lead(bench: &Bench, port: &str) {
    let forward = json!({
        "apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "ClusterPortForward", "metadata": { "name": bench.name },
        "spec": { "selector": { "matchNamespaces": [bench.name] },
                  "forwards": [{ "ports": [4000], "target": { "address": "127.0.0.1", "port": port.parse::<u16>().unwrap() } }] },
    });
    let file = bench.write("forward.json", &forward.to_string());
    bench.kubectl(&["apply", "-f", file.to_str().unwrap()]);
}

fn applied(test: &str, description: &str) -> (Bench, String) {
    let bench = Bench::new(test);
    let description = description.replace("PORT", &provider().to_string());
    bench.write("langop.toml", &description);
    let said = bench.command(&["apply", "--yes"]).env("VENDOR_KEY", KEY).output().unwrap();
    crate::bench::said(&said).exits(0);
    (bench, description)
}

fn findings(said: &Checked) -> Vec<String> {
    let pod = said.out.lines().next().unwrap();
    assert!(pod.contains("(pod gateway-"), "{}", said.out);
    said.out.lines().skip(1).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn a_gateway_is_as_described_or_each_difference_is_named() {
    let (bench, description) = applied("check", DESCRIPTION);
    let mut gateway = run(&bench);
    lead(&bench, gateway.url().rsplit_once(':').unwrap().1);
    let good = || bench.langop(&["check"]).code == Some(0);
    eventually("the port leads to the gateway", Duration::from_secs(20), good);

    let said = bench.langop(&["check"]).exits(0);
    let lines = [
        "ok     it is ready",
        "ok     `/v1/models` lists what the description does: fast, large, refused",
        "ok     `all/*` stands for 0 listed names",
        "The gateway is as described.",
    ];
    assert_eq!(findings(&said), lines);

    // One completion a model: two models of one name are called apart, and no fallback hides a failure.
    let said = bench.langop(&["check", "--call"]).exits(1);
    let lines = findings(&said);
    assert!(lines[3].starts_with("ok     good answers in ") && lines[3].ends_with(" for $0.000045"), "{}", lines[3]);
    assert!(lines[4].starts_with("ok     other answers in "), "{}", lines[4]);
    let refused = "failed refused: 401 authentication_error: the provider refuses the credentials (";
    assert!(lines[5].starts_with(refused), "{}", lines[5]);
    assert!(lines[6..] == ["The gateway is not as described."], "{lines:?}");
    assert!(!format!("{}{}", said.out, said.err).contains(KEY));

    let document = bench.langop(&["check", "--call", "--json", "--cluster", &bench.name]).exits(1).json();
    let cluster = &document["clusters"][0];
    assert_eq!((&document["good"], &cluster["verdict"]), (&json!(false), &json!("failed")));
    assert_eq!(cluster["listed"], json!(["fast", "large", "refused"]));
    assert_eq!((&cluster["calls"][0]["model"], &cluster["calls"][0]["cost"]), (&json!("good"), &json!(0.000_045)));
    // The gateway lets a model rest for some seconds after a 401, and answers 429 itself.
    assert!([json!(401), json!(429)].contains(&cluster["calls"][2]["status"]), "{cluster}");

    // A description that was not applied.
    let more = "[models.new]\nprovider = \"openai-compatible\"\nmodelName = \"new\"\nendpoint = \"http://new.corp\"\n";
    let changed = description.replace(r#"aliases = ["fast"]"#, "");
    bench.write("changed.toml", &format!("{changed}\n{more}"));
    let lines = findings(&bench.langop(&["check", "changed.toml"]).exits(1));
    assert!(lines[0].starts_with("note   the pod runs another configuration than the description's"), "{lines:?}");
    assert_eq!(lines[2], "failed `/v1/models` lacks new");
    assert_eq!(lines[3], "failed `/v1/models` lists fast, which the description does not");

    // Another secret than the one that the gateway was started with.
    let secret = json!({ "stringData": { "hmac-secret": "another" } }).to_string();
    bench.kubectl(&["patch", "secret", "gateway-auth", "-n", &bench.name, "-p", &secret]);
    let said = bench.langop(&["check"]).exits(1);
    assert!(findings(&said)[0].starts_with("failed `/v1/models` answers 401 to a key from"), "{}", said.out);
    assert!(!said.out.contains("another\n") && gateway.ended().is_none());

    // Nothing listens.
    drop(gateway);
    let said = bench.langop(&["check"]).exits(1);
    let silent = "failed the gateway does not answer: no connection to the pod: ";
    assert!(findings(&said)[0].starts_with(silent), "{}", said.out);
    bench.kubectl(&["delete", "clusterportforward", &bench.name]);
    let said = bench.langop(&["check"]).exits(1);
    assert!(said.out.contains("no forward found for port 4000"), "{}", said.out);
}

#[test]
fn a_gateway_that_restricts_agents_or_asks_for_no_key_is_checked_too() {
    let restricted = r#"
        stack = "NAME"
        [clusters.NAME.gateway.auth]
        AUTH
        [models.one]
        provider = "openai-compatible"
        modelName = "one"
        endpoint = "http://127.0.0.1:PORT/v1"
        [agents.idle]
        image = "idle"
        models = [{ name = "one" }]
    "#;
    for (name, auth) in [("check-restricted", "restrictModels = true"), ("check-open", "enabled = false")] {
        let (bench, _) = applied(name, &restricted.replace("AUTH", auth));
        let gateway = run(&bench);
        lead(&bench, gateway.url().rsplit_once(':').unwrap().1);
        let good = || bench.langop(&["check", "--call"]).code == Some(0);
        eventually("the gateway is as described", Duration::from_secs(20), good);
    }
}

/// A kubeconfig of an identity that may do what the rules say, in the test's namespace.
fn identity(bench: &Bench, name: &str, rules: &Value) -> PathBuf {
    let role = json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
                       "metadata": { "name": name, "namespace": bench.name }, "rules": rules });
    let file = bench.write("role.json", &role.to_string());
    bench.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    let namespace = ["-n", bench.name.as_str()];
    let account = format!("--serviceaccount={}:{name}", bench.name);
    bench.kubectl(&[&["create", "serviceaccount", name][..], &namespace].concat());
    bench.kubectl(&[&["create", "rolebinding", name, "--role", name, &account][..], &namespace].concat());
    let token = bench.kubectl(&[&["create", "token", name][..], &namespace].concat());
    let view: Value = serde_json::from_str(&bench.kubectl(&["config", "view", "--raw", "-o", "json"])).unwrap();
    let mut view = view;
    view["users"][0]["user"] = json!({ "token": token.trim() });
    bench.write(&format!("{name}.json"), &view.to_string())
}

#[test]
fn what_is_not_permitted_or_not_there_is_said_by_message_and_exit_code() {
    let (bench, _) = applied("check-denied", DESCRIPTION);
    let right = |resource: &str, verbs: &[&str]| json!({ "apiGroups": [""], "resources": [resource], "verbs": verbs });
    let pods = right("pods", &["list"]);
    let mut secrets = right("secrets", &["get"]);
    secrets["resourceNames"] = json!(["gateway-auth"]);
    let forward = right("pods/portforward", &["get", "create"]);
    let check = |kubeconfig: &PathBuf| bench.langop(&["check", "--kubeconfig", kubeconfig.to_str().unwrap()]);

    let said = check(&identity(&bench, "no-secrets", &json!([pods]))).exits(77);
    let text = format!(
        "error: a key for the gateway is made from Secret/gateway-auth, which this identity may not `get` in namespace \
         `{0}`\nhint: ask for the permission named above; `kubectl auth can-i --list` shows what you have\n",
        bench.name
    );
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", text.as_str()));
    // What the README asks for is enough to come to the pod, behind which nothing is.
    let said = check(&identity(&bench, "enough", &json!([pods, secrets, forward]))).exits(1);
    assert!(said.out.contains("no forward found for port 4000"), "{}{}", said.out, said.err);
    let said = check(&identity(&bench, "no-forward", &json!([pods, secrets]))).exits(77);
    assert!(said.err.contains(r#"cannot get resource "pods/portforward""#), "{}", said.err);

    let said = bench.langop(&["check", "--cluster", "other"]).exits(65);
    assert_eq!(said.err, "error: the description has no cluster `other`\n");

    // No pod.
    bench.kubectl(&["scale", "deployment", "gateway", "--replicas=0", "-n", &bench.name]);
    let gone = || bench.kubectl(&["get", "pods", "-n", &bench.name, "-o", "name"]).is_empty();
    eventually("the pods go", Duration::from_secs(30), gone);
    let said = bench.langop(&["check"]).exits(6);
    assert!(said.out.contains("failed no pod of the gateway is ready: it has no pod"), "{}", said.out);

    // No server.
    let mut view: Value = serde_json::from_str(&bench.kubectl(&["config", "view", "--raw", "-o", "json"])).unwrap();
    view["clusters"][0]["cluster"]["server"] = json!("https://127.0.0.1:9");
    check(&bench.write("nowhere.json", &view.to_string())).exits(69);
}
