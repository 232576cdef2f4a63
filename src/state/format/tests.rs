//! Old records stay readable, new ones are refused, nothing is lost on the way, and it all fits.

use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::graph::{Dependency, Wait};
use crate::object::{Address, Lifecycle, ObjectRef, Word};
use crate::state::{DigestKey, Entry, RecordCluster, Standing};

const FULL: &str = include_str!("../../../state/golden/format-3.json");
const EMPTY: &str = include_str!("../../../state/golden/format-3-empty.json");
const FIFTH: &str = include_str!("../../../state/golden/format-5.json");
const SECOND: &str = include_str!("../../../state/golden/format-2.json");
const SECOND_EMPTY: &str = include_str!("../../../state/golden/format-2-empty.json");
const OLD: &str = include_str!("../../../state/golden/format-1.json");
const OLD_EMPTY: &str = include_str!("../../../state/golden/format-1-empty.json");

fn record(entries: BTreeMap<ObjectRef, Entry>) -> Inventory {
    Inventory {
        lineage: Uuid::from_u128(0x3f0c_5d0e_9a51_4b6e_8c1d_0a2b_4c6d_8e0f),
        serial: 7,
        stack: "production".to_owned(),
        cluster: None,
        key_inside: None,
        written_by: "0.1.0".to_owned(),
        runs: 0,
        entries,
    }
}

fn entry(address: &str) -> Entry {
    Entry {
        uid: Some("5b1f2a52-7c1d-4d55-9f5e-2f9a4f8f4a10".to_owned()),
        generation: Some(3),
        resource_version: Some("4711".to_owned()),
        fields: Some("00112233445566778899aabbccddeeff".to_owned()),
        digest: "ab".repeat(32),
        address: Address::member("cluster", address),
        api_version: "v1".to_owned(),
        depends_on: Vec::new(),
        lifecycle: Lifecycle::Managed,
        adopted: false,
        standing: Standing::Ready,
    }
}

/// One of everything that a record can say.
fn full() -> Inventory {
    let need = |on: ObjectRef, wait, why: &str| Dependency { on, wait, why: why.to_owned() };
    let crd = ObjectRef::cluster_scoped("apiextensions.k8s.io", "CustomResourceDefinition", "languagemodels.langop.io");
    let quota = ObjectRef::namespaced("", "ResourceQuota", "prod", "langop-quota");
    let model = ObjectRef::namespaced("langop.io", "LanguageModel", "prod", "claude");
    let needs = vec![
        need(ObjectRef::of_namespace("prod"), Wait::Exists, "metadata.namespace"),
        need(quota.clone(), Wait::Ready, "spec.hard[count/languagemodels.langop.io] of ResourceQuota/langop-quota"),
        need(crd.clone(), Wait::Established, "kind"),
    ];
    let unconfirmed = Entry {
        uid: None,
        generation: None,
        resource_version: None,
        fields: None,
        digest: String::new(),
        api_version: "langop.io/v1alpha1".to_owned(),
        depends_on: needs,
        standing: Standing::Waiting,
        ..entry("prod")
    };
    let done = Entry { api_version: "batch/v1".to_owned(), standing: Standing::Completed, ..entry("prod") };
    let cluster = RecordCluster {
        id: "0c6b2a52-7c1d-4d55-9f5e-2f9a4f8f4a10".to_owned(),
        server: "https://10.0.0.1:6443".to_owned(),
    };
    let entries = BTreeMap::from([
        (ObjectRef::of_namespace("prod"), Entry { lifecycle: Lifecycle::Kept, adopted: true, ..entry("prod") }),
        (
            ObjectRef::namespaced("", "Secret", "prod", "gateway-auth"),
            Entry { lifecycle: Lifecycle::CreateOnce, adopted: true, ..entry("prod") },
        ),
        (quota, entry("prod")),
        (
            crd,
            Entry { lifecycle: Lifecycle::Shared, api_version: "apiextensions.k8s.io/v1".to_owned(), ..entry("prod") },
        ),
        (ObjectRef::namespaced("batch", "Job", "prod", "migrate"), done),
        (model, unconfirmed),
    ]);
    Inventory { cluster: Some(cluster), ..record(entries) }
}

fn read(text: &str) -> Result<Inventory, StateError> {
    decode(text.as_bytes(), "state/production.json", "production")
}

#[test]
fn golden_records_are_read() {
    assert_eq!(read(FULL).unwrap(), full());
    assert_eq!(read(EMPTY).unwrap(), record(BTreeMap::new()));
}

#[test]
fn a_record_with_a_history_is_of_format_5_and_else_of_format_3() {
    let counted = Inventory { runs: 12, ..full() };
    assert_eq!(String::from_utf8(encode(&counted)).unwrap(), FIFTH);
    assert_eq!(read(FIFTH).unwrap(), counted);
    let unlike =
        [FIFTH.replacen("\"format\": 5", "\"format\": 3", 1), FULL.replacen("\"format\": 3", "\"format\": 5", 1)];
    assert!(unlike.iter().all(|text| matches!(read(text), Err(StateError::Corrupt { .. }))));
}

