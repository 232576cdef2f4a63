//! A yes or a no, or what is in doubt.

/// Whether something holds. `Maybe` says what is not evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reach) enum Holds {
    No,
    Yes,
    Maybe(&'static str),
}

impl Holds {
    pub(crate) fn when(condition: bool) -> Self {
        if condition { Self::Yes } else { Self::No }
    }

    /// What holds best of several.
    pub(crate) fn any(all: impl Iterator<Item = Self>) -> Self {
        let mut best = Self::No;
        for one in all {
            match one {
                Self::Yes => return Self::Yes,
                Self::Maybe(_) if best == Self::No => best = one,
                _ => {}
            }
        }
        best
    }
}
