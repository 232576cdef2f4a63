//! Names by which models are called.

use super::Fault;

/// A name that callers can use. `LiteLLM` answers with it in a header (RFC 9110, section 5.5: Latin-1 without controls)
/// and takes a comma for the end of a name; a call of several names is refused.
pub(crate) fn model_name_fault(text: &str) -> Fault {
    if text.contains(',') {
        return Some("a comma would end it: a call names one model");
    }
    if text.contains(char::is_control) {
        return Some("it has a control character");
    }
    let outside = text.contains(|c: char| u32::from(c) > 0xff);
    outside.then_some("it has a character outside Latin-1, and LiteLLM answers with the name in a header")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::check::value::table;

    #[test]
    fn model_names() {
        let good = ["gpt-4o", "org/model:v1.0", "café", "a b", "ft:gpt-4o:acme::9aB"];
        table(model_name_fault, &good, &["a,b", ",", "模型", "modèle-Ω", "smile-😀", "tab\t", "del\u{7f}"]);
    }
}
