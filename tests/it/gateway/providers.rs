//! Every provider and option in one gateway: where the call of each model goes, with which key, and that nothing
//! else leaves.

use std::collections::BTreeSet;

use serde_json::Value;

use super::answers::{ROLE_KEY, TOKEN, WORDS};
use super::interceptor::Call;
use super::process::{Gateway, Shared, python};

/// Host and path that the call of a model must have, the header of its credential, and how that ends.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

const ROWS: [Row; 19] = [
    ("gpt-4o", "api.openai.com", "/v1/chat/completions", "authorization", "Bearer value-of-openai-api-key"),
    ("claude-x", "api.anthropic.com", "/v1/messages", "x-api-key", "value-of-anthropic-token"),
    (
        "gemini-2.0-flash",
        "generativelanguage.googleapis.com",
        "/v1beta/models/gemini-2.0-flash:generateContent",
        "x-goog-api-key",
        "value-of-gemini-api-key",
    ),
    ("llama-x", "ollama.ollama.svc", "/v1/chat/completions", "authorization", "Bearer no-key-needed"),
    ("org/kept-x", "vllm.test", "/v1/chat/completions", "authorization", "Bearer value-of-vllm-api-key"),
    ("versioned-x", "versioned.test", "/api/v3/chat/completions", "authorization", "Bearer no-key-needed"),
    (
        "azure-key",
        "r.openai.azure.com",
        "/openai/deployments/azure-key/chat/completions?api-version=2024-10-21",
        "api-key",
        "value-of-azure-api-key",
    ),
    (
        "azure-token",
        "t.openai.azure.com",
        "/openai/deployments/azure-token/chat/completions?api-version=2024-10-21",
        "authorization",
        "Bearer value-of-azuretoken-AZURE-AD-TOKEN",
    ),
    (
        "azure-principal",
        "p.openai.azure.com",
        "/openai/deployments/azure-principal/chat/completions?api-version=2024-10-21",
        "authorization",
        TOKEN,
    ),
    (
        "anthropic.claude-3-haiku-20240307-v1:0",
        "bedrock-runtime.eu-west-1.amazonaws.com",
        "/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse",
        "authorization",
        "Credential=value-of-aws-AWS-ACCESS-KEY-ID",
    ),
    (
        "amazon.nova-lite-v1:0",
        "bedrock-runtime.eu-west-2.amazonaws.com",
        "/model/amazon.nova-lite-v1%3A0/converse",
        "x-amz-security-token",
        "value-of-awssession-AWS-SESSION-TOKEN",
    ),
    (
        "amazon.nova-micro-v1:0",
        "bedrock-runtime.eu-west-3.amazonaws.com",
        "/model/amazon.nova-micro-v1%3A0/converse",
        "authorization",
        "Bearer value-of-awsbearer-AWS-BEARER-TOKEN-BEDROCK",
    ),
    (
        "amazon.nova-pro-v1:0",
        "bedrock-runtime.us-east-1.amazonaws.com",
        "/model/amazon.nova-pro-v1%3A0/converse",
        "authorization",
        ROLE_KEY,
    ),
    (
        "gemini-2.5-flash",
        "europe-west1-aiplatform.googleapis.com",
        "/v1/projects/p/locations/europe-west1/publishers/google/models/gemini-2.5-flash:generateContent",
        "authorization",
        TOKEN,
    ),
    ("groq-x", "api.groq.com", "/openai/v1/chat/completions", "authorization", "Bearer value-of-groq-api-key"),
    ("mistral-x", "api.mistral.ai", "/v1/chat/completions", "authorization", "Bearer value-of-mistral-api-key"),
    ("deepseek-x", "api.deepseek.com", "/beta/chat/completions", "authorization", "Bearer value-of-deepseek-api-key"),
    ("router-x", "openrouter.ai", "/api/v1/chat/completions", "authorization", "Bearer value-of-openrouter-api-key"),
    ("xai-x", "api.x.ai", "/v1/chat/completions", "authorization", "Bearer value-of-xai-api-key"),
];

