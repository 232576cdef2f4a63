//! Expressions of Prometheus over the series of one gateway. Knows no object.

/// The series of a metric that the gateway of a cluster shows; `more` are further matchers, each before a comma's place.
pub(super) fn series(metric: &str, cluster: &str, more: &str) -> String {
    let comma = if more.is_empty() { "" } else { ", " };
    format!("{metric}{{namespace=\"{cluster}\"{comma}{more}}}")
}

/// How much a counter rose within a time. One that was not there before rose by all that it has: `increase` alone would
/// not see the first.
pub(super) fn rise(series: &str, within: &str) -> String {
    format!("(({series} unless {series} offset {within}) or increase({series}[{within}]))")
}
