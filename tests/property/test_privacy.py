"""What leaves intake's core says nothing of the claimant, whatever they wrote and wherever they wrote it."""

import base64
import json
import random
from datetime import timedelta

import pytest

from schemas.event import Refused
from schemas.matter import Sealed
from services.intake.core.certify import Origin, certify
from services.intake.core.fields import DEPTH_MAX
from services.intake.core.normalise import normalise
from services.intake.core.remarks import remarks
from services.kernel.seal import unseal
from tests.support.intake import KEY, NOW, arrival, policy, submission
from tests.support.persons import found_in, records

COUNT = 300


def test_the_search_finds_what_it_is_to_find():
    for one, _, _, raw in records(50, 1, NOW):
        plain = json.dumps(raw, ensure_ascii=False)
        assert found_in(plain.encode(), [one]) >= {one.name, one.phone}
        for way in (
            json.dumps(raw).encode(),
            plain.encode("gb18030"),
            plain.encode().hex().encode(),
            *(base64.b64encode(b"x" * shift + plain.encode()) for shift in range(3)),
        ):
            assert found_in(way, [one]) >= found_in(plain.encode(), [one])


@pytest.mark.parametrize("seed", range(3))
def test_a_submission_without_its_sealed_part_names_nobody(seed):
    for one, channel, _, raw in records(COUNT, seed, NOW - timedelta(days=3)):
        bare = submission(channel, raw).model_copy(update={"claimant": Sealed()})
        assert found_in(bare.model_dump_json().encode(), [one]) == set()


def test_the_sealed_part_is_unreadable_and_complete():
    for one, channel, _, raw in records(COUNT, 7, NOW - timedelta(days=3)):
        sent = submission(channel, raw)
        assert found_in(sent.model_dump_json().encode(), [one]) == set()
        plain = "".join(
            unseal(KEY, sent.submission_id, field, getattr(sent.claimant, field))
            for field in Sealed.model_fields
        ).encode()
        wanted = found_in(_raw(raw), [one]) - {one.card}
        assert one.name in wanted
        assert found_in(plain, [one]) >= wanted


def _raw(raw: dict) -> bytes:
    """Of what is not dropped (bank card) and not carried as a feature (amount, period, crs, grid)."""
    features = {"bank_card", "amount_yuan", "crs", "grid"}
    return json.dumps(
        {k: v for k, v in raw.items() if k not in features}, ensure_ascii=False
    ).encode()


def test_an_erased_submission_is_not_sealed_again():
    one = next(records(1, 1, NOW))
    again = normalise(policy(), arrival(one[1], one[3]), b"", NOW)
    assert again.claimant == Sealed()
    assert found_in(again.model_dump_json().encode(), [one[0]]) == set()


def test_no_refusal_and_no_remark_repeats_what_a_person_said():
    chance, said = random.Random(3), []
    for one, channel, _, raw in records(COUNT // 3, 5, NOW - timedelta(days=3)):
        key = chance.choice(list(raw))
        for wrong in (
            f"{one.name}{one.phone}" * 300,
            [one.name],
            {"a": one.words},
            True,
            -1,
            one.words,
            deep(one.name),
        ):
            changed = raw | {key: wrong}
            try:
                certify(policy(), Origin(channel), changed, NOW)
                text = str(remarks(policy().columns, channel, changed))
            except Refused as refused:
                text = f"{refused} {refused.field} {refused.detail_zh}"
            said.append(text)
            assert found_in(text.encode(), [one]) == set()
    assert sum("一" <= char <= "鿿" for char in "".join(said)) > 1000


def deep(inside: object) -> object:
    for _ in range(DEPTH_MAX + 5):
        inside = [inside]
    return inside
