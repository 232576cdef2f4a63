use std::path::Path;

use super::*;
use crate::render;
use crate::stack::{self, DefaultNamespace, LoadRequest};

/// The pod of cluster `c` of a description in TOML.
fn pod(description: &str, outside: &[(&str, &str)]) -> Result<GatewayPod, Vec<Lack>> {
    let directory = tempfile::tempdir().unwrap();
    let text = format!("stack = 's'\n[clusters.c]\n{description}");
    std::fs::write(directory.path().join("langop.toml"), text).unwrap();
    let loaded = stack::load(&request(directory.path())).unwrap_or_else(|invalid| panic!("{:?}", invalid.diagnostics));
    let manifests = render::render(&loaded.stack, &render::needs(&loaded.stack).assumed_target());
    let outside = |name: &str| {
        let found = outside.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| SecretValue::new(value.as_bytes().to_vec()))
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(gateway_pod(&manifests, "c", outside)).unwrap()
}

fn request(directory: &Path) -> LoadRequest {
    LoadRequest {
        paths: Vec::new(),
        recursive: false,
        variables: Vec::new(),
        environment: BTreeMap::default(),
        environment_name: None,
        contexts: BTreeMap::default(),
        stack: None,
        directory: directory.to_owned(),
        namespace: DefaultNamespace::default(),
        stdin: None,
    }
}

fn text(value: &SecretValue) -> &str {
    std::str::from_utf8(value.expose()).unwrap()
}

#[test]
fn a_plain_gateway_lacks_nothing_and_its_secrets_are_new_each_time() {
    let (one, other) = (pod("", &[]).unwrap(), pod("", &[]).unwrap());
    let secret = |pod: &GatewayPod| text(&pod.variables["LANGOP_GATEWAY_HMAC_SECRET"]).to_owned();
    assert_ne!(secret(&one), secret(&other));
    assert_eq!(secret(&one).len(), 64);
    assert_eq!(one.arguments, ["--config", "/etc/langop/config.yaml", "--port", "4000"]);
    let places: Vec<_> = one.directories.iter().map(|(path, files)| (path.as_str(), files.len())).collect();
    assert_eq!(places, [("/etc/langop", 4), ("/tmp", 0)]);
    assert!(one.left_out.is_empty(), "{:?}", one.left_out);
}

const ELSEWHERE: &str = "[models.m]\nprovider = 'openai'\nmodelName = 'm'\napiKeySecretRef = { name = 'vault' }";

#[test]
fn a_secret_of_elsewhere_is_a_lack_unless_it_is_at_hand() {
    let lacks = pod(ELSEWHERE, &[]).unwrap_err();
    let said: Vec<_> = lacks.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["no value for key `api-key` of Secret/vault: the description does not hold it"]);
    assert_eq!(lacks[0].variable.as_deref(), Some("LANGOP_KEY_VAULT_API_KEY"));
    let given = pod(ELSEWHERE, &[("LANGOP_KEY_VAULT_API_KEY", "k")]).unwrap();
    assert_eq!(text(&given.variables["LANGOP_KEY_VAULT_API_KEY"]), "k");
}

#[test]
fn optional_keys_may_be_missing() {
    let model = "[models.m]\nprovider = 'azure'\nmodelName = 'm'\nendpoint = 'https://r'\n\
                 apiVersion = '2024-10-21'\ncredentialsSecretRef = { name = 'vault' }";
    let pod = pod(model, &[]).unwrap();
    assert!(pod.variables.keys().all(|name| !name.contains("VAULT")), "{:?}", pod.variables.keys());
}

#[test]
fn the_users_variables_files_and_arguments_come_along_and_the_rest_is_named() {
    let pod = pod(
        "[clusters.c.gateway.deployment]\n\
         args = ['--config', '/etc/langop/config.yaml', '--num_workers', '$(WORKERS)']\n\
         env = [{ name = 'WORKERS', value = '2' }, { name = 'NODE', valueFrom.fieldRef.fieldPath = 'spec.nodeName' },\n\
                { name = 'CA', value = '/ca/$(WORKERS).pem' }]\n\
         envFrom = [{ secretRef.name = 'more', prefix = 'P_' }, { configMapRef = { name = 'none', optional = true } }]\n\
         volumes = [{ name = 'ca', secret = { secretName = 'more', items = [{ key = 'k', path = '2.pem' }] } },\n\
                    { name = 'disk', persistentVolumeClaim.claimName = 'disk' }]\n\
         volumeMounts = [{ name = 'ca', mountPath = '/ca/' }, { name = 'disk', mountPath = '/disk' }]\n\
         initContainers = [{ name = 'first', image = 'busybox' }]\n\
         [secrets.more]\nfromEnv = { k = 'PATH' }",
        &[],
    );
    let pod = pod.unwrap();
    assert_eq!(pod.arguments[3], "2");
    assert_eq!(text(&pod.variables["CA"]), "/ca/2.pem");
    assert_eq!(text(&pod.variables["P_k"]), std::env::var("PATH").unwrap());
    assert_eq!(pod.directories["/ca"].keys().collect::<Vec<_>>(), ["2.pem"]);
    let left_out = ["variable `NODE`, which only a pod has", "volume `disk` at `/disk`", "init container `first`"];
    assert_eq!(pod.left_out, left_out);
}

#[test]
fn a_key_file_is_handed_over_and_not_written() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("k.json");
    std::fs::write(&file, "{}").unwrap();
    let vertex = format!(
        "[models.m]\nprovider = 'vertex'\nmodelName = 'm'\nproject = 'p'\nlocation = 'l'\n\
         credentialsSecretRef = {{ name = 'gcp' }}\n[secrets.gcp]\nfromFile = {{ 'credentials.json' = '{}' }}",
        file.display()
    );
    let pod = pod(&vertex, &[]).unwrap();
    assert_eq!(text(&pod.variables["LANGOP_FILE_GCP_CREDENTIALS_JSON"]), "{}");
    assert!(pod.directories["/var/run/langop/credentials"].is_empty());
}

#[test]
fn a_key_file_of_elsewhere_may_be_at_hand() {
    let vertex = "[models.m]\nprovider = 'vertex'\nmodelName = 'm'\nproject = 'p'\nlocation = 'l'\n\
                  credentialsSecretRef = { name = 'gcp' }";
    let name = "LANGOP_FILE_GCP_VERTEX_CREDENTIALS";
    assert_eq!(text(&pod(vertex, &[(name, "{}")]).unwrap().variables[name]), "{}");
    let path = "/var/run/langop/credentials/gcp/VERTEX_CREDENTIALS";
    let left_out = format!("key file `{path}`: the environment variable `{name}` may hold its content");
    assert_eq!(pod(vertex, &[]).unwrap().left_out, [left_out]);
}
