//! TOML or YAML: by the name of a file, and for standard input by the first line that says something.

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Toml,
    /// JSON is YAML.
    Yaml,
}

/// The format of a file called `name`; none when the name does not say.
pub(super) fn of(name: &str, text: &str) -> Option<Format> {
    if name == "-" {
        return Some(sniff(text));
    }
    match name.rsplit_once('.')?.1 {
        "toml" => Some(Format::Toml),
        "yaml" | "yml" | "json" => Some(Format::Yaml),
        _ => None,
    }
}

/// A TOML document starts with `key =` or `[table]`, which no description or manifest in YAML does.
fn sniff(text: &str) -> Format {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    let key = first.split(['=', ':']).next().unwrap_or_default();
    let assigns = first[key.len()..].starts_with('=');
    if first.starts_with('[') || assigns { Format::Toml } else { Format::Yaml }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_input_is_told_by_its_first_line() {
        let toml = ["stack = \"a\"", "# c\n\n[clusters.a]\n", "stack=\"a:b\""];
        let yaml = ["stack: a", "---\nkind: Secret", "{\"stack\": \"a\"}", "", "a: \"b=c\""];
        assert!(toml.iter().all(|text| of("-", text) == Some(Format::Toml)));
        assert!(yaml.iter().all(|text| of("-", text) == Some(Format::Yaml)));
    }
}
