//! What a deletion takes along beside its object, in words.

use std::fmt;

use crate::object::ObjectRef;

/// What becomes of the storage of a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Retention {
    /// It goes.
    Deleted,
    /// It stays, and nobody uses it.
    Kept,
    /// That could not be found out, and why.
    Unknown(String),
}

/// What a deletion takes along beside its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// All objects of a kind.
    Kind {
        /// What defines it.
        crd: ObjectRef,
        /// How many of them this stack has, and how many others; none when that is not known.
        objects: Option<(usize, usize)>,
    },
    /// The data of a claim.
    Claim {
        /// The claim.
        claim: ObjectRef,
        /// Its volume, as far as known.
        volume: Option<String>,
        /// What becomes of that.
        retention: Retention,
    },
    /// The storage of a volume.
    Volume {
        /// The volume.
        volume: ObjectRef,
        /// What becomes of its storage.
        retention: Retention,
    },
    /// What claims of a class ask for.
    Class {
        /// The class.
        class: ObjectRef,
        /// How many claims name it, or why that is not known.
        claims: Result<usize, String>,
    },
    /// The kinds that another server serves.
    Api {
        /// What announces them.
        service: ObjectRef,
    },
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind { crd, objects: Some((ours, others)) } => {
                write!(f, "{crd} takes all objects of its kind with it: {ours} of this stack, {others} of others")
            }
            Self::Kind { crd, objects: None } => {
                write!(f, "{crd} takes all objects of its kind with it, and which these are is not known")
            }
            Self::Claim { claim, volume, retention } => {
                let volume = volume.as_ref().map_or_else(String::new, |volume| format!(" `{volume}`"));
                match retention {
                    Retention::Deleted => {
                        write!(f, "{claim} takes its data with it: its volume{volume} is deleted too")
                    }
                    Retention::Kept => write!(f, "{claim} leaves its data behind: its volume{volume} is retained"),
                    Retention::Unknown(why) => {
                        write!(
                            f,
                            "{claim} may take its data with it: what becomes of its volume{volume} is not known: {why}"
                        )
                    }
                }
            }
            Self::Volume { volume, retention } => match retention {
                Retention::Deleted => write!(f, "{volume} takes its storage with it: its reclaim policy is to delete"),
                Retention::Kept => write!(f, "{volume} leaves its storage behind: its reclaim policy is to retain"),
                Retention::Unknown(why) => {
                    write!(f, "{volume} may take its storage with it: its reclaim policy is not known: {why}")
                }
            },
            Self::Class { class, claims: Ok(count) } => {
                write!(f, "{class} is named by {count} volume claims: those without a volume never get one")
            }
            Self::Class { class, claims: Err(why) } => {
                write!(f, "{class} may be named by volume claims, which could not be listed: {why}")
            }
            Self::Api { service } => {
                let (version, group) = service.name.split_once('.').unwrap_or((&service.name, ""));
                write!(
                    f,
                    "{service} takes all kinds of `{group}/{version}` out of the API, and their objects out of reach"
                )
            }
        }
    }
}
