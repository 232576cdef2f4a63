//! The gateway as the cluster sees it: its pods, what reaches it, and the configuration it reads.

use serde_json::{Value, json};

use crate::object::{DeferredField, Manifest, labels};
use crate::render::fixture::{config, field, find, manifest, rendered};

const BARE: &str = "stack = 's'\nclusters.dev = {}";
const POD: &str = "/spec/template/spec";

fn cluster(settings: &str) -> Vec<Manifest> {
    rendered(&format!("stack = 's'\n[clusters.dev]\n{settings}"))
}

fn deployed(settings: &str) -> Vec<Manifest> {
    rendered(&format!("stack = 's'\n[clusters.dev.gateway.deployment]\n{settings}"))
}

fn with_models(models: &str) -> Vec<Manifest> {
    rendered(&format!("{BARE}\n{models}"))
}

fn deployment<'a>(manifests: &'a [Manifest], pointer: &str) -> &'a Value {
    field(manifests, "Deployment", "gateway", pointer)
}

fn container<'a>(manifests: &'a [Manifest], key: &str) -> &'a Value {
    deployment(manifests, &format!("{POD}/containers/0/{key}"))
}

fn params(models: &str) -> Value {
    config(&with_models(models))["model_list"][0]["litellm_params"].clone()
}

#[test]
fn pods_satisfy_restricted_pod_security() {
    let all = rendered(BARE);
    let pod = deployment(&all, &format!("{POD}/securityContext"));
    assert_eq!(pod["runAsNonRoot"], true);
    assert_eq!(pod["runAsUser"], 65534);
    assert_eq!(pod["seccompProfile"]["type"], "RuntimeDefault");
    let own = container(&all, "securityContext");
    let wanted = json!({
        "allowPrivilegeEscalation": false,
        "capabilities": { "drop": ["ALL"] },
        "readOnlyRootFilesystem": true,
    });
    assert_eq!(*own, wanted);
    assert_eq!(deployment(&all, &format!("{POD}/automountServiceAccountToken")), false);
    assert_eq!(deployment(&all, &format!("{POD}/enableServiceLinks")), false);
}

#[test]
fn probes_never_call_models() {
    let all = rendered(BARE);
    let path = |probe: &str| container(&all, probe)["httpGet"]["path"].clone();
    assert_eq!(path("startupProbe"), "/health/readiness");
    assert_eq!(path("readinessProbe"), "/health/readiness");
    assert_eq!(path("livenessProbe"), "/health/liveliness");
}

#[test]
fn a_rollout_takes_no_pod_away_before_the_next_is_there() {
    let strategy = rendered(BARE);
    let wanted = json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 1, "maxUnavailable": 0 } });
    assert_eq!(*deployment(&strategy, "/spec/strategy"), wanted);
}

#[test]
fn the_image_keeps_its_entry_point_and_gets_arguments() {
    let all = rendered(BARE);
    assert!(container(&all, "command").is_null());
    assert_eq!(*container(&all, "args"), json!(["--config", "/etc/langop/config.yaml", "--port", "4000"]));
    assert!(container(&all, "image").as_str().unwrap().contains(":v1.108."));
}

#[test]
fn the_longest_call_gets_to_finish() {
    let grace = format!("{POD}/terminationGracePeriodSeconds");
    assert_eq!(deployment(&rendered(BARE), &grace), 50);
    let long = with_models("models.m = { provider = 'openai', modelName = 'm', timeout = '10m' }");
    assert_eq!(deployment(&long, &grace), 620);
    assert_eq!(container(&long, "lifecycle")["preStop"]["sleep"]["seconds"], 10);
}

