"""What calls cost, who has spent how much, and whose budget is used up. Written by langop for a gateway with a store.

LiteLLM says what a call cost: streams, fallbacks and cached tokens included, and what had come of a stream when its
caller hung up. That is added, once for each call, to the days of the caller, of its team, of the model that
answered, and of the cluster. A call that begins while what was spent in the days of a budget is as much as the budget is refused with 429;
calls that run already go on, so that a budget may be overshot by what runs at the same time.

What a budget is stands in budgets.json, which is read again when it changed: an edit restarts nothing and resets
nothing. All money is kept in whole billionths of a dollar.

langop asks for what is counted, and resets it, at `/langop/spend`, with the administrator's key.
"""

import asyncio
import hmac
import json
import math
import os
import sys
from collections import Counter, deque
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
import litellm
from dateutil.zoneinfo import get_zonefile_instance
from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import ProxyException
from litellm.proxy.proxy_server import app
from starlette.responses import JSONResponse
from starlette.routing import Route

FILE = Path(__file__).with_name("budgets.json")
# Whether calls under a budget go on while the store does not answer.
OPEN = os.environ.get("LANGOP_STORE_ON_OUTAGE") == "open"
BILLION = 10**9
# Days that are kept, a little more than the longest window.
KEPT = 400
# Calls whose cost could not be written yet; of more the oldest are lost.
MOST_UNWRITTEN = 100_000
# Seconds for which a call is known, so that it is added once. It is told of again within moments.
KNOWN = 3600
# Fields that are read at once: Lua takes 8,000 arguments.
AT_ONCE = 4000
SPENT = "spend:{langop}"

# Adds to fields, once for each call.
ADD = f"""
if redis.call('SET', KEYS[2], '1', 'NX', 'EX', {KNOWN}) == false then return 0 end
for at = 1, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[at], ARGV[at + 1]) end
return 1
"""
READ = "return redis.call('HMGET', KEYS[1], unpack(ARGV))"
READ_ALL = "return redis.call('HGETALL', KEYS[1])"
# Takes away what is older than a day.
PRUNE = """
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.sub(field, 1, 10) < ARGV[1] then redis.call('HDEL', KEYS[1], field) end
end
"""
# Takes away what counts for a budget: the days of what it is of, in every time zone.
RESET = """
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.find(field, '|budget|', 1, true) and string.sub(field, -#ARGV[1]) == ARGV[1] then
        redis.call('HDEL', KEYS[1], field)
    end
end
"""


class Outage(Exception):
    """The store does not answer."""


