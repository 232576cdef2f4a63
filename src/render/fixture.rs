//! Small stacks for tests, written as a description is, read without its checks.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::api::{LanguageModelSpec, Provider};
use crate::object::role::is_gateway_config;
use crate::object::{Address, DeferredValue, Manifest, SecretSource, Source};
use crate::stack::{DefaultNamespace, Item, LoadRequest, MemberKey, RulePlaces, SecretSpec, Stack, load};

use super::{Target, render, yaml_text};

/// The stack of a description in TOML.
pub(super) fn stack(text: &str) -> Stack {
    let read: Value = toml::from_str(text).unwrap();
    let clusters: BTreeMap<String, Item<_>> = table(&read, "clusters")
        .map(|(name, value)| (name.clone(), item(&Address::cluster(name), value.clone())))
        .collect();
    let names: Vec<_> = clusters.keys().cloned().collect();
    Stack {
        environment: None,
        target: None,
        name: read["stack"].as_str().unwrap_or("test").to_owned(),
        models: members(&read, "models", &names),
        agents: members(&read, "agents", &names),
        tools: members(&read, "tools", &names),
        personas: members(&read, "personas", &names),
        teams: members(&read, "teams", &names),
        secrets: secrets(&read, &names),
        clusters,
        manifests: Vec::new(),
        rules: Vec::new(),
        namespace: DefaultNamespace::default(),
        unread: Vec::new(),
        statements: crate::stack::Statements::default(),
    }
}

fn table<'a>(read: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    read.get(key).and_then(Value::as_object).into_iter().flatten()
}

fn item<T: DeserializeOwned>(address: &Address, written: Value) -> Item<T> {
    Item {
        spec: serde_json::from_value(written.clone()).unwrap(),
        written,
        address: address.clone(),
        source: Source { file: "test.toml".into(), line: 1, column: 1 },
        places: BTreeMap::new(),
        rule_places: RulePlaces::default(),
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
    }
}

/// The clusters that a member names, or all.
fn homes(written: &mut Value, all: &[String]) -> Vec<String> {
    let named = written.as_object_mut().unwrap().remove("clusters");
    named.map_or_else(|| all.to_vec(), |named| serde_json::from_value(named).unwrap())
}

fn members<T: DeserializeOwned>(read: &Value, key: &str, clusters: &[String]) -> BTreeMap<MemberKey, Item<T>> {
    let mut all = BTreeMap::new();
    for (name, value) in table(read, key) {
        let mut written = value.clone();
        for cluster in homes(&mut written, clusters) {
            let address = Address::member(key.trim_end_matches('s'), name);
            all.insert(MemberKey { cluster, name: name.clone() }, item(&address, written.clone()));
        }
    }
    all
}

fn secrets(read: &Value, clusters: &[String]) -> BTreeMap<MemberKey, Item<SecretSpec>> {
    let mut all = BTreeMap::new();
    for (name, value) in table(read, "secrets") {
        let mut written = value.clone();
        for cluster in homes(&mut written, clusters) {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let env = table(&written, "fromEnv").map(|(key, value)| (key.clone(), SecretSource::Env(text(value))));
            let file =
                table(&written, "fromFile").map(|(key, value)| (key.clone(), SecretSource::File(text(value).into())));
            let spec = SecretSpec { sources: env.chain(file).collect() };
            let Item { source, places, rule_places, labels, annotations, .. } =
                item::<Value>(&Address::cluster(""), Value::Null);
            let address = Address::member("secret", name);
            let item =
                Item { spec, written: written.clone(), address, source, places, rule_places, labels, annotations };
            all.insert(MemberKey { cluster, name: name.clone() }, item);
        }
    }
    all
}

/// A model of a provider.
pub(super) fn model(provider: Provider, name: &str, endpoint: Option<&str>) -> LanguageModelSpec {
    LanguageModelSpec {
        provider: Some(provider),
        model_name: name.into(),
        endpoint: endpoint.map(Into::into),
        ..LanguageModelSpec::default()
    }
}

/// What a description is on a target of which nothing is known.
pub(super) fn rendered(text: &str) -> Vec<Manifest> {
    render(&stack(text), &Target::default())
}

