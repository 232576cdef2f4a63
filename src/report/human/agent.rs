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
    section(&mut out, "group", group);
    section(&mut out, "runs", [(page.runs.clone(), String::new())]);
    section(&mut out, "persona", page.persona.iter().map(|one| (one.name.clone(), place(one.source.as_ref()))));
    let others = page.any_model.then(|| ("any other that the gateway serves".to_owned(), String::new()));
    section(&mut out, "models", page.models.iter().map(model).chain(others));
    let tool = |one: &crate::ops::PageTool| {
        (format!("{}: {} ({})", one.name, one.endpoint, one.transport), place(one.source.as_ref()))
    };
    section(&mut out, "tools", page.tools.iter().map(tool));
    section(&mut out, "keys", page.keys.iter().map(|one| (key(one), String::new())));
    let (open, closed): (Vec<_>, Vec<_>) = page.reaches.iter().partition(|answer| answer.allowed);
    section(&mut out, "reaches", open.into_iter().map(|one| (target(one), String::new())));
    section(&mut out, "reaches not", closed.into_iter().map(|one| (refused(one), String::new())));
    section(&mut out, "rules", page.rules.iter().map(rule));
    section(&mut out, "limits", page.limits.iter().map(|(name, limit)| (format!("{name}: {limit}"), String::new())));
    section(&mut out, "files", page.files.iter().map(|(path, what)| (format!("{path}: {what}"), String::new())));
    out.finish()
}

/// The lines of one fact; none when there is nothing to say.
fn section(out: &mut Page, name: &str, lines: impl IntoIterator<Item = (String, String)>) {
    for (at, (text, place)) in lines.into_iter().enumerate() {
        let name = if at == 0 { name } else { "" };
        out.line(2, &[(Ink::Faint, &format!("{name:<12}")), (Ink::Plain, &text), (Ink::Faint, &place)]);
    }
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
