//! The formats of a report, and the one place that knows a writer for each.

use super::{Report, ReportError, github, gitlab, html, json, junit, markdown, sarif, text};

/// A format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Format {
    /// The text that a person reads in a terminal.
    Human,
    /// The document or the stream that `--json` prints.
    Json,
    /// A page for a comment or a summary.
    Markdown,
    /// A page for a browser.
    Html,
    /// Test results, one case an object.
    Junit,
    /// Results of code scanning, version 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// The numbers that GitLab shows beside a merge request.
    Gitlab,
}

impl Format {
    /// All formats, in the order in which they are listed.
    pub(crate) const ALL: [Self; 8] =
        [Self::Human, Self::Json, Self::Markdown, Self::Html, Self::Junit, Self::Sarif, Self::Github, Self::Gitlab];

    /// As a user writes it.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
        }
    }

    /// The format that a user wrote.
    #[must_use]
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The report in this format; a page of Markdown has no more than `most` bytes.
    ///
    /// # Errors
    /// It cannot be written as JSON or XML.
    pub(crate) fn write(self, report: &Report, most: usize) -> Result<String, ReportError> {
        Ok(match self {
            Self::Human => text::text(report),
            Self::Json => json::report(report)?,
            Self::Markdown => markdown::page(report, most),
            Self::Html => html::page(report),
            Self::Junit => junit::document(report).map_err(|error| ReportError::Junit(error.to_string()))?,
            Self::Sarif => sarif::document(report)?,
            Self::Github => github::annotations(report),
            Self::Gitlab => gitlab::document(report)?,
        })
    }
}
