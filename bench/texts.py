"""Texts read a second: what intake makes of a record, beside the least it needs and one alternation. No broker."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time

from services.intake.adapter import NOBODY
from services.intake.core.check import arrival_of
from services.intake.core.decode import Arrival
from services.intake.core.extract import Words, extract
from services.intake.core.mask import mask
from services.intake.core.shapes import SHAPES
from services.intake.settings import load_policy
from services.runtime.settings import Settings

VECTORS = Path(__file__).parents[1] / "tests/vectors"
ROUNDS = 7
OURS = "Anxin `extract`: everything a matter holds"
LEAST = "its two automata alone: place names, words"
NAIVE = "place names as one alternation of `re`"
Read = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Our own labelled complaints of all six channels; `texts`: their free texts, masked."""

    arrivals: tuple[Arrival, ...]
    texts: tuple[str, ...]


def measure(settings: Settings, tell: Callable[[str], None]) -> dict[str, object]:
    """Texts a CPU second, medians of alternating rounds; a record of a hotline has two: a title and what was said."""
    policy = load_policy(settings, NOBODY)
    vectors = [json.loads(line) for path in _files() for line in path.open(encoding="utf-8")]
    arrivals = tuple(arrival_of(policy, one) for one in vectors)
    corpus = Corpus(arrivals, tuple(_texts(arrivals)))
    contenders = _contenders(policy.words, corpus)
    runs: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(ROUNDS):
        for name in contenders if number % 2 else reversed(contenders):
            runs[name].append(len(corpus.texts) / _cpu_s(contenders[name]))
        tell(f"texts: round {number + 1} of {ROUNDS}")
    ours = median(runs[OURS])
    return {
        "records": len(arrivals),
        "texts": len(corpus.texts),
        "characters": round(sum(map(len, corpus.texts)) / len(corpus.texts)),
        "contenders": {
            name: {
                "per_cpu_s": round(median(found)),
                "ratio": median(found) / ours,
                "runs": [round(one) for one in found],
            }
            for name, found in runs.items()
        },
    }


def _files() -> list[Path]:
    return [VECTORS / "complaints.jsonl", *sorted(VECTORS.glob("fresh-*.jsonl"))]


def _texts(arrivals: Sequence[Arrival]) -> list[str]:
    return [
        mask(text)
        for one in arrivals
        for field in SHAPES[one.channel].texts
        if (text := one.reading.text(field))
    ]


def _contenders(words: Words, corpus: Corpus) -> dict[str, Read]:
    automata = words.gazetteer.automaton, words.matters.lexicon.automaton
    longest_first = sorted(words.gazetteer.patterns, key=len, reverse=True)
    names = re.compile("|".join(map(re.escape, longest_first)))

    def everything() -> None:
        for one in corpus.arrivals:
            extract(words, one.channel, one.reading, one.event.time)

    def least() -> None:
        for text in corpus.texts:
            automata[0].find_matches_as_indexes(text)
            automata[1].find_matches_as_indexes(text, overlapping=True)

    def alternation() -> None:
        for text in corpus.texts:
            names.findall(text)

    return {OURS: everything, LEAST: least, NAIVE: alternation}


def _cpu_s(read: Read) -> float:
    """Of as many rounds as it takes to measure it."""
    started, rounds = process_time(), 0
    while process_time() - started < 0.5:
        read()
        rounds += 1
    return (process_time() - started) / rounds
