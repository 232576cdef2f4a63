//! A report as a page of Markdown, for a comment on a pull request or for a summary. It keeps to a number of bytes: what does
//! not fit loses its details first, then its paths, then its names, and what destroys something is the last to lose
//! anything. The same report gives the same bytes.

mod changes;
mod escape;
mod fit;
mod message;
mod outcomes;
mod problems;
mod values;

#[cfg(test)]
mod tests;

use self::escape::{code, prose};
use self::fit::{Section, fit};
use super::{Report, headline};

/// What stands at the end of a page that was cut.
const CUT: &str = "\n_Not all is shown: this page would be too long._\n";

/// The page, of no more than `most` bytes.
#[must_use]
pub(super) fn page(report: &Report, most: usize) -> String {
    let sections = sections(report);
    let (text, is_whole) = fit(&sections, most);
    if is_whole {
        return text;
    }
    let (text, _) = fit(&sections, most.saturating_sub(CUT.len()));
    if text.len() + CUT.len() <= most { text + CUT } else { text }
}

/// From top to bottom. The weight says what is shown in full first.
fn sections(report: &Report) -> Vec<Section> {
    let mut sections = vec![Section::new(0, vec![heading(report)])];
    sections.extend(problems::sections(report));
    match (&report.run, &report.plan) {
        (Some(run), _) => sections.extend(outcomes::sections(report, run)),
        (None, Some(plan)) => sections.extend(changes::sections(plan)),
        (None, None) => {}
    }
    sections
}

/// The title, where it was, and a mark by which a program finds its earlier comment.
fn heading(report: &Report) -> String {
    let stack = report.stack_name().unwrap_or_default();
    let plain: String = stack.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '.').collect();
    let (title, sum) = (headline::title(report, code), prose(&headline::sum(report)));
    format!("<!-- langop:{}:{plain} -->\n## {title}: {sum}\n{}", report.command, place(report))
}

fn place(report: &Report) -> String {
    let Some(target) = &report.target else { return String::new() };
    let parts = [("on", &target.server), ("in the context", &target.context), ("as", &target.identity)];
    let parts = parts.iter().filter_map(|(word, value)| Some(format!("{word} {}", code(value.as_deref()?))));
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() { String::new() } else { format!("\nMade {}.\n", parts.join(" ")) }
}
