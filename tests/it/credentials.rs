//! Credentials written into a description: refused wherever they stand, with the right way to do it, and never
//! repeated. And what only reads like one passes.

use std::path::PathBuf;

use langop::stack::diagnostic::render;
use langop::stack::{LoadRequest, load};

const CLUSTER: &str = "stack = 's'\n[clusters.ai]\n";
const MODEL: &str = "[models.m]\nprovider = 'openai'\nmodelName = 'x'\n";
const SECRET: &str = "secretpw";

/// Exit of `validate`, and everything that it says, as text and as JSON.
fn validated(text: &str) -> (bool, String) {
    let request = LoadRequest { paths: vec![PathBuf::from("-")], stdin: Some(text.into()), ..LoadRequest::default() };
    let (valid, diagnostics, files) = match load(&request) {
        Ok(loaded) => (true, loaded.warnings, loaded.files),
        Err(invalid) => (false, invalid.diagnostics, invalid.files),
    };
    let findings: Vec<_> = diagnostics.iter().map(|d| d.finding(&files)).collect();
    (valid, render(&diagnostics, &files, false) + &serde_json::to_string(&findings).unwrap())
}

/// Places of a cluster's gateway, of a model, an agent and a tool, and the path that messages call each.
#[expect(clippy::too_many_lines, reason = "a table")]
fn places() -> Vec<(String, &'static str)> {
    let config = |table: &str, line: &str| format!("{CLUSTER}[clusters.ai.gateway.config.{table}]\n{line}\n{MODEL}");
    let model = |lines: &str| format!("{CLUSTER}[models.m]\nmodelName = 'x'\n{lines}\n");
    let openai = |params: &str| model(&format!("provider = 'openai'\nparams = {{ {params} }}"));
    let env = |owner: &str, name: &str, value: &str| {
        format!("{owner}[[{{}}.deployment.env]]\nname = '{name}'\nvalue = '{value}'\n")
    };
    let gateway =
        |name: &str, value: &str| env(&format!("{CLUSTER}{MODEL}"), name, value).replace("{}", "clusters.ai.gateway");
    let agent = "[agents.a]\nimage = 'i:1'\n";
    let agents =
        |name: &str, value: &str| env(&format!("{CLUSTER}{MODEL}{agent}"), name, value).replace("{}", "agents.a");
    vec![
        (
            config("general_settings", "database_url='postgresql://u:secretpw@db/l'"),
            "clusters.ai.gateway.config.general_settings.database_url",
        ),
        (
            config("litellm_settings.cache_params", "url='redis://:secretpw@r:6379/0'"),
            "clusters.ai.gateway.config.litellm_settings.cache_params.url",
        ),
        (
            config("litellm_settings.cache_params", "password='secretpw'"),
            "clusters.ai.gateway.config.litellm_settings.cache_params.password",
        ),
        (
            config("environment_variables", "LANGFUSE_SECRET_KEY='sk-lf-secretpw'"),
            "clusters.ai.gateway.config.environment_variables.LANGFUSE_SECRET_KEY",
        ),
        (
            config("environment_variables", "REDIS_URL='rediss://default:secretpw@r:6379'"),
            "clusters.ai.gateway.config.environment_variables.REDIS_URL",
        ),
        (
            config(
                "general_settings.alert_to_webhook_url",
                "llm_exceptions='https://hooks.slack.com/services/T00/B00/secretpw'",
            ),
            "clusters.ai.gateway.config.general_settings.alert_to_webhook_url.llm_exceptions",
        ),
        (
            config("general_settings", "alerting_webhook='https://alerts.example.com/secretpw'"),
            "clusters.ai.gateway.config.general_settings.alerting_webhook",
        ),
        (config("general_settings", "salt_key='secretpw'"), "clusters.ai.gateway.config.general_settings.salt_key"),
        (config("general_settings", "master_key='secretpw'"), "clusters.ai.gateway.config.general_settings.master_key"),
        (
            config("general_settings", "otel_endpoint='https://u:secretpw@otel'"),
            "clusters.ai.gateway.config.general_settings.otel_endpoint",
        ),
        (
            config("mcp_servers.x", "url='https://m'\nauth_value='secretpw'"),
            "clusters.ai.gateway.config.mcp_servers.x.auth_value",
        ),
        (
            config(
                "general_settings",
                "pass_through_endpoints=[{path='/c', headers={Authorization='Bearer secretpw'}}]",
            ),
            "clusters.ai.gateway.config.general_settings.pass_through_endpoints[0].headers.Authorization",
        ),
        (
            format!(
                "{CLUSTER}[[clusters.ai.gateway.config.guardrails]]\nlitellm_params={{api_key='secretpw'}}\n{MODEL}"
            ),
            "clusters.ai.gateway.config.guardrails[0].litellm_params.api_key",
        ),
        (
            model(
                "provider='vertex'\nproject='p'\nlocation='l'\nparams={vertex_credentials='{\"private_key\":\"-----BEGIN PRIVATE KEY-----secretpw\"}'}",
            ),
            "models.m.params.vertex_credentials",
        ),
        (
            model("provider='bedrock'\nregion='us-east-1'\nparams={aws_secret_access_key='secretpw'}"),
            "models.m.params.aws_secret_access_key",
        ),
        (
            model("provider='bedrock'\nregion='us-east-1'\nparams={aws_session_token='secretpw'}"),
            "models.m.params.aws_session_token",
        ),
        (openai("azure_ad_token='secretpw'"), "models.m.params.azure_ad_token"),
        (openai("extra_headers={x-api-key='secretpw'}"), "models.m.params.extra_headers.x-api-key"),
        (openai("extra_headers={Cookie='session=secretpw'}"), "models.m.params.extra_headers.Cookie"),
        (openai("extra_body={auth={token='secretpw'}}"), "models.m.params.extra_body.auth.token"),
        (openai("http_proxy='http://u:secretpw@proxy:3128'"), "models.m.params.http_proxy"),
        (gateway("DATABASE_URL", "postgresql://u:secretpw@db/l"), "clusters.ai.gateway.deployment.env.DATABASE_URL"),
        (gateway("OPENAI_API_KEY", "secretpw"), "clusters.ai.gateway.deployment.env.OPENAI_API_KEY"),
        (agents("GITHUB_TOKEN", "secretpw"), "agents.a.deployment.env.GITHUB_TOKEN"),
        (
            format!("{CLUSTER}{MODEL}{agent}deployment.args = ['--api-key', 'secretpw']\n"),
            "agents.a.deployment.args[1]",
        ),
        (format!("{CLUSTER}{MODEL}{agent}deployment.args = ['--api-key=secretpw']\n"), "agents.a.deployment.args[0]"),
        (
            format!(
                "{CLUSTER}{MODEL}[tools.t]\nurl = 'https://m'\nheaders = [{{ name = 'Authorization', value = 'Bearer secretpw' }}]\n"
            ),
            "tools.t.headers.Authorization",
        ),
        (format!("{CLUSTER}{MODEL}[tools.t]\nurl = 'https://m/sse?api_key=secretpw'\n"), "tools.t.url"),
    ]
}

