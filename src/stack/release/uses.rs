//! What a description uses of `LiteLLM`, as far as a hole or a step between releases asks for it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::object::field::{at, flag, items, map, text};

/// The sections in which fallbacks may stand.
const SECTIONS: [&str; 2] = ["router_settings", "litellm_settings"];
/// The lists of fallbacks in them, each an entry a name.
const FALLBACKS: [&str; 3] = ["fallbacks", "context_window_fallbacks", "content_policy_fallbacks"];
/// The providers that `LiteLLM` knows by a file of JSON alone (`llms/openai_like/providers.json` of 1.108.7).
const CONFIGURED: &str = include_str!("configured.txt");

/// What holes are in, and what steps between releases are about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that is used or not, whatever the others")]
pub(crate) struct Uses {
    /// A database: keys, users, teams and roles beyond those of langop, and a user interface that lets anyone in.
    pub(super) database: bool,
    /// Servers of tools behind the gateway.
    pub(super) mcp: bool,
    /// Guardrails.
    pub(super) guardrails: bool,
    /// Tokens of an identity provider.
    pub(super) jwt: bool,
    /// Parameters that a model does not know are not dropped.
    pub(super) keeps_params: bool,
    /// Fallbacks that are a text where a list belongs.
    pub(super) text_fallbacks: bool,
    /// A key of the administrator's that is not langop's.
    pub(super) master_key: bool,
    /// Prices from the internet.
    pub(super) remote_prices: bool,
    /// Models without a key, of a provider that a file of JSON describes.
    pub(super) keyless: BTreeSet<String>,
}

impl Uses {
    /// Of a gateway and the models of its cluster, each with its name and spec, as they are written.
    #[must_use]
    pub(crate) fn of<'a>(gateway: &Value, models: impl Iterator<Item = (&'a str, &'a Value)>) -> Self {
        let there = |pointer: &str| at(gateway, pointer).is_some_and(|value| !value.is_null());
        let variables = items(gateway, "/deployment/env");
        let variable = |name: &str| variables.iter().find(|one| text(one, "/name") == Some(name));
        let prices = variable("LITELLM_LOCAL_MODEL_COST_MAP").map(|one| text(one, "/value").unwrap_or_default());
        Self {
            database: there("/config/general_settings/database_url") || variable("DATABASE_URL").is_some(),
            mcp: there("/config/mcp_servers"),
            guardrails: there("/config/guardrails") || there("/config/litellm_settings/guardrails"),
            jwt: flag(gateway, "/config/general_settings/enable_jwt_auth") == Some(true),
            keeps_params: flag(gateway, "/config/litellm_settings/drop_params") == Some(false),
            text_fallbacks: SECTIONS.iter().any(|section| has_text(gateway, &format!("/config/{section}"))),
            master_key: there("/config/general_settings/master_key") || variable("LITELLM_MASTER_KEY").is_some(),
            remote_prices: prices.is_some_and(|value| !value.eq_ignore_ascii_case("true")),
            keyless: models.filter(|(_, model)| is_keyless(model)).map(|(name, _)| name.to_owned()).collect(),
        }
    }
}

/// Whether a section has fallbacks that are a text.
fn has_text(gateway: &Value, section: &str) -> bool {
    let in_entries = |key: &&str| {
        let entries = items(gateway, &format!("{section}/{key}")).iter().filter_map(Value::as_object).flatten();
        entries.into_iter().any(|(_, names)| names.is_string())
    };
    text(gateway, &format!("{section}/default_fallbacks")).is_some() || FALLBACKS.iter().any(in_entries)
}

fn is_keyless(model: &Value) -> bool {
    let provider = text(model, "/litellmProvider");
    let keys = ["/apiKeySecretRef", "/credentialsSecretRef", "/params/api_key"];
    provider.is_some_and(|provider| CONFIGURED.lines().any(|known| known == provider))
        && keys.iter().all(|key| at(model, key).is_none())
        && map(model, "/params").is_none_or(|params| !params.contains_key("litellm_credential_name"))
}
