//! A report as one page for a browser, which needs nothing else: no network, no other file. Its one script and its one
//! style are allowed by their digests and nothing else is, so that what others wrote stays text whatever it is; `maud`
//! escapes it besides. The same report gives the same bytes.

mod access;
mod changes;
mod diffs;
mod graph;
mod look;
mod notes;
mod problems;
mod prose;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use self::prose::{code, prose};
use super::{Report, drawing, headline};
use crate::object::printable;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A part of the page, which is listed at its top.
struct Part {
    id: &'static str,
    title: &'static str,
    body: Markup,
}

/// The page.
#[must_use]
pub(super) fn page(report: &Report) -> String {
    let style = format!("{}{STYLE}", drawing::STYLE);
    let title = headline::title(report, |stack| format!("`{stack}`"));
    let parts = parts(report);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy(&style));
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (printable(&title)) }
                style { (PreEscaped(&style)) }
            }
            body {
                header {
                    h1 { (prose(&title)) }
                    p.sum { (prose(&headline::sum(report))) }
                    (place(report))
                    nav aria-label="Parts of this page" {
                        ul { @for part in &parts { li { a href={ "#" (part.id) } { (part.title) } } } }
                    }
                }
                main {
                    @for part in &parts {
                        section id=(part.id) aria-labelledby={ (part.id) "-title" } {
                            h2 id={ (part.id) "-title" } { (part.title) }
                            (part.body)
                        }
                    }
                    @if parts.is_empty() { p { "There is nothing more to say." } }
                }
                footer { p { "Written by langop " (env!("CARGO_PKG_VERSION")) "." } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string() + "\n"
}

fn parts(report: &Report) -> Vec<Part> {
    let problems = problems::part(report);
    let notes = report.plan.as_ref().and_then(notes::part);
    let changes = report.plan.as_ref().and_then(|plan| changes::part(report, plan));
    let access = report.access.iter().flat_map(access::parts);
    let graph = report.plan.as_ref().and_then(graph::part);
    problems.into_iter().chain(notes).chain(changes).chain(access).chain(graph).collect()
}

/// What a browser may load and run: this style and this script (CSP Level 3, 6.7.3).
fn policy(style: &str) -> String {
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(style),
        digest(SCRIPT)
    )
}

fn place(report: &Report) -> Markup {
    let Some(target) = &report.target else { return html! {} };
    let parts = [("on", &target.server), ("in the context", &target.context), ("as", &target.identity)];
    let parts: Vec<_> = parts.iter().filter_map(|(word, value)| Some((word, value.as_deref()?))).collect();
    html! {
        @if !parts.is_empty() {
            p.place { "Made" @for (word, value) in parts { " " (word) " " (code(value)) } "." }
        }
    }
}
