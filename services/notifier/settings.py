"""The notifier's policy, its robots and its database: the only place where it reads secrets."""

import re
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from urllib.parse import urlsplit

from services.notifier.core.policy import Policy, policy_of
from services.notifier.core.robots import KINDS, Address
from services.runtime.policy_files import clock_rules, table, toml
from services.runtime.settings import BadSetting, Settings

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
ADDRESS = re.compile(r"^https?://\S+$")


def load_policy(policies: Traversable) -> Policy:
    """Raises OSError or ValueError at start, where a file is missing or does not fit the others."""
    tables = {name: table(policies / f"{name}.csv") for name in ("ladder", "roster")}
    texts = toml(policies / "texts.zh.toml")["notice"]
    rules = list(clock_rules(policies).values())
    return policy_of(toml(policies / "robots.toml"), texts, tables, rules)


def robots_of(text: str, policy: Policy) -> Mapping[str, Address]:
    """Lines `<robot> <kind> <address> [secret]`; empty lines and # are passed over. Raises BadSetting.

    What it says of a line never repeats its address or secret.
    """
    found: dict[str, Address] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        one = _line(words, policy, f"ANXIN_ROBOTS, line {number}:")
        if one.robot in found:
            raise BadSetting(f"ANXIN_ROBOTS, line {number}: {one.robot} a second time")
        found[one.robot] = one
    return found


def _line(words: list[str], policy: Policy, where: str) -> Address:
    if len(words) not in (3, 4):
        raise BadSetting(f"{where} must be `<robot> <kind> <address> [secret]`")
    robot, kind, url, *secret = words
    if robot not in policy.robot_ids:
        known = ", ".join(one.id for one in policy.robots)
        raise BadSetting(f"{where} {robot[:40]!r} is no robot of robots.toml: {known}")
    if kind not in KINDS:
        raise BadSetting(f"{where} {kind[:20]!r} is no kind: {', '.join(KINDS)}")
    parts = urlsplit(url) if ADDRESS.match(url) else None
    if parts is None or not parts.hostname:
        raise BadSetting(f"{where} the address must begin with https://")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise BadSetting(f"{where} the address carries a secret: https only")
    if KINDS[kind].signed and not secret:
        raise BadSetting(f"{where} {kind} needs a secret to sign with")
    return Address(robot, kind, url, secret[0] if secret else "")


def outbox_url(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    return settings.notifier_url or f"sqlite:///{settings.home}/notifier.db"


def link_of(settings: Settings) -> str:
    """Where people open the desk, without a slash at the end; empty = messages carry no link. Raises BadSetting."""
    link = settings.desk_address.rstrip("/")
    if link and not ADDRESS.match(link):
        raise BadSetting("ANXIN_DESK_ADDRESS must be like https://anxin.example.gov.cn")
    return link
