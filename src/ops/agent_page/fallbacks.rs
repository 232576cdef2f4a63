//! What `LiteLLM` tries when a call of a model fails, by its whole configuration: what models say and what
//! `gateway.config` lays over it. Found by reading `get_fallback_model_group` of release 1.108.7.

use serde_json::Value;

use crate::object::field::{items, text};

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

/// The fallbacks of a gateway.
pub(super) struct Fallbacks(pub(super) Value);

impl Fallbacks {
    /// The names that are called in the place of this one, in their order.
    pub(super) fn of(&self, called: &str, why: Why) -> Vec<String> {
        let key = match why {
            Why::Failed => "fallbacks",
            Why::TooLong => "context_window_fallbacks",
            Why::Refused => "content_policy_fallbacks",
        };
        let entries = self.first(key);
        let exact = entries.iter().find_map(|entry| entry.get(called));
        let catalogue = || {
            let (catalogue, _) = called.split_once('/')?;
            entries.iter().find_map(|entry| entry.get(format!("{catalogue}/{ANY}")))
        };
        // Defaults come last, so that a `*` before them is not seen.
        let of_any = || match (why, self.first("default_fallbacks")) {
            (Why::Failed, names) if !names.is_empty() => Some(names),
            _ => entries.iter().rev().find_map(|entry| entry.get(ANY)?.as_array().map(Vec::as_slice)),
        };
        let names = exact.or_else(catalogue).and_then(|names| names.as_array().map(Vec::as_slice)).or_else(of_any);
        let names = names.unwrap_or_default().iter().filter_map(|name| name.as_str().or_else(|| text(name, "/model")));
        names.filter(|name| *name != called).map(str::to_owned).collect()
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
    fn the_first_entry_of_a_name_counts_then_its_catalogue_then_what_stands_for_any() {
        let fallbacks = Fallbacks(json!({
            "router_settings": {
                "fallbacks": [{ "a": ["b", { "model": "c", "temperature": 0 }] }, { "a": ["d"] }, { "all/*": ["b"] }],
                "context_window_fallbacks": [{ "a": ["long"] }],
                "default_fallbacks": ["last"],
            },
            "litellm_settings": { "fallbacks": [{ "z": ["unheard"] }], "content_policy_fallbacks": [{ "*": ["lax"] }] },
        }));
        let of = |called: &str, why| fallbacks.of(called, why);
        assert_eq!(of("a", Why::Failed), ["b", "c"]);
        assert_eq!(of("all/x", Why::Failed), ["b"]);
        assert_eq!(of("z", Why::Failed), ["last"], "the router has a list of its own");
        assert!(of("last", Why::Failed).is_empty(), "none is its own fallback");
        assert_eq!((of("a", Why::TooLong), of("z", Why::TooLong)), (vec!["long".to_owned()], vec![]));
        assert_eq!(of("z", Why::Refused), ["lax"]);
    }
}
