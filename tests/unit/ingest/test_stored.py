import json
from datetime import UTC, datetime

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.stored import StoredReport
from schemas.reading import NO_SEQ

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SERIALS = ["LG-1", "LG-2", "LG-3"]
ROWS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30) | st.just(NO_SEQ)))


def told(report: StoredReport) -> dict[str, set[int]]:
    said = {topic.split("/")[2]: json.loads(payload) for topic, payload in report.take(NOW)}
    return {
        serial: {number for first, last in one["stored"] for number in range(first, last + 1)}
        for serial, one in said.items()
    }


@given(parts=st.lists(ROWS, max_size=4))
@example(parts=[[(0, NO_SEQ)]])  # a logger that does not count
def test_exactly_the_numbers_that_were_stored_are_told(parts: list[list[tuple[int, int]]]) -> None:
    report = StoredReport()
    for rows in parts:
        logger, seq = np.array(rows, dtype=np.int64).reshape(-1, 2).T
        report.add(SERIALS, logger, seq)
    rows = [row for part in parts for row in part if row[1] != NO_SEQ]
    expected = {SERIALS[one]: {seq for logger, seq in rows if logger == one} for one, _ in rows}

    assert told(report) == expected
    assert told(report) == {}
