"""Signed bytes as the service takes them: canonical JSON in an envelope with signatures.

Written from the formats alone (docs/ledger.md; RFC 8785; DSSE v1), as any outsider would.
"""

import base64
import json
from collections.abc import Iterable

from simulator.desks import DeviceKey
from simulator.office import Body

STATEMENT_TYPE = "application/vnd.unbroken.statement+json;v=2"
KEY_STATEMENT_TYPE = "application/vnd.unbroken.key+json;v=1"


def canonical(document: Body) -> bytes:
    """Return a document's canonical bytes; it holds texts, integers and None only."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def envelope(payload_type: str, payload: bytes, keys: Iterable[DeviceKey]) -> Body:
    """Return the envelope of a payload, signed with these keys in this order."""
    kind = payload_type.encode()
    told = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": [
            {"keyid": key.key_id, "sig": base64.b64encode(key.sign(told)).decode()} for key in keys
        ],
    }
