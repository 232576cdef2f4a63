//! Both directions: what must be found, and what must pass.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::name::CREDENTIALS;
use super::*;

#[test]
fn names_of_credentials_are_known_in_every_spelling() {
    let named = [
        "apiKey",
        "api_key",
        "API-KEY",
        "OPENAI_API_KEY",
        "x-api-key",
        "master_key",
        "LITELLM_SALT_KEY",
        "auth_value",
        "Cookie",
        "Authorization",
        "aws_secret_access_key",
        "aws_session_token",
        "azure_ad_token",
        "client_secret",
        "redis_password",
        "SENTRY_DSN",
        "alert_to_webhook_url",
        "vertex_credentials",
        "HF_TOKEN",
        "Ocp-Apim-Subscription-Key",
    ];
    let others = [
        "max_tokens",
        "input_cost_per_token",
        "eos_token",
        "apiKeySecretRef",
        "secretName",
        "key",
        "tokenizer",
        "model",
        "TOKENIZERS_PARALLELISM",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "budget_duration",
        "public_key",
        "authority",
        "cache_key_prefix",
    ];
    for name in named {
        assert!(is_credential_name(name), "{name}");
    }
    for name in others {
        assert!(!is_credential_name(name), "{name}");
    }
}

/// Values that are a credential wherever they stand.
const LOOKS: &[&str] = &[
    "sk-ant-api03-abcdefghij-klmnop",
    "sk-proj-Ab12Cd34",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-1234567890-abcdef",
    "AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe",
    "wJalrXUtnF3MI/K7MD3NG/bPxRfiCYzEX4mPl3kEy0a",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "-----BEGIN PRIVATE KEY-----\nMIIE",
    "redis://:hunter2secret@redis.redis.svc:6379/1",
    "postgresql://u:secretpw@db/l",
    "http://u:p@ss@proxy:3128",
    "https://host.example.com/v1?key=secretpw",
    "https://h/v1?api-version=1&sig=abc",
    "https://hooks.slack.com/services/T00/B00/secretpw",
    "https://ghp_16C7e42F292c6912E771@github.com/a/b",
    "Bearer abc12345",
    "Basic dXNlcjpwYXNz",
    "host=db user=u password=hunter2",
    "--api-key=hunter2",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=aGVsbG8=",
    "{\"type\": \"service_account\", \"private_key\": \"x\"}",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "session: 4eC39HqLyjWDarjtT1zdp7dc",
];

