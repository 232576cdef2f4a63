//! What an agent becomes.

use serde_json::{Value, json};

use crate::object::Manifest;
use crate::render::fixture::{field, find, manifest, rendered};

const POD: &str = "/spec/template/spec";

fn agent(lines: &str) -> Vec<Manifest> {
    rendered(&format!(
        "[clusters.c]\n[models.m]\nprovider = 'openai'\nmodelName = 'gpt'\n[agents.a]\nimage = 'a:1'\n{lines}"
    ))
}

fn variables(manifests: &[Manifest]) -> Vec<(String, String)> {
    let env = field(manifests, "Deployment", "a", &format!("{POD}/containers/0/env")).as_array().unwrap().clone();
    let said = |variable: &Value| {
        let value = variable["value"].as_str().map(str::to_owned);
        (variable["name"].as_str().unwrap().to_owned(), value.unwrap_or_else(|| variable["valueFrom"].to_string()))
    };
    env.iter().map(said).collect()
}

fn kinds(manifests: &[Manifest], name: &str) -> Vec<String> {
    let own = manifests.iter().filter(|one| one.object["metadata"]["labels"]["app.kubernetes.io/name"] == name);
    own.map(|one| one.reference.kind.to_string()).collect()
}

#[test]
fn a_service_is_a_deployment_with_a_service_files_an_account_and_a_workspace() {
    let expected =
        ["ConfigMap", "PersistentVolumeClaim", "Secret", "Service", "ServiceAccount", "Deployment", "LanguageAgent"];
    assert_eq!(kinds(&agent(""), "a"), expected);
}

#[test]
fn an_autoscaler_and_a_budget_come_when_they_are_asked_for() {
    let manifests = agent("deployment.autoscaling = { minReplicas = 2, maxReplicas = 4 }");
    let target = field(&manifests, "HorizontalPodAutoscaler", "a", "/spec/scaleTargetRef/name");
    assert_eq!(target, "a");
    let selected = field(&manifests, "PodDisruptionBudget", "a", "/spec/selector/matchLabels");
    assert_eq!(selected["app.kubernetes.io/name"], "a");
    assert_eq!(*field(&manifests, "Deployment", "a", "/spec/replicas"), Value::Null);
}

#[test]
fn pods_have_the_labels_that_policies_select() {
    let manifests = agent("group = 'g'\ndeployment.podLabels = { team = 't' }");
    let labels = field(&manifests, "Deployment", "a", "/spec/template/metadata/labels");
    let wanted = json!({
        "app.kubernetes.io/component": "agent", "app.kubernetes.io/managed-by": "langop",
        "app.kubernetes.io/name": "a", "app.kubernetes.io/part-of": "langop",
        "langop.io/cluster": "c", "langop.io/group": "g", "langop.io/kind": "LanguageAgent", "team": "t",
    });
    assert_eq!(*labels, wanted);
    let selector = field(&manifests, "Deployment", "a", "/spec/selector/matchLabels");
    assert!(selector.get("langop.io/group").is_none(), "a group may change, a selector may not");
}

#[test]
fn pods_satisfy_pod_security_restricted_with_a_root_that_cannot_be_written() {
    let manifests = agent("workspace.initialFiles = { 'a.txt' = 'x' }");
    let pod = field(&manifests, "Deployment", "a", POD);
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["securityContext"]["runAsUser"], 1000);
    assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    assert_eq!(pod["automountServiceAccountToken"], false);
    for container in [&pod["containers"][0], &pod["initContainers"][0]] {
        let hardened = json!({
            "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] }, "readOnlyRootFilesystem": true,
        });
        assert_eq!(container["securityContext"], hardened);
        let limits = json!({
            "requests": { "cpu": "100m", "memory": "256Mi" }, "limits": { "cpu": "1", "memory": "2Gi" },
        });
        assert_eq!(container["resources"], limits);
    }
    let mounts = pod["containers"][0]["volumeMounts"].as_array().unwrap();
    let writable = mounts.iter().filter(|mount| mount["readOnly"] != true).map(|mount| mount["mountPath"].as_str());
    assert_eq!(writable.flatten().collect::<Vec<_>>(), ["/tmp", "/workspace"]);
}

