//! Words that only chance could have made, and the beginnings by which services make their keys known.

/// How the keys of well-known services begin, and how many characters of a key follow at least.
const PREFIXES: &[(&str, usize)] = &[
    ("sk-", 16),
    ("sk_live_", 8),
    ("sk_test_", 8),
    ("rk_live_", 8),
    ("whsec_", 8),
    ("ghp_", 16),
    ("gho_", 16),
    ("ghs_", 16),
    ("ghu_", 16),
    ("ghr_", 16),
    ("github_pat_", 16),
    ("glpat-", 12),
    ("xoxb-", 8),
    ("xoxp-", 8),
    ("xoxa-", 8),
    ("xoxr-", 8),
    ("xoxs-", 8),
    ("xapp-", 8),
    ("AKIA", 12),
    ("ASIA", 12),
    ("AIza", 20),
    ("ya29.", 12),
    ("hf_", 16),
    ("gsk_", 16),
    ("xai-", 16),
    ("pplx-", 16),
    ("nvapi-", 16),
    ("r8_", 16),
    ("tgp_v1_", 8),
    ("npm_", 20),
    ("pypi-", 20),
    ("dop_v1_", 16),
    ("dapi", 30),
    ("hvs.", 16),
    ("lsv2_", 16),
    ("lin_api_", 16),
    ("shpat_", 16),
    ("LTAI", 12),
    ("AGE-SECRET-KEY-", 8),
    ("eyJ", 30),
];

/// Characters of the shortest key: the shortest beginning, and the least that follows any.
const SHORTEST: usize = 11;

/// `sk-…`, `ghp_…`: also behind `name=`, a slash or a colon.
pub(super) fn has_known_prefix(word: &str) -> bool {
    let mut parts = word.split(['/', ':', '@', '=', '?', '&', '\\', '|', '<', '>']);
    parts.any(|part| {
        part.len() >= SHORTEST
            && PREFIXES.iter().any(|(prefix, least)| {
                let rest = part.strip_prefix(prefix).unwrap_or_default();
                let token = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.+".contains(*c)).count();
                token >= *least || token >= 8 && is_mixed(rest)
            })
    })
}

/// Lower case, digits and upper case, or two of them in no order that a word would have.
fn is_mixed(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let upper = text.chars().filter(char::is_ascii_uppercase).count();
    digits > 1 && upper > 1
}

/// Whether a word looks as if chance had made it. Words that people make keep to one class of letters for some
/// letters; a key changes between lower case, upper case and digits at nearly every character.
pub(super) fn is_random(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let base64 = |c: char| c.is_ascii_alphanumeric() || "-_.+~/".contains(c);
    if word.len() < 16 || !word.chars().all(base64) || is_uuid(word) {
        return false;
    }
    let segments: Vec<&str> =
        word.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let letters: usize = segments.iter().map(|segment| segment.len()).sum();
    // Long names are made of many short words.
    let long = segments.iter().any(|segment| scattered(segment, 16));
    long || letters >= 24 && letters >= 8 * segments.len() && scattered(&segments.concat(), 24)
}

fn scattered(text: &str, least: usize) -> bool {
    if text.len() < least || is_camel_case(text) {
        return false;
    }
    let hex =
        text.chars().all(|c| c.is_ascii_digit() || matches!(c, 'a'..='f')) && text.contains(|c| matches!(c, 'a'..='f'));
    if hex && text.len() >= 32 && text.contains(|c: char| c.is_ascii_digit()) {
        return true;
    }
    let class = |c: u8| (c.is_ascii_lowercase(), c.is_ascii_digit());
    let changes = text.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
    let (upper, lower) =
        (text.contains(|c: char| c.is_ascii_uppercase()), text.contains(|c: char| c.is_ascii_lowercase()));
    // Of two classes, chance changes less often; a longer word makes up for it.
    let enough = if upper && lower { text.len() * 2 / 5 } else { text.len() * 3 / 10 };
    let long = upper && lower || text.len() >= 20;
    long && changes >= enough
}

/// Words run together, as the values of Kubernetes' fields are: `FallbackToLogsOnError`. Chance does not keep capitals
/// apart for so long.
fn is_camel_case(text: &str) -> bool {
    let capitals = text.chars().filter(char::is_ascii_uppercase).count();
    let apart = text.as_bytes().windows(2).all(|pair| !pair.iter().all(u8::is_ascii_uppercase));
    text.chars().all(|c| c.is_ascii_alphabetic()) && apart && capitals * 4 <= text.len()
}

/// Names of tenants, clients and projects; who has a key in this form has it under a name that says so.
fn is_uuid(word: &str) -> bool {
    let lengths: Vec<usize> = word.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_run_together_are_no_keys() {
        for word in ["FallbackToLogsOnError", "OnRootMismatchOrAlwaysOnce", "minReadySecondsOfTheOldOne"] {
            assert!(!is_random(word), "{word}");
        }
        for key in ["aBcDeFgHiJkLmNoPqRsT", "FallbackToLogs0nErr0r1x9Z", "qWeRtYuIoPaSdFgHjKlZ"] {
            assert!(is_random(key), "{key}");
        }
    }
}