/// Ordinary values of descriptions.
const ORDINARY: &[&str] = &[
    "claude-sonnet-4-5-20250929",
    "us.anthropic.claude-3-5-sonnet-20241022-v2:0",
    "meta-llama/Llama-3.1-405B-Instruct-FP8",
    "mistralai/Mixtral-8x22B-Instruct-v0.1",
    "Qwen/Qwen2.5-Coder-32B-Instruct-GPTQ-Int4",
    "gpt-4o-mini-2024-07-18",
    "text-embedding-3-large",
    "ft:gpt-4o-mini-2024-07-18:acme-corp:support:9aBcD3fG",
    "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/5jlwcl7o9x4k",
    "https://my-resource-eastus2.openai.azure.com",
    "https://abc1d2e3f4g5h6i7.us-east-1.aws.endpoints.huggingface.cloud",
    "http://vllm-llama3-70b.inference.svc.cluster.local:8000/v1",
    "https://h/v1?api-version=2024-10-21&stream=true",
    "postgresql://litellm@db.data.svc:5432/litellm",
    "postgresql://litellm:$(DATABASE_PASSWORD)@db:5432/litellm",
    "ssh://git@github.com/org/repo.git",
    "ghcr.io/berriai/litellm:main-v1.81.3-stable",
    "ghcr.io/berriai/litellm@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "os.environ/OPENAI_API_KEY",
    "bearer os.environ/OPENAI_API_KEY",
    "usage-based-routing-v2",
    "MyOrganizationInternalAssistantModel",
    "io.opentelemetry.exporter.otlp",
    "app.kubernetes.io/part-of",
    "nvidia.com/gpu.product",
    "NVIDIA-H100-80GB-HBM3",
    "topology.kubernetes.io/zone",
    "2026-11-26T15:04:05.123Z",
    "0 */6 * * 1-5",
    "fd00:1234:5678::/48",
    "10.0.0.0/8",
    "Basic authentication",
    "Answer in plain English. The token of the user is in the header, the password is never repeated.",
    "sk-SK",
    "<|end_of_text|>",
    "1h30m",
    "100000",
    "/etc/ssl/certs/ca-certificates.crt",
    "pk-lf-3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

#[test]
fn credentials_are_known_by_their_look() {
    for text in LOOKS {
        assert!(looks_like_credential(text), "{text}");
        assert!(is_credential("note", text), "{text}");
    }
}

#[test]
fn ordinary_values_pass() {
    for text in ORDINARY {
        assert!(!looks_like_credential(text), "{text}");
        assert_eq!(masked(text), *text);
    }
}

#[test]
fn under_the_name_of_a_credential_only_what_cannot_be_one_passes() {
    for text in [
        "",
        "os.environ/KEY",
        "$(KEY)",
        "Bearer $(KEY)",
        "session=$(KEY)",
        "Bearer os.environ/KEY",
        "bearer os.environ/KEY",
        "BASIC os.environ/BASIC_AUTH",
        "Token token=os.environ/KEY",
        "key-header os.environ/KEY",
        "true",
        "4096",
        "30s",
        "/var/run/keys/token.json",
        "http://hook.a.svc/x",
    ] {
        assert!(!is_credential("api_token", text), "{text}");
    }
    for text in [
        "hunter2",
        "Bearer os.environ/sk-key",
        "hunter2 os.environ/KEY",
        "sk-os.environ/KEY",
        "os.environ/sk-key",
        "secretpw",
        "$(a b)",
        "https://example.com/hook",
        "12345678901",
    ] {
        assert!(is_credential("api_token", text), "{text}");
    }
    assert!(is_credential("password", "123456"));
}

#[test]
fn a_mask_takes_the_word_and_leaves_the_sentence() {
    let text = "`sk-ant-api03-abcdefghij-klmnop` is not a DNS label, nor is \"redis://:x@h\"";
    assert_eq!(masked(text), "`(sensitive)` is not a DNS label, nor is \"(sensitive)\"");
    assert_eq!(masked("a -----BEGIN PRIVATE KEY----- b"), "(sensitive)");
}

/// Keys as services make them: of a thousand in each alphabet nearly all are known without a prefix.
#[test]
fn random_keys_are_known_by_their_entropy() {
    let mut random = StdRng::seed_from_u64(1);
    let mut bytes = [0_u8; 32];
    let makers: [fn(&[u8]) -> String; 3] =
        [|bytes| STANDARD.encode(bytes), |bytes| URL_SAFE_NO_PAD.encode(bytes), |bytes| crate::object::hex(bytes)];
    for make in makers {
        let known = (0..1000).filter(|_| {
            random.fill_bytes(&mut bytes);
            looks_like_credential(&make(&bytes))
        });
        let known = known.count();
        assert!(known >= 985, "{known} of 1000 like {}", make(&bytes));
    }
}

proptest! {
    #[test]
    fn words_numbers_hosts_and_references_pass(
        words in proptest::collection::vec("[a-z]{1,12}", 1..6),
        number in 0_u32..100_000,
        separator in proptest::sample::select(&["-", ".", "_", "/", " ", ":"][..]),
        variable in "[A-Z][A-Z_]{0,30}",
    ) {
        let text = words.join(separator);
        for text in [text.clone(), format!("{text}-{number}"), format!("https://{}.example.com:{number}/v1", words.concat())] {
            prop_assert!(!looks_like_credential(&text), "{}", text);
        }
        let reference = format!("os.environ/{variable}");
        prop_assert!(!is_credential("api_key", &reference));
        prop_assert!(!is_credential("max_tokens", &number.to_string()));
    }

    #[test]
    fn a_password_in_a_url_is_found_wherever_the_url_stands(
        password in "[!-.0-9;<>A-Z_a-z|~]{1,20}", before in "[a-z ]{0,10}", scheme in "[a-z]{2,10}",
    ) {
        prop_assume!(!password.contains(['@', '$']));
        let text = format!("{before}{scheme}://user:{password}@host:5432/db");
        prop_assert!(looks_like_credential(&text), "{}", text);
        let userinfo = format!(":{password}@");
        prop_assert!(!masked(&text).contains(&userinfo));
    }

    #[test]
    fn every_name_with_the_end_of_a_credential_holds_one(
        prefix in "[A-Za-z_]{0,12}", text in "[a-z]{6,20}", at in 0..CREDENTIALS.len(),
    ) {
        let name = format!("{prefix}_{}", CREDENTIALS[at]);
        prop_assume!(is_credential_name(&name));
        prop_assert!(is_credential(&name, &text));
    }
}
