"""Cosignatures: real witnesses' ones, and what a bad one does."""

from datetime import UTC, datetime

import pytest
from hypothesis import given

from custody.base64_text import to_base64
from custody.checkpoint import Checkpoint, open_checkpoint
from custody.checkpoint import sign_checkpoint as sign
from custody.cosignature import check_cosignatures, cosign, witness_key
from custody.key_file import SigningKeyPair
from custody.note import (
    ED25519,
    VerifierKey,
    cosigned_message,
    open_note,
    parse_note,
    parse_signature_line,
    parse_vkey,
)
from schemas.errors import LedgerCorrupt
from tests.strategies_notes import LOG_KEY, LOG_PAIR, instants, named_checkpoints, names, pairs

# A checkpoint of a public test log with the cosignatures of public test witnesses, May 2026.
REAL = """\
arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3\
urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75\
MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqo\
XHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5\
hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5\
XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUF\
ucgKi7lI7cUiOvKFYe/TmN9DAg==
""".encode()
REAL_LOG = parse_vkey(
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
)
REAL_WITNESSES = [
    parse_vkey(each)
    for each in (
        "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdi\
VEPM",
        "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
        "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
        "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
    )
]
BODY = b"unbroken/test\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
SPEC_LINE = (
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3"
    "b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
)


def test_a_real_log_and_four_real_witnesses_are_checked() -> None:
    assert open_checkpoint(REAL, [REAL_LOG]).size == 1432088532
    found = check_cosignatures(parse_note(REAL), REAL_WITNESSES)

    assert [each.key for each in found] == REAL_WITNESSES
    assert {each.at for each in found} == {datetime(2026, 5, 23, 21, 50, 24, tzinfo=UTC)}
    assert len(open_note(REAL, [REAL_LOG, *REAL_WITNESSES]).signatures) == 5


def test_a_real_cosignature_over_another_size_is_refused() -> None:
    bent = REAL.replace(b"1432088532", b"1432088533")

    for key in (REAL_LOG, *REAL_WITNESSES):
        with pytest.raises(LedgerCorrupt):
            open_note(bent, [key])


def test_the_signed_message_and_the_line_are_those_of_the_specification() -> None:
    assert cosigned_message(BODY, 1679315147) == b"cosignature/v1\ntime 1679315147\n" + BODY
    line = parse_signature_line(SPEC_LINE)
    assert int.from_bytes(line.signature[:8], "big") == 1679315147
    assert len(line.signature) == 72


@given(named_checkpoints, names, pairs, instants)
def test_a_cosignature_says_who_and_when(
    checkpoint: Checkpoint, name: str, pair: SigningKeyPair, at: datetime
) -> None:
    line = cosign(checkpoint.to_bytes(), name, pair, at)
    note = parse_note(sign(checkpoint, LOG_PAIR) + line.encode())

    (found,) = check_cosignatures(note, [witness_key(name, pair.public)])

    assert (found.name, found.at) == (name, at)


def test_a_bad_cosignature_of_a_known_witness_is_refused() -> None:
    pair, stranger = SigningKeyPair(bytes(32)), SigningKeyPair(bytes([1] * 32))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    key = witness_key("w", pair.public)
    line = cosign(BODY.replace(b"7", b"8"), "w", pair, at)
    unknown = cosign(BODY, "w", stranger, at)
    note = parse_note(BODY + b"\n" + unknown.encode())

    assert check_cosignatures(note, [key]) == []
    with pytest.raises(LedgerCorrupt):
        check_cosignatures(parse_note(BODY + b"\n" + line.encode()), [key])


def test_a_log_cannot_pose_as_its_own_witness() -> None:
    note = sign(Checkpoint(origin=LOG_KEY.name, size=7, root=bytes(32)), LOG_PAIR)

    assert check_cosignatures(parse_note(note), [LOG_KEY]) == []
    same = VerifierKey(name=LOG_KEY.name, type=ED25519, public=LOG_PAIR.public)
    assert witness_key(same.name, same.public).key_id != same.key_id


@pytest.mark.parametrize("seconds", [253402300800, 2**63 - 1, 2**64 - 1])
def test_a_time_beyond_the_year_9999_is_refused(seconds: int) -> None:
    pair = SigningKeyPair(bytes(32))
    key = witness_key("w", pair.public)
    raw = key.key_id + seconds.to_bytes(8, "big") + pair.sign(cosigned_message(BODY, seconds))
    note = parse_note(BODY + f"\n— w {to_base64(raw)}\n".encode())
    with pytest.raises(LedgerCorrupt, match="10000"):
        check_cosignatures(note, [key])