#[test]
fn a_credential_is_refused_wherever_it_stands_and_shown_nowhere() {
    for (text, path) in places() {
        let (valid, said) = validated(&text);
        assert!(!valid && said.contains("credential-in-params"), "{path}:\n{text}\n{said}");
        assert!(said.contains(&format!("`{path}`")), "{path}:\n{text}\n{said}");
        assert!(said.contains("Secret"), "{path} without the right way:\n{said}");
        assert!(!said.contains(SECRET), "{path}:\n{said}");
    }
}

#[test]
fn endpoints_with_a_user_or_a_key_are_refused_and_shown_nowhere() {
    for endpoint in ["https://u:secretpw@host.example.com/v1", "https://host.example.com/v1?key=secretpw"] {
        let model = format!("[models.m]\nprovider='openai-compatible'\nmodelName='x'\nendpoint='{endpoint}'\n");
        let (valid, said) = validated(&format!("{CLUSTER}{model}"));
        assert!(!valid && !said.contains(SECRET), "{said}");
    }
}

#[test]
fn an_allowance_by_path_lets_one_value_pass_and_no_other() {
    for (text, path) in places() {
        let allowed = text.replacen("stack = 's'", &format!("stack = 's'\nallowPlainValues = [{path:?}]"), 1);
        let (valid, said) = validated(&allowed);
        assert!(valid && !said.contains("credential-in-params") && !said.contains("allowance"), "{path}:\n{said}");
        let other = text.replacen("stack = 's'", "stack = 's'\nallowPlainValues = ['clusters.ai']", 1);
        let (valid, said) = validated(&other);
        assert!(!valid && said.contains("unused-allowance"), "{path}:\n{said}");
    }
}

