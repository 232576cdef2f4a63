"""Who may call the gateway. Written by langop; LiteLLM loads it from beside config.yaml.

The master key is an administrator. An agent's key is `sk-langop-<id>.<mac>`, where the id is the agent's name and
the mac the first 32 hexadecimal digits of its HMAC-SHA256. After the first epoch of its key the id is
`<name>.<epoch>`. An agent that agents.json does not list is nobody; the file also says how often each may call, which
models, which team it is of, and which epoch its key has. It is read again when it changed: an agent more or less
restarts nothing. Until when the key of the epoch before is good stands in `<name>.previous-key`.

People and pipelines call with tokens of an identity provider, where the description says so: as members of a team, which
the token names. The module beside this one knows whose a token is.

The kubelet brings the changed file up to a minute and a half late, while a new agent calls at once. Only langop makes
keys with a right mac, so a call with such a key waits for the file to list its agent, and no longer than that takes.
"""

import asyncio
import hashlib
import hmac
import importlib.util
import json
import math
import os
import re
import time
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import litellm
from litellm.proxy._types import LitellmUserRoles, ProxyException, UserAPIKeyAuth

PREFIX = "sk-langop-"
# An agent's name, and after the first epoch of its key that epoch.
IDENTITY = re.compile(r"([^.]+)(?:\.([2-9]|[1-9][0-9]{1,8}))?", re.DOTALL)
# Langop itself, when it asks whether a gateway serves what is described.
CHECK = "langop-check"

# Seconds that a changed ConfigMap may take into a running pod. The kubelet hears of the change by a watch, looks at a pod
# again after its `syncFrequency`, a minute, lengthened at random by up to half, and then mounts
# (kubernetes.io/docs/concepts/configuration/configmap, "Mounted ConfigMaps are updated automatically", and
# `workerResyncIntervalJitterFactor` in the kubelet's pod_workers.go).
LONGEST_REFRESH = 100
# Seconds between two looks at the file.
PAUSE = 1
# Calls that may wait: with one key, so that it takes no places of others, and with all. Each has its body in memory.
WAITING_WITH_ONE_KEY, WAITING = 16, 256

# Set when the description switches authentication off: everyone is then an agent.
ANYONE = os.environ.get("LANGOP_GATEWAY_OPEN") == "true"

FILE = Path(__file__).with_name("agents.json")


def beside(name):
    """A module beside this one, if there is one. LiteLLM loads each by its path, so that none finds another by its name."""
    path = FILE.with_name(f"{name}.py")
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


calls, tokens = beside("calls"), beside("tokens")
refuse = calls.refuse


def same(one, other):
    return hmac.compare_digest(one.encode(), other.encode())


class Agents:
    """What is said of agents, as the file says it now."""

    version, said = None, None

    @classmethod
    def now(cls):
        try:
            version = FILE.stat().st_mtime_ns
            if version != cls.version:
                cls.version, cls.said = version, json.loads(FILE.read_text())
        except (OSError, ValueError):
            # What cannot be read says nothing new.
            if cls.said is None:
                raise
        return cls.said


# A gateway without the file does not start.
Agents.now()


def own(name, next_name):
    """A secret of this gateway, and the one that comes in its place while it is rotated."""
    return [secret for secret in (os.environ.get(name), os.environ.get(next_name)) if secret]


def is_made_here(identity, mac):
    secrets = own("LANGOP_GATEWAY_HMAC_SECRET", "LANGOP_NEXT_HMAC_SECRET")
    digests = [hmac.new(secret.encode(), identity.encode(), hashlib.sha256).hexdigest() for secret in secrets]
    return any(same(mac, digest[:32]) for digest in digests)


def is_good(agent, epoch):
    """Whether the key of this epoch is the present one, or the one before and not at its end yet."""
    # None but langop makes a key of a later epoch, and this file may be a minute behind.
    if epoch >= Agents.now()["agents"].get(agent, {}).get("epoch", 1):
        return True
    try:
        previous, _, end = FILE.with_name(f"{agent}.previous-key").read_text().strip().partition(" until ")
        end = datetime.fromisoformat(end.replace("Z", "+00:00"))
    except (OSError, ValueError):
        return False
    return str(epoch) == previous and datetime.now(timezone.utc) < end


