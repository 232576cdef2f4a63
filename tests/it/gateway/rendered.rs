//! What `langop render` makes of a description, taken apart as a kubelet would: files, variables, arguments.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde::Deserialize as _;
use serde_json::{Value, json};

use super::process::python;
use crate::bench::Bench;

/// The pod of one gateway.
pub struct Rendered {
    /// The files of the configuration.
    pub files: BTreeMap<String, String>,
    container: Value,
    volumes: Value,
}

/// The value of a key of a Secret in these tests: one that tells where it comes from. A key file is one.
pub fn secret_value(secret: &str, key: &str) -> String {
    if key.contains(".json") {
        return key_file().to_owned();
    }
    // A tenant of Azure has no underscore.
    format!("value-of-{secret}-{key}").replace('_', "-")
}

/// The key file of a service account of nobody's.
fn key_file() -> &'static str {
    static FILE: OnceLock<String> = OnceLock::new();
    FILE.get_or_init(|| {
        let program = "from cryptography.hazmat.primitives.asymmetric import rsa\n\
                       from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat\n\
                       key = rsa.generate_private_key(65537, 2048)\n\
                       print(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())";
        let output = Command::new(python()).args(["-c", program]).output().unwrap();
        let key = String::from_utf8(output.stdout).unwrap();
        json!({"type": "service_account", "project_id": "p", "private_key_id": "k", "private_key": key,
            "client_email": "a@p.iam.gserviceaccount.com", "client_id": "1",
            "token_uri": "https://oauth2.googleapis.com/token"})
        .to_string()
    })
}

impl Rendered {
    /// Of the cluster of a description that the bench holds.
    pub fn of(bench: &Bench, files: &[&str], cluster: &str) -> Self {
        let said = bench.langop(&[&["render"], files].concat()).exits(0);
        let documents: Vec<Value> = serde_saphyr::from_multiple(&said.out).unwrap();
        let one = |kind: &str, name: &str| {
            let named = |object: &&Value| {
                let meta = &object["metadata"];
                object["kind"] == kind && meta["name"] == name && meta["namespace"] == cluster
            };
            documents.iter().find(named).unwrap_or_else(|| panic!("no {kind}/{name}:\n{}", said.out)).clone()
        };
        let pod = one("Deployment", "gateway")["spec"]["template"]["spec"].clone();
        let volumes = pod["volumes"].as_array().unwrap();
        let config = volumes.iter().find(|volume| volume["name"] == "config").unwrap();
        let sources = config["projected"]["sources"].as_array().unwrap().iter();
        // Of Secrets, those beside the configuration are mounted by whoever has their values.
        let maps = sources.filter_map(|source| source["configMap"]["name"].as_str());
        let files = maps.flat_map(|name| {
            let map = one("ConfigMap", name);
            BTreeMap::<String, String>::deserialize(map["data"].clone()).unwrap()
        });
        let files = files.collect();
        Self { files, container: pod["containers"][0].clone(), volumes: pod["volumes"].clone() }
    }

    /// The variables, with the values that `secrets` says; its files are below `root`.
    pub fn variables(&self, root: &Path, secrets: impl Fn(&str, &str) -> String) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for variable in self.container["env"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let source = &variable["valueFrom"]["secretKeyRef"];
            let value = match source.is_object() {
                true if source["optional"] == true => continue,
                true => secrets(&text(&source["name"]), &text(&source["key"])),
                false => text(&variable["value"]),
            };
            let value = if value.starts_with("/var/run/") { format!("{}{value}", root.display()) } else { value };
            all.insert(text(&variable["name"]), value);
        }
        all
    }

    /// Lets calls of agents that it does not know wait for so many seconds, instead of as long as a kubelet may take.
    pub fn refreshed_within(mut self, seconds: u32) -> Self {
        let module = self.files.get_mut("custom_auth.py").unwrap();
        let shorter = module.replace("LONGEST_REFRESH = 100\n", &format!("LONGEST_REFRESH = {seconds}\n"));
        assert_ne!(shorter, *module);
        *module = shorter;
        self
    }

    /// Gives a variable that comes from a Secret this value.
    pub fn set(&mut self, name: &str, value: &str) {
        let variables = self.container["env"].as_array_mut().unwrap();
        let variable = variables.iter_mut().find(|variable| variable["name"] == name).unwrap();
        *variable = json!({"name": name, "value": value});
    }

    /// Writes the mounted files of Secrets below `root`.
    pub fn mount_secrets(&self, root: &Path, secrets: impl Fn(&str, &str) -> String) {
        for mount in self.container["volumeMounts"].as_array().unwrap() {
            let volumes = self.volumes.as_array().unwrap();
            let volume = volumes.iter().find(|volume| volume["name"] == mount["name"]).unwrap();
            for source in volume["projected"]["sources"].as_array().into_iter().flatten() {
                let Some(secret) = source["secret"]["name"].as_str() else { continue };
                for item in source["secret"]["items"].as_array().unwrap() {
                    let path = format!("{}/{}", mount["mountPath"].as_str().unwrap(), item["path"].as_str().unwrap());
                    let file = root.join(path.trim_start_matches('/'));
                    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                    std::fs::write(file, secrets(secret, item["key"].as_str().unwrap())).unwrap();
                }
            }
        }
    }

    /// The arguments with the configuration at `config` and another port.
    pub fn arguments(&self, config: &Path, port: u16) -> Vec<String> {
        let place = |text: &str| match text {
            "4000" => port.to_string(),
            text => text.replace("/etc/langop", &config.display().to_string()),
        };
        self.container["args"].as_array().unwrap().iter().map(|argument| place(argument.as_str().unwrap())).collect()
    }
}
