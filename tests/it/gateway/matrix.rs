//! Every provider and every kind of credential, and the way that each model's calls must take.

use super::answers::{ROLE_KEY, TOKEN};

/// Host and path that the call of a model must have, the header of its credential, and how that ends.
pub type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

pub const ROWS: [Row; 27] = [
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
    ("gpt-5-pro", "api.openai.com", "/v1/responses", "authorization", "Bearer value-of-openai-api-key"),
    ("gpt-4.1", "openai.test", "/v1/chat/completions", "authorization", "Bearer value-of-openaiproxied-api-key"),
    ("claude-y", "anthropic.test", "/v1/messages", "x-api-key", "value-of-anthropicproxied-api-key"),
    (
        "gemini-2.5-pro",
        "gemini.test",
        "/v1beta/models/gemini-2.5-pro:generateContent",
        "x-goog-api-key",
        "value-of-geminiproxied-api-key",
    ),
    (
        "azure-newest",
        "n.openai.azure.com",
        "/openai/v1/chat/completions",
        "authorization",
        "Bearer value-of-azurenewest-api-key",
    ),
    (
        "claude-sonnet-4@20250514",
        "aiplatform.googleapis.com",
        "/v1/projects/p/locations/global/publishers/anthropic/models/claude-sonnet-4@20250514:rawPredict",
        "authorization",
        TOKEN,
    ),
    ("org/native-x", "native.test", "/v1/chat/completions", "authorization", "Bearer "),
    ("ollama-x", "ollama.test", "/api/chat", "content-type", ""),
];

/// A model of each provider and of each way to its credentials.
pub const DESCRIPTION: &str = include_str!("matrix.toml");

/// Where the streamed calls of a path go.
pub fn streamed(path: &str) -> String {
    let ends = [
        (":generateContent", ":streamGenerateContent?alt=sse"),
        (":rawPredict", ":streamRawPredict"),
        ("/converse", "/converse-stream"),
    ];
    let other = ends.iter().find_map(|(whole, stream)| Some(format!("{}{stream}", path.strip_suffix(whole)?)));
    other.unwrap_or_else(|| path.to_owned())
}
