//! The configuration of `LiteLLM`: models, routing, settings, and the user's own on top. Complete,
//! sorted, without a credential.

use std::collections::BTreeMap;

use serde_json::{Number, Value, json};

use crate::api::LanguageModelSpec;
use crate::object::names::deployment_id;
use crate::render::endpoint::{Store, assignments, observers};
use crate::render::scope::Scope;

use super::credentials::Credentials;
use super::merge::merge;
use super::{metrics, own_name, provider, resting, routing, store};

/// A key for endpoints that want none: without one `LiteLLM` would look for a vendor's in the
/// environment and send that.
const NO_KEY: &str = "no-key-needed";

/// The configuration as a value.
pub(super) fn config(scope: &Scope<'_>, credentials: &Credentials) -> Value {
    let models: Vec<_> = scope.models().map(|(name, model)| entry(scope, credentials, name, model)).collect();
    let mut config = json!({
        "model_list": models,
        "litellm_settings": {
            // Agents written for one provider's parameters keep working with another's model.
            "drop_params": true,
            // Else names that look like Llama's make it call huggingface.co.
            "disable_hf_tokenizer_download": true,
            // A caller's URL of an image is fetched by the gateway: never from its node, its cluster or itself.
            "user_url_validation": true,
        },
        "general_settings": {
            "custom_auth": "custom_auth.user_api_key_auth",
            // Real calls to every model, paid for.
            "background_health_checks": false,
        },
    });
    if scope.models().any(|(_, model)| provider::is_compatible(model)) {
        // Else calls in Anthropic's protocol would go to `/v1/responses`, which few such servers have.
        config["litellm_settings"]["use_chat_completions_url_for_anthropic_messages"] = json!(true);
    }
    let limits = routing::is_any_limited(scope).then_some("limits.limits");
    let costs = scope.gateway.store.is_some().then_some("budgets.budgets");
    let callbacks: Vec<_> = costs.into_iter().chain(limits).collect();
    if !callbacks.is_empty() {
        config["litellm_settings"]["callbacks"] = json!(callbacks);
    }
    if scope.gateway.metrics.is_some() {
        merge(&mut config, &metrics::settings());
    }
    let told: Vec<_> = observers(&scope.gateway, scope.cluster).iter().map(|one| one.callback).collect();
    if !told.is_empty() {
        merge(&mut config, &json!({ "litellm_settings": { "callbacks": told } }));
    }
    if let Some(settings) = routing::settings(scope) {
        config["router_settings"] = settings;
    }
    if let Some(store) = Store::of(scope) {
        merge(&mut config, &store::settings(&store, scope.cluster));
    }
    for (key, value) in &scope.gateway.config {
        merge(&mut config, &json!({ key: value }));
    }
    own_name::add(scope, &mut config);
    config
}

fn entry(scope: &Scope<'_>, credentials: &Credentials, name: &str, model: &LanguageModelSpec) -> Value {
    let mut params = BTreeMap::from([
        ("model".to_owned(), json!(provider::upstream_model(model))),
        ("timeout".to_owned(), seconds(model.timeout_seconds())),
    ]);
    params.extend(keys(scope, credentials, model));
    params.extend(fields(model));
    params.extend(model.params.clone());
    let mut info = resting::rules(scope, name, model);
    info.insert("id".to_owned(), json!(deployment_id(name)));
    json!({ "model_name": routing::called(name, model), "litellm_params": params, "model_info": info })
}

/// The credentials of a model, by reference.
fn keys(scope: &Scope<'_>, credentials: &Credentials, model: &LanguageModelSpec) -> BTreeMap<String, Value> {
    let mut keys: BTreeMap<_, _> = assignments(scope, model)
        .into_iter()
        .filter_map(|given| {
            let reference = credentials.reference(&given)?;
            Some((given.parameter.to_owned(), json!(reference)))
        })
        .collect();
    if keys.is_empty() && model.endpoint.is_some() && takes_any_key(model) {
        keys.insert("api_key".to_owned(), json!(NO_KEY));
    }
    keys
}

/// Whether a made-up key does no harm: clouds have identities without keys.
fn takes_any_key(model: &LanguageModelSpec) -> bool {
    !matches!(provider::prefix(model), "azure" | "bedrock" | "vertex_ai")
}

