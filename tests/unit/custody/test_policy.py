"""Trust policies: strict reading, and whose cosignatures are enough."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.checkpoint import Checkpoint
from custody.checkpoint import sign_checkpoint as sign
from custody.cosignature import cosign, witness_key
from custody.key_file import SigningKeyPair
from custody.note import ED25519, VerifierKey, parse_note
from custody.policy import Policy, parse_policy
from schemas.errors import ConfigurationError, LedgerCorrupt
from tests.strategies_notes import LOG_KEY, LOG_PAIR, NOW, any_bytes, cosigned, policies

PAIRS = [SigningKeyPair(bytes([n] * 32)) for n in range(6)]
KEYS = [witness_key(f"w{n}.example", pair.public) for n, pair in enumerate(PAIRS)]
V = [key.to_text() for key in KEYS]
SAME_KEY = witness_key("other", PAIRS[0].public).to_text()
LOG = LOG_KEY.to_text()
# The example of the specification: two levels of groups.
NESTED = f"""log {LOG}

witness X1 {V[0]}
witness X2 {V[1]}
witness X3 {V[2]}
group X-witnesses 2 X1 X2 X3

witness Y1 {V[3]}
witness Y2 {V[4]}
witness Y3 {V[5]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
FLAT = f"witness a {V[0]}\nwitness b {V[1]} https://b.example\nwitness c {V[2]}\ngroup g 2 a b c\n"


def parse(text: str) -> Policy:
    return parse_policy(text.encode())


def test_the_example_of_the_specification_asks_for_both_groups() -> None:
    policy = parse(NESTED)

    assert policy.met_by({"X1", "X3", "Y2"})
    assert not policy.met_by({"X1", "X2", "X3"})
    assert not policy.met_by({"X1", "Y1", "Y2", "Y3"})
    assert (policy.k, policy.n) == (3, 6)
    assert policy.log_keys == (LOG_KEY,)


def test_a_flat_group_is_k_of_n() -> None:
    policy = parse(FLAT + "quorum g\n")

    assert (policy.k, policy.n) == (2, 3)
    assert policy.witnesses["b"].url == "https://b.example"
    for count in range(4):
        for names in combinations("abc", count):
            assert policy.met_by(names) == (count >= 2)


def test_any_all_and_a_single_witness_are_quorums_too() -> None:
    base = FLAT.replace("group g 2", "group g {}")

    assert (parse(base.format("any") + "quorum g").k, parse(base.format("all") + "quorum g").k) == (
        1,
        3,
    )
    single = parse(FLAT + "quorum a\n")
    assert single.met_by({"a"})
    assert not single.met_by({"b", "c"})


def test_no_quorum_is_always_met() -> None:
    policy = parse("quorum none\n")

    assert policy.met_by(())
    assert (policy.k, policy.n) == (0, 0)


def test_comments_blanks_tabs_and_a_missing_last_newline_are_allowed() -> None:
    text = f"# who\n\n \t # indented\n\twitness \t a  {V[0]}\t\n  quorum\ta"

    assert parse(text) == parse(f"witness a {V[0]}\nquorum a\n")


@given(policies())
def test_a_policy_is_read_as_it_was_written(policy: Policy) -> None:
    assert parse_policy(policy.to_bytes()) == policy


@given(any_bytes(policies().map(Policy.to_bytes)))
def test_arbitrary_bytes_are_a_policy_or_refused(data: bytes) -> None:
    try:
        policy = parse_policy(data)
        assert parse_policy(policy.to_bytes()) == policy
    except ConfigurationError as error:
        str(error).encode()


@given(policies(), st.data())
def test_more_cosignatures_never_break_a_quorum_and_k_is_the_least(
    policy: Policy, data: st.DataObject
) -> None:
    everyone = list(policy.witnesses)
    names = data.draw(st.sets(st.sampled_from(everyone)) if everyone else st.just(set[str]()))

    assert policy.met_by(everyone)
    if policy.met_by(names):
        assert len(names) >= policy.k
        assert all(policy.met_by(names | {more}) for more in everyone)
    least = min(
        count
        for count in range(len(everyone) + 1)
        for some in combinations(everyone, count)
        if policy.met_by(some)
    )
    assert least == policy.k


def test_octets_that_are_not_utf8_are_names_like_others() -> None:
    text = b"witness \xff " + V[0].encode() + b"\nquorum \xff\n"

    assert parse_policy(text).to_bytes() == text
    with pytest.raises(ConfigurationError, match="no line before"):
        parse_policy(text.replace(b"quorum \xff", b"quorum \xfe"))


@pytest.mark.parametrize(
    "bad",
    [
        "",
        f"witness a {V[0]}\n",
        "quorum none\nquorum none\n",
        "quorum a\n",
        "quorum\n",
        "quorum none none\n",
        f"quorum a\nwitness a {V[0]}\n",
        f"log {LOG}\nlog {LOG}\nquorum none\n",
        f"log {V[0]}\nquorum none\n",
        "log\nquorum none\n",
        f"log {LOG} https://a https://b\nquorum none\n",
        f"witness a {LOG}\nquorum none\n",
        f"witness a {V[0]}\nwitness a {V[1]}\nquorum none\n",
        f"witness a {V[0]}\nwitness b {V[0]}\nquorum none\n",
        f"witness a {V[0]}\nwitness b {SAME_KEY}\nquorum a\n",
        f"witness none {V[0]}\nquorum none\n",
        f"witness a {V[0][:-4]}AAAA\nquorum a\n",
        FLAT + "group h 1 a\nquorum g\n",
        FLAT.replace("a b c\n", "a a b\n") + "quorum g\n",
        FLAT.replace("g 2", "g 0") + "quorum g\n",
        FLAT.replace("g 2", "g 4") + "quorum g\n",
        FLAT.replace("g 2", "g 02") + "quorum g\n",
        FLAT.replace("g 2", "g two") + "quorum g\n",
        FLAT.replace("g 2", "g ２") + "quorum g\n",
        FLAT.replace("g 2 a b c", "g 1") + "quorum none\n",
        FLAT.replace("g 2 a", "g 2 none") + "quorum g\n",
        FLAT.replace("g 2 a", "a 2 a") + "quorum none\n",
        "group g 1 g\nquorum g\n",
        "trust everyone\nquorum none\n",
        "quorum none\r\n",
        "# a comment\r\nquorum none\n",
        "quorum\xa0none\n",
        "quorum none\x00\n",
        "#" + "x" * (1 << 20) + "\nquorum none\n",
    ],
)
def test_a_malformed_policy_is_refused_with_a_sentence(bad: str) -> None:
    with pytest.raises(ConfigurationError, match=r"policy.*\."):
        parse(bad)


def test_a_long_chain_of_groups_is_followed_without_recursion() -> None:
    groups = "".join(f"group g{n + 1} all g{n}\n" for n in range(5000))
    policy = parse(f"witness g0 {V[0]}\n{groups}quorum g5000\n")

    assert policy.met_by({"g0"})
    assert not policy.met_by(())
    assert policy.k == 1


def test_cosigners_are_told_by_the_policys_names_and_their_first_time() -> None:
    policy = parse(FLAT + "quorum g\n")
    checkpoint = Checkpoint(origin=LOG_KEY.name, size=3, root=bytes(32))
    note = sign(checkpoint, LOG_PAIR)
    for number, day in ((0, 3), (0, 2), (0, 4), (5, 1)):
        name, pair = KEYS[number].name, PAIRS[number]
        note += cosign(checkpoint.to_bytes(), name, pair, NOW.replace(day=day)).encode()

    assert policy.cosigners(parse_note(note)) == {"a": NOW.replace(day=2)}
    assert policy.cosigners(parse_note(cosigned(sign(checkpoint, LOG_PAIR)))) == {}


def test_a_bad_cosignature_of_a_witness_in_the_policy_is_a_fault() -> None:
    policy = parse(FLAT + "quorum none\n")
    checkpoint = Checkpoint(origin=LOG_KEY.name, size=3, root=bytes(32))
    line = cosign(b"something else\n", KEYS[0].name, PAIRS[0], NOW)

    with pytest.raises(LedgerCorrupt):
        policy.cosigners(parse_note(sign(checkpoint, LOG_PAIR) + line.encode()))


def test_one_public_key_may_be_a_log_under_several_names_only_once() -> None:
    other = VerifierKey(name="unbroken/other", type=ED25519, public=LOG_KEY.public).to_text()

    with pytest.raises(ConfigurationError, match="second time"):
        parse(f"log {LOG}\nlog {other}\nquorum none\n")
