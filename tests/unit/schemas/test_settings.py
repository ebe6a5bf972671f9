"""Settings that contradict each other are refused in words."""

import pytest

from schemas.errors import ConfigurationError
from schemas.settings import Settings


def test_readings_that_retention_would_drop_at_once_are_not_taken() -> None:
    with pytest.raises(ConfigurationError, match="must not exceed UNBROKEN_RETENTION_DAYS"):
        Settings(retention_days=90)
    assert Settings(retention_days=90, oldest_days=90).oldest_days == 90