async def run(script, arguments, *more_keys):
    """Runs a script in the store. The connection is that of LiteLLM, which leaves one alone that fails."""
    try:
        return await litellm.cache.cache.async_register_script(script)(keys=[SPENT, *more_keys], args=arguments)
    except Exception as error:
        raise Outage(type(error).__name__) from None


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def zone(name):
    """A time zone: the machine's, and in an image without any those of dateutil."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        known = get_zonefile_instance().get(name)
    if known is None and name != "UTC":
        print(f"langop: the time zone {name} is not known here: days begin in UTC", file=sys.stderr, flush=True)
    return known or timezone.utc


def now():
    return datetime.now(timezone.utc)


def counter(day, zone_name, scope):
    """The field that counts for a budget on a day of its time zone."""
    return f"{day}|budget|{zone_name}|{scope}"


class Budget:
    """How much may be spent in which days."""

    def __init__(self, scope, said):
        self.scope, self.usd = scope, said["usd"]
        self.window, self.zone_name = said["window"], said.get("timezone", "UTC")
        self.zone = zone(self.zone_name)

    def field(self, day):
        return counter(day, self.zone_name, self.scope)

    def days(self, today):
        """The days that count on this day, the first first."""
        if self.window == "month":
            count = today.day
        else:
            count = 1 if self.window == "day" else int(self.window[:-1])
        return [today - timedelta(days=back) for back in range(count - 1, -1, -1)]

    def today(self):
        return now().astimezone(self.zone).date()

    def midnight(self, day):
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)

    def resets(self, by_day, today):
        """When less than the budget will count, if nothing more is spent. `by_day` is what counts of each day."""
        if self.window == "month":
            return self.midnight((today.replace(day=1) + timedelta(days=32)).replace(day=1))
        # When all days are gone, nothing counts.
        left = (sum(by_day) - spent for spent in accumulate(by_day))
        gone = next(gone for gone, counts in enumerate(left, 1) if counts < self.usd * BILLION)
        return self.midnight(today + timedelta(days=gone))


class Budgets(CustomLogger):
    def __init__(self):
        super().__init__()
        self.version, self.budgets = None, {}
        self.unwritten, self.writer = deque(maxlen=MOST_UNWRITTEN), None
        # Whether the last write failed: a store that is full is read, and nothing more is counted.
        self.is_stuck = False
        self.pruned, self.answers = None, True
        # Calls that were refused, by budget and why.
        self.refusals = Counter()

    def said(self):
        """The budgets by what they are of, as the file has them now."""
        try:
            version = FILE.stat().st_mtime_ns
            if version != self.version:
                said = json.loads(FILE.read_text())
                self.budgets = {scope: Budget(scope, budget) for scope, budget in said.items()}
                self.version = version
        except Exception:
            # What cannot be read says nothing new.
            if self.version is None:
                raise
        return self.budgets

    async def counted(self, budgets):
        """What counts for each of these budgets, by day."""
        days = [budget.days(budget.today()) for budget in budgets]
        fields = [budget.field(day) for budget, own in zip(budgets, days) for day in own]
        parts = [await run(READ, fields[at : at + AT_ONCE]) for at in range(0, len(fields), AT_ONCE)]
        found = iter([value for part in parts for value in part])
        return [[int(next(found) or 0) for _ in own] for own in days]

    async def used_up(self, scopes):
        """The first of these that has a budget of which nothing is left, with what counts for it."""
        budgets = self.said()
        own = [budgets[scope] for scope in scopes if scope in budgets]
        if not own:
            return None
        try:
            if self.is_stuck:
                raise Outage("it takes no writes")
            counted = await self.counted(own)
            self.tell(True)
        except Outage as outage:
            self.tell(False, f" ({outage})")
            if OPEN:
                return None
            self.refusals.update((budget.scope, "unknown") for budget in own)
            raise
        over = next((pair for pair in zip(own, counted) if sum(pair[1]) >= pair[0].usd * BILLION), None)
        if over:
            self.refusals[over[0].scope, "spent"] += 1
        return over

    async def refuse_what_is_spent(self, agent, team):
        """Refuses a call of an agent or a team whose own budget, or that of the cluster, is used up."""
        try:
            found = await self.used_up([*scopes_of(agent, team), "cluster"])
        except Exception as error:
            if not isinstance(error, Outage):
                print(f"langop: budgets cannot be read ({type(error).__name__})", file=sys.stderr, flush=True)
            raise unknown_spend() from None
        if found:
            said, seconds = exhausted(*found)
            headers = {"Retry-After": str(seconds)}
            raise ProxyException(message=said, type="budget_exceeded", param=None, code=429, headers=headers)

    async def async_filter_deployments(
        self, model, healthy_deployments, messages, request_kwargs=None, parent_otel_span=None
    ):
        """Leaves models out whose budget is used up, and under a budget those whose price nobody knows."""
        budgets = self.said()
        if not isinstance(healthy_deployments, list) or not healthy_deployments or not budgets:
            return healthy_deployments
        left, why = [], None
        for deployment in healthy_deployments:
            scope = f"model/{model_of(deployment['model_info']['id'])}"
            under = {"cluster", *caller_of(request_kwargs), scope} & set(budgets)
            if under and not has_price(deployment):
                message = f"no price of {str(model)[:80]} is known, and a budget holds for this call"
                response = httpx.Response(403, request=httpx.Request("POST", "http://gateway"))
                why = why or refusal(litellm.PermissionDeniedError, message, response=response)
                continue
            refused = await self.refused(scope)
            why = why or refused
            if not refused:
                left.append(deployment)
        if not left:
            raise why
        return left

    async def async_pre_call_check(self, deployment, parent_otel_span):
        # One that is called by what its deployment is called is not looked for among others.
        refused = await self.refused(f"model/{model_of(deployment['model_info']['id'])}")
        if refused:
            raise refused
        return deployment

    async def refused(self, scope):
        """Why a model is not called, if its budget is used up, or not known."""
        try:
            found = await self.used_up([scope])
        except Outage:
            return refusal(litellm.ServiceUnavailableError, "what was spent is not known: no store answers")
        return refusal(litellm.RateLimitError, exhausted(*found)[0]) if found else None

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        said = kwargs.get("standard_logging_object") or {}
        cost = math.ceil((said.get("response_cost") or 0) * BILLION)
        scopes = ["cluster", *(caller_of(kwargs.get("litellm_params")) or ["agent/administrator"])]
        if said.get("model_id"):
            scopes.append(f"model/{model_of(said['model_id'])}")
        at, budgets, amounts = now(), self.said(), {}
        for scope in scopes:
            budget = budgets.get(scope)
            amounts |= {
                budget.field(budget.today()) if budget else counter(at.date(), "UTC", scope): cost,
                f"{at.date()}|spent|{scope}": cost,
                f"{at.date()}|calls|{scope}": 1,
                f"{at.date()}|tokens|{scope}": int(said.get("total_tokens") or 0),
            }
        call = kwargs.get("litellm_call_id") or said.get("id")
        self.unwritten.append((f"call:{{langop}}:{call}", [part for pair in amounts.items() for part in pair]))
        if self.writer is None or self.writer.done():
            self.writer = asyncio.create_task(self.write())
            # The first try is over before the call is: a gateway that ends has written what it could.
            await asyncio.wait({self.writer}, timeout=2)

    async def write(self):
        """Writes what was counted, and goes on trying while the store does not answer."""
        while self.unwritten:
            key, amounts = self.unwritten[0]
            try:
                await run(ADD, amounts, key)
                await self.prune()
            except Outage as outage:
                self.is_stuck = True
                self.tell(False, f" ({outage})")
                await asyncio.sleep(2)
                continue
            self.is_stuck = False
            self.tell(True)
            if self.unwritten and self.unwritten[0][0] == key:
                self.unwritten.popleft()

    async def prune(self):
        """Once a day, takes away the days that no window reaches."""
        today = now().date()
        if self.pruned != today:
            await run(PRUNE, [str(today - timedelta(days=KEPT))])
            self.pruned = today

    def tell(self, answers, why=""):
        if answers != self.answers:
            self.answers = answers
            what = "calls under budgets go on" if OPEN else "calls under budgets are refused"
            said = "answers again" if answers else f"does not answer{why}: {what}"
            print(f"langop: the store of budgets {said}", file=sys.stderr, flush=True)

    async def report(self):
        """All budgets with what counts for each, and what was spent on each day."""
        own = list(self.said().values())
        counted = await self.counted(own)
        all_fields = [text(part) for part in await run(READ_ALL, [])]
        spent = {}
        for field, amount in zip(all_fields[::2], all_fields[1::2]):
            day, what, scope = (field.split("|") + ["", ""])[:3]
            if what in ("spent", "calls", "tokens"):
                spent.setdefault((day, scope), {"day": day, "of": scope})[what] = int(amount)
        return {
            "budgets": [shown(budget, by_day) for budget, by_day in zip(own, counted)],
            "spent": [entry for _, entry in sorted(spent.items())],
            "unwritten": len(self.unwritten),
        }

    async def ask(self, script, arguments, *more_keys):
        """What the store answers a script of another module of langop's."""
        return await run(script, arguments, *more_keys)

    async def reset(self, scope):
        await run(RESET, [f"|{scope}"])
        print(f"langop: the budget of {scope} was reset", file=sys.stderr, flush=True)


