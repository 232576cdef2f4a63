//! What `LiteLLM` tries when a call of a model fails, by its whole configuration: what models say and what
//! `gateway.config` lays over it. Found by reading `get_fallback_model_group` of release 1.108.7.

use serde_json::Value;

use crate::object::field::{items, text};
use crate::stack::is_litellm_provider;

/// The sections of the configuration that name fallbacks; the first that does counts.
const SECTIONS: [&str; 2] = ["router_settings", "litellm_settings"];
/// What stands for every model that no entry names.
const ANY: &str = "*";

/// Why another model is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Whatever the failure is, when nothing more exact is said of it.
    Failed,
    /// The prompt is too long.
    TooLong,
    /// The provider refuses the content.
    Refused,
}

impl Why {
    fn key(self) -> &'static str {
        match self {
            Self::Failed => "fallbacks",
            Self::TooLong => "context_window_fallbacks",
            Self::Refused => "content_policy_fallbacks",
        }
    }
}

/// The fallbacks of a gateway.
pub(super) struct Fallbacks(pub(super) Value);

impl Fallbacks {
    /// The names that are called in the place of this one, in their order.
    pub(super) fn of(&self, called: &str, why: Why) -> Vec<String> {
        let names = self.own(called, why).or_else(|| self.of_any(why)).unwrap_or_default().iter();
        let names = names.filter_map(|name| name.as_str().or_else(|| text(name, "/model")));
        names.filter(|name| *name != called).map(str::to_owned).collect()
    }

    /// What is tried when one of these fails, as it is written: what is said of the first of which anything is, else what
    /// stands for any.
    pub(super) fn of_first(&self, called: &[&str]) -> &[Value] {
        let own = called.iter().find_map(|name| self.own(name, Why::Failed));
        own.or_else(|| self.of_any(Why::Failed)).unwrap_or_default()
    }

    /// What is said of a name; else of what it is without the provider before it. What is said of a catalogue, `all/*`, is
    /// said of no name in it.
    fn own(&self, called: &str, why: Why) -> Option<&[Value]> {
        let entries = self.first(why.key());
        let exact = entries.iter().find_map(|entry| entry.get(called));
        let bare = || {
            let (_, name) = called.split_once('/').filter(|(provider, _)| is_litellm_provider(provider))?;
            entries.iter().rev().find_map(|entry| entry.get(name))
        };
        exact.or_else(bare)?.as_array().map(Vec::as_slice)
    }

    /// What stands for any name. Defaults come last, so that a `*` before them is not seen.
    fn of_any(&self, why: Why) -> Option<&[Value]> {
        match (why, self.first("default_fallbacks")) {
            (Why::Failed, names) if !names.is_empty() => Some(names),
            _ => self.first(why.key()).iter().rev().find_map(|entry| entry.get(ANY)?.as_array().map(Vec::as_slice)),
        }
    }

    fn first(&self, key: &str) -> &[Value] {
        let lists = SECTIONS.map(|section| items(&self.0, &format!("/{section}/{key}")));
        lists.into_iter().find(|list| !list.is_empty()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_entry_of_a_name_counts_then_that_of_it_without_its_provider_then_what_stands_for_any() {
        let fallbacks = Fallbacks(json!({
            "router_settings": {
                "fallbacks": [{ "a": ["b", { "model": "c", "temperature": 0 }] }, { "a": ["d"] }, { "all/*": ["b"] }, { "x": ["y"] }],
                "context_window_fallbacks": [{ "a": ["long"] }],
                "default_fallbacks": ["last"],
            },
            "litellm_settings": { "fallbacks": [{ "z": ["unheard"] }], "content_policy_fallbacks": [{ "*": ["lax"] }] },
        }));
        let of = |called: &str, why| fallbacks.of(called, why);
        assert_eq!(of("a", Why::Failed), ["b", "c"]);
        assert_eq!(of("openai/x", Why::Failed), ["y"]);
        assert_eq!(of("all/x", Why::Failed), ["last"], "a catalogue has none, and is no provider");
        assert_eq!(of("z", Why::Failed), ["last"], "the router has a list of its own");
        assert!(of("last", Why::Failed).is_empty(), "none is its own fallback");
        assert_eq!((of("a", Why::TooLong), of("z", Why::TooLong)), (vec!["long".to_owned()], vec![]));
        assert_eq!(of("z", Why::Refused), ["lax"]);
    }
}