/// The typed fields of a model.
fn fields(model: &LanguageModelSpec) -> impl Iterator<Item = (String, Value)> {
    let limits = model.rate_limits.clone().unwrap_or_default();
    let cost = model.cost.clone().unwrap_or_default();
    let texts = [
        ("api_base", provider::api_base(model)),
        ("api_version", model.api_version.clone()),
        ("aws_region_name", model.region.clone().filter(|_| is_of_aws(model))),
        ("vertex_project", model.project.clone()),
        ("vertex_location", model.location.clone()),
    ];
    let counts =
        [("num_retries", model.retries), ("rpm", limits.requests_per_minute), ("tpm", limits.tokens_per_minute)];
    let prices = [("input_cost_per_token", cost.input_per_million), ("output_cost_per_token", cost.output_per_million)];
    let texts = texts.into_iter().filter_map(|(key, text)| Some((key, json!(text?))));
    let counts = counts.into_iter().filter_map(|(key, count)| Some((key, json!(count?))));
    let prices = prices.into_iter().filter_map(|(key, price)| Some((key, json!(price? / 1e6))));
    texts.chain(counts).chain(prices).map(|(key, value)| (key.to_owned(), value))
}

/// Whether its region is one that is called: of others it is what is known of them.
fn is_of_aws(model: &LanguageModelSpec) -> bool {
    let prefix = provider::prefix(model);
    ["bedrock", "sagemaker"].iter().any(|family| prefix.starts_with(family))
}