def shown(budget, by_day):
    today = budget.today()
    return {
        "of": budget.scope,
        "spent": sum(by_day),
        "limit": math.floor(budget.usd * BILLION),
        "window": budget.window,
        "timezone": budget.zone_name,
        "resets": budget.resets(by_day, today).isoformat(),
    }


def exhausted(budget, by_day):
    """What is said of a budget that is used up, and the seconds until it is not."""
    resets = budget.resets(by_day, budget.today())
    kind, _, name = budget.scope.partition("/")
    whose = f"{kind} {name}".strip()
    spent = f"{sum(by_day) / BILLION:.2f} of {budget.usd:.2f} USD"
    said = f"the budget of {whose} is used up: {spent} ({budget.window}); it resets at {resets.isoformat()}"
    return said, max(1, math.ceil((resets - now()).total_seconds()))


def unknown_spend():
    # Another exception would be answered with 500.
    return HTTPException(status_code=503, detail="what was spent is not known: the store of the gateway does not answer")


def refusal(kind, message, **more):
    refused = kind(message=message, llm_provider="", model="", **more)
    # Another try would be refused, too.
    refused.num_retries = 0
    return refused


def has_price(deployment):
    """Whether the configuration says what a model costs, or LiteLLM knows it."""
    params, info = deployment["litellm_params"], deployment["model_info"]
    is_written = any(params.get(key) is not None for key in ("input_cost_per_token", "output_cost_per_token"))
    return is_written or is_listed(info.get("base_model") or params.get("base_model") or params["model"])


