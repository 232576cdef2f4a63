//! Sections in several lengths, and the longest of each that fit a page together. Knows no plan.

/// A part of a page.
pub(super) struct Section {
    /// The lower, the longer it keeps its length.
    weight: u8,
    /// The same, from the longest to the shortest.
    lengths: Vec<String>,
}

impl Section {
    /// A part in these lengths, of which the last one is short whatever the plan.
    pub(super) fn new(weight: u8, lengths: Vec<String>) -> Self {
        Self { weight, lengths }
    }
}

/// The page of at most `most` bytes, and whether every section has its full length. Each begins with its shortest form, or
/// with nothing where even those do not fit together; then, the lightest first, each becomes as long as there is room.
#[must_use]
pub(super) fn fit(sections: &[Section], most: usize) -> (String, bool) {
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|index| sections[*index].weight);
    let mut chosen: Vec<&str> = vec![""; sections.len()];
    let mut used = 0;
    for index in &order {
        let shortest = sections[*index].lengths.last().map_or("", String::as_str);
        if used + shortest.len() <= most {
            chosen[*index] = shortest;
            used += shortest.len();
        }
    }
    for index in order {
        let others = used - chosen[index].len();
        if let Some(longest) = sections[index].lengths.iter().find(|text| others + text.len() <= most) {
            chosen[index] = longest;
            used = others + longest.len();
        }
    }
    let whole =
        sections.iter().zip(&chosen).all(|(section, chosen)| section.lengths.first().is_none_or(|all| all == chosen));
    (chosen.concat(), whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn section(weight: u8, lengths: &[&str]) -> Section {
        Section::new(weight, lengths.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn what_weighs_less_keeps_its_length() {
        let sections = [section(2, &["creates ", "c "]), section(1, &["deletes ", "d "])];
        assert_eq!(fit(&sections, 100), ("creates deletes ".to_owned(), true));
        assert_eq!(fit(&sections, 10), ("c deletes ".to_owned(), false));
        assert_eq!(fit(&sections, 4), ("c d ".to_owned(), false));
        assert_eq!(fit(&sections, 3), ("d ".to_owned(), false));
    }

    proptest! {
        #[test]
        fn a_page_is_never_too_long(texts in prop::collection::vec((0..3_u8, prop::collection::vec(".{0,9}", 0..4)), 0..5), most in 0..40_usize) {
            let sections: Vec<_> = texts.into_iter().map(|(weight, lengths)| Section::new(weight, lengths)).collect();
            prop_assert!(fit(&sections, most).0.len() <= most);
        }
    }
}
