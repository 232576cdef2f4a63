//! Who serves a model, and what a description of such a model needs. Knows no terminal.

use crate::stack::{is_litellm_provider, key_variable, nearest};

/// A field of a model that a provider asks for beside the model's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Endpoint,
    ApiVersion,
    Region,
    Project,
    Location,
}

impl Field {
    /// The key in a description.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::ApiVersion => "apiVersion",
            Self::Region => "region",
            Self::Project => "project",
            Self::Location => "location",
        }
    }

    /// The flag that gives it.
    pub(super) fn flag(self) -> &'static str {
        match self {
            Self::Endpoint => "--endpoint",
            Self::ApiVersion => "--api-version",
            Self::Region => "--region",
            Self::Project => "--project",
            Self::Location => "--location",
        }
    }

    /// The question for it.
    pub(super) fn question(self) -> &'static str {
        match self {
            Self::Endpoint => "URL of its API, such as http://ollama.ollama.svc:11434",
            Self::ApiVersion => "Version of the API, such as 2024-10-21",
            Self::Region => "Region, such as us-east-1",
            Self::Project => "Project",
            Self::Location => "Location, such as us-central1",
        }
    }
}

/// Where the credentials come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Credentials {
    /// Whoever asks is answered.
    Unneeded,
    /// One key, from this variable of the environment.
    ApiKey(String),
    /// A Secret with these keys, from variables of the same names.
    Keys(&'static [&'static str]),
    /// A Secret with one key, from a file beside the description.
    File { key: &'static str, file: &'static str },
}

/// Who serves a model.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    /// Its name.
    pub(super) name: String,
    /// The key of a description that takes the name: `provider`, or `litellmProvider`.
    pub(super) key: &'static str,
    /// What is asked for beside the name of the model.
    pub(super) fields: &'static [Field],
    /// Where its credentials come from.
    pub(super) credentials: Credentials,
    /// A model of it.
    pub(super) example: Option<&'static str>,
}

/// Providers that descriptions name themselves.
pub(super) const NAMED: [&str; 7] =
    ["openai", "anthropic", "gemini", "openai-compatible", "azure", "bedrock", "vertex"];

impl Provider {
    /// The provider of this name.
    ///
    /// # Errors
    /// Nobody has the name.
    pub(super) fn parse(name: &str) -> Result<Self, String> {
        let key = |variable: &str| Credentials::ApiKey(variable.to_owned());
        let (fields, credentials, example): (&[_], _, _) = match name {
            "openai" => (&[], key("OPENAI_API_KEY"), Some("gpt-4o")),
            "anthropic" => (&[], key("ANTHROPIC_API_KEY"), Some("claude-sonnet-4-5")),
            "gemini" => (&[], key("GEMINI_API_KEY"), Some("gemini-2.5-pro")),
            "openai-compatible" => (&[Field::Endpoint], Credentials::Unneeded, Some("llama3.2")),
            "azure" => (&[Field::Endpoint, Field::ApiVersion], key("AZURE_API_KEY"), None),
            "bedrock" => (&[Field::Region], Credentials::Keys(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]), None),
            "vertex" => {
                let file = Credentials::File { key: "credentials.json", file: "service-account.json" };
                (&[Field::Project, Field::Location], file, None)
            }
            other if is_litellm_provider(other) => return Ok(Self::of_litellm(other)),
            other => return Err(unknown(other)),
        };
        Ok(Self { name: name.to_owned(), key: "provider", fields, credentials, example })
    }

    /// One that only `LiteLLM` knows.
    fn of_litellm(name: &str) -> Self {
        let variable = key_variable(name).map(|variable| Credentials::ApiKey(variable.to_owned()));
        Self {
            name: name.to_owned(),
            key: "litellmProvider",
            fields: &[],
            credentials: variable.unwrap_or(Credentials::Unneeded),
            example: None,
        }
    }
}

fn unknown(name: &str) -> String {
    match nearest(name, NAMED) {
        Some(near) => format!("there is no provider `{name}`; did you mean `{near}`?"),
        None => format!("there is no provider `{name}`: {}, or another one of LiteLLM's", NAMED.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_descriptions_and_of_litellm() {
        assert!(NAMED.iter().all(|name| Provider::parse(name).is_ok_and(|provider| provider.key == "provider")));
        let groq = Provider::parse("groq").unwrap();
        assert_eq!((groq.key, groq.credentials), ("litellmProvider", Credentials::ApiKey("GROQ_API_KEY".to_owned())));
        assert!(Provider::parse("antropic").unwrap_err().contains("did you mean `anthropic`"));
        assert!(Provider::parse("nobody-at-all").is_err() && Provider::parse("").is_err());
    }
}