/// What a description is on a target with Cilium.
pub(super) fn rendered_with_cilium(text: &str) -> Vec<Manifest> {
    render(&stack(text), &Target { cilium: true, ..Target::default() })
}

/// The one manifest of this kind and name.
pub(super) fn manifest<'a>(manifests: &'a [Manifest], kind: &str, name: &str) -> &'a Manifest {
    find(manifests, kind, name).unwrap_or_else(|| panic!("no {kind}/{name}"))
}

/// The manifest of this kind and name, if there is one.
pub(super) fn find<'a>(manifests: &'a [Manifest], kind: &str, name: &str) -> Option<&'a Manifest> {
    manifests.iter().find(|one| one.reference.kind == kind && one.reference.name == name)
}

/// A field of the one object of this kind and name.
pub(super) fn field<'a>(manifests: &'a [Manifest], kind: &str, name: &str, pointer: &str) -> &'a Value {
    manifest(manifests, kind, name).object.pointer(pointer).unwrap_or(&Value::Null)
}

/// The configuration of the gateway, read back.
pub(super) fn config(manifests: &[Manifest]) -> Value {
    serde_saphyr::from_str(config_text(manifests)).unwrap()
}

/// The configuration of the gateway as it is written.
pub(super) fn config_text(manifests: &[Manifest]) -> &str {
    gateway_config(manifests).object["data"]["config.yaml"].as_str().unwrap()
}

/// The `ConfigMap` of the files of the one gateway, or of the first.
pub(super) fn gateway_config(manifests: &[Manifest]) -> &Manifest {
    let is_config = |one: &&Manifest| {
        let cluster = one.reference.namespace.as_deref().unwrap_or_default();
        is_gateway_config(&one.reference, &one.object, cluster)
    };
    manifests.iter().find(is_config).unwrap()
}

/// All objects but the definitions of kinds, with what is not in them as comments.
pub(super) fn text(manifests: &[Manifest]) -> String {
    let own = manifests.iter().filter(|one| one.reference.kind != "CustomResourceDefinition");
    own.map(document).collect()
}

/// A file of `examples/`, read as a user's command reads it.
pub(super) fn example(file: &str) -> Stack {
    let paths = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(file)];
    let stack = file.ends_with("manifests.yaml").then(|| "manifests".to_owned());
    load(&LoadRequest { paths, stack, ..LoadRequest::default() }).unwrap_or_else(|invalid| panic!("{invalid}")).stack
}

fn document(manifest: &Manifest) -> String {
    let mut lines = vec!["---".to_owned(), format!("# {}, {:?}", manifest.address, manifest.lifecycle)];
    for owner in &manifest.owners {
        let role = if owner.controller { "controller" } else { "owner" };
        lines.push(format!("# {role}: {}", owner.object));
    }
    lines.extend(manifest.secret.iter().map(|(key, source)| format!("# data.{key}: {source:?}")));
    for deferred in &manifest.deferred {
        let names: Vec<_> = deferred.value.objects().iter().map(ToString::to_string).collect();
        let what = match deferred.value {
            DeferredValue::VersionHash(_) => "versions of ",
            DeferredValue::Uid(_) => "uid of ",
            _ => "the end of the last key",
        };
        lines.push(format!("# {}: {what}{}", deferred.pointer, names.join(", ")));
    }
    // The modules are files of their own and would only be read twice.
    let mut object = manifest.object.clone();
    for name in ["calls.py", "custom_auth.py", "limits.py", "metrics.py", "traces.py"] {
        if let Some(module) = object.pointer_mut(&format!("/data/{name}")) {
            *module = format!("({name})").into();
        }
    }
    without_digests(&(lines.join("\n") + "\n" + &yaml_text(&object)))
}

/// What a name has of the content of the module is no news: the module is a file of its own.
pub(super) fn without_digests(text: &str) -> String {
    let mut parts = text.split("gateway-config-");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + "gateway-config-DIGEST" + part.trim_start_matches(|c: char| c.is_ascii_hexdigit())
    })
}
