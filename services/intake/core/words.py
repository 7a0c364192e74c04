"""policies/words as the extractors use it, compiled once; a mistake in a file is told at start."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.intake.core.lexicon import COVER_CHARS_MAX, COVERS, Builder, Lexicon, Rule

CATEGORY_RULES = (
    "child_labour", "maternity", "rules_first", "wages", "wages_soft", "wages_weak", "reported", "workers_inside",
    "settled", "thanks", "earned", "placed", "worked", "asking", "grievance",
)  # fmt: skip
WORKPLACE_LISTS = ("kinds", "no_kinds", "trades", "acts", "longer", "cuts", "kept")


@dataclass(frozen=True, slots=True)
class Misspelt:
    """Words of the same length as what is meant, so that places in the text stay what they are."""

    words: re.Pattern[str]
    meant: Mapping[str, str]

    @classmethod
    def of(cls, table: Mapping[str, str]) -> "Misspelt":
        """Raises ValueError where the lengths differ."""
        for word, meant in table.items():
            if len(word) != len(meant):
                raise ValueError(f"words: {word!r} is not as long as {meant!r}")
        return cls(re.compile(_any(table)), table)

    def mended(self, text: str) -> str:
        return self.words.sub(lambda found: self.meant[found.group()], text)


@dataclass(frozen=True, slots=True)
class Matters:
    """words/phrases.toml. `exits` in their order of weight; `signs`: reason of urgency (紧急情形) to its rule."""

    lexicon: Lexicon
    misspelt: Misspelt
    rules: Mapping[str, Rule]
    exits: Mapping[str, Rule]
    labour: Mapping[str, Rule]
    signs: Mapping[str, Rule]
    people_urgent: int
    denied_before: tuple[str, ...]
    harmless_after: tuple[str, ...]
    retracted: re.Pattern[str]
    retractable: str
    construction: Rule
    trade: Rule
    shop_ends: tuple[str, ...]
    other_sector: Rule
    confidential: Rule
    anonymous: Rule


@dataclass(frozen=True, slots=True)
class Workplaces:
    """words/workplaces.toml: what a 用人单位 is called and where its name begins and ends."""

    lexicon: Lexicon
    kinds: frozenset[str]
    trades: frozenset[str]
    generic: frozenset[str]
    never: frozenset[str]
    offices: tuple[str, ...]
    landmark: tuple[str, ...]
    not_after: tuple[str, ...]
    not_subject: re.Pattern[str]
    verbs: frozenset[str]
    no_frame: re.Pattern[str]


def matters_of(text: str) -> Matters:
    """Raises ValueError (tomllib's too) or KeyError naming what is missing."""
    said = tomllib.loads(text)
    build = Builder(said["near_chars"], said["far_chars"])
    for name, words in said["lists"].items():
        build.words(name, words)
    if long := [word for word in said["lists"][COVERS] if len(word) > COVER_CHARS_MAX]:
        raise ValueError(f"words: in {COVERS} longer than {COVER_CHARS_MAX} characters: {long[0]}")

    def rule_table(name: str, table: Mapping[str, Any]) -> dict[str, Rule]:
        return {key: build.rule(f"{name}.{key}", phrases) for key, phrases in table.items()}

    urgency, sector, private = said["urgency"], said["sector"], said["confidential"]
    category = {name: said["category"][name]["phrases"] for name in CATEGORY_RULES}
    rules = rule_table("category", category)
    exits, labour = rule_table("exits", said["exits"]), rule_table("labour", said["labour"])
    signs = rule_table("urgency", urgency["signs"])
    single = {
        "construction": build.rule("construction", sector["construction"]),
        "trade": build.rule("trade", sector["trade"]),
        "other_sector": build.rule("sector", sector["elsewhere"]),
        "confidential": build.rule("confidential", private["phrases"]),
        "anonymous": build.rule("anonymous", private["anonymous"]),
    }
    return Matters(
        lexicon=build.lexicon(),
        misspelt=Misspelt.of(said["misspelt"]),
        rules=rules,
        exits=exits,
        labour=labour,
        signs=signs,
        people_urgent=int(urgency["people_min"]),
        denied_before=tuple(urgency["denied_before"]),
        harmless_after=tuple(urgency["harmless_after"]),
        retracted=re.compile("(?<!不)(?:" + "|".join(map(re.escape, urgency["retracted"])) + ")"),
        retractable=urgency["retractable"],
        shop_ends=tuple(sector["shop_ends"]),
        **single,
    )


def workplaces_of(text: str) -> Workplaces:
    """Raises ValueError or KeyError naming what is missing."""
    said = tomllib.loads(text)
    build = Builder()
    for name in WORKPLACE_LISTS:
        build.words(name, said[name])
    return Workplaces(
        lexicon=build.lexicon(),
        kinds=frozenset(said["kinds"]),
        trades=frozenset(said["trades"]),
        generic=frozenset(said["generic"]),
        never=frozenset(said["never"]),
        offices=tuple(said["offices"]),
        landmark=tuple(said["landmark"]),
        not_after=tuple(said["not_after"]),
        not_subject=re.compile(rf"(?:{_any(said['not_subject'])})[^，。；]{{0,12}}$"),
        verbs=frozenset(said["verbs"]),
        no_frame=re.compile(_any(said["no_frame"])),
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """words/figures.toml.

    `part_of`, `rate_of`: a word to its name; `cue`: money may follow; `private`: one's own costs; `who`: of a pattern;
    `least_month_fen`: 月最低工资.
    """

    parts: re.Pattern[str]
    part_of: Mapping[str, str]
    rates: re.Pattern[str]
    rate_of: Mapping[str, str]
    cue: re.Pattern[str]
    private: re.Pattern[str]
    least_month_fen: int
    counters: tuple[str, ...]
    who: str
    not_before: tuple[str, ...]
    not_after: tuple[str, ...]


def figures_of(text: str) -> Figures:
    """Raises ValueError or KeyError naming what is missing."""
    said = tomllib.loads(text)
    part_of, rate_of = _names(said["parts"]), _names(said["rates"])
    money, people = said["money"], said["people"]
    return Figures(
        parts=re.compile(_any(part_of)),
        part_of={word.removesuffix("$"): name for word, name in part_of.items()},
        rates=re.compile(rf"(?<![\d一二三四五六七八九十个第多半])(?:{_any(rate_of)})(?!份)"),
        rate_of=rate_of,
        cue=re.compile(rf"(?:{_any(money['cues'])})[^\d，。；]{{0,8}}$"),
        private=re.compile(_any(money["private"])),
        least_month_fen=int(money["least_month_yuan"]) * 100,
        counters=tuple(money["counters"]),
        who=_any(people["who"]),
        not_before=tuple(people["not_before"]),
        not_after=tuple(people["not_after"]),
    )


def _names(table: Mapping[str, list[str]]) -> dict[str, str]:
    return {word: name for name, words in table.items() for word in words}


def _any(words: Iterable[str]) -> str:
    """The longest is tried first; a word in $ must stand at the end."""
    return "|".join(
        re.escape(word.removesuffix("$")) + "$" * word.endswith("$")
        for word in sorted(words, key=len, reverse=True)
    )