#[test]
fn golden_records_of_format_2_are_read_and_do_not_say_where_they_were_made() {
    assert_eq!(read(SECOND).unwrap(), Inventory { cluster: None, ..full() });
    assert_eq!(read(SECOND_EMPTY).unwrap(), record(BTreeMap::new()));
}

#[test]
fn golden_records_of_format_1_are_read_and_know_of_adopted_namespaces_only() {
    let old = |entries| Inventory { key_inside: DigestKey::from_hex(&"0123456789abcdef".repeat(4)), ..record(entries) };
    let mut known = old(full().entries);
    known.entries.retain(|object, _| object.kind != "Job");
    for (object, entry) in &mut known.entries {
        entry.standing = Standing::Ready;
        entry.adopted = object.is("", "Namespace");
    }
    assert_eq!(read(OLD).unwrap(), known);
    assert_eq!(read(OLD_EMPTY).unwrap(), old(BTreeMap::new()));
    let newer = OLD.replacen("\"kept\"", "\"kept\", \"adopted\"", 1);
    assert!(matches!(read(&newer), Err(StateError::Corrupt { .. })));
}

#[test]
fn format_3_is_written_as_it_was_released() {
    assert_eq!(String::from_utf8(encode(&full())).unwrap(), FULL);
    assert_eq!(String::from_utf8(encode(&record(BTreeMap::new()))).unwrap(), EMPTY);
}

#[test]
fn what_is_not_a_record_is_refused_with_the_reason() {
    let twice = {
        let mut value: serde_json::Value = serde_json::from_str(FULL).unwrap();
        let first = value["objects"][0].clone();
        value["objects"].as_array_mut().unwrap().push(first);
        value.to_string()
    };
    let bad = [
        FULL.replacen("\"format\": 3", "\"format\": 6", 1),
        FULL.replacen("\"format\": 3", "\"format\": 6, \"new\": {}", 1),
        FULL.replacen("\"format\": 3", "\"format\": 0", 1),
        FULL.replacen("\"format\": 3", "\"format\": -1", 1),
        FULL.replacen("\"serial\"", "\"colour\": \"blue\", \"serial\"", 1),
        FULL.replacen("\"apiVersion\"", "\"colour\": \"blue\", \"apiVersion\"", 1),
        FULL.replacen("\"production\"", "\"staging\"", 1),
        OLD.replacen("0123456789abcdef", "", 1),
        FULL.replacen("\"kept\"", "\"precious\"", 1),
        FULL[..FULL.len() / 2].to_owned(),
        twice,
        "[]".to_owned(),
        String::new(),
    ];
    let errors: Vec<String> = bad.iter().map(|text| read(text).unwrap_err().to_string()).collect();
    insta::assert_snapshot!(errors.join("\n"), @r"
    state/production.json has format 6; this langop reads up to 5
    state/production.json has format 6; this langop reads up to 5
    state/production.json is no record of this stack: there is no format 0
    state/production.json is no record of this stack: invalid value: integer `-1`, expected u64 at line 2 column 14
    state/production.json is no record of this stack: unknown field `colour`, expected one of `format`, `lineage`, `serial`, `stack`, `cluster`, `digestKey`, `writtenBy`, `runs`, `objects` at line 4 column 10
    state/production.json is no record of this stack: unknown field `colour`, expected one of `object`, `apiVersion`, `address`, `uid`, `generation`, `resourceVersion`, `fields`, `digest`, `dependsOn`, `marks` at line 17 column 14
    state/production.json is no record of this stack: it is the record of stack `staging`
    state/production.json is no record of this stack: `digestKey` is not 64 hexadecimal digits
    state/production.json is no record of this stack: unknown variant `precious`, expected one of `kept`, `shared`, `create-once`, `adopted`, `waiting`, `completed` at line 25 column 18
    state/production.json is no record of this stack: EOF while parsing a string at line 67 column 39
    state/production.json is no record of this stack: an object stands in it twice
    state/production.json is no record of this stack: invalid length 0, expected struct Version with 1 element at line 1 column 2
    state/production.json is no record of this stack: EOF while parsing a value at line 1 column 0
    ");
}

#[test]
fn what_says_where_a_record_is_says_it_for_one_stack_and_by_digests_alone() {
    let place = "ConfigMap/stack-production in langop-system";
    let digests = ["ab".repeat(32), "cd".repeat(32)];
    let packed = pack_parts("production", &digests).unwrap();
    let Opened::Parts(found) = unpack(&packed, place, "production").unwrap() else { panic!("no parts") };
    assert_eq!(found, digests);
    let cause = |stack: &str, packed: &[u8]| match unpack(packed, place, stack) {
        Err(StateError::Corrupt { cause, .. }) => cause,
        other => panic!("{other:?}"),
    };
    assert_eq!(cause("staging", &packed), "it is the record of stack `production`");
    for part in ["", "../../secret", &"ä".repeat(32), &"x".repeat(64)] {
        let packed = pack_parts("production", &[part.to_owned()]).unwrap();
        assert_eq!(cause("production", &packed), "a part is not named by its SHA-256");
    }
    let bytes = Inventory::from_bytes(&packed, "production").unwrap_err();
    assert_eq!(bytes.to_string(), "these bytes is no record of this stack: the record itself is elsewhere");
}

#[test]
fn what_does_not_unpack_is_refused() {
    let place = "ConfigMap/stack-production in langop-system";
    assert!(matches!(unpack(b"nonsense", place, "production"), Err(StateError::Corrupt { .. })));
    let cut = &pack(&full()).unwrap().unwrap()[..40];
    assert!(matches!(unpack(cut, place, "production"), Err(StateError::Corrupt { .. })));
}

#[test]
fn two_thousand_objects_fit_into_a_config_map() {
    let mut entries = BTreeMap::new();
    for number in 0_u64..2000 {
        let namespace = format!("team-{}", number / 20);
        let object = ObjectRef::namespaced("apps", "Deployment", &namespace, &format!("workload-{number}"));
        let need = |kind: &str, wait, why: &str| Dependency {
            on: ObjectRef::namespaced("", kind, &namespace, &format!("workload-{number}")),
            wait,
            why: why.to_owned(),
        };
        let entry = Entry {
            uid: Some(Uuid::new_v4().to_string()),
            resource_version: Some((100_000 + number * 37).to_string()),
            fields: Some(Uuid::new_v4().simple().to_string()),
            digest: format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()),
            depends_on: vec![
                Dependency {
                    on: ObjectRef::of_namespace(&namespace),
                    wait: Wait::Exists,
                    why: "metadata.namespace".to_owned(),
                },
                need("ServiceAccount", Wait::Exists, "spec.template.spec.serviceAccountName"),
                need("Secret", Wait::Exists, "spec.template.spec.containers[main].envFrom[0].secretRef.name"),
                need("ConfigMap", Wait::Exists, "spec.template.spec.volumes[config].configMap.name"),
                need("ResourceQuota", Wait::Ready, "spec.hard[limits.cpu] of ResourceQuota/langop-quota"),
            ],
            ..entry(&namespace)
        };
        entries.insert(object, entry);
    }
    let inventory = record(entries);
    let packed = pack(&inventory).unwrap().unwrap();
    assert!(packed.len() < 512 << 10, "{} bytes", packed.len());
    assert_eq!(unpack(&packed, "x", "production").unwrap().record("x").unwrap(), inventory);
}