const DESCRIPTION: &str = r#"
[clusters.c]
[models.openai]
provider = "openai"
modelName = "gpt-4o"
apiKeySecretRef = { name = "openai" }
[models.anthropic]
provider = "anthropic"
modelName = "claude-x"
apiKeySecretRef = { name = "anthropic", key = "token" }
[models.gemini]
provider = "gemini"
modelName = "gemini-2.0-flash"
apiKeySecretRef = { name = "gemini" }
[models.ollama]
provider = "openai-compatible"
modelName = "llama-x"
endpoint = "http://ollama.ollama.svc:11434"
[models.vllm]
provider = "openai-compatible"
modelName = "org/kept-x"
endpoint = "https://vllm.test/v1/"
apiKeySecretRef = { name = "vllm" }
[models.versioned]
provider = "openai-compatible"
modelName = "versioned-x"
endpoint = "https://versioned.test/api/v3"
[models.azure]
provider = "azure"
modelName = "azure-key"
endpoint = "https://r.openai.azure.com/openai/v1"
apiVersion = "2024-10-21"
apiKeySecretRef = { name = "azure" }
[models.azuretoken]
provider = "azure"
modelName = "azure-token"
endpoint = "https://t.openai.azure.com"
apiVersion = "2024-10-21"
credentialsSecretRef = { name = "azuretoken" }
[models.azureprincipal]
provider = "azure"
modelName = "azure-principal"
endpoint = "https://p.openai.azure.com/"
apiVersion = "2024-10-21"
credentialsSecretRef = { name = "azureprincipal" }
[models.aws]
provider = "bedrock"
modelName = "anthropic.claude-3-haiku-20240307-v1:0"
region = "eu-west-1"
credentialsSecretRef = { name = "aws" }
[models.awssession]
provider = "bedrock"
modelName = "amazon.nova-lite-v1:0"
region = "eu-west-2"
credentialsSecretRef = { name = "awssession" }
[models.awsbearer]
provider = "bedrock"
modelName = "amazon.nova-micro-v1:0"
region = "eu-west-3"
credentialsSecretRef = { name = "awsbearer" }
[models.awsrole]
provider = "bedrock"
modelName = "amazon.nova-pro-v1:0"
region = "us-east-1"
credentialsSecretRef = { name = "aws" }
params = { aws_role_name = "arn:aws:iam::1:role/r", aws_session_name = "langop" }
[models.vertex]
provider = "vertex"
modelName = "gemini-2.5-flash"
project = "p"
location = "europe-west1"
credentialsSecretRef = { name = "gcp" }
[models.groq]
litellmProvider = "groq"
modelName = "groq-x"
apiKeySecretRef = { name = "groq" }
[models.mistral]
litellmProvider = "mistral"
modelName = "mistral-x"
apiKeySecretRef = { name = "mistral" }
[models.deepseek]
litellmProvider = "deepseek"
modelName = "deepseek-x"
apiKeySecretRef = { name = "deepseek" }
[models.openrouter]
litellmProvider = "openrouter"
modelName = "router-x"
apiKeySecretRef = { name = "openrouter" }
[models.xai]
litellmProvider = "xai"
modelName = "xai-x"
apiKeySecretRef = { name = "xai" }

[secrets.azuretoken]
fromEnv = { AZURE_AD_TOKEN = "X" }
[secrets.azureprincipal]
fromEnv = { AZURE_TENANT_ID = "X", AZURE_CLIENT_ID = "X", AZURE_CLIENT_SECRET = "X" }
[secrets.aws]
fromEnv = { AWS_ACCESS_KEY_ID = "X", AWS_SECRET_ACCESS_KEY = "X" }
[secrets.awssession]
fromEnv = { AWS_ACCESS_KEY_ID = "X", AWS_SECRET_ACCESS_KEY = "X", AWS_SESSION_TOKEN = "X" }
[secrets.awsbearer]
fromEnv = { AWS_BEARER_TOKEN_BEDROCK = "X" }
[secrets.gcp]
fromEnv = { "service-account.json" = "X" }
"#;

static GATEWAY: Shared = Shared::of(DESCRIPTION);

fn words(model: &str) -> String {
    format!("a question for {model}.")
}

