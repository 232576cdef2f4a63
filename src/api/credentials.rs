//! What the keys of a whole Secret of credentials (`credentialsSecretRef`) are called, and the parameter of
//! `LiteLLM` that each becomes. The names are those of the public Language Operator.

/// Names that a key of a Secret of credentials may have, and the parameter of `LiteLLM` it then is. For one
/// parameter the first name that is there wins.
pub const CREDENTIAL_KEYS: [(&str, &str); 25] = [
    ("api-key", "api_key"),
    ("API_KEY", "api_key"),
    ("api_key", "api_key"),
    ("AZURE_API_KEY", "api_key"),
    ("GEMINI_API_KEY", "api_key"),
    ("AWS_BEARER_TOKEN_BEDROCK", "api_key"),
    ("AWS_ACCESS_KEY_ID", "aws_access_key_id"),
    ("aws_access_key_id", "aws_access_key_id"),
    ("AWS_SECRET_ACCESS_KEY", "aws_secret_access_key"),
    ("aws_secret_access_key", "aws_secret_access_key"),
    ("AWS_SESSION_TOKEN", "aws_session_token"),
    ("aws_session_token", "aws_session_token"),
    ("AZURE_AD_TOKEN", "azure_ad_token"),
    ("azure_ad_token", "azure_ad_token"),
    ("AZURE_TENANT_ID", "tenant_id"),
    ("tenant_id", "tenant_id"),
    ("AZURE_CLIENT_ID", "client_id"),
    ("client_id", "client_id"),
    ("AZURE_CLIENT_SECRET", "client_secret"),
    ("client_secret", "client_secret"),
    ("VERTEX_CREDENTIALS", "vertex_credentials"),
    ("GOOGLE_APPLICATION_CREDENTIALS", "vertex_credentials"),
    ("vertex_credentials", "vertex_credentials"),
    ("service-account.json", "vertex_credentials"),
    ("credentials.json", "vertex_credentials"),
];