fn references() -> impl Strategy<Value = ObjectRef> {
    let name = "[a-z0-9.-]{0,8}";
    (name, "[A-Z][a-z]{0,8}", proptest::option::of(name), name).prop_map(|(group, kind, namespace, name)| ObjectRef {
        group: group.into(),
        kind: kind.into(),
        namespace: namespace.map(Word::from),
        name: name.into(),
    })
}

fn dependencies() -> impl Strategy<Value = Dependency> {
    let waits = prop_oneof![Just(Wait::Exists), Just(Wait::Established), Just(Wait::Ready)];
    (references(), waits, any::<String>()).prop_map(|(on, wait, why)| Dependency { on, wait, why })
}

fn entries() -> impl Strategy<Value = Entry> {
    let text = || proptest::option::of(any::<String>());
    (
        (text(), proptest::option::of(any::<i64>()), text(), text()),
        (any::<String>(), "[a-z]{1,8}", any::<String>()),
        proptest::collection::vec(dependencies(), 0..4),
        proptest::sample::select(vec![Lifecycle::Managed, Lifecycle::Kept, Lifecycle::Shared, Lifecycle::CreateOnce]),
        any::<bool>(),
        proptest::sample::select(vec![Standing::Ready, Standing::Waiting, Standing::Completed]),
    )
        .prop_map(
            |(
                (uid, generation, resource_version, fields),
                (digest, address, api_version),
                depends_on,
                lifecycle,
                adopted,
                standing,
            )| {
                Entry {
                    uid,
                    generation,
                    resource_version,
                    fields,
                    digest,
                    address: Address::cluster(&address),
                    api_version,
                    depends_on,
                    lifecycle,
                    adopted,
                    standing,
                }
            },
        )
}

proptest! {
    #[test]
    fn records_survive_the_way_through_bytes(
        entries in proptest::collection::btree_map(references(), entries(), 0..6),
        serial in any::<u64>(),
        cluster in proptest::option::of((any::<String>(), any::<String>())),
    ) {
        let cluster = cluster.map(|(id, server)| RecordCluster { id, server });
        let inventory = Inventory { serial, cluster, ..record(entries) };
        let bytes = encode(&inventory);
        prop_assert_eq!(&decode(&bytes, "x", "production").unwrap(), &inventory);
        prop_assert_eq!(&unpack(&pack(&inventory).unwrap().unwrap(), "x", "production").unwrap().record("x").unwrap(), &inventory);
        prop_assert_eq!(encode(&inventory), bytes);
    }

    #[test]
    fn no_bytes_at_all_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes, "x", "production");
        let _ = unpack(&bytes, "x", "production");
    }
}
