"""A missing service is a skipped test on a laptop and a failed one where it is required."""

from typing import NoReturn

import pytest

SERVICES = ("pg", "timescale", "broker", "chromium", "node")


def required(config: pytest.Config) -> frozenset[str]:
    """Return the services named by `--require`.

    Raises:
        pytest.UsageError: A name is none of `SERVICES`.
    """
    named = frozenset(filter(None, str(config.getoption("--require")).split(",")))
    if unknown := named.difference(SERVICES):
        message = f"--require knows {', '.join(SERVICES)}; not {', '.join(sorted(unknown))}"
        raise pytest.UsageError(message)
    return named


def missing(config: pytest.Config, service: str, sentence: str) -> NoReturn:
    """Fail the test if the service is required, skip it otherwise; say what to install."""
    if service in required(config):
        pytest.fail(f"{service} is required: {sentence}", pytrace=False)
    pytest.skip(sentence)