# Callers choose names of a catalogue.
@lru_cache(maxsize=1000)
def is_listed(name):
    """Whether LiteLLM knows a price: of each deployment it knows at least that there is one, for nothing."""
    try:
        info = litellm.get_model_info(name)
    except Exception:
        return False
    return any(value for key, value in info.items() if "cost" in key and isinstance(value, (int, float)))


def model_of(deployment):
    """The name of a model, by what its deployment is called."""
    return deployment.removeprefix("model ")


def scopes_of(agent, team):
    """Whose budgets a call of an agent or of a member of a team is under."""
    return [f"{kind}/{name}" for kind, name in (("agent", agent), ("team", team)) if name]


def caller_of(kwargs):
    """Whose budgets a call is under, beside those of all; nobody's for the administrator."""
    places = ((kwargs or {}).get(name) or {} for name in ("metadata", "litellm_metadata"))
    said = next((place for place in places if place.get("user_api_key_user_id")), {})
    user, team = said.get("user_api_key_user_id"), said.get("user_api_key_team_id")
    # Who calls with a token is known by the team alone.
    return scopes_of(None if user == f"team/{team}" else user, team)


def is_administrator(request):
    said = request.headers.get("authorization", "").removeprefix("Bearer ")
    keys = (os.environ.get(name) for name in ("LITELLM_MASTER_KEY", "LANGOP_NEXT_MASTER_KEY"))
    return any(key and hmac.compare_digest(said.encode(), key.encode()) for key in keys)


async def spend(request):
    """Answers langop: what is counted; and resets a budget."""
    if not is_administrator(request):
        return JSONResponse({"error": "not the administrator's key"}, 401)
    try:
        if request.method == "POST":
            asked = await request.json() if await request.body() else None
            of = asked.get("of") if isinstance(asked, dict) else None
            if not isinstance(of, str) or of not in budgets.said():
                return JSONResponse({"error": "there is no such budget"}, 404)
            await budgets.reset(of)
        return JSONResponse(await budgets.report())
    except ValueError:
        return JSONResponse({"error": "the body is no JSON"}, 400)
    except Outage as outage:
        return JSONResponse({"error": f"the store of the gateway does not answer ({outage})"}, 503)


budgets = Budgets()
# Before the paths that LiteLLM passes on to providers, which may have any name.
app.router.routes.insert(0, Route("/langop/spend", spend, methods=["GET", "POST"]))