def identity_of(key):
    """Whose key it is, and of which epoch, when langop made it for this gateway; else twice nothing."""
    identity, _, mac = key.removeprefix(PREFIX).rpartition(".")
    written = IDENTITY.fullmatch(identity) if key.startswith(PREFIX) else None
    return (written[1], int(written[2] or 1)) if written and is_made_here(identity, mac) else (None, None)


def is_listed(agent):
    return agent in Agents.now()["agents"] or agent == CHECK


class Waiting:
    """Calls of agents that the file does not list: how many wait with a key, and since when each is known of."""

    calls, version, since = Counter(), None, {}

    @classmethod
    def seconds_left(cls, identity):
        """How long the file may still take to list an agent. Every version of it starts anew: the next one may."""
        Agents.now()
        if cls.version != Agents.version:
            cls.version, cls.since = Agents.version, {}
        now = time.monotonic()
        return cls.since.setdefault(identity, now) + LONGEST_REFRESH - now

    @classmethod
    def is_full(cls, identity):
        return cls.calls[identity] >= WAITING_WITH_ONE_KEY or cls.calls.total() >= WAITING


async def is_gone(request):
    """Whether the caller has given up. Asked before the body is read, it would lose a part of that."""
    return getattr(request, "_stream_consumed", False) and await request.is_disconnected()


async def wait_until_listed(request, identity):
    """Gives the file the time that it may take to list a new agent."""
    agent, _ = identity
    left = 0 if is_listed(agent) else Waiting.seconds_left(identity)
    if left <= 0:
        return
    if Waiting.is_full(identity):
        refuse_for_now("too many calls wait for this agent to be known", left)
    Waiting.calls[identity] += 1
    try:
        while not is_listed(agent) and Waiting.seconds_left(identity) > 0 and not await is_gone(request):
            await asyncio.sleep(PAUSE)
    finally:
        Waiting.calls[identity] -= 1
        # Removes what is at zero.
        Waiting.calls += Counter()


async def agent_of(request, key):
    """The agent in a key, or nothing when the key is not a good one of an agent of this gateway."""
    agent, epoch = identity_of(key)
    if agent is None:
        return None
    if not ANYONE:
        await wait_until_listed(request, (agent, epoch))
    return agent if is_listed(agent) and is_good(agent, epoch) else None


def refuse_for_now(why, seconds):
    # LiteLLM drops the headers of the other exception.
    headers = {"Retry-After": str(math.ceil(seconds))}
    raise ProxyException(message=why, type="auth_error", param=None, code=401, headers=headers)


def grant(agent, team):
    """What a caller may call, as the file says it of the agent or else of the team; nothing where that is everything."""
    said = Agents.now()
    own = said["agents"].get(agent, {})
    if agent is not None and (said["restricted"] or "models" in own):
        return own
    of_team = said.get("teams", {}).get(team, {})
    return of_team if "models" in of_team else None


def matches(pattern, name):
    """Whether a name is what a pattern says, in which `*` is any text. Costs at most the product of their lengths."""
    first, *parts = pattern.split("*")
    if not parts or not name.startswith(first):
        return pattern == name
    *parts, last = parts
    at = len(first)
    for part in parts:
        found = name.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return name.endswith(last) and len(name) - len(last) >= at


def is_granted(named, grant):
    if grant is None or named in grant.get("models", []) or named in grant.get("unlisted", []):
        return True
    # Names of a catalogue begin with its own, and no other name that LiteLLM knows does.
    own = (patterns for start, patterns in grant.get("patterns", {}).items() if named.startswith(start))
    return any(matches(pattern, named) for patterns in own for pattern in patterns)


def listed(grants, named):
    """What /v1/models shows, and LiteLLM lets a call and its fallbacks go to; an empty list would be everything. For a call
    these are names alone: LiteLLM takes a pattern for more than it says."""
    if None in grants:
        return []
    models = {name for grant in grants for name in grant.get("models", [])}
    if named is None:
        models |= {one for grant in grants for own in grant.get("patterns", {}).values() for one in own}
    return sorted(models | ({named} if named is not None else set())) or ["no-default-models"]


