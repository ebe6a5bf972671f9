"""The page on receipts and bundles is held to the code: two verifiers are built from it."""

import re

from custody.bundle_hand import by_hand
from custody.bundle_members import FIXED, Form, Part, is_by_hand, readme
from custody.envelope import STATEMENT_TYPE, Envelope, Signature
from custody.note import ED25519, Note, NoteSignature, VerifierKey
from custody.verify_result import TITLES, Code
from tests.support.processes import ROOT

PAGE = (ROOT / "docs" / "bundle.md").read_text(encoding="utf-8")


def test_every_finding_is_specified_and_no_other_is() -> None:
    steps = PAGE.split("## Checking")[1].split("## What is not proven")[0]
    named = re.findall(r"(?:· |^\* (?:note )?)`([a-z_]+)`", steps, flags=re.MULTILINE)
    assert set(named) - {"witnessed"} == set(Code)


def test_the_steps_are_specified_in_their_order() -> None:
    assert f"Titles: {', '.join(TITLES)}." in PAGE
    assert re.findall(r"^\*\*(\d+) (\w+)\*\*", PAGE, flags=re.MULTILINE) == [
        (str(number), title) for number, title in enumerate(TITLES, start=1)
    ]


def test_every_member_is_specified() -> None:
    rows = set(re.findall(r"^\| `([^`]+)` \|", PAGE, flags=re.MULTILINE))
    size = {Part.CHECKPOINT, Part.CONSISTENCY, Part.TIMESTAMP}
    for part in Part:
        assert part.replace("/", "/S" if part in size else "/I") in rows
    assert rows >= FIXED
    key = VerifierKey(name="n", type=ED25519, public=bytes(32))
    line = NoteSignature(name="n", key_id=key.key_id, signature=bytes(64))
    envelope = Envelope(
        payload_type=STATEMENT_TYPE,
        payload=b"",
        signatures=(Signature(key_id="k", signature=b""),),
    )
    made = by_hand(envelope, {"k": bytes(32)}, key, Note(text=b"", signatures=(line,)))
    assert all(is_by_hand(name) for name in made)
    assert {name.replace("-1.", "-N.") for name in made} == {
        row for row in rows if row.startswith("hand/") and "…" not in row
    }


def test_the_two_readmes_are_two_and_plain() -> None:
    texts = [readme(form).decode("ascii", errors="replace") for form in Form]
    assert texts[0] != texts[1]
    assert all("\r" not in text and text.endswith("\n") for text in texts)
