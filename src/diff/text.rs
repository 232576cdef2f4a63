//! Texts of several lines, such as the `config.yaml` of a gateway: a unified diff.

use similar::TextDiff;

/// Lines of context around a change, as in `diff -u`.
const CONTEXT: usize = 3;

/// Whether two strings are better read line by line.
pub(super) fn is_text(before: &str, after: &str) -> bool {
    before.trim_end().contains('\n') || after.trim_end().contains('\n')
}

/// Hunks without file names. Deterministic: no time limit.
pub(super) fn unified(before: &str, after: &str) -> String {
    TextDiff::from_lines(before, after).unified_diff().context_radius(CONTEXT).to_string()
}
