//! TOML or YAML: by the name of a file, and where a pipe has none that says it by the first line that says something.

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stack) enum Format {
    Toml,
    /// JSON is YAML.
    Yaml,
}

/// The format of a file called `name`; none when the name does not say.
pub(super) fn of(name: &str) -> Option<Format> {
    match name.rsplit_once('.')?.1 {
        "toml" => Some(Format::Toml),
        "yaml" | "yml" | "json" => Some(Format::Yaml),
        _ => None,
    }
}

/// The format of what came through a pipe. A TOML document starts with `key =` or `[table]`, which no description or manifest in YAML does.
pub(super) fn sniff(text: &str) -> Format {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    let key = first.split(['=', ':']).next().unwrap_or_default();
    let assigns = first[key.len()..].starts_with('=');
    if first.starts_with('[') || assigns { Format::Toml } else { Format::Yaml }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_told_by_its_first_line() {
        let toml = ["stack = \"a\"", "# c\n\n[clusters.a]\n", "stack=\"a:b\""];
        let yaml = ["stack: a", "---\nkind: Secret", "{\"stack\": \"a\"}", "", "a: \"b=c\""];
        assert!(toml.iter().all(|text| sniff(text) == Format::Toml));
        assert!(yaml.iter().all(|text| sniff(text) == Format::Yaml));
    }
}
