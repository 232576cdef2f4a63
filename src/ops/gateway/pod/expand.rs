//! `$(NAME)` in values and arguments of a container (Kubernetes, *Define Dependent Environment Variables*).

use std::collections::BTreeMap;

use crate::object::SecretValue;

/// The text with the variables that are known so far put in. `$$` is a dollar; what is unknown stays.
pub(super) fn expand(text: &str, known: &BTreeMap<String, SecretValue>) -> Vec<u8> {
    let (mut result, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once('$') {
        result.extend(before.bytes());
        let name = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        if let Some(after) = after.strip_prefix('$') {
            result.push(b'$');
            rest = after;
        } else if let Some((value, after)) = name.and_then(|(name, after)| Some((known.get(name)?, after))) {
            result.extend(value.expose());
            rest = after;
        } else {
            result.push(b'$');
            rest = after;
        }
    }
    result.extend(rest.bytes());
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_in_as_the_kubelet_does() {
        let known = BTreeMap::from([("A".to_owned(), SecretValue::new(b"x".to_vec()))]);
        let expanded = |text: &str| String::from_utf8(expand(text, &known)).unwrap();
        assert_eq!(expanded("-$(A)-$(B)-$A-"), "-x-$(B)-$A-");
        assert_eq!(expanded("$$(A) $$$(A) $ $( $"), "$(A) $x $ $( $");
    }
}
