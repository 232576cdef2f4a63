//! Schedules, as a `CronJob` takes them.

use std::ops::RangeInclusive;

use super::Fault;
use crate::api::cron_schedule;

/// Five cron fields or a macro, as a `CronJob` takes them.
pub(crate) fn schedule_fault(text: &str) -> Fault {
    const MACROS: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    if MACROS.contains(&text) {
        return None;
    }
    if text.starts_with("@every ") {
        return cron_schedule(text).err();
    }
    if text.starts_with('@') {
        return Some("cron has no such macro");
    }
    // The parser of a CronJob knows them, and Kubernetes refuses them.
    if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
        return Some("its time zone is said by `timezone`");
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != CRON.len() {
        return Some("it must have five fields: minute, hour, day, month and day of the week");
    }
    let mut fields = fields.iter().zip(CRON);
    let wrong = fields.find(|(text, (range, names, _))| !field(text, range.clone(), names));
    wrong.map(|(_, (.., fault))| fault)
}

type Field = (RangeInclusive<u32>, &'static [&'static str], &'static str);

/// Range, names and fault of each field of a schedule.
const CRON: [Field; 5] = [
    (0..=59, &[], "its minute is out of range or malformed"),
    (0..=23, &[], "its hour is out of range or malformed"),
    (1..=31, &[], "its day is out of range or malformed"),
    (1..=12, &MONTHS, "its month is out of range or malformed"),
    (0..=6, &DAYS, "its day of the week is out of range or malformed"),
];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A list of `*`, `?`, numbers, names and ranges, each with an optional step.
fn field(text: &str, range: RangeInclusive<u32>, names: &[&str]) -> bool {
    let first = *range.start();
    let value = |text: &str| {
        let lower = text.to_lowercase();
        let position = names.iter().position(|name| *name == lower);
        let by_name = position.and_then(|at| u32::try_from(at).ok()).map(|at| at + first);
        let value = by_name.or_else(|| text.parse().ok())?;
        range.contains(&value).then_some(value)
    };
    text.split(',').all(|part| {
        let (base, step) = match part.split_once('/') {
            Some((base, step)) => (base, Some(step)),
            None => (part, None),
        };
        let stepped = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
        let based = match base.split_once('-') {
            _ if matches!(base, "*" | "?") => true,
            Some((low, high)) => matches!((value(low), value(high)), (Some(l), Some(h)) if l <= h),
            None => value(base).is_some(),
        };
        stepped && based
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::check::value::table;

    #[test]
    fn schedules() {
        let good = ["*/5 * * * *", "0 9-17 1,15 jan mon-fri", "@daily", "@every 2h", "0 0 * * 0"];
        let bad = [
            "",
            "* * * *",
            "60 * * * *",
            "* 24 * * *",
            "@never",
            "@every",
            "@every 5",
            "@every 1h30m",
            "*/0 * * * *",
            "5-1 * * * *",
            "TZ=UTC * * * * *",
            "CRON_TZ=UTC 0 0 * * *",
            "* * * * 7",
            "1-2-3 * * * *",
            "1/2/3 * * * *",
            "1/ * * * *",
        ];
        table(schedule_fault, &good, &bad);
    }
}
