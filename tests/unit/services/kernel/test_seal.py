from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.seal import person_key, seal, unseal

ONE, TWO = UUID(int=1), UUID(int=2)
KEY = b"k" * 32


@given(st.text(max_size=200))
def test_round_trip_and_determinism(text):
    sealed = seal(KEY, ONE, "text", text)
    assert unseal(KEY, ONE, "text", sealed) == text
    assert seal(KEY, ONE, "text", text) == sealed
    assert len(text) < 4 or text not in sealed


def test_a_field_cannot_be_moved_to_another_place():
    sealed = seal(KEY, ONE, "name", "刘女士")
    for key, where, field in ((b"x" * 32, ONE, "name"), (KEY, TWO, "name"), (KEY, ONE, "phone")):
        with pytest.raises(InvalidTag):
            unseal(key, where, field, sealed)


def test_person_key_prefers_the_phone_and_tells_nothing_of_it():
    phone = person_key(b"s", "13800001101", "420704198802300000", ONE)
    assert phone == person_key(b"s", "13800001101", "", TWO)
    assert phone != person_key(b"t", "13800001101", "", TWO)
    assert "13800001101" not in phone
    assert person_key(b"s", "", "42070419880230000x", ONE) == person_key(
        b"s", "", "42070419880230000X", TWO
    )
    assert person_key(b"s", "", "", ONE) == ONE.hex
