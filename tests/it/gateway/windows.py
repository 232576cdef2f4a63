"""Which days count for a budget at a moment, and when less will count: of the module that is given as a directory."""

import sys
from datetime import datetime, timezone

sys.path.insert(0, sys.argv[1])
import budgets

failed = []


def check(window, zone, at, days, spent, resets):
    budgets.now = lambda: datetime.fromisoformat(at).replace(tzinfo=timezone.utc)
    budget = budgets.Budget("cluster", {"usd": 10, "window": window, "timezone": zone})
    own = budget.days(budget.today())
    by_day = [spent.get(str(day), 0) * 10**9 for day in own]
    seen = (str(own[0]), str(own[-1]), len(own), budget.resets(by_day, budget.today()).isoformat())
    if seen != (*days, resets):
        failed.append(f"{window} {zone} {at}: {seen}, not {(*days, resets)}")


check("day", "UTC", "2026-11-27T23:59:59", ("2026-11-27", "2026-11-27", 1), {}, "2026-11-28T00:00:00+00:00")
check("month", "UTC", "2026-12-31T12:00:00", ("2026-12-01", "2026-12-31", 31), {}, "2027-01-01T00:00:00+00:00")
check("month", "UTC", "2026-02-01T00:00:00", ("2026-02-01", "2026-02-01", 1), {}, "2026-03-01T00:00:00+00:00")
# Where the day is another one than in UTC, and where the clock is put on in between.
check("day", "Asia/Kolkata", "2026-11-27T20:00:00", ("2026-11-28",) * 2 + (1,), {}, "2026-11-29T00:00:00+05:30")
check("month", "America/New_York", "2026-11-01T03:00:00", ("2026-10-01", "2026-10-31", 31), {}, "2026-11-01T00:00:00-04:00")
check("day", "Europe/Berlin", "2026-03-28T23:30:00", ("2026-03-29",) * 2 + (1,), {}, "2026-03-30T00:00:00+02:00")
# The last days with today. What was spent first goes first, and less than the budget counts once enough of it is gone.
five = ("2026-11-23", "2026-11-27", 5)
check("5d", "UTC", "2026-11-27T12:00:00", five, {"2026-11-23": 4, "2026-11-25": 8}, "2026-11-28T00:00:00+00:00")
check("5d", "UTC", "2026-11-27T12:00:00", five, {"2026-11-23": 1, "2026-11-25": 11}, "2026-11-30T00:00:00+00:00")
check("5d", "UTC", "2026-11-27T12:00:00", five, {"2026-11-27": 10}, "2026-12-02T00:00:00+00:00")
check("1d", "UTC", "2026-11-27T12:00:00", ("2026-11-27",) * 2 + (1,), {}, "2026-11-28T00:00:00+00:00")

print("\n".join(failed) or "all as they should be")