#[test]
fn ordinary_configuration_passes() {
    let text = format!(
        "{CLUSTER}
[clusters.ai.gateway]
deployment.env = [
  {{ name = 'LITELLM_LOG', value = 'INFO' }}, {{ name = 'MAX_TOKENS', value = '4096' }},
  {{ name = 'GOOGLE_APPLICATION_CREDENTIALS', value = '/var/run/keys/sa.json' }},
  {{ name = 'REDIS_PASSWORD', valueFrom = {{ secretKeyRef = {{ name = 'redis', key = 'password' }} }} }},
  {{ name = 'REDIS_URL', value = 'redis://:$(REDIS_PASSWORD)@redis:6379' }},
]
[clusters.ai.gateway.config.general_settings]
master_key = 'os.environ/OTHER'
database_url = 'os.environ/DATABASE_URL'
alerting = ['slack']
health_check_interval = 300
enable_jwt_auth = true
[clusters.ai.gateway.config.litellm_settings]
cache = true
cache_params = {{ type = 'redis', host = 'redis.data.svc', port = 6379, ttl = 600, password = 'os.environ/REDIS_PASSWORD' }}
success_callback = ['langfuse', 'prometheus']
request_timeout = '1h30m'
[clusters.ai.gateway.config.environment_variables]
LANGFUSE_HOST = 'https://langfuse.example.com'
LANGFUSE_PUBLIC_KEY = 'pk-lf-3fa85f64-5717-4562-b3fc-2c963f66afa6'
TOKENIZERS_PARALLELISM = 'false'
[clusters.ai.gateway.config.router_settings]
routing_strategy = 'usage-based-routing-v2'
model_group_alias = {{ 'gpt-4' = 'meta-llama/Llama-3.1-405B-Instruct-FP8' }}
[models.m]
provider = 'openai'
modelName = 'meta-llama/Llama-3.1-405B-Instruct-FP8'
params = {{ max_tokens = 4096, input_cost_per_token = 0.000001, eos_token = '</s>', temperature = 0.2, organization = 'org-acme', extra_headers = {{ X-Team = 'search' }} }}
[agents.a]
image = 'ghcr.io/acme/agent@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
instructions = 'Never repeat the password or the API key of a user. Tokens are counted.'
deployment.args = ['--log-level', 'debug', '--token-file', '/var/run/token']
[tools.t]
url = 'https://mcp.example.com/sse?version=2'
headers = [{{ name = 'Authorization', value = 'Bearer $(TOKEN)' }}]
"
    );
    let (valid, said) = validated(&text);
    assert!(valid && said == "[]", "{said}");
}

/// What errors said of the values that they refused, and must say no more: the value is none of the schema's.
#[test]
fn no_error_repeats_what_it_refuses() {
    let secret = "apiVersion: v1\nmetadata: {name: a, namespace: ai}\n";
    let toml = |text: &str| format!("{CLUSTER}{MODEL}{text}");
    let refused = [
        toml("apiKeySecretRef = 'hunter2-Secret'"),
        toml("apiKeySecretRef = { name = 'Hunter2' }"),
        toml("apiKeySecretRef = { name = 'k', key = 'hunter2=' }"),
        toml("apiKeySecretRef = { nme = 'hunter2' }"),
        toml("apiKey = 'hunter2'"),
        toml("params = 'hunter2'"),
        toml("rateLimits = { requestsPerMinute = 'hunter2' }"),
        toml("[variables]\nv = { default = 'hunter2', type = 'number' }\n"),
        toml("[variables]\nv = { defualt = 'hunter2' }\n"),
        toml("[variables]\nv = 'hunter2'\n"),
        toml("[secrets.k]\nfromEnv = { api-key = 'hunter2!' }\n"),
        toml("[secrets.k]\nfromEnvironment = { api-key = 'hunter2' }\n"),
        toml("[secrets.k]\napi-key = 'hunter2'\n"),
        toml("[secrets.k]\nfromCommand = { api-key = 'echo hunter2' }\n"),
        toml("[secrets]\nk = 'hunter2'\n"),
        toml("# hunter2\nproviderr = 'x' # hunter2\n"),
        toml("provider = 'openai' # hunter2\n"),
        toml("endpoint = hunter2\n"),
        format!("{secret}kind: Secret\nstringdata: {{api-key: hunter2}}\n"),
        format!("{secret}kind: secret\nstringData: {{api-key: hunter2}}\n"),
        format!("{secret}kind: Secret\nstringData: {{api-key: [hunter2]}}\n"),
        format!("{secret}kind: Secret\nstringData: hunter2\n"),
        format!("{secret}kind: Secret\ndata: {{api-key: hunter2!}}\n"),
        format!("{secret}kind: Secret\ndata: {{api-key: hunter2, api-key: hunter2}}\n"),
        format!("{secret}kind: Secret\ndata:\n  api-key: hunter2\n  - hunter2\n"),
        format!("{secret}kind: Secret\nimmutable: hunter2\n"),
        "apiVersion: langop.io/v1alpha1\nkind: LanguageModel\nmetadata: {name: a, namespce: hunter2}\nspec: {apiKey: hunter2}\n".to_owned(),
    ];
    for text in refused {
        let (_, said) = validated(&text);
        assert!(!said.to_lowercase().contains("hunter2"), "{text}\n{said}");
    }
}

#[test]
fn what_is_hidden_keeps_key_line_and_column() {
    let (_, said) = validated(&format!("{CLUSTER}{MODEL}params = {{ api_key = 'hunter2', Top = 1 }}\n"));
    let excerpt = said.split("error[").find(|part| part.starts_with("bad-param]")).unwrap();
    assert!(excerpt.contains("--> <stdin>:6:33"), "{excerpt}");
    assert!(excerpt.contains("params = { api_key = (sensitive), Top = 1 }"), "{excerpt}");
}
