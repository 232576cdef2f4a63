//! Configurations as people write them: the description validates, and the gateway that it describes calls the same
//! providers with the same parameters.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{ImportedLitellm, LitellmRequest, import_litellm};
use crate::render::{Target, render};
use crate::stack::{LoadRequest, Stack, load};

fn imported(text: &str) -> ImportedLitellm {
    let request = LitellmRequest {
        name: "config.yaml".to_owned(),
        text: text.to_owned(),
        stack: "llm".to_owned(),
        cluster: "gateway".to_owned(),
    };
    import_litellm(request).unwrap_or_else(|invalid| panic!("{:?}", invalid.diagnostics))
}

/// The stack that the description is, its variables given by their names.
fn stack(imported: &ImportedLitellm) -> Stack {
    let text = imported.description.toml();
    let values = |name: &String| match name.as_str() {
        name if name.contains("base") => "https://given.example.com".to_owned(),
        name => name.replace('_', "-"),
    };
    let request = LoadRequest {
        paths: vec!["-".into()],
        variables: imported.variables.iter().map(|(name, _)| (name.clone(), values(name))).collect(),
        stdin: Some(text.clone().into_bytes()),
        ..LoadRequest::default()
    };
    load(&request).unwrap_or_else(|invalid| panic!("{:#?}\n{text}", invalid.diagnostics)).stack
}

/// The configuration that the gateway gets.
fn rendered(stack: &Stack) -> Value {
    let manifests = render(stack, &Target::default());
    let data = manifests.iter().find_map(|manifest| manifest.object.pointer("/data/config.yaml"));
    serde_saphyr::from_str(data.unwrap().as_str().unwrap()).unwrap()
}

/// What callers can name, and what is then called: each upstream with its parameters, keys by the variables that they
/// come from.
type Served = BTreeMap<String, BTreeSet<String>>;

/// What stands for a reference, by whose variable it is: `LANGOP_KEY_…` is langop's own name for one.
fn origin(stack: &Stack, reference: &str) -> String {
    let upper = |text: &str| text.replace(['-', '.'], "_").to_uppercase();
    for (key, item) in &stack.secrets {
        for (data, source) in &item.spec.sources {
            let names =
                ["KEY", "FILE"].map(|kind| format!("os.environ/LANGOP_{kind}_{}_{}", upper(&key.name), upper(data)));
            if names.iter().any(|name| name == reference) {
                return format!("{source:?}");
            }
        }
    }
    reference.to_owned()
}

fn served(config: &Value, of_reference: impl Fn(&str) -> String) -> Served {
    let mut served = Served::new();
    for entry in config["model_list"].as_array().unwrap() {
        let mut params = entry["litellm_params"].as_object().unwrap().clone();
        if let Some(base) = entry.pointer("/model_info/base_model") {
            params.insert("base_model".to_owned(), base.clone());
        }
        // What langop says and LiteLLM assumes, and what is no key.
        params.retain(|key, value| key != "timeout" && *value != "no-key-needed" && *value != "none");
        for value in params.values_mut() {
            if let Some(text) = value.as_str() {
                *value = json!(of_reference(text).trim_end_matches('/'));
            }
        }
        let name = entry["model_name"].as_str().unwrap().to_owned();
        served.entry(name).or_default().insert(Value::Object(params).to_string());
    }
    let aliases = config.pointer("/router_settings/model_group_alias").and_then(Value::as_object);
    for (alias, target) in aliases.into_iter().flatten() {
        let target = target.as_str().or(target["model"].as_str()).unwrap();
        if let Some(upstreams) = served.get(target).cloned() {
            served.insert(alias.clone(), upstreams);
        }
    }
    served
}

/// Imports, validates, renders, and holds what is served against what was to be served.
fn round_trip(text: &str) -> (ImportedLitellm, Value) {
    let imported = imported(text);
    let stack = stack(&imported);
    let config = rendered(&stack);
    let original: Value = serde_saphyr::from_str(text).unwrap();
    let wanted = served(&original, |text| match text.strip_prefix("os.environ/") {
        Some(name) if name.contains("BASE") => "https://given.example.com".to_owned(),
        Some(name) if name.contains("KEY") || name.contains("SECRET") => format!("Env({name:?})"),
        Some(name) => name.to_lowercase().replace('_', "-"),
        None => text.to_owned(),
    });
    let has = served(&config, |reference| origin(&stack, reference));
    for (name, upstreams) in &wanted {
        let upstreams: BTreeSet<_> = upstreams.iter().map(|text| normal(text)).collect();
        let found: BTreeSet<_> = has.get(name).into_iter().flatten().map(|text| normal(text)).collect();
        assert_eq!(found, upstreams, "{name}\n{}", imported.description.toml());
    }
    (imported, config)
}

/// The same parameters in one writing.
fn normal(params: &str) -> String {
    let mut params: Value = serde_json::from_str(params).unwrap();
    let model = params["model"].as_str().unwrap().to_owned();
    if !model.contains('/') {
        params["model"] = json!(format!("openai/{model}"));
    }
    params.to_string()
}