#[test]
fn variables_are_unique_and_the_users_win() {
    let all = deployed("env = [{ name = 'LITELLM_LOG', value = 'DEBUG' }]");
    let env = container(&all, "env").as_array().unwrap();
    let mut names: Vec<_> = env.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(env.iter().find(|one| one["name"] == "LITELLM_LOG").unwrap()["value"], "DEBUG");
    for wanted in ["LITELLM_MASTER_KEY", "LANGOP_GATEWAY_HMAC_SECRET", "LITELLM_LOCAL_MODEL_COST_MAP"] {
        assert!(names.contains(&wanted), "{wanted}");
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn resources_are_replaced_whole() {
    assert_eq!(container(&rendered(BARE), "resources")["limits"]["memory"], "1Gi");
    let all = deployed("resources = { limits = { cpu = '2' } }");
    assert_eq!(*container(&all, "resources"), json!({ "limits": { "cpu": "2" } }));
}

#[test]
fn pod_labels_override_nothing_of_langops() {
    let all = deployed("podLabels = { team = 'a', 'app.kubernetes.io/name' = 'x', 'langop.io/kind' = 'x' }");
    let own = deployment(&all, "/spec/template/metadata/labels");
    assert_eq!(own["team"], "a");
    for (key, value) in deployment(&all, "/spec/selector/matchLabels").as_object().unwrap() {
        assert_eq!(&own[key], value);
    }
    assert!(own.get(labels::STACK).is_none());
}

#[test]
fn the_credentials_hash_is_over_every_secret_that_is_read() {
    let text = "models.m = { provider = 'openai', modelName = 'm', apiKeySecretRef = { name = 'openai' } }";
    let all = with_models(text);
    let [DeferredField { pointer, value }] = manifest(&all, "Deployment", "gateway").deferred.as_slice() else {
        panic!("one deferred value");
    };
    assert_eq!(pointer, "/spec/template/metadata/annotations/langop.io~1credentials-hash");
    let secrets = value.objects();
    let names: Vec<_> = secrets.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["gateway-auth", "openai"]);
    let off = cluster("gateway.rotateOnSecretChange = false");
    assert!(manifest(&off, "Deployment", "gateway").deferred.is_empty());
}

#[test]
fn under_an_autoscaler_the_deployment_says_nothing_of_replicas() {
    assert_eq!(deployment(&rendered(BARE), "/spec/replicas"), 1);
    let all = deployed("autoscaling = { minReplicas = 2, maxReplicas = 5 }");
    assert!(deployment(&all, "/spec/replicas").is_null());
    let spec = field(&all, "HorizontalPodAutoscaler", "gateway", "/spec");
    assert_eq!((&spec["minReplicas"], &spec["maxReplicas"]), (&json!(2), &json!(5)));
    assert_eq!(spec["metrics"][0]["resource"]["target"]["averageUtilization"], 80);
    assert!(find(&all, "PodDisruptionBudget", "gateway").is_some());
}

#[test]
fn a_disruption_budget_needs_two_replicas() {
    assert!(find(&deployed("replicas = 1"), "PodDisruptionBudget", "gateway").is_none());
    let all = deployed("replicas = 2");
    assert_eq!(field(&all, "PodDisruptionBudget", "gateway", "/spec/maxUnavailable"), 1);
}

#[test]
fn a_domain_alone_exposes_nothing() {
    assert!(find(&cluster("domain = 'a.example'"), "Ingress", "gateway").is_none());
    let all = cluster("domain = 'a.example'\ningress = { enabled = true, className = 'nginx' }");
    let spec = field(&all, "Ingress", "gateway", "/spec");
    assert_eq!(spec["ingressClassName"], "nginx");
    assert_eq!(spec["rules"][0]["host"], "gateway.a.example");
    assert_eq!(spec["rules"][0]["http"]["paths"][0]["path"], "/v1");
    assert!(spec.get("tls").is_none());
}

#[test]
fn tls_comes_from_an_issuer_a_secret_or_nowhere() {
    let exposed = |tls: &str| cluster(&format!("domain = 'a.example'\ningress = {{ enabled = true, tls = {tls} }}"));
    let secret = |all: &[Manifest]| field(all, "Ingress", "gateway", "/spec/tls/0/secretName").clone();
    let auto = exposed("{ mode = 'auto', issuerRef = { name = 'le' } }");
    assert_eq!(secret(&auto), "gateway-tls");
    let annotations = field(&auto, "Ingress", "gateway", "/metadata/annotations");
    assert_eq!(*annotations, json!({ "cert-manager.io/cluster-issuer": "le" }));
    assert_eq!(secret(&exposed("{ mode = 'secret', secretName = 'mine' }")), "mine");
    assert_eq!(secret(&exposed("{ mode = 'none' }")), Value::Null);
}

#[test]
fn rights_and_a_token_come_with_rules_only() {
    let bare = rendered(BARE);
    assert!(find(&bare, "Role", "gateway").is_none());
    assert_eq!(field(&bare, "ServiceAccount", "gateway", "/automountServiceAccountToken"), false);
    let all = deployed("roleRules = [{ apiGroups = [''], resources = ['pods'], verbs = ['get'] }]");
    assert_eq!(field(&all, "Role", "gateway", "/rules/0/verbs/0"), "get");
    assert_eq!(field(&all, "RoleBinding", "gateway", "/subjects/0/name"), "gateway");
    assert_eq!(deployment(&all, &format!("{POD}/automountServiceAccountToken")), true);
    let given = deployed("serviceAccountName = 'mine'");
    assert!(find(&given, "ServiceAccount", "gateway").is_none());
    assert_eq!(deployment(&given, &format!("{POD}/serviceAccountName")), "mine");
}

#[test]
fn the_service_leads_from_8000_to_the_port_of_the_pod() {
    let all = rendered(BARE);
    let port = field(&all, "Service", "gateway", "/spec/ports/0");
    assert_eq!((&port["port"], &port["targetPort"]), (&json!(8000), &json!("http")));
    assert_eq!(container(&all, "ports/0")["containerPort"], 4000);
}

#[test]
fn each_provider_is_written_as_litellm_reads_it() {
    let model = |provider: &str, more: &str| params(&format!("models.m = {{ {provider}, modelName = 'x'{more} }}"));
    let named = |provider: &str| model(&format!("provider = '{provider}'"), "")["model"].clone();
    assert_eq!(named("openai"), "openai/x");
    assert_eq!(named("anthropic"), "anthropic/x");
    assert_eq!(named("gemini"), "gemini/x");
    assert_eq!(model("litellmProvider = 'groq'", "")["model"], "groq/x");
    let own = model("provider = 'openai-compatible'", ", endpoint = 'http://vllm:8000'");
    let wanted =
        json!({ "api_base": "http://vllm:8000/v1", "api_key": "no-key-needed", "model": "openai/x", "timeout": 300 });
    assert_eq!(own, wanted);
    let azure = model("provider = 'azure'", ", endpoint = 'https://r.openai.azure.com', apiVersion = '2024-10-21'");
    assert_eq!((&azure["model"], &azure["api_version"]), (&json!("azure/x"), &json!("2024-10-21")));
    let bedrock = model("provider = 'bedrock'", ", region = 'eu-west-1'");
    assert_eq!((&bedrock["model"], &bedrock["aws_region_name"]), (&json!("bedrock/x"), &json!("eu-west-1")));
    let vertex = model("provider = 'vertex'", ", project = 'p', location = 'l'");
    assert_eq!(vertex["model"], "vertex_ai/x");
    assert_eq!((&vertex["vertex_project"], &vertex["vertex_location"]), (&json!("p"), &json!("l")));
}

#[test]
fn a_credential_is_a_reference_to_a_variable_of_the_pod() {
    let all = with_models("models.m = { provider = 'openai', modelName = 'm', apiKeySecretRef = { name = 'k' } }");
    let key = config(&all)["model_list"][0]["litellm_params"]["api_key"].clone();
    let name = key.as_str().unwrap().strip_prefix("os.environ/").unwrap();
    assert!(name.starts_with("LANGOP_KEY_"));
    let env = container(&all, "env").as_array().unwrap();
    let variable = env.iter().find(|one| one["name"] == name).unwrap();
    assert_eq!(variable["valueFrom"]["secretKeyRef"], json!({ "name": "k", "key": "api-key" }));
    assert!(variable.get("value").is_none());
}

#[test]
fn aliases_have_fallbacks_of_their_own() {
    let all = with_models(
        "models.a = { provider = 'openai', modelName = 'gpt', aliases = ['fast'], fallbacks = ['b'] }\n\
         models.b = { provider = 'anthropic', modelName = 'claude' }",
    );
    let settings = &config(&all)["router_settings"];
    assert_eq!(settings["model_group_alias"]["fast"], "gpt");
    assert_eq!(settings["fallbacks"], json!(["fast", "gpt", "a"].map(|name| json!({ name: ["claude"] }))));
}

#[test]
fn a_catalogue_is_called_by_the_name_of_the_model() {
    let all = with_models("models.or = { litellmProvider = 'openrouter', modelName = '*' }");
    let entry = &config(&all)["model_list"][0];
    assert_eq!(entry["model_name"], "or/*");
    assert_eq!(entry["litellm_params"]["model"], "openrouter/*");
}

#[test]
fn limits_are_enforced_and_prices_are_for_one_token() {
    let all = with_models(
        "models.m = { provider = 'openai', modelName = 'm', timeout = '90s', retries = 0, params = { weight = 9 }, \
         rateLimits = { requestsPerMinute = 6, tokensPerMinute = 9 }, cost = { inputPerMillion = 2 } }",
    );
    let config = config(&all);
    let params = &config["model_list"][0]["litellm_params"];
    assert_eq!((&params["rpm"], &params["tpm"]), (&json!(6), &json!(9)));
    assert_eq!((&params["timeout"], &params["num_retries"]), (&json!(90), &json!(0)));
    assert_eq!(params["weight"], 9);
    assert!((params["input_cost_per_token"].as_f64().unwrap() - 2e-6).abs() < 1e-12);
    assert_eq!(config["router_settings"]["optional_pre_call_checks"], json!(["enforce_model_rate_limits"]));
}

#[test]
fn the_users_configuration_goes_over_the_generated_one_and_switches_nothing_off() {
    let settings = "{ optional_pre_call_checks = ['prompt_caching'], fallbacks = [{ m = ['x'] }, { y = ['m'] }] }";
    let all = cluster(&format!(
        "gateway.config = {{ litellm_settings = {{ drop_params = false }}, model_list = [], router_settings = {settings} }}\n\
         [models.a]\nprovider = 'openai'\nmodelName = 'm'\nfallbacks = ['b']\nrateLimits = {{ requestsPerMinute = 1 }}\n\
         [models.b]\nprovider = 'openai'\nmodelName = 'n'"
    ));
    let config = config(&all);
    assert_eq!(config["litellm_settings"]["drop_params"], false);
    assert_eq!(config["litellm_settings"]["disable_hf_tokenizer_download"], true);
    assert_eq!(config["model_list"].as_array().unwrap().len(), 2);
    let settings = &config["router_settings"];
    assert_eq!(settings["optional_pre_call_checks"], json!(["enforce_model_rate_limits", "prompt_caching"]));
    assert_eq!(settings["fallbacks"], json!([{ "m": ["n", "x"] }, { "y": ["m"] }, { "a": ["n", "x"] }]));
}
