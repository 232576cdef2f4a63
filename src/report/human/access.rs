//! The answer of `explain access`.

use super::Style;
use super::page::Ink;
use super::table::table;
use crate::ops::ClusterCallers;

const TITLES: [&str; 5] = ["CLUSTER", "CALLER", "IS", "NAMES", "WHY"];
const MAY: &str = "allowed";
const MAY_NOT: &str = "refused";

/// A line for what a caller may call, and one for what it may not.
#[must_use]
pub(crate) fn access(clusters: &[ClusterCallers], style: &Style) -> String {
    let rows = clusters.iter().flat_map(|cluster| {
        cluster.callers.iter().flat_map(|one| {
            let both = [(MAY, &one.may), (MAY_NOT, &one.may_not)].into_iter().filter(|(_, names)| !names.is_empty());
            both.map(|(word, names)| {
                [cluster.cluster.clone(), one.caller.clone(), word.to_owned(), names.join(", "), one.why.clone()]
            })
        })
    });
    let ink = |word: &str| if word == MAY_NOT { Ink::Warning } else { Ink::Plain };
    table(TITLES, 2, &rows.collect::<Vec<_>>(), ink, style)
}