fn remarks(imported: &ImportedLitellm) -> String {
    imported.remarks.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_first_configuration() {
    let (imported, config) = round_trip(
        "model_list:
  - model_name: gpt-4o
    litellm_params:
      model: openai/gpt-4o
      api_key: os.environ/OPENAI_API_KEY
  - model_name: claude
    litellm_params:
      model: anthropic/claude-sonnet-4-5
      api_key: os.environ/ANTHROPIC_API_KEY
litellm_settings:
  drop_params: True
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
",
    );
    let expected = r#"stack = "llm"

[clusters.gateway]
gateway = { config = { litellm_settings = { drop_params = true } } }

[models.claude]
aliases = ["claude"]
apiKeySecretRef = { name = "anthropic" }
modelName = "claude-sonnet-4-5"
provider = "anthropic"

[models.gpt-4o]
apiKeySecretRef = { name = "openai" }
modelName = "gpt-4o"
provider = "openai"

[secrets.anthropic]
fromEnv = { api-key = "ANTHROPIC_API_KEY" }

[secrets.openai]
fromEnv = { api-key = "OPENAI_API_KEY" }
"#;
    assert_eq!(imported.description.toml(), expected);
    assert_eq!(config["litellm_settings"]["drop_params"], true);
    assert_eq!(
        remarks(&imported),
        "config.yaml:13:3: `general_settings.master_key` is not carried: the gateway knows its callers by keys of its own"
    );
}

#[test]
fn deployments_of_one_name_in_several_clouds() {
    let (imported, config) = round_trip(
        "model_list:
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: https://eu.openai.azure.com/
      api_version: '2024-10-21'
      api_key: os.environ/AZURE_API_KEY_EU
      rpm: 6
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-ca
      api_base: os.environ/AZURE_API_BASE
      api_version: '2024-10-21'
      api_key: os.environ/AZURE_API_KEY_CA
      rpm: 6
      tpm: 1000
    model_info: {base_model: azure/gpt-4o}
  - model_name: gpt-4o
    litellm_params: {model: gpt-4o, api_key: os.environ/OPENAI_API_KEY, rpm: 6, weight: 2}
router_settings:
  routing_strategy: simple-shuffle
  num_retries: 2
  redis_host: os.environ/REDIS_HOST
  redis_password: os.environ/REDIS_PASSWORD
  model_group_alias: {gpt-4: gpt-4o, hidden: {model: gpt-4o, hidden: true}}
",
    );
    assert_eq!(config["router_settings"]["model_group_alias"]["gpt-4"], "gpt-4o");
    assert_eq!(config["router_settings"]["model_group_alias"]["hidden"]["hidden"], true);
    assert_eq!(config["router_settings"]["redis_password"], "os.environ/REDIS_PASSWORD");
    assert_eq!(config["router_settings"]["redis_host"], "redis-host");
    let text = imported.description.toml();
    assert!(text.contains("[models.gpt-4o-3]") && text.contains("params = { base_model ="), "{text}");
    assert!(
        text.contains("[secrets.gateway-environment]\nfromEnv = { REDIS_PASSWORD = \"REDIS_PASSWORD\" }"),
        "{text}"
    );
    let variables: Vec<_> = imported.variables.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(variables, ["azure_api_base", "redis_host"]);
    assert!(imported.remarks.is_empty(), "{}", remarks(&imported));
}

#[test]
fn clouds_with_keys_of_several_parts() {
    let (imported, _) = round_trip(
        "model_list:
  - model_name: bedrock-claude
    litellm_params:
      model: bedrock/anthropic.claude-3-5-sonnet-20240620-v1:0
      aws_region_name: us-west-2
      aws_access_key_id: os.environ/AWS_ACCESS_KEY_ID
      aws_secret_access_key: os.environ/AWS_SECRET_ACCESS_KEY
  - model_name: vertex
    litellm_params:
      model: vertex_ai/gemini-2.5-pro
      vertex_project: my-project
      vertex_location: us-central1
  - model_name: groq-llama
    litellm_params: {model: groq/llama3-70b-8192, api_key: os.environ/GROQ_API_KEY, stream_timeout: 5}
  - model_name: local
    litellm_params: {model: ollama_chat/llama3.1, api_base: 'http://ollama.ollama.svc:11434', input_cost_per_token: 0.0000006}
",
    );
    let text = imported.description.toml();
    assert!(text.contains("credentialsSecretRef = { name = \"bedrock-claude\" }"), "{text}");
    assert!(text.contains("litellmProvider = \"groq\"") && text.contains("cost = { inputPerMillion = 0.6 }"), "{text}");
}

#[test]
fn fallbacks_catalogues_and_endpoints_of_anyones() {
    let (imported, config) = round_trip(
        "model_list:
  - model_name: openai/*
    litellm_params: {model: openai/*, api_key: os.environ/OPENAI_API_KEY}
  - model_name: qwen
    litellm_params: {model: openai/Qwen/Qwen3-32B, api_base: 'http://vllm.models.svc:8000/v1', api_key: none, timeout: 30, num_retries: 1}
  - model_name: bare
    litellm_params: {model: openai/mine, api_base: 'http://vllm.models.svc:8000', timeout: 1.5}
  - model_name: small
    litellm_params: {model: mistral/mistral-small, api_key: os.environ/MISTRAL_API_KEY}
litellm_settings:
  fallbacks: [{qwen: [small, bare]}]
  context_window_fallbacks: [{small: [qwen]}]
  request_timeout: 60
",
    );
    let fallbacks = config["router_settings"]["fallbacks"].to_string();
    assert!(fallbacks.contains(r#"{"qwen":["small","#), "{fallbacks}");
    assert_eq!(config["litellm_settings"]["context_window_fallbacks"], json!([{"small": ["qwen"]}]));
    assert_eq!(config["litellm_settings"].get("fallbacks"), None);
    let text = imported.description.toml();
    for there in [
        "[models.openai]",
        "modelName = \"*\"",
        "timeout = \"30s\"",
        "timeout = \"1500ms\"",
        "timeout = \"60s\"",
        "retries = 1",
    ] {
        assert!(text.contains(there), "{there}:\n{text}");
    }
    assert!(text.contains("params = { api_base = \"http://vllm.models.svc:8000\" }"), "{text}");
}

#[test]
fn a_key_that_is_written_out_is_neither_written_nor_shown() {
    let secret = "sk-proj-4f9aZ81kQmXw7LtR2vBn6Ypd";
    let text = format!(
        "model_list:
  - model_name: gpt
    litellm_params: {{model: openai/gpt-4o, api_key: {secret}, extra_headers: {{Authorization: Bearer {secret}}}}}
litellm_settings: {{cache: true, cache_params: {{type: redis, password: hunter2hunter2}}}}
environment_variables: {{LANGFUSE_SECRET_KEY: {secret}, LANGFUSE_HOST: 'https://langfuse.example.com'}}
general_settings: {{master_key: {secret}, database_url: 'postgresql://u:hunter2@db/x'}}
credential_list:
  - {{credential_name: mine, credential_values: {{api_key: {secret}}}}}
"
    );
    let imported = imported(&text);
    let all = format!("{}{}{imported:?}", imported.description.toml(), remarks(&imported));
    assert!(!all.contains(secret) && !all.contains("hunter2"), "{all}");
    let said = remarks(&imported);
    assert!(
        said.contains("config.yaml:3:44: `model_list[0].litellm_params.api_key` is a credential that is written out"),
        "{said}"
    );
    assert!(said.contains("`litellm_settings.cache_params.password`"), "{said}");
    let config = rendered(&stack(&imported));
    assert_eq!(
        config["litellm_settings"]["cache_params"]["password"],
        "os.environ/LITELLM_SETTINGS_CACHE_PARAMS_PASSWORD"
    );
    assert!(imported.description.toml().contains("LANGFUSE_SECRET_KEY"), "{}", imported.description.toml());
}

#[test]
fn named_credentials_are_those_of_the_models_that_name_them() {
    let imported = imported(
        "model_list:
  - model_name: gpt
    litellm_params: {model: azure/gpt-4o, litellm_credential_name: mine}
credential_list:
  - credential_name: mine
    credential_values: {api_key: os.environ/MINE_API_KEY, api_base: 'https://r.openai.azure.com', api_version: '2024-10-21'}
",
    );
    let text = imported.description.toml();
    assert!(
        text.contains("endpoint = \"https://r.openai.azure.com\"") && text.contains("{ name = \"mine\" }"),
        "{text}"
    );
    assert_eq!(stack(&imported).models.len(), 1);
}

#[test]
fn what_langop_cannot_say_is_named_with_its_place() {
    let imported = imported(
        "model_list:
  - model_name: '*'
    litellm_params: {model: '*'}
  - litellm_params: {model: gpt-4o}
  - model_name: who
    litellm_params: {model: nobody-knows}
  - model_name: gpt
    litellm_params: {model: gpt-4o, azure_password: os.environ/PW}
    model_info: {mode: chat, id: x}
include: [other.yaml]
litellm_settings: {callbacks: [langfuse, my_module.handler]}
",
    );
    let said = remarks(&imported);
    for wanted in [
        "config.yaml:2:5: `model_list[0]` is not carried",
        "config.yaml:4:5: `model_list[1]` is not carried: it has no `model_name`",
        "`model_list[2]` is not carried: LiteLLM's provider",
        "`model_list[3].litellm_params.azure_password` is not carried",
        "`model_list[3].model_info` (`mode`) is not carried",
        "`include` is not carried",
        "`litellm_settings.callbacks` (`my_module.handler`) is not carried",
    ] {
        assert!(said.contains(wanted), "{wanted}:\n{said}");
    }
    assert_eq!(imported.description.toml().matches("[models.").count(), 1);
}

#[test]
fn what_is_no_configuration_is_an_error_with_its_place() {
    for text in ["a: [", "model_list: {}", "", "- 1"] {
        let request = LitellmRequest {
            name: "c.yaml".to_owned(),
            text: text.to_owned(),
            stack: "s".to_owned(),
            cluster: "c".to_owned(),
        };
        assert!(import_litellm(request).is_err(), "{text}");
    }
}
