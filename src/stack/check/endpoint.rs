//! The endpoint of a model: a base URL, as `LiteLLM` continues it. What it would append once more is taken
//! off, and said; a URL of one call is refused.

use super::form;
use super::value::url_fault;
use crate::object::credential::masked;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::tree::Node;

/// Ends of URLs of single calls.
const CALLS: [&str; 6] = ["/chat/completions", "/completions", "/embeddings", "/messages", "/responses", "/models"];

/// What `LiteLLM` appends for a provider, and the ends that it would double.
const APPENDED: [(&str, &str, &[&str]); 2] =
    [("anthropic", "/v1/messages", &["/v1"]), ("azure", "/openai/deployments/…", &["/openai/v1", "/openai", "/v1"])];

pub(super) fn check(draft: &Draft, node: &Node, found: &mut Vec<Diagnostic>) {
    let Some(text) = node.text() else { return };
    let fault = url_fault(text);
    form(node, "an endpoint", Code::BadUrl, fault, found);
    if fault.is_some() {
        return;
    }
    if let Some(rest) = text.find(['?', '#']) {
        let message = format!("endpoint `{}` has a query, and paths are appended to it", node.shown());
        let error = Diagnostic::error(Code::EndpointPath, message).at(node.span, "");
        found.push(error.hint(format!("write `{}`; parameters go to `params`", masked(&text[..rest]))));
        return;
    }
    let base = text.trim_end_matches('/');
    if let Some(base) = before_call(base) {
        let message = format!("endpoint `{}` is the URL of one call", node.shown());
        let error = Diagnostic::error(Code::EndpointPath, message).at(node.span, "");
        found.push(error.hint(format!("write the base alone: `{}`", masked(base))));
        return;
    }
    let typed = draft.node.text_at(&["provider"]);
    let provider = typed.or(draft.node.text_at(&["litellmProvider"])).unwrap_or_default();
    for (_, appended, ends) in APPENDED.iter().filter(|(name, ..)| *name == provider) {
        if let Some(end) = ends.iter().find(|end| base.ends_with(**end)) {
            // A typed provider's endpoint is langop's to complete; that of any other is used as it is.
            found.push(match typed {
                Some(_) => taken_without(node, appended, end),
                None => doubled(node, appended, end),
            });
        }
    }
}

fn taken_without(node: &Node, appended: &str, end: &str) -> Diagnostic {
    let warning = Diagnostic::warning(Code::EndpointPath, ends_in(appended, end));
    warning.at(node.span, format!("taken without `{end}`")).hint(leave_out(end))
}

fn doubled(node: &Node, appended: &str, end: &str) -> Diagnostic {
    Diagnostic::error(Code::EndpointPath, ends_in(appended, end)).at(node.span, "").hint(leave_out(end))
}

fn ends_in(appended: &str, end: &str) -> String {
    format!("LiteLLM appends `{appended}` to the endpoint, which ends in `{end}`")
}

fn leave_out(end: &str) -> String {
    format!("leave `{end}` out")
}

fn before_call(base: &str) -> Option<&str> {
    if let Some((base, _)) = base.split_once("/openai/deployments/") {
        return Some(base);
    }
    // A host may be called `models`.
    CALLS.iter().find_map(|call| base.strip_suffix(call).filter(|rest| !rest.ends_with('/')))
}

#[cfg(test)]
mod tests {
    use super::before_call;

    #[test]
    fn the_url_of_a_call_has_a_base() {
        assert_eq!(before_call("https://h/v1/chat/completions"), Some("https://h/v1"));
        assert_eq!(
            before_call("https://r.openai.azure.com/openai/deployments/gpt/chat"),
            Some("https://r.openai.azure.com")
        );
        assert_eq!(before_call("https://h/api/v3"), None);
        assert_eq!(before_call("https://models"), None);
    }
}
