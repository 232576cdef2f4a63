//! The page of `explain agent`.

use super::Style;
use super::page::{Ink, Page};
use crate::object::Source;
use crate::ops::{AgentPage, PageKey, PageModel};
use crate::reach::{Answer, RuleRef};

/// One agent on one page, a line a fact, each with the line that it is written at.
#[must_use]
pub(crate) fn agent(page: &AgentPage, style: &Style) -> String {
    let mut out = Page::new(style);
    let title = format!("agent `{}` of cluster `{}`", page.agent, page.cluster);
    out.line(0, &[(Ink::Strong, &title), (Ink::Faint, &place(Some(&page.source)))]);
    let group = page.group.iter().map(|group| (group.clone(), String::new()));
    out.section("group", group);
    out.section("runs", [(page.runs.clone(), String::new())]);
    out.section("persona", page.persona.iter().map(|one| (one.name.clone(), place(one.source.as_ref()))));
    let others = page.any_model.then(|| ("any other that the gateway serves".to_owned(), String::new()));
    out.section("models", page.models.iter().map(model).chain(others));
    let tool = |one: &crate::ops::PageTool| {
        (format!("{}: {} ({})", one.name, one.endpoint, one.transport), place(one.source.as_ref()))
    };
    out.section("tools", page.tools.iter().map(tool));
    out.section("keys", page.keys.iter().map(|one| (key(one), String::new())));
    let (open, closed): (Vec<_>, Vec<_>) = page.reaches.iter().partition(|answer| answer.allowed);
    out.section("reaches", open.into_iter().map(|one| (target(one), String::new())));
    out.section("reaches not", closed.into_iter().map(|one| (refused(one), String::new())));
    out.section("rules", page.rules.iter().map(rule));
    out.section("limits", page.limits.iter().map(|(name, limit)| (format!("{name}: {limit}"), String::new())));
    out.section("files", page.files.iter().map(|(path, what)| (format!("{path}: {what}"), String::new())));
    out.finish()
}

fn place(source: Option<&Source>) -> String {
    source.map_or_else(String::new, |source| format!("  {source}"))
}

fn model(model: &PageModel) -> (String, String) {
    let tried = [
        ("it fails", &model.fallbacks),
        ("a prompt is too long for it", &model.context_window_fallbacks),
        ("its provider refuses the content", &model.content_policy_fallbacks),
    ];
    let tried = tried.into_iter().filter(|(_, names)| !names.is_empty());
    let tried: Vec<_> = tried.map(|(when, names)| format!("; when {when} `{}`", names.join("`, `"))).collect();
    let tried = tried.concat();
    (format!("{}: `{}`, {}{tried}", model.name, model.model, model.role), place(model.source.as_ref()))
}

fn key(key: &PageKey) -> String {
    let variable = key.variable.as_deref().unwrap_or("variables");
    let of = key.key.as_ref().map_or_else(|| "all keys".to_owned(), |key| format!("key `{key}`"));
    format!("{variable}: {of} of Secret `{}`, in container `{}`", key.secret, key.container)
}

fn target(answer: &Answer) -> String {
    let open = answer.open.as_ref().map(|open| open.join(", ")).or_else(|| answer.port.clone());
    open.map_or_else(|| answer.to.clone(), |open| format!("{} on {open}", answer.to))
}

fn refused(answer: &Answer) -> String {
    let side = if answer.egress.allowed { &answer.ingress } else { &answer.egress };
    let doubt = if answer.undecided { ", or perhaps: a policy is not evaluated" } else { "" };
    format!("{}: {}{doubt}", target(answer), side.because)
}

fn rule(rule: &RuleRef) -> (String, String) {
    (format!("`{}` of {}", rule.path, rule.owner), place(rule.source.as_ref()))
}
