//! What is a credential: by the name that it goes under, and by its look. The one table of both: what a
//! description must not hold, what an error must not show and what is taken out of a server's words are decided
//! here. Pure; knows neither files nor schemas.

mod harmless;
mod look;
mod mask;
mod name;
mod random;
mod url;
mod within;

pub use look::{is_credential, looks_like_credential};
pub use mask::masked;
pub use name::{is_credential_name, is_reference, is_variable_name};
pub use within::{credentials_within, without_credentials};

#[cfg(test)]
mod tests;
