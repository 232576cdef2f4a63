//! `spend --json`: what was spent on each day by whom, and the budgets of a cluster.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::ops::{BudgetState, Spending};

/// What a gateway has counted.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct SpendDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// The cluster.
    pub cluster: &'a str,
    /// The first day, in UTC.
    pub since: &'a str,
    /// What was spent, by day and by whom. What an agent spent is in its cluster's and its models' as well.
    pub spent: Vec<SpentDocument<'a>>,
    /// The budgets.
    pub budgets: Vec<BudgetDocument<'a>>,
    /// Calls that are not in the store yet.
    pub unwritten: u64,
}

/// What was spent on a day.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct SpentDocument<'a> {
    /// The day in UTC, as `2026-11-27`.
    pub day: &'a str,
    /// `cluster`, `agent/NAME`, `model/NAME`.
    pub of: String,
    /// Billionths of a US dollar.
    pub nanodollars: i64,
    /// Calls.
    pub calls: u64,
    /// Tokens, of prompts and answers.
    pub tokens: u64,
}

/// One budget.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct BudgetDocument<'a> {
    /// `cluster`, `agent/NAME`, `model/NAME`.
    pub of: String,
    /// What counts for it, in billionths of a US dollar.
    pub spent_nanodollars: i64,
    /// How much may be spent, in billionths of a US dollar.
    pub limit_nanodollars: i64,
    /// `day`, `month`, or days as `30d`.
    pub window: &'a str,
    /// The time zone in which days begin.
    pub timezone: &'a str,
    /// When less will count if no more is spent, RFC 3339.
    pub resets: &'a str,
}

/// The document of what a gateway has counted since a day.
#[must_use]
pub(crate) fn spending<'a>(cluster: &'a str, since: &'a str, spending: &'a Spending) -> SpendDocument<'a> {
    let spent = spending.days.iter().map(|day| SpentDocument {
        day: &day.day,
        of: day.of.to_string(),
        nanodollars: day.amount,
        calls: day.calls,
        tokens: day.tokens,
    });
    SpendDocument {
        format_version: FORMAT_VERSION,
        cluster,
        since,
        spent: spent.collect(),
        budgets: budgets(&spending.budgets),
        unwritten: spending.unwritten,
    }
}

/// Budgets of one cluster.
pub(super) fn budgets<'a>(budgets: &'a [BudgetState]) -> Vec<BudgetDocument<'a>> {
    let document = |budget: &'a BudgetState| {
        let BudgetState { of, spent, limit, window, timezone, resets } = budget;
        let of = of.to_string();
        BudgetDocument { of, spent_nanodollars: *spent, limit_nanodollars: *limit, window, timezone, resets }
    };
    budgets.iter().map(document).collect()
}
