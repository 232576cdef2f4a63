//! What the gateway of a cluster has counted: what was spent by whom on which day, and what is left of budgets. Asked
//! through a port-forward to a ready pod, as the administrator.

use std::collections::BTreeSet;

use http::StatusCode;
use serde::Deserialize;

use super::check::{Caller, Gateway, key, ready, told};
use crate::cluster::{Forwarder, Reader};
use crate::object::Spender;
use crate::ops::OpsError;

/// Billionths of a dollar, in which gateways count.
pub(crate) type Nanodollars = i64;

/// What is counted at a gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spending {
    /// Its budgets, by what they are of.
    pub budgets: Vec<BudgetState>,
    /// What was spent, by day and by whom; as many days as are kept.
    pub days: Vec<Spent>,
    /// Calls that this pod could not write to the store yet.
    pub unwritten: u64,
}

/// A budget and what counts for it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BudgetState {
    /// What it is of.
    pub of: Spender,
    /// What counts for it.
    pub spent: Nanodollars,
    /// How much may be.
    pub limit: Nanodollars,
    /// The days that count, as they are written.
    pub window: String,
    /// The time zone in which days begin.
    pub timezone: String,
    /// When less will count if no more is spent, RFC 3339.
    pub resets: String,
}

/// What was spent on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spent {
    /// The day in UTC, as `2026-11-27`.
    pub day: String,
    /// By whom.
    pub of: Spender,
    /// How much.
    pub amount: Nanodollars,
    /// With how many calls.
    pub calls: u64,
    /// Of how many tokens.
    pub tokens: u64,
}

/// What the gateway of a cluster has counted. A request to the API server for the pod, one for the key, one to the
/// gateway.
///
/// # Errors
/// As of [`reset_budget`].
pub(crate) async fn spending(reader: &Reader, forwarder: &Forwarder, cluster: &str) -> Result<Spending, OpsError> {
    ask(reader, forwarder, cluster, None).await
}

/// Lets a budget begin anew, and says what is counted from then on.
///
/// # Errors
/// The API server cannot be reached or refuses, no pod is ready, or the gateway has no store or reaches none.
pub(crate) async fn reset_budget(
    reader: &Reader,
    forwarder: &Forwarder,
    cluster: &str,
    of: &Spender,
) -> Result<Spending, OpsError> {
    ask(reader, forwarder, cluster, Some(of)).await
}

async fn ask(
    reader: &Reader,
    forwarder: &Forwarder,
    cluster: &str,
    reset: Option<&Spender>,
) -> Result<Spending, OpsError> {
    let unknown = |because: String| OpsError::NoSpending { cluster: cluster.to_owned(), because };
    let pod =
        ready(reader, cluster, &BTreeSet::new()).await?.map_err(|why| unknown(format!("no pod is ready: {why}")))?;
    let key = key(reader, cluster, Caller::Administrator).await?;
    let key = Some(key.ok_or_else(|| unknown("there is no Secret `gateway-auth` to make a key from".to_owned()))?);
    let gateway = Gateway { forwarder, cluster, pod: &pod.name, key };
    let answer = told(gateway.spending(reset).await)?.map_err(unknown)?;
    match answer.status() {
        StatusCode::OK => {
            read(answer.body()).ok_or_else(|| unknown("its answer is not of this version of langop".to_owned()))
        }
        StatusCode::NOT_FOUND => Err(unknown("it has no `gateway.store`, and counts nothing".to_owned())),
        StatusCode::SERVICE_UNAVAILABLE => Err(unknown("its store does not answer".to_owned())),
        status => Err(unknown(format!("it answers with {}", status.as_u16()))),
    }
}

/// The gateway's answer.
#[derive(Deserialize)]
struct Answer {
    budgets: Vec<BudgetAnswer>,
    spent: Vec<SpentAnswer>,
    unwritten: u64,
}

#[derive(Deserialize)]
struct BudgetAnswer {
    of: String,
    spent: Nanodollars,
    limit: Nanodollars,
    window: String,
    timezone: String,
    resets: String,
}

#[derive(Deserialize)]
struct SpentAnswer {
    day: String,
    of: String,
    #[serde(default)]
    spent: Nanodollars,
    #[serde(default)]
    calls: u64,
    #[serde(default)]
    tokens: u64,
}

fn read(body: &[u8]) -> Option<Spending> {
    let Answer { budgets, spent, unwritten } = serde_json::from_slice(body).ok()?;
    let budget = |read: BudgetAnswer| {
        let BudgetAnswer { of, spent, limit, window, timezone, resets } = read;
        Some(BudgetState { of: of.parse().ok()?, spent, limit, window, timezone, resets })
    };
    let day = |read: SpentAnswer| {
        let SpentAnswer { day, of, spent, calls, tokens } = read;
        Some(Spent { day, of: of.parse().ok()?, amount: spent, calls, tokens })
    };
    let mut budgets: Vec<_> = budgets.into_iter().filter_map(budget).collect();
    budgets.sort_by(|a, b| a.of.cmp(&b.of));
    Some(Spending { budgets, days: spent.into_iter().filter_map(day).collect(), unwritten })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_and_what_a_later_gateway_says_more_is_left_out() {
        let body = br#"{"budgets": [{"of": "agent/a", "spent": 1500000000, "limit": 2000000000, "window": "day",
            "timezone": "UTC", "resets": "2026-11-28T00:00:00+00:00", "more": 1}, {"of": "planet/x", "spent": 0,
            "limit": 1, "window": "day", "timezone": "UTC", "resets": ""}],
            "spent": [{"day": "2026-11-27", "of": "cluster", "spent": 5, "calls": 2}], "unwritten": 3}"#;
        let read = read(body).unwrap();
        assert_eq!((read.budgets.len(), read.unwritten), (1, 3));
        assert_eq!((&read.budgets[0].of, read.budgets[0].spent), (&Spender::Agent("a".to_owned()), 1_500_000_000));
        let day = Spent { day: "2026-11-27".to_owned(), of: Spender::Cluster, amount: 5, calls: 2, tokens: 0 };
        assert_eq!(read.days, [day]);
        assert_eq!(super::read(b"{}"), None);
    }
}
