//! The answers of `explain reach`.

use std::net::Ipv6Addr;

use super::Style;
use super::page::{Ink, Page};
use crate::reach::{Answer, RuleRef, Side};

/// One paragraph a pair of ends: whether it is allowed, and what each end says.
#[must_use]
pub(crate) fn reach(answers: &[Answer], style: &Style) -> String {
    let mut page = Page::new(style);
    for answer in answers {
        let ends = format!("{} -> {}: ", answer.from, target(answer));
        let (ink, verdict) = match answer {
            Answer { undecided: true, .. } => (Ink::Warning, "not decided"),
            Answer { allowed: true, .. } => (Ink::Added, "allowed"),
            _ => (Ink::Removed, "refused"),
        };
        let open = answer.open.as_ref().filter(|_| answer.allowed).map(|open| format!(" on {}", open.join(", ")));
        page.line(0, &[(Ink::Strong, &ends), (ink, verdict), (Ink::Plain, &open.unwrap_or_default())]);
        side(&mut page, "egress ", &answer.egress);
        side(&mut page, "ingress", &answer.ingress);
    }
    page.finish()
}

/// The receiver and its port, as they can be asked again.
fn target(answer: &Answer) -> String {
    match &answer.port {
        Some(port) if answer.to.parse::<Ipv6Addr>().is_ok() => format!("[{}]:{port}", answer.to),
        Some(port) => format!("{}:{port}", answer.to),
        None => answer.to.clone(),
    }
}

fn side(page: &mut Page, name: &str, side: &Side) {
    let (ink, verdict) = if side.allowed { (Ink::Added, "yes") } else { (Ink::Removed, "no ") };
    page.line(
        2,
        &[(Ink::Plain, name), (Ink::Plain, "  "), (ink, verdict), (Ink::Plain, "  "), (Ink::Plain, &side.because)],
    );
    for rule in &side.rules {
        let place = rule.source.as_ref().map_or_else(String::new, |source| format!("{source}: "));
        page.line(6, &[(Ink::Hunk, "--> "), (Ink::Plain, &place), (Ink::Plain, &named(rule))]);
    }
    for rule in &side.undecided {
        let place = rule.source.as_ref().map_or_else(String::new, |source| format!("{source}: "));
        let otherwise = format!("{} may say otherwise", named(rule));
        page.line(6, &[(Ink::Warning, "??? "), (Ink::Plain, &place), (Ink::Plain, &otherwise)]);
    }
}

fn named(rule: &RuleRef) -> String {
    let lacks = rule.lacks.map(|lacks| format!(" is for {lacks}")).unwrap_or_default();
    let beyond = rule.beyond.map(|what| format!(", of which {what} is not evaluated,")).unwrap_or_default();
    format!("`{}` of {}{lacks}{}", rule.path, rule.owner, beyond)
}
