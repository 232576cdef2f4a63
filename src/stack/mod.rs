//! Files become a [`Stack`]: read with places, merged, variables resolved, every mistake collected.
//! Knows no server, and nothing of what the stack becomes.

pub mod diagnostic;
mod names;
mod read;
mod tree;
mod variables;
