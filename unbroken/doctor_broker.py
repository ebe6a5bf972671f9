"""What the doctor looks at in the MQTT broker."""

import secrets
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from paho.mqtt.enums import MQTTProtocolVersion

from schemas.settings import Settings
from unbroken.finding import Finding, failing, fine, note, warning
from unbroken.mqtt_probe import Welcome, probing

# One hundred more than Mosquitto queues at its defaults.
_QUEUED = 1_100
_DROPPED = "$SYS/broker/publish/messages/dropped"


def examine_broker(settings: Settings) -> Iterator[Finding]:
    """Yield what is found at the broker these settings mean.

    A broker that is set is also probed: a session is kept and 1,100 small messages are queued in
    it, under a topic of the doctor's own.
    """
    if settings.mqtt_url is None:
        yield warning(
            "broker-embedded",
            "The embedded broker forgets queued messages when it ends and has no access rules.",
            "For real loggers run Mosquitto 2.0.22 or later, or EMQX, and set UNBROKEN_MQTT_URL.",
        )
        return
    url = settings.mqtt_url
    welcome, newest = _best_welcome(url)
    if not welcome.accepted:
        yield _refused(url, welcome)
        return
    yield fine("broker-reachable", "The broker answers and lets us in.")
    yield _version(newest)
    yield _encryption(url)
    yield _anonymous(url)
    yield from _queue(url, newest)
    yield from _dropped(url, newest)


def _best_welcome(url: str) -> tuple[Welcome, MQTTProtocolVersion]:
    for version in (MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311):
        with probing(url, version=version, client_id=_name()) as (_, welcome):
            if welcome.accepted:
                break
    return welcome, version


def _name() -> str:
    return f"unbroken-doctor-{secrets.token_hex(4)}"


def _refused(url: str, welcome: Welcome) -> Finding:
    address = urlsplit(url)
    where = f"{address.hostname}:{address.port or '?'}"
    if welcome.reached:
        return failing(
            "broker-reachable",
            f"The broker at {where} does not let us in: {welcome.reason}.",
            "Check user name and password in UNBROKEN_MQTT_URL, and the broker's access rules.",
        )
    return failing(
        "broker-reachable",
        f"The broker at {where} is out of reach: {welcome.reason}.",
        "Check UNBROKEN_MQTT_URL and that the broker runs.",
    )


def _version(newest: MQTTProtocolVersion) -> Finding:
    if newest is MQTTProtocolVersion.MQTTv5:
        return fine("broker-version", "The broker speaks MQTT 5.")
    return note(
        "broker-version",
        "The broker speaks MQTT 3.1.1 only: loggers cannot give a content type.",
        "Nothing to do: the first byte of a message tells as well. Leave UNBROKEN_MQTT_PROTOCOL.",
    )


def _encryption(url: str) -> Finding:
    address = urlsplit(url)
    if address.scheme == "mqtts" or _is_local(str(address.hostname)):
        return fine("broker-encryption", "The connection to the broker is local or encrypted.")
    return warning(
        "broker-encryption",
        "Readings and the broker's password cross the network unencrypted.",
        "Give the broker a TLS listener and use mqtts:// in UNBROKEN_MQTT_URL.",
    )


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _anonymous(url: str) -> Finding:
    with probing(url, client_id=_name(), sign_in=False) as (_, welcome):
        if not welcome.accepted:
            return fine("broker-anonymous", "The broker lets nobody in without a password.")
    return warning(
        "broker-anonymous",
        "The broker lets anybody in: anybody who reaches it can send readings for any logger.",
        "Mosquitto: allow_anonymous false, and an ACL `pattern write unbroken/v1/%u/#`.",
    )


def _queue(url: str, version: MQTTProtocolVersion) -> Iterator[Finding]:
    """Queue messages for a session that is away, and count what is there when it returns."""
    name, topic = _name(), f"unbroken/v1/{_name()}/doctor"
    with probing(url, client_id=name, version=version, keep=True) as (probe, _):
        granted = probe.subscribe(topic)
    with probing(url, version=version, client_id=_name()) as (sender, _):
        sent = granted and sender.publish(topic, _QUEUED)
    with probing(url, client_id=name, version=version, keep=True) as (probe, welcome):
        received = probe.collect(_QUEUED) if sent and welcome.session_present else 0
    with probing(url, client_id=name, version=version):
        pass  # a clean start makes the broker forget the session
    if not welcome.session_present:
        yield failing(
            "broker-session",
            "The broker forgets a session as soon as its client is away.",
            "Allow persistent sessions (and no `persistent_client_expiration`).",
        )
        return
    yield fine("broker-session", "The broker keeps a session while its client is away.")
    yield _queue_length(sent=sent, received=received)


def _queue_length(*, sent: bool, received: int) -> Finding:
    if sent and received == _QUEUED:
        return fine("broker-queue", f"{_QUEUED} messages wait in a queue without loss.")
    if not sent or received == 0:
        return note(
            "broker-queue",
            "The queue could not be probed: access rules keep the doctor from its topic.",
            "Allow this user `unbroken/v1/+/doctor`, or check the queue's limit by hand.",
        )
    return failing(
        "broker-queue",
        f"Of {_QUEUED} acknowledged messages {_QUEUED - received} were lost in the queue.",
        "Mosquitto: max_queued_messages 0 and max_queued_bytes within the disk. It drops silently.",
    )


def _dropped(url: str, version: MQTTProtocolVersion) -> Iterator[Finding]:
    with probing(url, version=version, client_id=_name()) as (probe, _):
        if not probe.subscribe(_DROPPED) or probe.collect(1, quiet_s=0.5) == 0:
            return  # not every broker counts, or shows it
        count = probe.messages[0].payload.decode(errors="replace")
    if count == "0":
        yield fine("broker-dropped", "The broker has dropped no message since it started.")
        return
    yield warning(
        "broker-dropped",
        f"The broker has dropped {count} messages since it started.",
        "Raise its queue limits, and look for clients that are away for good.",
    )
