"""The measured detector and the query beside it give the same excursions."""

import json

import pytest

from unbroken.bench.detect import run


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_polars_query_finds_the_same_excursions(
    seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = run(json=True, shipments=800, readings=300, repeat=1, seed=seed)
    assert numbers["same_excursions"]
    assert numbers["excursions"]
    assert json.loads(capsys.readouterr().out) == numbers


def test_the_numbers_are_also_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    run(shipments=800, readings=300, repeat=1)
    assert "the detector is" in capsys.readouterr().out