#[test]
fn rights_bring_the_token_to_use_them() {
    let manifests = agent("deployment.roleRules = [{ apiGroups = [''], resources = ['pods'], verbs = ['get'] }]");
    assert_eq!(*field(&manifests, "Deployment", "a", &format!("{POD}/automountServiceAccountToken")), true);
    assert_eq!(*field(&manifests, "RoleBinding", "agent-a", "/subjects/0/name"), "agent-a");
}

#[test]
fn the_environment_says_who_it_is_and_where_its_model_answers() {
    let manifests = agent("models = [{ name = 'm' }]\ninstructions = 'Earn $5, $(AGENT_NAME).'");
    let expected = [
        ("AGENT_NAME", "a"),
        ("AGENT_NAMESPACE", "c"),
        ("AGENT_CLUSTER_NAME", "c"),
        ("MODEL_ENDPOINT", "http://gateway.c.svc.cluster.local:8000"),
        ("MODEL_API_KEY", r#"{"secretKeyRef":{"key":"MODEL_API_KEY","name":"a-gateway-key"}}"#),
        ("LLM_MODEL", "m"),
        // As the kubelet reads it, this is what was written.
        ("AGENT_INSTRUCTIONS", "Earn $$5, $$(AGENT_NAME)."),
    ];
    assert_eq!(variables(&manifests), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn the_users_variables_come_last_and_replace_langops() {
    let manifests = agent("deployment.env = [{ name = 'AGENT_NAME', value = 'mine' }]");
    let variables = variables(&manifests);
    assert_eq!(variables.last().unwrap(), &("AGENT_NAME".to_owned(), "mine".to_owned()));
    assert_eq!(variables.iter().filter(|(name, _)| name == "AGENT_NAME").count(), 1);
}

#[test]
fn a_generated_credential_is_a_secret_of_its_own_and_a_named_one_is_read_where_it_is() {
    let manifests =
        agent("credentials = [{ name = 'API_TOKEN' }, { name = 'DB', valueFrom = { name = 'db', key = 'url' } }]");
    let secret = manifest(&manifests, "Secret", "a-credential-api-token");
    assert_eq!(secret.secret.keys().collect::<Vec<_>>(), ["value"]);
    assert_eq!(secret.lifecycle, crate::object::Lifecycle::CreateOnce);
    let variables = variables(&manifests);
    let of = |name: &str| variables.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    assert_eq!(of("API_TOKEN"), Some(r#"{"secretKeyRef":{"key":"value","name":"a-credential-api-token"}}"#));
    assert_eq!(of("DB"), Some(r#"{"secretKeyRef":{"key":"url","name":"db"}}"#));
    let secrets = manifest(&manifests, "Deployment", "a").deferred[0].value.objects();
    let names: Vec<_> = secrets.iter().map(|secret| secret.name.as_str()).collect();
    assert_eq!(names, ["a-credential-api-token", "a-gateway-key", "db"]);
}

fn config(manifests: &[Manifest]) -> Value {
    let is_config = |one: &&Manifest| one.reference.kind == "ConfigMap" && one.reference.name.starts_with("a-agent-");
    let map = manifests.iter().find(is_config).unwrap();
    assert_eq!(map.object["metadata"]["labels"]["langop.io/version-of"], "a-agent");
    let volumes = field(manifests, "Deployment", "a", &format!("{POD}/volumes"));
    assert_eq!(volumes[0]["configMap"]["name"], *map.reference.name);
    serde_saphyr::from_str(map.object["data"]["config.yaml"].as_str().unwrap()).unwrap()
}

#[test]
fn the_configuration_says_what_it_is_to_do_and_how_it_talks() {
    let manifests = agent(
        "models = [{ name = 'm', role = 'reasoning', priority = 2 }]\npersona = 'p'\ninstructions = 'Do it.'\n\
         tools = [{ name = 't' }, { name = 'off', enabled = false }, { name = 'ext', url = 'https://x/mcp', headers = [{ name = 'K', value = 'v' }] }]\n\
         [personas.p]\ntone = 'dry'\n[tools.t]\nimage = 't'\nport = 9000\n[tools.off]\nimage = 'o'",
    );
    let schema = include_str!("../../../docs/agent-config.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let valid = |config: &Value| jsonschema::validate(&schema, config).map_err(|error| error.to_string());
    assert_eq!((valid(&config(&manifests)), valid(&config(&agent("")))), (Ok(()), Ok(())));
    let expected = json!({
        "agent": { "name": "a", "namespace": "c" },
        "instructions": "Do it.",
        "personas": [{ "name": "p", "tone": "dry" }],
        "models": { "m": {
            "endpoint": "http://gateway.c.svc.cluster.local:8000", "model": "m", "priority": 2, "role": "reasoning",
        } },
        "tools": {
            "ext": {
                "endpoint": "https://x/mcp", "protocol": "mcp", "transport": "streamable-http", "headers": { "K": "v" },
            },
            "t": {
                "endpoint": "http://t.c.svc.cluster.local:9000/mcp", "protocol": "mcp", "transport": "streamable-http",
            },
        },
    });
    assert_eq!(config(&manifests), expected);
    let servers = variables(&manifests).into_iter().find(|(name, _)| name == "MCP_SERVERS").unwrap().1;
    assert_eq!(servers, "http://t.c.svc.cluster.local:9000/mcp", "one with headers has no place in a list of URLs");
    assert_eq!(config(&agent("")), json!({ "agent": { "name": "a", "namespace": "c" } }));
}

#[test]
fn models_come_by_role_and_priority() {
    let text = "[clusters.c]\n[models.x]\nprovider = 'openai'\nmodelName = '*'\n[models.y]\nprovider = 'openai'\nmodelName = 'y'\n\
                [models.z]\nprovider = 'openai'\nmodelName = 'z'\n[agents.a]\nimage = 'a'\n\
                models = [{ name = 'x', model = 'gpt', role = 'fallback' }, { name = 'y' }, { name = 'z', priority = 1 }]";
    let models = variables(&rendered(text)).into_iter().find(|(name, _)| name == "LLM_MODEL").unwrap().1;
    assert_eq!(models, "z,y,x/gpt");
}

#[test]
fn a_task_is_a_job_that_is_tried_once_unless_it_says_otherwise() {
    let manifests = agent("execution = { mode = 'task', activeDeadlineSeconds = 60 }");
    assert!(find(&manifests, "Deployment", "a").is_none() && find(&manifests, "Service", "a").is_none());
    let spec = field(&manifests, "Job", "a", "/spec");
    assert_eq!((&spec["backoffLimit"], &spec["activeDeadlineSeconds"]), (&json!(0), &json!(60)));
    assert_eq!(spec["ttlSecondsAfterFinished"], 86_400);
    assert_eq!(spec["template"]["spec"]["restartPolicy"], "Never");
    assert_eq!(spec["template"]["spec"]["containers"][0].get("ports"), None);
    assert!(manifest(&manifests, "Job", "a").deferred.is_empty(), "what has ended has no environment to renew");
    let tried = agent("execution = { mode = 'task', retryLimit = 2, ttlSecondsAfterFinished = 0, suspend = true }");
    let spec = field(&tried, "Job", "a", "/spec");
    assert_eq!(
        (&spec["backoffLimit"], &spec["ttlSecondsAfterFinished"], &spec["suspend"]),
        (&json!(2), &json!(0), &json!(true))
    );
}

#[test]
fn a_task_with_a_schedule_is_a_cron_job() {
    let manifests = agent(
        "execution = { mode = 'task', schedule = '@every 15m', timezone = 'Europe/Berlin', concurrencyPolicy = 'Replace' }",
    );
    let spec = field(&manifests, "CronJob", "a", "/spec");
    assert_eq!((&spec["schedule"], &spec["timeZone"]), (&json!("*/15 * * * *"), &json!("Europe/Berlin")));
    assert_eq!((&spec["concurrencyPolicy"], &spec["failedJobsHistoryLimit"]), (&json!("Replace"), &json!(3)));
    let run = &spec["jobTemplate"];
    assert_eq!(run["metadata"]["labels"].get("langop.io/stack"), None, "a run is no object of the stack");
    assert_eq!(run["spec"]["template"]["metadata"]["labels"]["langop.io/kind"], "LanguageAgent");
    let plain = agent("execution = { mode = 'task', schedule = '@daily' }");
    let spec = field(&plain, "CronJob", "a", "/spec");
    assert_eq!((&spec["schedule"], &spec["timeZone"]), (&json!("@daily"), &json!("Etc/UTC")));
    assert_eq!(spec["concurrencyPolicy"], "Forbid");
}

#[test]
fn a_suspended_service_has_no_pods() {
    let manifests = agent("execution.suspend = true\ndeployment.autoscaling = { minReplicas = 2, maxReplicas = 4 }");
    assert_eq!(*field(&manifests, "Deployment", "a", "/spec/replicas"), 0);
    assert!(find(&manifests, "HorizontalPodAutoscaler", "a").is_none());
}

#[test]
fn a_workspace_is_a_claim_that_its_pods_mount() {
    let manifests = agent(
        "workspace = { size = '5Gi', storageClassName = 'fast', accessMode = 'ReadWriteMany', mountPath = '/data' }",
    );
    let claim = manifest(&manifests, "PersistentVolumeClaim", "a-workspace");
    let spec = json!({
        "accessModes": ["ReadWriteMany"], "storageClassName": "fast", "resources": { "requests": { "storage": "5Gi" } },
    });
    assert_eq!(claim.object["spec"], spec);
    assert_eq!(claim.owners.len(), 1);
    let pod = field(&manifests, "Deployment", "a", POD);
    assert_eq!(pod["volumes"][2]["persistentVolumeClaim"]["claimName"], "a-workspace");
    assert_eq!(pod["containers"][0]["volumeMounts"][2]["mountPath"], "/data");
    assert_eq!(*field(&manifests, "Deployment", "a", "/spec/strategy/type"), "RollingUpdate");
    assert_eq!(*field(&agent(""), "Deployment", "a", "/spec/strategy/type"), "Recreate");
    let without = agent("workspace.enabled = false");
    assert!(find(&without, "PersistentVolumeClaim", "a-workspace").is_none());
    assert_eq!(*field(&without, "Deployment", "a", "/spec/strategy/type"), "RollingUpdate");
}

#[test]
fn a_workspace_that_is_retained_belongs_to_nobody_and_says_so() {
    let manifests = agent("workspace.retain = true");
    let claim = manifest(&manifests, "PersistentVolumeClaim", "a-workspace");
    assert!(claim.owners.is_empty());
    assert_eq!(claim.object["metadata"]["annotations"]["langop.io/retain"], "true");
}

#[test]
fn first_files_are_put_by_the_agents_own_image_unless_another_is_named() {
    let manifests = agent("[agents.a.workspace.initialFiles]\n'notes/a b.md' = 'one'\n'$(x)' = 'two'");
    let seed = field(&manifests, "Deployment", "a", &format!("{POD}/initContainers/0"));
    assert_eq!((&seed["image"], &seed["workingDir"]), (&json!("a:1"), &json!("/workspace")));
    let args: Vec<_> = seed["args"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!((args.len(), args[1], args[3]), (4, "$$(x)", "notes/a b.md"));
    let files = manifests.iter().find(|one| one.reference.name.starts_with("a-files-")).unwrap();
    assert_eq!(files.object["data"][args[0]], "two");
    let other = agent("workspace = { seedImage = 'busybox:1.37', initialFiles = { a = 'x' } }");
    assert_eq!(*field(&other, "Deployment", "a", &format!("{POD}/initContainers/0/image")), "busybox:1.37");
}

#[test]
fn an_exposed_port_is_reached_at_the_agents_name_under_the_domain() {
    let text = |cluster: &str| {
        rendered(&format!(
            "[clusters.c]\n{cluster}\n[agents.a]\nimage = 'a'\nports = [{{ name = 'http', port = 80, expose = true }}]"
        ))
    };
    let manifests =
        text("domain = 'example.com'\ningress = { className = 'nginx', tls = { issuerRef = { name = 'le' } } }");
    let ingress = manifest(&manifests, "Ingress", "a");
    let spec = &ingress.object["spec"];
    assert_eq!((&spec["rules"][0]["host"], &spec["ingressClassName"]), (&json!("a.example.com"), &json!("nginx")));
    assert_eq!(spec["tls"], json!([{ "hosts": ["a.example.com"], "secretName": "a-tls" }]));
    assert_eq!(ingress.object["metadata"]["annotations"]["cert-manager.io/cluster-issuer"], "le");
    assert!(find(&manifests, "Ingress", "gateway").is_none(), "an agent exposes itself alone");
    assert!(find(&text(""), "Ingress", "a").is_none());
    assert!(find(&agent(""), "Ingress", "a").is_none());
}
