"""A world is thousands of small values that die with it: what was imported is not walked again for each."""

import gc

import pytest


@pytest.fixture(autouse=True, scope="session")
def _rare_collections() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 5, 5)
