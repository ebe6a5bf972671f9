"""Strategies for signed notes, checkpoints, proofs and policies, and bytes that are nearly such."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from custody.checkpoint import LARGEST, Checkpoint, sign_checkpoint
from custody.cosignature import cosign, witness_key
from custody.key_file import SigningKeyPair
from custody.note import (
    COSIGNATURE_V1,
    ED25519,
    Note,
    NoteSignature,
    VerifierKey,
    is_key_name,
    sign_note,
)
from custody.policy import NO_QUORUM, Group, Known, Policy
from custody.tlog_proof import TlogProof
from tests.strategies_custody import leaf_hashes

NOW = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
LOG_PAIR = SigningKeyPair(bytes(range(32)))
WITNESS_PAIR = SigningKeyPair(bytes(range(1, 33)))
LOG_KEY = VerifierKey(name="unbroken/test", type=ED25519, public=LOG_PAIR.public)
WITNESS_KEY = witness_key("witness.example/w1", WITNESS_PAIR.public)

pairs = st.binary(min_size=32, max_size=32).map(SigningKeyPair)
_characters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
names = st.text(_characters, min_size=1, max_size=12).filter(is_key_name)
lines = st.text(_characters, min_size=1, max_size=30)
sizes = st.integers(0, LARGEST)
instants = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0)
)
note_texts = st.lists(st.text(_characters, max_size=20), min_size=1, max_size=5).map(
    lambda each: "".join(f"{line}\n" for line in each).encode()
)
note_signatures = st.builds(
    NoteSignature,
    name=names,
    key_id=st.binary(min_size=4, max_size=4),
    signature=st.binary(min_size=1, max_size=80),
)
notes = st.builds(
    Note, text=note_texts, signatures=st.lists(note_signatures, min_size=1, max_size=4).map(tuple)
)
vkeys = st.builds(
    VerifierKey,
    name=names,
    type=st.sampled_from([ED25519, COSIGNATURE_V1]),
    public=st.binary(min_size=32, max_size=32),
)
checkpoints = st.builds(
    Checkpoint,
    origin=lines,
    size=sizes,
    root=leaf_hashes,
    extensions=st.lists(lines, max_size=2).map(tuple),
)
named_checkpoints = st.builds(Checkpoint, origin=names, size=sizes, root=leaf_hashes)
signed_checkpoints = st.builds(sign_checkpoint, named_checkpoints, pairs)
tlog_proofs = st.builds(
    TlogProof,
    index=sizes,
    hashes=st.lists(leaf_hashes, max_size=5).map(tuple),
    checkpoint=signed_checkpoints,
    extra=st.none() | st.binary(max_size=20),
)
_words = st.text(_characters, min_size=1, max_size=8).filter(
    lambda word: "\x7f" not in word and not set(word) & {" ", "\t"} and word != NO_QUORUM
)


_labels: st.SearchStrategy[list[str]] = st.lists(_words, unique=True, min_size=12, max_size=12)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies of any shape: nested groups, quorum on a witness, a group, or none."""
    publics = draw(st.lists(leaf_hashes, unique=True, max_size=6))
    labels = iter(draw(_labels))
    known = [_known(draw, public, COSIGNATURE_V1) for public in publics]
    witnesses = {next(labels): each for each in known}
    groups: dict[str, Group] = {}
    free: list[str] = list(witnesses)
    for _ in range(draw(st.integers(0, 4)) if free else 0):
        members = draw(st.lists(st.sampled_from(free), unique=True, min_size=1))
        label = next(labels)
        groups[label] = Group(threshold=draw(st.integers(1, len(members))), members=tuple(members))
        free = [each for each in free if each not in members] + [label]
    return Policy(
        logs=tuple(
            _known(draw, each, ED25519) for each in draw(st.lists(leaf_hashes, unique=True))
        ),
        witnesses=witnesses,
        groups=groups,
        quorum=draw(st.sampled_from([NO_QUORUM, *witnesses, *groups])),
    )


def _known(draw: st.DrawFn, public: bytes, kind: int) -> Known:
    key = VerifierKey(
        name=draw(names.filter(lambda name: "\x7f" not in name)), type=kind, public=public
    )
    return Known(key=key, url=draw(st.none() | st.just("https://witness.example/")))


@st.composite
def bent(draw: st.DrawFn, straight: st.SearchStrategy[bytes]) -> bytes:
    """Bytes of a form with a piece cut out, doubled, or replaced; also quite other bytes."""
    data = draw(straight)
    at = draw(st.integers(0, len(data)))
    to = draw(st.integers(at, min(len(data), at + 8)))
    odd: list[Any] = [b"", b"\n", b"\n\n", b"\r", b" ", b"=", b"+", b"\xff", b"\xe2\x80\x94 ", b"0"]
    return data[:at] + draw(st.sampled_from(odd) | st.binary(max_size=4)) + data[to:]


def any_bytes(straight: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Arbitrary bytes, and bytes that are nearly of the form."""
    return st.binary(max_size=200) | bent(straight)


def signed(text: bytes, *signers: tuple[str, SigningKeyPair]) -> bytes:
    """Return the note of a text with the signatures of these keys."""
    return text + b"\n" + "".join(sign_note(text, *each) for each in signers).encode()


def cosigned(note: bytes, *, at: datetime = NOW, pair: SigningKeyPair = WITNESS_PAIR) -> bytes:
    """Return the note with the cosignature of the test's witness."""
    text = note[: note.rindex(b"\n\n") + 1]
    return note + cosign(text, WITNESS_KEY.name, pair, at).encode()
