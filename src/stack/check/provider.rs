//! The providers of `LiteLLM`: it drops a model of one that it does not know with a line in its log, and
//! starts.

use super::Index;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::names::nearest;
use crate::stack::tree::Node;

/// What the router of `LiteLLM` 1.108.7 keeps, one a line: the output of `tests/it/gateway/providers.py`,
/// without names that the field cannot hold.
const KNOWN: &str = include_str!("provider/litellm.txt");

/// Holds a `litellmProvider` against the list.
pub(super) fn check(draft: &Draft, node: &Node, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let Some(name) = node.text() else { return };
    if KNOWN.lines().any(|known| known == name) {
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
