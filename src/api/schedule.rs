//! What a `CronJob` makes of a schedule. Its fields count within the hour and the day, so an interval is said by them
//! only when it divides the one or the other.

/// Minutes of an hour and of a day.
const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

/// The schedule as a `CronJob` takes it: `@every 15m` as five fields, everything else as it is written.
///
/// # Errors
/// Why no fields say an interval.
pub fn cron_schedule(schedule: &str) -> Result<String, &'static str> {
    match schedule.strip_prefix("@every ") {
        Some(interval) => every(interval.trim()),
        None => Ok(schedule.to_owned()),
    }
}

fn every(interval: &str) -> Result<String, &'static str> {
    let minutes = minutes(interval)?;
    match minutes {
        0 => Err("it is no time at all"),
        1 => Ok("* * * * *".to_owned()),
        HOUR => Ok("0 * * * *".to_owned()),
        DAY => Ok("0 0 * * *".to_owned()),
        _ if minutes < HOUR && HOUR.is_multiple_of(minutes) => Ok(format!("*/{minutes} * * * *")),
        _ if minutes.is_multiple_of(HOUR) && DAY.is_multiple_of(minutes) => Ok(format!("0 */{} * * *", minutes / HOUR)),
        _ => Err("cron fields repeat only by minutes that divide an hour, or by hours that divide a day"),
    }
}

/// Whole minutes of a duration such as `1h30m`, as Go reads it.
fn minutes(interval: &str) -> Result<u32, &'static str> {
    const FORM: &str = "after `@every` comes a duration such as `15m` or `6h`";
    let (mut rest, mut seconds) = (interval, 0_u32);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).ok_or(FORM)?;
        let number: u32 = rest[..end].parse().map_err(|_| FORM)?;
        let unit = rest[end..].chars().next().ok_or(FORM)?;
        let factor = match unit {
            'h' => HOUR * 60,
            'm' if !rest[end..].starts_with("ms") => 60,
            's' => 1,
            _ => return Err("a CronJob counts in minutes: no fractions, and nothing below seconds"),
        };
        let all = number.checked_mul(factor).and_then(|part| seconds.checked_add(part));
        seconds = all.ok_or("it is too long")?;
        rest = &rest[end + 1..];
    }
    if interval.is_empty() {
        return Err(FORM);
    }
    if seconds.is_multiple_of(60) { Ok(seconds / 60) } else { Err("a CronJob counts in whole minutes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_becomes_fields_where_fields_can_say_it() {
        for (written, fields) in [
            ("@every 15m", "*/15 * * * *"),
            ("@every 1m", "* * * * *"),
            ("@every 60s", "* * * * *"),
            ("@every 1h", "0 * * * *"),
            ("@every 60m", "0 * * * *"),
            ("@every 6h", "0 */6 * * *"),
            ("@every 1h60m", "0 */2 * * *"),
            ("@every 24h", "0 0 * * *"),
            ("@daily", "@daily"),
            ("5 4 * * mon", "5 4 * * mon"),
        ] {
            assert_eq!(cron_schedule(written).as_deref(), Ok(fields), "{written}");
        }
    }

    #[test]
    fn an_interval_that_no_fields_say_is_refused_with_the_reason() {
        for (written, reason) in [
            ("@every 45m", "divide an hour"),
            ("@every 90m", "divide an hour"),
            ("@every 5h", "hours that divide a day"),
            ("@every 48h", "hours that divide a day"),
            ("@every 30s", "whole minutes"),
            ("@every 90s", "whole minutes"),
            ("@every 1.5h", "no fractions"),
            ("@every 500ms", "nothing below seconds"),
            ("@every 0m", "no time at all"),
            ("@every ", "comes a duration"),
            ("@every 5", "comes a duration"),
            ("@every 99999999999h", "comes a duration"),
            ("@every 9999999h", "too long"),
        ] {
            let refused = cron_schedule(written).unwrap_err();
            assert!(refused.contains(reason), "{written}: {refused}");
        }
    }
}
