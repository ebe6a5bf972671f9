"""What the doctor looks at in the custody log: keys, checkpoints, the second place, witnesses."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from custody.entry import NO_ENTRY
from custody.log_policy import read_policy
from custody.second_place import second_place_dir
from custody.witnessing import witnessed
from schemas.settings import Settings
from store.checkpoints import find_last_checkpoint
from store.database import Engine, transaction
from store.ledger import read_head
from store.signing_keys import list_keys
from unbroken.finding import Finding, fine, note, warning

_BEHIND_FOR = timedelta(minutes=5)
_ENOUGH_APPROVERS = 3


def examine_ledger(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """Yield what is found in the custody log of a database whose tables are of this version."""
    with transaction(engine) as session:
        head = read_head(session)
        counting = (key for key in list_keys(session) if key.revoked_index is None)
        approvers = len({key.username.lower() for key in counting if key.approver})
        last = find_last_checkpoint(session)
        policy = read_policy(settings.witness_policy)
        seen = witnessed(session, policy) if policy.witnesses else None
    if head.keys == NO_ENTRY:
        yield warning(
            "keys-founded",
            "No signing keys are founded, so nobody can record a statement.",
            "Have two approvers make keys and found them: unbroken keys --help.",
        )
    elif approvers < _ENOUGH_APPROVERS:
        yield warning(
            "keys-founded",
            f"{approvers} people may let keys in and out: one lost key, and nobody ever can again.",
            "Enrol a third approver now: unbroken keys enrol --approver.",
        )
    else:
        yield fine("keys-founded", f"Signing keys are founded, {approvers} people are approvers.")
    signed = 0 if last is None else last.size
    behind = head.recorded_at is not None and datetime.now(UTC) - head.recorded_at > _BEHIND_FOR
    if signed < head.size and behind:
        yield warning(
            "log-signed",
            f"The log has {head.size} entries, and {signed} of them are signed.",
            "Start `unbroken notary`; if it runs, read its log: it refuses what does not fit.",
        )
    else:
        yield fine("log-signed", f"The log is signed to size {signed}.")
    yield _second_place(settings)
    if seen is None:
        yield note(
            "witnesses",
            "Nobody else witnesses the log: whoever has database and second place can rewrite it.",
            "Ask manufacturer, courier or treatment center to run `unbroken witness`; see "
            "docs/witness.md, and set UNBROKEN_WITNESS_POLICY.",
        )
    elif seen.size < signed and behind:
        yield warning(
            "witnesses",
            f"The log is witnessed to size {seen.size} of {signed}, {seen.k} of {seen.n} needed.",
            "See which witness is away: GET /api/v1/ledger, or the log of `unbroken notary`.",
        )
    else:
        yield fine("witnesses", f"The log is witnessed to size {seen.size}.")


def _second_place(settings: Settings) -> Finding:
    if settings.log_dir is None and settings.database_url is None:
        return note(
            "second-place",
            f"The log's key and last checkpoint lie beside the database, in "
            f"{second_place_dir(settings)}.",
            "For real use set UNBROKEN_LOG_DIR to another disk or machine than the database's.",
        )
    return fine("second-place", f"The log's second place is {second_place_dir(settings)}.")