#[test]
fn each_call_arrives_at_its_host_and_path_with_its_key_and_nothing_else_leaves() {
    let gateway = GATEWAY.get();
    for (model, host, path, header, credential) in ROWS {
        let answered = gateway.chat(&Gateway::master(), model, &words(model));
        assert_eq!(answered.status, 200, "{model}: {}\n{}", answered.text, gateway.log());
        let answer = answered.json()["choices"][0]["message"]["content"].clone();
        assert_eq!(answer, WORDS, "{model}: {}", answered.text);
        let arrived = gateway.arrived(&words(model));
        let [call] = arrived.as_slice() else { panic!("{model} arrived {} times", arrived.len()) };
        assert_eq!((call.host.as_str(), call.path.as_str()), (host, path), "{model}");
        assert!(call.header(header).contains(credential), "{model}: {header}: {:?}", call.header(header));
        let named = call.body()["model"].as_str().map(str::to_owned);
        assert!(named.is_none_or(|named| named == model), "{model}: {}", call.text);
    }
    assert_eq!(strays(&gateway.interceptor.calls()), BTreeSet::new());
    no_key_leaves_for_another_host(&gateway.interceptor.calls());
    let log = gateway.log();
    let leaked: Vec<_> =
        log.lines().filter(|line| line.contains("value-of-") || line.contains("PRIVATE KEY")).collect();
    assert!(leaked.is_empty(), "{leaked:?}");
}

/// Requests that are none of a model's calls, nor for its token, nor the one that has no switch: `LiteLLM` asks
/// endpoints that speak `OpenAI`'s protocol for their models.
fn strays(calls: &[Call]) -> BTreeSet<String> {
    let tokens = ["oauth2.googleapis.com", "login.microsoftonline.com", "sts.us-east-1.amazonaws.com"];
    let own = ["ollama.ollama.svc", "vllm.test", "versioned.test"];
    let known = |call: &&Call| {
        let of_a_model = ROWS.iter().any(|row| row.1 == call.host && row.2 == call.path);
        let listing = own.contains(&call.host.as_str()) && call.method == "GET" && call.path.ends_with("/models");
        of_a_model || listing || tokens.contains(&call.host.as_str())
    };
    calls
        .iter()
        .filter(|call| !known(call))
        .map(|call| format!("{} {}:{}{}", call.method, call.host, call.port, call.path))
        .collect()
}

/// Each key goes to the hosts of its own models alone.
fn no_key_leaves_for_another_host(calls: &[Call]) {
    for (_, host, _, _, credential) in ROWS.iter().filter(|row| row.4.contains("value-of-")) {
        let value = credential.trim_start_matches("Bearer ").trim_start_matches("Credential=");
        // The id of a key pair is no secret, and a role is asked for with it.
        let allowed = |call: &Call| call.host == *host || call.host.starts_with("sts.") && value.contains("aws-");
        for call in calls.iter().filter(|call| !allowed(call)) {
            let leaked = call.headers.values().any(|header| header.contains(value)) || call.text.contains(value);
            assert!(!leaked || value.ends_with("AWS-ACCESS-KEY-ID"), "{value} went to {}{}", call.host, call.path);
        }
    }
}

#[test]
fn the_list_of_providers_is_that_of_the_pinned_release() {
    let listed = std::process::Command::new(python())
        .arg(crate::bench::repository("tests/it/gateway/providers.py"))
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let can_be_written = |name: &&str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let listed: BTreeSet<_> = listed.lines().filter(can_be_written).collect();
    let kept = std::fs::read_to_string(crate::bench::repository("src/stack/check/provider/litellm.txt")).unwrap();
    assert_eq!(kept.lines().collect::<BTreeSet<_>>(), listed);
}

#[test]
fn every_model_is_listed_under_its_name() {
    let gateway = GATEWAY.get();
    let mut names: Vec<_> = ROWS.iter().map(|row| row.0.to_owned()).collect();
    names.sort();
    assert_eq!(gateway.models(&Gateway::master()), names);
    assert_eq!(gateway.models(&Gateway::key("an-agent")), names);
    let missing: Value = gateway.chat(&Gateway::master(), "not-served", "?").json();
    assert!(missing["error"]["message"].as_str().unwrap().contains("not-served"), "{missing}");
}