async def teams_of(key):
    """The teams of a caller with a token, by name; none when it is no token of this gateway."""
    said = Agents.now()
    if tokens is None or key.count(".") != 2 or "jwt" not in said:
        return []
    try:
        claims = await tokens.teams_of(key, said["jwt"])
    except tokens.Refused as why:
        refuse(f"not a token of this gateway: {why}", 401)
    except tokens.Unknown as why:
        refuse(str(why), 503)
    teams = [name for name, team in sorted(said.get("teams", {}).items()) if claims & set(team.get("claims", []))]
    return teams or refuse("this token names no team of this gateway")


def is_blocked(agent, team):
    said = Agents.now()
    return said["agents"].get(agent, {}).get("blocked") or said.get("teams", {}).get(team, {}).get("blocked")


def team_for(teams, named):
    """The first of a caller's teams that may call a model."""
    left = [team for team in teams if not is_blocked(None, team)]
    if not left:
        refuse("this team is blocked")
    of_it = [team for team in left if named is None or is_granted(named, grant(None, team))]
    return (of_it, of_it[0]) if of_it else refuse("not a model of this team")


async def refuse_what_is_spent(request, agent, team):
    """Asks the module of budgets, if this gateway has a store; for what costs nothing it does not."""
    is_free = request.method == "GET" or request.scope["path"].endswith(("/count_tokens", ":countTokens"))
    budgets = [one for one in litellm.callbacks if hasattr(one, "refuse_what_is_spent")]
    for one in budgets if not is_free else []:
        await one.refuse_what_is_spent(agent, team)


async def user_api_key_auth(request, api_key):
    key = api_key or ""
    # Never the key itself: LiteLLM publishes this field in metrics and to callbacks.
    if any(same(key, master) for master in own("LITELLM_MASTER_KEY", "LANGOP_NEXT_MASTER_KEY")):
        return UserAPIKeyAuth(api_key="langop-administrator", user_role=LitellmUserRoles.PROXY_ADMIN)
    agent = await agent_of(request, key) or ("anyone" if ANYONE else None)
    teams = [] if agent is not None else await teams_of(key)
    if agent is None and not teams:
        refuse("not a key of this gateway", 401)
    if agent is not None:
        return await as_agent(request, agent)
    return await as_member(request, teams)


async def as_agent(request, agent):
    team = Agents.now()["agents"].get(agent, {}).get("team")
    if is_blocked(agent, team):
        refuse("this agent is blocked")
    named, allowed = await calls.model_of(request, Agents.now().get("fields", ())), grant(agent, team)
    if named is not None and not is_granted(named, allowed):
        refuse("not a model of this agent")
    calls.drop_headers(request)
    await refuse_what_is_spent(request, agent, team)
    limits = Agents.now()["agents"].get(agent, {})
    return caller(f"agent-{agent}", agent, team, listed([allowed], named), limits, {"langop_agent_id": agent})


async def as_member(request, teams):
    named = await calls.model_of(request, Agents.now().get("fields", ()))
    teams, team = team_for(teams, named)
    calls.drop_headers(request)
    await refuse_what_is_spent(request, None, team)
    models = listed([grant(None, one) for one in (teams if named is None else [team])], named)
    # No agent has a name with a slash.
    return caller(f"team-{team}", f"team/{team}", team, models, {}, {"langop_team": team})


def caller(key, user, team, models, limits, metadata):
    of_team = Agents.now().get("teams", {}).get(team, {})
    return UserAPIKeyAuth(
        api_key=f"langop-{key}",
        user_id=user,
        user_role=LitellmUserRoles.INTERNAL_USER,
        team_id=team,
        team_alias=team,
        models=models,
        rpm_limit=limits.get("requestsPerMinute"),
        tpm_limit=limits.get("tokensPerMinute"),
        team_rpm_limit=of_team.get("requestsPerMinute"),
        team_tpm_limit=of_team.get("tokensPerMinute"),
        metadata=metadata,
    )
