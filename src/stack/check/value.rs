//! Text with a form of its own: quantities, durations, networks, host names, URLs, schedules, images.
//! Each answers what is wrong with a text, or nothing.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::api::Duration;
use crate::stack::names::domain_fault;

type Fault = Option<&'static str>;

/// Suffixes of a quantity (Kubernetes, `resource.Quantity`).
const SUFFIXES: [&str; 16] = [
    "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
];

/// A quantity that is not negative.
pub fn quantity_fault(text: &str) -> Fault {
    if text.starts_with('-') {
        return Some("it is negative");
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    if number.matches('.').count() > 1 || !number.contains(|c: char| c.is_ascii_digit()) {
        return Some("it does not start with a number");
    }
    let exponent = suffix.strip_prefix(['e', 'E']).is_some_and(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && digits.len() < 4 && digits.chars().all(|c| c.is_ascii_digit())
    });
    if exponent || SUFFIXES.contains(&suffix) {
        None
    } else if suffix.starts_with(char::is_whitespace) {
        Some("there is space before the suffix")
    } else if suffix.ends_with(['B', 'b']) {
        Some("the suffix has no `B`: bytes are counted as they are")
    } else {
        Some("Kubernetes has no such suffix")
    }
}

/// A duration that is longer than nothing.
pub fn duration_fault(text: &str) -> Fault {
    match Duration(text.to_owned()).seconds() {
        None => Some("it must be a whole number and one of `ms`, `s`, `m`, `h`, such as `90s`"),
        Some(seconds) if seconds <= 0.0 => Some("it is no time at all"),
        Some(_) => None,
    }
}

/// An IPv4 or IPv6 network.
pub fn cidr_fault(text: &str) -> Fault {
    if text.parse::<IpNet>().is_ok() {
        None
    } else if text.parse::<IpAddr>().is_ok() {
        Some("the length of the prefix is missing, such as `/32` or `/128` for one address")
    } else {
        match text.split_once('/') {
            Some((address, _)) if address.parse::<IpAddr>().is_ok() => {
                Some("the prefix is longer than the address")
            }
            _ => Some(
                "it must be an IPv4 or IPv6 address and the length of a prefix, such as `10.0.0.0/8`",
            ),
        }
    }
}

/// The network as it should be written, when bits behind the prefix are set.
pub fn cidr_network(text: &str) -> Option<String> {
    let network = text.parse::<IpNet>().ok()?;
    (network.trunc() != network).then(|| network.trunc().to_string())
}

/// A host name, or all names under one with `*.` in front.
pub fn dns_fault(text: &str) -> Fault {
    if text.contains("://") {
        return Some("it is a URL; only its host belongs here");
    }
    if text.parse::<IpAddr>().is_ok() {
        return Some("it is an address; those go under `cidr`");
    }
    let name = text.strip_prefix("*.").unwrap_or(text);
    if name.contains('*') {
        return Some("`*` can only be the whole first part, as in `*.example.com`");
    }
    domain_fault(name)
}

/// An absolute http or https URL with a host.
pub fn url_fault(text: &str) -> Fault {
    let Some(rest) = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
    else {
        return Some("it must start with `https://` or `http://`");
    };
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Some("there is space in it");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some("credentials do not belong into a URL");
    }
    host_fault(authority)
}

fn host_fault(authority: &str) -> Fault {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        return match host.parse::<std::net::Ipv6Addr>() {
            Ok(_) => port_fault(port.strip_prefix(':')),
            Err(_) => Some("its host is not an IPv6 address"),
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    if host.is_empty() {
        return Some("its host is missing");
    }
    if domain_fault(&host.to_lowercase()).is_some() {
        return Some("its host is not a DNS name");
    }
    port_fault(port)
}

fn port_fault(port: Option<&str>) -> Fault {
    match port.map(str::parse::<u16>) {
        None => None,
        Some(Ok(port)) if port > 0 => None,
        Some(_) => Some("its port is not a number from 1 to 65535"),
    }
}

/// Five cron fields or a macro, as a `CronJob` takes them.
pub fn schedule_fault(text: &str) -> Fault {
    const MACROS: [&str; 7] = [
        "@yearly",
        "@annually",
        "@monthly",
        "@weekly",
        "@daily",
        "@midnight",
        "@hourly",
    ];
    if MACROS.contains(&text) || text.strip_prefix("@every ").is_some_and(is_go_duration) {
        return None;
    }
    if text.starts_with('@') {
        return Some("cron has no such macro");
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return Some("it must have five fields: minute, hour, day, month and day of the week");
    };
    let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    if !field(minute, 0..=59, &[]) {
        Some("its minute is out of range or malformed")
    } else if !field(hour, 0..=23, &[]) {
        Some("its hour is out of range or malformed")
    } else if !field(day, 1..=31, &[]) {
        Some("its day is out of range or malformed")
    } else if !field(month, 1..=12, &months) {
        Some("its month is out of range or malformed")
    } else if !field(weekday, 0..=6, &days) {
        Some("its day of the week is out of range or malformed")
    } else {
        None
    }
}

/// A list of `*`, `?`, numbers, names and ranges, each with an optional step.
fn field(text: &str, range: std::ops::RangeInclusive<u32>, names: &[&str]) -> bool {
    let first = *range.start();
    let value = |text: &str| {
        let lower = text.to_lowercase();
        let named = names.iter().position(|name| *name == lower);
        let named = named
            .and_then(|at| u32::try_from(at).ok())
            .map(|at| at + first);
        let value = named.or_else(|| text.parse().ok())?;
        range.contains(&value).then_some(value)
    };
    text.split(',').all(|part| {
        let (base, step) = match part.split_once('/') {
            Some((base, step)) => (base, Some(step)),
            None => (part, None),
        };
        let stepped = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
        let based = match base.split_once('-') {
            _ if matches!(base, "*" | "?") => true,
            Some((low, high)) => matches!((value(low), value(high)), (Some(l), Some(h)) if l <= h),
            None => value(base).is_some(),
        };
        stepped && based
    })
}

/// `1h30m`: numbers with units, as Go reads them.
fn is_go_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let Some(unit) = ["ms", "h", "m", "s"]
            .iter()
            .find(|unit| rest[digits..].starts_with(**unit))
        else {
            return false;
        };
        if rest[..digits].parse::<f64>().is_err() {
            return false;
        }
        rest = &rest[digits + unit.len()..];
    }
    !text.is_empty()
}

