//! The providers of `LiteLLM`: it drops a model of one that it does not know with a line in its log, and
//! starts.

use super::Index;
use crate::object::credential::masked;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::names::nearest;
use crate::stack::tree::Node;

/// What the router of `LiteLLM` 1.108.7 keeps, one a line: the output of `tests/it/gateway/providers.py`,
/// without names that the field cannot hold.
const KNOWN: &str = include_str!("provider/litellm.txt");

/// Whether `LiteLLM` knows a provider.
#[must_use]
pub(crate) fn is_known(name: &str) -> bool {
    KNOWN.lines().any(|known| known == name)
}

/// Holds a `litellmProvider` against the list.
pub(super) fn check(draft: &Draft, node: &Node, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let Some(name) = node.text() else { return };
    if is_known(name) {
        prefixed(draft, name, found);
        return;
    }
    let message = format!("LiteLLM has no provider `{}`", node.shown());
    // The list is that of the pinned image; another may know more.
    let pinned = draft.clusters.iter().any(|cluster| !has_own_image(cluster, index));
    let (diagnostic, label) = if pinned {
        (Diagnostic::error(Code::UnknownProvider, message), "its models would be left out without a word")
    } else {
        (Diagnostic::warning(Code::UnknownProvider, message), "unless the cluster's own image does")
    };
    let hint = match nearest(name, KNOWN.lines()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "for an endpoint that speaks OpenAI's protocol: `provider = \"openai-compatible\"`".to_owned(),
    };
    found.push(diagnostic.at(node.span, label).hint(hint));
}

/// A name that was perhaps copied from `LiteLLM`'s pages with the provider before it. It is sent as it is written: the
/// ids of some providers begin so.
fn prefixed(draft: &Draft, provider: &str, found: &mut Vec<Diagnostic>) {
    let Some(node) = draft.node.get("modelName") else { return };
    let rest = node.text().and_then(|name| name.strip_prefix(provider)?.strip_prefix('/'));
    // Behind an endpoint of anyone's, any name is the endpoint's.
    let Some(rest) = rest.filter(|rest| !is_own_id(provider, rest) && draft.node.get("endpoint").is_none()) else {
        return;
    };
    let message = format!("`{}` is sent to `{provider}` as it is, with the provider's name in it", node.shown());
    let warning = Diagnostic::warning(Code::PrefixedName, message).at(node.span, "");
    found.push(warning.hint(format!("write `{}`, unless the provider calls the model so", masked(rest))));
}

/// Whether a provider has an id `provider/rest`, as far as is known. `OpenRouter`'s own are the only ones of two parts.
fn is_own_id(provider: &str, rest: &str) -> bool {
    match provider {
        "openrouter" => !rest.contains('/'),
        "groq" => rest.starts_with("compound"),
        "deepinfra" | "perplexity" | "litellm_proxy" => true,
        _ => false,
    }
}

fn has_own_image(cluster: &str, index: &Index<'_>) -> bool {
    index.cluster(cluster).is_some_and(|cluster| cluster.node.at(&["gateway", "image"]).is_some())
}

#[cfg(test)]
mod tests {
    use super::KNOWN;

    #[test]
    fn the_list_has_what_the_field_can_hold_once_and_in_order() {
        let names: Vec<_> = KNOWN.lines().collect();
        assert!(names.is_sorted_by(|a, b| a < b));
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(names.iter().all(|name| !name.is_empty() && name.chars().all(legal)));
        assert!(names.contains(&"groq") && names.contains(&"vertex_ai"));
    }
}
