//! What is said of the callers of a gateway: whether they are known by keys, and which fields a call of theirs may have
//! beside those of its protocol.

use super::{Index, form};
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::tree::Node;

/// Names that `LiteLLM` 1.108.7 itself reads in a call and that no protocol has, one a line: what
/// `tests/it/gateway/fields.py` prints and no endpoint allows. They pick another vendor, host, region, model or key.
const REFUSED: &str = include_str!("auth/refused_fields.txt");

pub(super) fn check(auth: &Node, found: &mut Vec<Diagnostic>) {
    restriction(auth, found);
    for field in auth.items_of("allowFields") {
        let Some(name) = field.text() else { continue };
        if is_read_by_the_gateway(name) {
            let message = format!("no caller may set `{}`: LiteLLM takes it for an order of its own", field.shown());
            let error = Diagnostic::error(Code::RefusedField, message).at(field.span, "");
            found.push(error.hint("what holds for a model goes into its `params`"));
        } else {
            form(field, "a field of a call", Code::RefusedField, field_fault(name), found);
        }
    }
}

fn restriction(auth: &Node, found: &mut Vec<Diagnostic>) {
    let restricts = auth.get("restrictModels").filter(|node| node.boolean() == Some(true));
    let open = auth.get("enabled").filter(|node| node.boolean() == Some(false));
    if let (Some(restricts), Some(open)) = (restricts, open) {
        let message = "`restrictModels` needs keys by which agents are known";
        let error = Diagnostic::error(Code::ForbiddenKey, message).at(restricts.span, "");
        found.push(error.also(open.span, "nobody needs a key"));
    }
}

/// Names of whole families are its own, whatever their end.
fn is_read_by_the_gateway(name: &str) -> bool {
    let families = ["litellm", "aws_", "azure_", "vertex_", "_"];
    REFUSED.lines().any(|own| own == name) || families.iter().any(|family| name.starts_with(family))
}

fn field_fault(name: &str) -> Option<&'static str> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    (!name.chars().all(legal))
        .then_some("it must be letters, digits, `_` and `-`; a field within another has no name here")
}

/// Whether a cluster's gateway asks nobody for a key.
pub(super) fn is_open(cluster: &str, index: &Index<'_>) -> bool {
    let enabled = index.cluster(cluster).and_then(|cluster| cluster.node.at(&["gateway", "auth", "enabled"]));
    enabled.and_then(Node::boolean) == Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_a_call_elsewhere_is_never_allowed() {
        for name in [
            "api_base",
            "api_key",
            "base_url",
            "custom_llm_provider",
            "extra_body",
            "extra_headers",
            "fallbacks",
            "litellm_anything",
            "aws_new_option",
            "model_id",
            "mock_response",
            "user_config",
        ] {
            assert!(is_read_by_the_gateway(name), "{name}");
        }
        for name in ["guided_decoding_backend", "cache_salt", "vllm_xargs", "dimensions_of_mine"] {
            assert!(!is_read_by_the_gateway(name), "{name}");
        }
    }
}
