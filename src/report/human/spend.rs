//! What was spent, and what is left of budgets, as tables.

use std::collections::BTreeMap;

use super::Style;
use super::page::Ink;
use super::table::table;
use crate::object::Spender;
use crate::ops::{BudgetState, Nanodollars, Spending};

/// Whose spending makes a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SpentBy {
    /// Each agent, and the administrator.
    Agent,
    /// Each team.
    Team,
    /// Each model that answered.
    Model,
    /// The whole cluster.
    Cluster,
}

const TITLES: [&str; 4] = ["WHO", "CALLS", "TOKENS", "USD"];
const BUDGET_TITLES: [&str; 6] = ["CLUSTER", "BUDGET OF", "SPENT", "OF USD", "DAYS", "RESETS"];

/// What was spent since a day, a row for each of those who did.
#[must_use]
pub(crate) fn spending(spending: &Spending, by: SpentBy, since: &str, style: &Style) -> String {
    let mut sums: BTreeMap<&Spender, (u64, u64, Nanodollars)> = BTreeMap::new();
    for day in &spending.days {
        let is_meant = match by {
            SpentBy::Agent => matches!(day.of, Spender::Agent(_)),
            SpentBy::Team => matches!(day.of, Spender::Team(_)),
            SpentBy::Model => matches!(day.of, Spender::Model(_)),
            SpentBy::Cluster => day.of == Spender::Cluster,
        };
        if is_meant {
            let sum = sums.entry(&day.of).or_default();
            *sum = (sum.0 + day.calls, sum.1 + day.tokens, sum.2 + day.amount);
        }
    }
    let mut text = format!("Since {since}:\n");
    let rows: Vec<_> = sums
        .into_iter()
        .map(|(of, (calls, tokens, spent))| [spender(of), calls.to_string(), tokens.to_string(), dollars(spent)])
        .collect();
    text.push_str(&if rows.is_empty() {
        "Nothing was spent.\n".to_owned()
    } else {
        table(TITLES, 0, &rows, |_| Ink::Plain, style)
    });
    let unwritten = spending.unwritten;
    text.extend((unwritten > 0).then(|| format!("Calls that are not in the store yet: {unwritten}\n")));
    text
}

/// Budgets of one cluster, a row each.
#[must_use]
pub(super) fn budgets(cluster: &str, budgets: &[BudgetState], style: &Style) -> String {
    let row = |budget: &BudgetState| {
        let days = if budget.timezone == crate::api::Budget::TIMEZONE {
            budget.window.clone()
        } else {
            format!("{} {}", budget.window, budget.timezone)
        };
        let amounts = [dollars(budget.spent), dollars(budget.limit)];
        let [spent, limit] = amounts;
        [cluster.to_owned(), spender(&budget.of), spent, limit, days, budget.resets.clone()]
    };
    let used_up: Vec<_> =
        budgets.iter().filter(|budget| budget.spent >= budget.limit).map(|budget| spender(&budget.of)).collect();
    let rows: Vec<_> = budgets.iter().map(row).collect();
    let ink = |name: &str| if used_up.iter().any(|used_up| used_up == name) { Ink::Removed } else { Ink::Plain };
    table(BUDGET_TITLES, 1, &rows, ink, style)
}

/// One budget in a line.
#[must_use]
pub(crate) fn budget(budget: &BudgetState) -> String {
    let BudgetState { of, spent, limit, window, .. } = budget;
    format!("{}: {} of {} USD ({window})", spender(of), dollars(*spent), dollars(*limit))
}

/// How someone is named on the command line.
#[must_use]
pub(crate) fn spender(of: &Spender) -> String {
    of.to_string().replacen('/', ".", 1)
}

/// Dollars and cents; of less than a cent, as many digits as say something.
fn dollars(amount: Nanodollars) -> String {
    const CENT: Nanodollars = 10_000_000;
    let (whole, rest) = (amount / (100 * CENT), amount % (100 * CENT));
    if amount == 0 || amount >= CENT {
        format!("{whole}.{:02}", rest / CENT)
    } else {
        format!("{whole}.{rest:09}").trim_end_matches('0').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Spent;

    fn spent(day: &str, of: Spender, amount: Nanodollars) -> Spent {
        Spent { day: day.to_owned(), of, amount, calls: 2, tokens: 10 }
    }

    #[test]
    fn days_are_summed_by_who_spent() {
        let agent = || Spender::Agent("scout".to_owned());
        let days = vec![
            spent("2026-11-26", agent(), 1_250_000_000),
            spent("2026-11-27", agent(), 2_000_000_000),
            spent("2026-11-27", Spender::Model("m".to_owned()), 9),
            spent("2026-11-27", Spender::Cluster, 3_250_000_000),
        ];
        let all = Spending { days, unwritten: 2, ..Spending::default() };
        let shown = |by| spending(&all, by, "2026-11-01", &Style::default());
        insta::assert_snapshot!(shown(SpentBy::Agent), @r"
        Since 2026-11-01:
        WHO          CALLS  TOKENS  USD
        agent.scout  4      20      3.25
        Calls that are not in the store yet: 2
        ");
        assert!(shown(SpentBy::Model).contains("model.m  2      10      0.000000009"));
        assert!(shown(SpentBy::Cluster).contains("cluster  2      10      3.25"));
        assert!(
            spending(&Spending::default(), SpentBy::Agent, "2026-11-01", &Style::default())
                .contains("Nothing was spent.")
        );
    }

    #[test]
    fn budgets_are_a_table() {
        let budget = |of, spent, timezone: &str| BudgetState {
            of,
            spent,
            limit: 5_000_000_000,
            window: "month".to_owned(),
            timezone: timezone.to_owned(),
            resets: "2026-12-01T00:00:00+00:00".to_owned(),
        };
        let all =
            [budget(Spender::Cluster, 120_000_000, "UTC"), budget(Spender::Agent("a".to_owned()), 0, "Asia/Tokyo")];
        insta::assert_snapshot!(budgets("prod", &all, &Style::default()), @r"
        CLUSTER  BUDGET OF  SPENT  OF USD  DAYS              RESETS
        prod     cluster    0.12   5.00    month             2026-12-01T00:00:00+00:00
        prod     agent.a    0.00   5.00    month Asia/Tokyo  2026-12-01T00:00:00+00:00
        ");
    }

    #[test]
    fn money_has_cents_and_what_is_less_says_what_it_is() {
        for (amount, shown) in
            [(0, "0.00"), (5_000_000_000, "5.00"), (10_000_000, "0.01"), (1_239_999_999, "1.23"), (45_000, "0.000045")]
        {
            assert_eq!(dollars(amount), shown);
        }
    }
}
