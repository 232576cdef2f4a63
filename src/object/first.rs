//! A list in a sentence: the first names, and how many more there are.

/// `a, b, c and 4 more`: at most `most` of the names.
#[must_use]
pub(crate) fn first<T: AsRef<str>>(names: impl ExactSizeIterator<Item = T>, most: usize) -> String {
    let more = names.len().saturating_sub(most);
    let shown = names.take(most).map(|name| name.as_ref().to_owned()).collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_named_as_may_be() {
        let names = ["a", "b", "c"];
        assert_eq!(first(names.iter(), 3), "a, b, c");
        assert_eq!(first(names.iter(), 2), "a, b and 1 more");
        assert_eq!(first(names[..1].iter(), 2), "a");
        assert_eq!(first(names[..0].iter(), 2), "");
    }
}
