//! Budgets: how much calls of someone may cost, and in which days.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much calls may cost in some days. Counted in the gateway's store, by what the gateway says that a call cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Budget {
    /// US dollars. A call that begins when as much was spent is refused.
    #[schemars(range(min = 0.01, max = 1_000_000))]
    pub usd: f64,
    /// The days that count: `day`, `month`, which is that of the calendar, or the last days with today, as `30d`; at
    /// most `366d`.
    #[schemars(regex(pattern = "^(day|month|[1-9][0-9]{0,2}d)$"))]
    pub window: String,
    /// The time zone in which days begin; left out, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub timezone: Option<String>,
}

impl Budget {
    /// The most days of a window.
    pub const MOST_DAYS: u16 = 366;
    /// The time zone when none is written.
    pub const TIMEZONE: &'static str = "UTC";

    /// The time zone in which days begin.
    #[must_use]
    pub fn timezone(&self) -> &str {
        self.timezone.as_deref().unwrap_or(Self::TIMEZONE)
    }
}