/// A number of seconds, whole where it is: `LiteLLM` cannot read `5m`.
fn seconds(seconds: f64) -> Value {
    let whole = format!("{seconds:.0}").parse::<u64>().ok();
    let exact = whole.filter(|_| seconds.fract() == 0.0);
    let number = exact.map(Number::from).or_else(|| Number::from_f64(seconds));
    number.map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::fixture::{config, config_text, field, gateway_config, rendered};

    fn params(model: &str) -> Value {
        let manifests = rendered(&format!("[clusters.c]\n[models.m]\n{model}"));
        config(&manifests)["model_list"][0]["litellm_params"].clone()
    }

    #[test]
    fn a_model_is_an_entry_with_its_key_by_reference() {
        let read = params("provider = 'anthropic'\nmodelName = 'claude'\napiKeySecretRef = { name = 'a' }");
        let key = "os.environ/LANGOP_KEY_A_API_KEY";
        assert_eq!(read, json!({ "model": "anthropic/claude", "api_key": key, "timeout": 300 }));
    }

    #[test]
    fn an_endpoint_without_a_key_gets_one_that_is_nobodys() {
        let read = params("provider = 'openai-compatible'\nmodelName = 'm'\nendpoint = 'http://vllm'");
        assert_eq!(read["api_key"], "no-key-needed");
        let own = params("provider = 'openai'\nmodelName = 'm'");
        assert_eq!(own.get("api_key"), None, "the provider's own host may take it from the user's environment");
    }

    #[test]
    fn typed_fields_arrive_in_litellms_words_and_params_win() {
        let read = params(
            "provider = 'vertex'\nmodelName = 'm'\nproject = 'p'\nlocation = 'l'\nretries = 0\ntimeout = '1500ms'\n\
             rateLimits = { requestsPerMinute = 5, tokensPerMinute = 7 }\ncost = { inputPerMillion = 3 }\n\
             params = { vertex_location = 'global', temperature = 0.2 }",
        );
        let expected = json!({
            "model": "vertex_ai/m",
            "vertex_project": "p",
            "vertex_location": "global",
            "num_retries": 0,
            "timeout": 1.5,
            "rpm": 5,
            "tpm": 7,
            "input_cost_per_token": 0.000_003,
            "temperature": 0.2,
        });
        assert_eq!(read, expected);
    }

    #[test]
    fn credentials_by_name_become_the_parameters_of_their_names() {
        let read = params(
            "provider = 'bedrock'\nmodelName = 'm'\nregion = 'eu-west-1'\ncredentialsSecretRef = { name = 'aws' }\n\
             [secrets.aws]\nfromEnv = { AWS_ACCESS_KEY_ID = 'I', AWS_SECRET_ACCESS_KEY = 'S', note = 'N' }",
        );
        assert_eq!(read["aws_access_key_id"], "os.environ/LANGOP_KEY_AWS_AWS_ACCESS_KEY_ID");
        assert_eq!(read["aws_secret_access_key"], "os.environ/LANGOP_KEY_AWS_AWS_SECRET_ACCESS_KEY");
        assert_eq!(read.as_object().unwrap().len(), 5, "no key that is not there: {read}");
    }

    #[test]
    fn a_key_file_is_mounted_and_named_by_its_path() {
        let text = "[clusters.c]\n[models.m]\nprovider = 'vertex'\nmodelName = 'm'\nproject = 'p'\nlocation = 'l'\n\
                    credentialsSecretRef = { name = 'gcp' }\n[secrets.gcp]\nfromFile = { 'credentials.json' = 'k.json' }";
        let manifests = rendered(text);
        let path = &config(&manifests)["model_list"][0]["litellm_params"]["vertex_credentials"];
        assert_eq!(path, "os.environ/LANGOP_FILE_GCP_CREDENTIALS_JSON");
        let pod = field(&manifests, "Deployment", "gateway", "/spec/template/spec");
        let source = json!({ "name": "gcp", "items": [{ "key": "credentials.json", "path": "gcp/credentials.json" }] });
        let volumes = pod["volumes"].as_array().unwrap();
        let volume = volumes.iter().find(|volume| volume["name"] == "credentials").unwrap();
        assert_eq!(volume["projected"]["sources"], json!([{ "secret": source }]));
        let mounts = pod["containers"][0]["volumeMounts"].as_array().unwrap();
        let mount = json!({ "name": "credentials", "mountPath": "/var/run/langop/credentials", "readOnly": true });
        assert!(mounts.contains(&mount), "{mounts:?}");
        let path = "/var/run/langop/credentials/gcp/credentials.json";
        let variable = json!({ "name": "LANGOP_FILE_GCP_CREDENTIALS_JSON", "value": path });
        assert!(pod["containers"][0]["env"].as_array().unwrap().contains(&variable));
    }

    #[test]
    fn the_users_configuration_lies_on_top() {
        let read = config(&rendered(
            "[clusters.c.gateway.config]\nlitellm_settings = { drop_params = false, cache = true }\nextra = [1]",
        ));
        assert_eq!(read["litellm_settings"]["drop_params"], false);
        assert_eq!(read["litellm_settings"]["disable_hf_tokenizer_download"], true);
        assert_eq!(read["litellm_settings"]["user_url_validation"], true);
        assert_eq!(read["extra"], json!([1]));
    }

    #[test]
    fn limits_are_counted_by_a_module_beside_the_configuration() {
        let limited = |callbacks: &str| {
            rendered(&format!(
                "[clusters.c]\n{callbacks}\n[models.m]\nprovider = 'openai'\nmodelName = 'm'\n\
                 rateLimits = {{ requestsPerMinute = 5 }}"
            ))
        };
        let own = limited("");
        assert_eq!(config(&own)["litellm_settings"]["callbacks"], json!(["limits.limits"]));
        assert!(gateway_config(&own).object["data"].get("limits.py").is_some());
        let both = config(&limited("gateway.config.litellm_settings.callbacks = 'mine.logger'"));
        assert_eq!(both["litellm_settings"]["callbacks"], json!(["limits.limits", "mine.logger"]));
        let unlimited = rendered("[clusters.c]\n[models.m]\nprovider = 'openai'\nmodelName = 'm'");
        assert_eq!(config(&unlimited)["litellm_settings"].get("callbacks"), None);
        assert_eq!(gateway_config(&unlimited).object["data"].get("limits.py"), None);
    }

    #[test]
    fn a_gateway_without_models_is_a_gateway() {
        assert_eq!(config(&rendered("clusters.c = {}"))["model_list"], json!([]));
    }

    #[test]
    fn a_version_stays_text_for_a_reader_of_yaml_1_1() {
        let manifests = rendered(
            "[clusters.c]\n[models.m]\nprovider = 'azure'\nmodelName = 'm'\nendpoint = 'https://r'\napiVersion = '2024-10-21'",
        );
        let text = config_text(&manifests);
        assert!(text.contains("api_version: \"2024-10-21\""), "{text}");
    }

    #[test]
    fn a_region_is_called_where_there_is_one_to_call() {
        let with = |provider: &str| params(&format!("{provider}\nmodelName = 'm'\nregion = 'eu'"));
        assert_eq!(with("provider = 'bedrock'")["aws_region_name"], "eu");
        assert_eq!(with("litellmProvider = 'sagemaker_chat'")["aws_region_name"], "eu");
        assert_eq!(with("provider = 'openai'").get("aws_region_name"), None);
    }
}
