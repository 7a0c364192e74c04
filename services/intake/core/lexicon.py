"""Words and phrases of policies/words in one automaton: a text is scanned once, rules look at what was seen."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from ahocorasick_rs import AhoCorasick

from services.intake.core.text import breaks_of

Seen = tuple[int, int]
"""Characters [start, end) of a word."""
Match = tuple[Seen, ...]
"""The words of a phrase that was found; what stands between them may be anybody's name."""
COVERS = "covers"
COVER_CHARS_MAX = 10
_PLACE = itemgetter(1, 2)
_FAR = "……"
_NEAR = "…"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Lists in order, and how far each may stand behind the one before; `far` ones may cross a comma."""

    lists: tuple[str, ...]
    reach: tuple[int, ...]
    far: tuple[bool, ...]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """Any of the words of a list, or any of the phrases that the lexicon has under that name."""

    words: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What was seen of each list, by place; `commas` and `stops`: where clauses and sentences end.

    `phrases`: by rule, those of which every list was seen.
    """

    lists: Mapping[str, Sequence[Seen]]
    commas: Sequence[int]
    stops: Sequence[int]
    phrases: Mapping[str, Sequence[Phrase]]

    def of(self, name: str) -> Sequence[Seen]:
        return self.lists.get(name, ())

    def first(self, rule: Rule) -> Match | None:
        """The earliest match."""
        best: Match | None = (seen[0],) if (seen := self.lists.get(rule.words)) else None
        for phrase in self.phrases.get(rule.words, ()):
            hit = next(self._walk(phrase), None)
            if hit and (best is None or hit < best):
                best = hit
        return best

    def all(self, rule: Rule) -> list[Match]:
        """Every word, every phrase once for each place where it begins; by place."""
        found: list[Match] = [(one,) for one in self.of(rule.words)]
        if phrases := self.phrases.get(rule.words):
            found.extend(hit for phrase in phrases for hit in self._walk(phrase))
            found.sort()
        return found

    def _walk(self, phrase: Phrase) -> Iterator[Match]:
        for one in self.lists[phrase.lists[0]]:
            found = [one]
            for name, reach, far in zip(phrase.lists[1:], phrase.reach, phrase.far, strict=True):
                follower = self._next(name, found[-1][1], reach, far)
                if follower is None:
                    break
                found.append(follower)
            else:
                yield tuple(found)

    def _next(self, name: str, at: int, reach: int, far: bool) -> Seen | None:
        """The next word of the list, if it is near enough."""
        seen = self.lists[name]
        index = bisect_left(seen, (at,))
        if index == len(seen) or seen[index][0] - at > reach:
            return None
        if _any_between(self.stops if far else self.commas, at, seen[index][0]):
            return None
        return seen[index]


def _any_between(places: Sequence[int], start: int, end: int) -> bool:
    index = bisect_left(places, start)
    return index < len(places) and places[index] < end


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`slots`: the lists each pattern of the automaton is in. `phrases`: list -> (rule, phrase) that begin with it.

    `covers`: the patterns that hide what stands inside them.
    """

    automaton: Any
    slots: tuple[tuple[str, ...], ...]
    phrases: Mapping[str, Sequence[tuple[str, Phrase]]]
    covers: frozenset[int]

    def scan(self, text: str) -> Scan:
        """Linear in the text; a word inside a word of `covers` is not seen."""
        lists: defaultdict[str, list[Seen]] = defaultdict(list)
        slots = self.slots
        found = self.automaton.find_matches_as_indexes(text, overlapping=True)
        found.sort(key=_PLACE)
        covers = [(start, end) for number, start, end in found if number in self.covers]
        for number, start, end in found:
            seen = (start, end)
            if covers and _covered(seen, covers):
                continue
            for name in slots[number]:
                lists[name].append(seen)
        if not self.phrases:
            return Scan(lists, (), (), {})
        return Scan(lists, *breaks_of(text), self._possible(lists.keys()))

    def _possible(self, seen: Set[str]) -> Mapping[str, Sequence[Phrase]]:
        found: dict[str, list[Phrase]] = {}
        for first in seen & self.phrases.keys():
            for rule, phrase in self.phrases[first]:
                if seen >= phrase.names:
                    found.setdefault(rule, []).append(phrase)
        return found


def uncovered(seen: Sequence[Seen], covers: Sequence[Seen]) -> list[Seen]:
    """Those that no longer word holds; `covers` sorted, none longer than COVER_CHARS_MAX."""
    return [one for one in seen if not _covered(one, covers)]


def _covered(one: Seen, covers: Sequence[Seen]) -> bool:
    index = bisect_left(covers, (one[0] - COVER_CHARS_MAX,))
    while index < len(covers) and covers[index][0] <= one[0]:
        if covers[index][1] >= one[1] and covers[index] != one:
            return True
        index += 1
    return False


class Builder:
    """Collects words under their lists, and compiles phrases; then `lexicon` is asked for once."""

    def __init__(self, near_chars: int = 0, far_chars: int = 0) -> None:
        self._near, self._far = near_chars, far_chars
        self._slots: dict[str, dict[str, None]] = {}
        self._names: set[str] = set()
        self._phrases: dict[str, list[tuple[str, Phrase]]] = {}

    def words(self, name: str, words: Iterable[str]) -> None:
        self._names.add(name)
        for word in words:
            if not word:
                raise ValueError(f"words: an empty word in {name}")
            self._slots.setdefault(word, {})[name] = None

    def rule(self, name: str, phrases: Iterable[str]) -> Rule:
        """Raises ValueError where a phrase names a list that is not there."""
        words = f"={name}"
        self.words(words, ())
        for written in phrases:
            if _NEAR not in written and not written.startswith("{"):
                self.words(words, (written,))
                continue
            phrase = self._phrase(written)
            self._phrases.setdefault(phrase.lists[0], []).append((words, phrase))
        return Rule(words)

    def _phrase(self, written: str) -> Phrase:
        parts = written.replace(_FAR, f"{_FAR[0]}\0").split(_NEAR)
        lists, reach, far = [], [], []
        for index, part in enumerate(parts):
            if index:
                far.append(part.startswith("\0"))
                reach.append(self._far if far[-1] else self._near)
            lists.append(self._slot(part.removeprefix("\0"), written))
        return Phrase(tuple(lists), tuple(reach), tuple(far), frozenset(lists))

    def _slot(self, part: str, written: str) -> str:
        if part.startswith("{") and part.endswith("}"):
            if part[1:-1] not in self._names:
                raise ValueError(f"words: {written!r} names no list {part}")
            return part[1:-1]
        self.words(f"'{part}", (part,))
        return f"'{part}"

    def lexicon(self) -> Lexicon:
        words = tuple(self._slots)
        slots = tuple(tuple(self._slots[word]) for word in words)
        covers = frozenset(number for number, lists in enumerate(slots) if COVERS in lists)
        return Lexicon(AhoCorasick(words), slots, self._phrases, covers)
