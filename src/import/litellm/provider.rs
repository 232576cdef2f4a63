//! Who serves a model, as `LiteLLM` reads it from `model`: the word before the first slash, else what the name begins
//! with (`get_llm_provider`).

use crate::stack::is_litellm_provider;

/// Prefixes of `LiteLLM` that are providers of langop's own.
const TYPED: [(&str, &str); 6] = [
    ("anthropic", "anthropic"),
    ("azure", "azure"),
    ("bedrock", "bedrock"),
    ("gemini", "gemini"),
    ("openai", "openai"),
    ("vertex_ai", "vertex"),
];

/// What names begin with that have no provider before them, and whose they are.
const BEGINS: [(&str, &str); 22] = [
    ("ai21.", "bedrock"),
    ("amazon.", "bedrock"),
    ("anthropic.", "bedrock"),
    ("chatgpt-", "openai"),
    ("claude-", "anthropic"),
    ("cohere.", "bedrock"),
    ("command-", "cohere_chat"),
    ("dall-e-", "openai"),
    ("embed-", "cohere"),
    ("eu.", "bedrock"),
    ("ft:", "openai"),
    ("gemini-", "vertex_ai"),
    ("gpt-", "openai"),
    ("meta.", "bedrock"),
    ("mistral.", "bedrock"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("text-embedding-", "openai"),
    ("tts-", "openai"),
    ("us.", "bedrock"),
    ("whisper-", "openai"),
];

/// Who serves a model, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Upstream {
    /// The prefix that `LiteLLM` knows the provider by.
    pub prefix: String,
    /// The model, by the provider's name.
    pub name: String,
}

impl Upstream {
    /// The provider of langop's own, if it has one.
    pub(super) fn typed(&self) -> Option<&'static str> {
        TYPED.iter().find(|(prefix, _)| *prefix == self.prefix).map(|(_, provider)| *provider)
    }

    /// The model as `LiteLLM` is to call it.
    pub(super) fn model(&self) -> String {
        format!("{}/{}", self.prefix, self.name)
    }
}

/// Reads `model`, and `custom_llm_provider` where it is set.
pub(super) fn upstream(model: &str, provider: Option<&str>) -> Result<Upstream, String> {
    let known = |prefix: &str| TYPED.iter().any(|(typed, _)| *typed == prefix) || is_litellm_provider(prefix);
    let of = |prefix: &str, name: &str| Ok(Upstream { prefix: prefix.to_owned(), name: name.to_owned() });
    if let Some(provider) = provider.filter(|provider| known(provider)) {
        let name = model.strip_prefix(provider).and_then(|rest| rest.strip_prefix('/')).unwrap_or(model);
        return of(provider, name);
    }
    match model.split_once('/') {
        Some((prefix, name)) if known(prefix) && !name.is_empty() => of(prefix, name),
        None if model == "*" => Err("`*` names no provider".to_owned()),
        _ => match BEGINS.iter().find(|(begin, _)| model.starts_with(begin)) {
            Some((_, prefix)) => of(prefix, model),
            None => Err("LiteLLM's provider of this `model` is not known: write `PROVIDER/MODEL`".to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(model: &str, provider: Option<&str>) -> String {
        upstream(model, provider)
            .map_or_else(|error| error, |upstream| format!("{} {}", upstream.prefix, upstream.name))
    }

    #[test]
    fn a_provider_is_a_word_before_a_slash_or_what_a_name_begins_with() {
        for (model, expected) in [
            ("openai/gpt-4o", "openai gpt-4o"),
            ("gpt-4o", "openai gpt-4o"),
            ("claude-sonnet-4-5", "anthropic claude-sonnet-4-5"),
            ("bedrock/converse/us.anthropic.x", "bedrock converse/us.anthropic.x"),
            ("openrouter/openai/gpt-4o", "openrouter openai/gpt-4o"),
            ("anthropic/*", "anthropic *"),
        ] {
            assert_eq!(read(model, None), expected);
        }
        assert_eq!(read("meta-llama/Llama-3", Some("openai")), "openai meta-llama/Llama-3");
        assert!(read("meta-llama/Llama-3", None).contains("not known"));
    }

    #[test]
    fn providers_of_langops_own_are_known_by_litellms_words() {
        assert_eq!(upstream("vertex_ai/g", None).unwrap().typed(), Some("vertex"));
        assert_eq!(upstream("groq/g", None).unwrap().typed(), None);
    }
}
