//! The variables that the values of headers stand in: named after tool and header, and told apart where two would be
//! alike.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

/// How many pairs of tool and header have a plain name.
pub(super) type Names<'a> = BTreeMap<String, Vec<(&'a str, &'a str)>>;

/// The plain names of these pairs of tool and header.
pub(super) fn names<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Names<'a> {
    let mut all = Names::new();
    for pair in pairs {
        all.entry(plain(pair.0, pair.1)).or_default().push(pair);
    }
    all
}

/// The variable of a header.
pub(super) fn variable(names: &Names<'_>, tool: &str, header: &str) -> String {
    let plain = plain(tool, header);
    if names.get(&plain).is_none_or(|pairs| pairs.len() < 2) {
        return plain;
    }
    let digest = Sha256::digest(format!("{tool}/{header}"));
    let number = digest.iter().take(4).fold(0, |number: u32, &byte| number << 8 | u32::from(byte));
    format!("{plain}_{number:08X}")
}

fn plain(tool: &str, header: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let word = |text: &str| text.chars().map(legal).collect::<String>();
    format!("MCP_HEADER_{}_{}", word(tool), word(header))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_with_one_plain_name_get_variables_of_their_own() {
        let pairs = [("a-b", "c"), ("a", "b-c"), ("x", "Y")];
        let names = names(pairs.into_iter());
        let [one, two, three] = pairs.map(|(tool, header)| variable(&names, tool, header));
        assert!(one.starts_with("MCP_HEADER_A_B_C_") && two.starts_with("MCP_HEADER_A_B_C_") && one != two);
        assert_eq!(three, "MCP_HEADER_X_Y");
    }
}
