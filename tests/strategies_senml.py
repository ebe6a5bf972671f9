"""Strategies for SenML packs as loggers send them, and as damage leaves them."""

import json

from hypothesis import strategies as st

from simulator.senml import Reading, to_cbor, to_json

SERIAL = "LG-1"
NOW_US = 1_793_491_200_000_000  # 2026-11-01
_DAY_MS = 86_400_000

_numbers = st.floats(min_value=-273, max_value=300, allow_nan=False)
_channels = st.fixed_dictionaries(
    {"temp": _numbers},
    optional={
        "humidity": st.floats(0, 100),
        "lat": st.floats(-90, 90),
        "tilt": st.floats(0, 3.2),
        "shock": st.floats(0, 2000),
        "lid": st.sampled_from([0.0, 1.0]),
    },
)


@st.composite
def readings(draw: st.DrawFn) -> list[Reading]:
    """Readings of one logger of the last day, in the order of time, whole milliseconds."""
    ages_ms = draw(st.lists(st.integers(1, _DAY_MS), min_size=1, max_size=8, unique=True))
    return [
        Reading(
            seq=draw(st.integers(0, 2**53 - 1)),
            measured_us=NOW_US - age_ms * 1_000,
            channels=draw(_channels),
        )
        for age_ms in sorted(ages_ms, reverse=True)
    ]


_odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.floats(min_value=1e300),
    st.text(max_size=5),
    st.sampled_from(
        [f"{SERIAL}/", f"{SERIAL}:temp", "temp", "seq", "Cel", "K", "/", "tilt", "rad"]
    ),
    st.lists(st.integers(), max_size=2),
)
_labels = ["bn", "bt", "bu", "bv", "bver", "n", "u", "v", "vb", "vs", "t", "x"]


@st.composite
def packs(draw: st.DrawFn) -> bytes:
    """Whole packs, some with fields that nobody should send."""
    sent = draw(readings())
    if draw(st.booleans()):
        return to_cbor(SERIAL, sent)
    records = json.loads(to_json(SERIAL, sent))
    for _ in range(draw(st.integers(0, 3))):
        record = draw(st.sampled_from(records))
        record[draw(st.sampled_from(_labels))] = draw(_odd)
    return json.dumps(records).encode()


@st.composite
def mutated(draw: st.DrawFn, pack: bytes) -> bytes:
    """The pack as it is, cut, overwritten, doubled or with bytes put in."""
    at = draw(st.integers(0, len(pack)))
    piece = draw(st.binary(max_size=8))
    return draw(
        st.sampled_from(
            [pack, pack[:at], pack[:at] + piece + pack[at:],
             pack[:at] + piece + pack[at + len(piece):], pack + pack, pack[at:]]
        )
    )  # fmt: skip