/// A reference to an image, `registry/name:tag@digest` (distribution, *reference*).
pub fn image_fault(text: &str) -> Fault {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    if let Some(digest) = digest {
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        if hex.len() != 64
            || !hex
                .chars()
                .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
        {
            return Some("its digest is not `sha256:` and 64 hexadecimal digits");
        }
    }
    let (path, tag) = match rest.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (rest, None),
    };
    let word = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if tag.is_some_and(|tag| {
        tag.is_empty() || tag.len() > 128 || tag.starts_with(['.', '-']) || !tag.chars().all(word)
    }) {
        return Some("its tag has a character that tags cannot have");
    }
    let (registry, name) = match path.split_once('/') {
        Some((first, name)) if first.contains(['.', ':']) || first == "localhost" => (first, name),
        _ => ("", path),
    };
    if !registry
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c))
    {
        return Some("its registry is not a host name");
    }
    if name.chars().any(|c| c.is_ascii_uppercase()) {
        return Some("its name must be lower case");
    }
    let part = |part: &str| {
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c);
        let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(end) && part.ends_with(end) && part.chars().all(legal)
    };
    if name.split('/').all(part) {
        None
    } else {
        Some("its name must be lower-case letters, digits, `.`, `_`, `-` and `/` between them")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(fault: fn(&str) -> Fault, good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(fault(text), None, "{text}");
        }
        for text in bad {
            assert!(fault(text).is_some(), "{text}");
        }
    }

    #[test]
    fn quantities() {
        let good = [
            "1", "0.5", ".5", "5.", "100m", "1Gi", "1e3", "2E", "12E-2", "+1",
        ];
        let bad = [
            "", "-1", "1.5.5", "1GB", "1 Gi", "1gi", "x", ".", "1e", "1K",
        ];
        table(quantity_fault, &good, &bad);
    }

    #[test]
    fn durations() {
        table(
            duration_fault,
            &["5m", "90s", "250ms"],
            &["", "5", "1.5s", "0s", "5 m", "5d"],
        );
    }

    #[test]
    fn networks() {
        let good = ["0.0.0.0/0", "10.1.2.3/8", "::/0", "fd00::/8"];
        let bad = [
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0/8",
            "::",
            "::/129",
            "x/8",
            "",
        ];
        table(cidr_fault, &good, &bad);
        assert_eq!(cidr_network("10.1.2.3/8").as_deref(), Some("10.0.0.0/8"));
        assert_eq!(cidr_network("10.0.0.0/8"), None);
    }

    #[test]
    fn host_names() {
        let good = ["a.example.com", "*.example.com", "internal"];
        let bad = [
            "",
            "*",
            "a.*.com",
            "*a.com",
            "https://a.com",
            "10.0.0.1",
            "A.com",
            "a..b",
        ];
        table(dns_fault, &good, &bad);
    }

    #[test]
    fn urls() {
        let good = [
            "https://a.com",
            "http://a:11434/v1?x=1",
            "http://[::1]:80/",
            "http://10.0.0.1",
        ];
        let bad = [
            "",
            "a.com",
            "ftp://a",
            "https://",
            "https://a b",
            "http://a:0",
            "http://u:p@a",
            "http://[x]/",
        ];
        table(url_fault, &good, &bad);
    }

    #[test]
    fn schedules() {
        let good = [
            "*/5 * * * *",
            "0 9-17 1,15 jan mon-fri",
            "@daily",
            "@every 1h30m",
            "0 0 * * 0",
        ];
        let bad = [
            "",
            "* * * *",
            "60 * * * *",
            "* 24 * * *",
            "@never",
            "@every",
            "@every 5",
            "*/0 * * * *",
            "5-1 * * * *",
        ];
        table(schedule_fault, &good, &bad);
    }

    #[test]
    fn images() {
        let digest = format!("ghcr.io/a/b@sha256:{}", "0".repeat(64));
        let good = [
            "nginx",
            "ghcr.io/a/b-c:v1.2_X",
            "localhost:5000/a",
            "a/b@",
            &digest,
        ];
        table(
            image_fault,
            &good[..3],
            &[
                "",
                "A/b",
                "a b",
                "a:",
                "a:-x",
                "a@sha256:0",
                "a//b",
                "/a",
                good[3],
            ],
        );
        assert_eq!(image_fault(&digest), None);
    }
}
