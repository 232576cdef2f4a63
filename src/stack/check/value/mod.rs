//! Text with a form of its own. Each function answers what is wrong with a text, or nothing; none
//! knows where the text stands.

mod image;
mod model_name;
mod network;
mod quantity;
mod schedule;
mod timezone;

pub(crate) use image::image_fault;
pub(crate) use model_name::model_name_fault;
pub(crate) use network::{cidr_fault, cidr_meant, dns_fault, url_fault};
pub(crate) use quantity::{duration_fault, quantity_fault};
pub(crate) use schedule::schedule_fault;
pub(crate) use timezone::{timezone_fault, timezone_meant};

/// What is wrong with a text, to be read after a colon.
type Fault = Option<&'static str>;

/// Holds a rule against texts that are right and texts that are wrong.
#[cfg(test)]
fn table(fault: fn(&str) -> Fault, good: &[&str], bad: &[&str]) {
    for text in good {
        assert_eq!(fault(text), None, "{text}");
    }
    for text in bad {
        assert!(fault(text).is_some(), "{text}");
    }
}
