//! What `langop self-test` found: a line a topic, with what to do about it below.

use super::Style;
use super::page::{Ink, Page};
use crate::ops::{Finding, Fitness, Topic};

/// All findings, with a sum at the end.
#[must_use]
pub(crate) fn fitness(findings: &[Finding], style: &Style) -> String {
    let mut page = Page::new(style);
    for finding in findings {
        let sign = match finding.fitness {
            Fitness::Fit => (Ink::Added, "ok    "),
            Fitness::Doubtful => (Ink::Warning, "note  "),
            Fitness::Unfit => (Ink::Error, "failed"),
        };
        let topic = format!(" {:8} ", word(finding.topic));
        page.line(0, &[sign, (Ink::Strong, &topic), (Ink::Plain, &finding.text)]);
        if let Some(hint) = &finding.hint {
            page.paragraph(16, (Ink::Faint, "hint: "), hint);
        }
    }
    page.say(0, Ink::Plain, sum(findings));
    page.finish()
}

/// What a topic is called.
pub(in crate::report) fn word(topic: Topic) -> &'static str {
    match topic {
        Topic::Version => "version",
        Topic::Kinds => "kinds",
        Topic::Rights => "rights",
        Topic::Network => "network",
        Topic::Quotas => "quotas",
        Topic::Clock => "clock",
    }
}

fn sum(findings: &[Finding]) -> &'static str {
    match findings.iter().map(|finding| finding.fitness).max() {
        None | Some(Fitness::Fit) => "The target is fit.",
        Some(Fitness::Doubtful) => "The target is fit, as far as can be told from here.",
        Some(Fitness::Unfit) => "The target is not fit.",
    }
}

#[cfg(test)]
mod tests {
    use crate::report::samples::findings;

    use super::*;

    #[test]
    fn a_line_a_topic_and_what_to_do_below() {
        insta::assert_snapshot!(fitness(&findings(), &Style::default()));
    }
}
