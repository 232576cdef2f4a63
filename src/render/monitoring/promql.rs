//! Expressions of Prometheus over the series of one gateway. Knows no object.

/// The series of a metric that the gateway of a cluster shows; `more` are further matchers, each before a comma's place.
pub(super) fn series(metric: &str, cluster: &str, more: &str) -> String {
    let comma = if more.is_empty() { "" } else { ", " };
    format!("{metric}{{namespace=\"{cluster}\"{comma}{more}}}")
}

/// How much a counter rose within some minutes. One that began in them rose by all that it has: `increase` alone would not
/// see the first. When it began, the gateway says itself (`NAME_created`): that Prometheus did not see it before may be for
/// a gap of its own.
pub(super) fn rise((counter, cluster, more): (&str, &str, &str), minutes: u32) -> String {
    let (total, created) = (format!("{counter}_total"), format!("{counter}_created"));
    let [total, created] = [total, created].map(|metric| series(&metric, cluster, more));
    format!("(({total} and {created} > time() - {}) or increase({total}[{minutes}m]))", minutes * 60)
}
