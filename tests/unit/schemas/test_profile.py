"""The promises of therapy profiles: sourced, hashed, and free of contradictions."""

import json
from importlib.resources import files

import pytest

from schemas.errors import ProfileError
from schemas.profile import (
    Profile,
    limits_c,
    load_profiles,
    parse_profile,
    profile_document,
    profile_from_document,
    profile_sha256,
)
from schemas.profile_parts import Channel, Stage, TemperatureClass

COLD = (TemperatureClass.CRYOGENIC, TemperatureClass.FROZEN)
PROFILES = load_profiles()
HASHES = {
    "abecma": "5ea9c35e48cd1c1cf828e595bc7e091958e6d40c6447ae11bb51a9d4a5eba589",
    "carvykti": "c0f0ac2cfdeb3e5ca6cce929b03a7e704883716369ca8380238de10ba9deca39",
    "casgevy": "cce07050ea6d1c2d5404597875e8c5c509692d42ebf24093e7311c733cf7389b",
    "hemgenix": "e5cee20b9c98950a7216a99daffcbfea27d24740f4fd86c9416d78d0c4fb736b",
    "kymriah": "41955bbf5ee721d56938b3e874a6625dfc8d852bf4b7bda6f9d0d81011aadbec",
    "roctavian": "326463892b373a905e5ebd05de3ad95eb26949079980500480365ad0cdbca17b",
    "tecartus": "46a467100d35d9d3e2ebb5c25b05cd93c0bfb8765c6767da88116ea253d5fd85",
    "yescarta": "b1a096c2ee7f01b30380d0c644219fdcb5461abc955e153dbb09ccd717b579e8",
    "zolgensma": "6749737198f90ffc0ffe0dc7f7b68192772bd0603f6e4e7a05923d5cdfd04e07",
}
TRANSIT_LIMITS_C = {
    "abecma": (None, -130.0),
    "carvykti": (None, -120.0),
    "casgevy": (None, -135.0),
    "hemgenix": (2.0, 8.0),
    "kymriah": (None, -120.0),
    "roctavian": (None, -60.0),
    "tecartus": (None, -150.0),
    "yescarta": (None, -150.0),
    "zolgensma": (None, -60.0),
}


def text_of(therapy: str) -> str:
    return files("schemas").joinpath("therapies", f"{therapy}.toml").read_text(encoding="utf-8")


def test_the_limits_are_those_of_the_labels() -> None:
    assert {profile.id: limits_c(profile) for profile in PROFILES} == TRANSIT_LIMITS_C


def test_a_published_profile_never_changes_its_hash() -> None:
    assert {profile.id: profile_sha256(profile) for profile in PROFILES} == HASHES


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
def test_every_profile_has_source_date_and_warning(profile: Profile) -> None:
    assert profile.source.read == "2026-11"
    assert profile.source.document
    assert "Not for clinical use" in profile.note
    assert "not label facts" in profile.settings
    assert all(rule.source for rule in profile.rules)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
def test_a_document_holds_integers_and_strings_only(profile: Profile) -> None:
    def leaves(value: object) -> list[object]:
        if isinstance(value, dict):
            return [leaf for item in value.values() for leaf in leaves(item)]
        if isinstance(value, list):
            return [leaf for item in value for leaf in leaves(item)]
        return [value]

    document = json.loads(profile_document(profile))
    assert {type(leaf) for leaf in leaves(document)} <= {int, str}


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
def test_a_profile_is_read_back_from_its_document(profile: Profile) -> None:
    assert profile_from_document(profile_document(profile)) == profile


@pytest.mark.parametrize("document", [b"{}", b"[]", b"not JSON", b" 1"])
def test_what_is_not_a_canonical_document_is_refused(document: bytes) -> None:
    with pytest.raises(ProfileError, match="document"):
        profile_from_document(document)


def test_a_document_with_a_space_more_is_refused() -> None:
    with pytest.raises(ProfileError, match="canonical"):
        profile_from_document(profile_document(PROFILES[0]) + b" ")


def test_frozen_product_has_no_lower_limit_in_transit() -> None:
    frozen = [profile for profile in PROFILES if profile.temperature_class in COLD]
    assert {limits_c(profile)[0] for profile in frozen} == {None}


def test_crossing_to_the_refrigerator_on_receipt_is_another_stage() -> None:
    zolgensma = next(profile for profile in PROFILES if profile.id == "zolgensma")
    assert limits_c(zolgensma, Stage.TRANSIT) == (None, -60.0)
    assert limits_c(zolgensma, Stage.STORAGE) == (2.0, 8.0)
    assert limits_c(zolgensma, Stage.IN_USE) == (None, None)
    assert zolgensma.limit_rules(Channel.AMBIENT_C, Stage.TRANSIT) == ()


def test_silence_is_found_by_stage() -> None:
    rule = PROFILES[0].silence_rule()
    assert rule is not None
    assert rule.expected_s > 0
    assert PROFILES[0].silence_rule(Stage.THAWED) is None


def test_spelling_of_a_number_does_not_change_the_hash() -> None:
    text = text_of("kymriah")
    assert "above_c = -120.0" in text
    same = parse_profile(text.replace("above_c = -120.0", "above_c = -120"))
    assert profile_sha256(same) == HASHES["kymriah"]


MKT = '\n[[rules]]\nid = "mkt"\nkind = "mkt"\nchannel = "temp_c"\nabove_c = 8.0\n'


@pytest.mark.parametrize(
    ("therapy", "old", "new", "sentence"),
    [
        ("hemgenix", "below_c = 2.0", "below_c = 9.0", "low limit 9 °C is not below"),
        ("kymriah", "\n[playbook.limit]", MKT + "\n[playbook.limit]", "refused for frozen"),
        ("hemgenix", "\n[playbook.limit]", MKT + "\n[playbook.limit]", "not evaluated"),
        ("kymriah", 'id = "storage-warm"', 'id = "transit-warm"', "same id"),
        ("kymriah", "above_c = -120.0", "above_c = 5.0", "needs an upper limit below 0"),
        ("kymriah", "above_c = -120.0\n", "", "exactly one of above_c and below_c"),
        ("kymriah", "max_gap_s = 900", "max_gap_s = 60", "can never satisfy"),
        ("kymriah", "[playbook.silence]", "[playbook.tilt]", "playbook does not say"),
        ("kymriah", "version = 2", "version = 0", "version"),
        ("kymriah", "version = 2", "version = 2\nnickname = 'x'", "nickname"),
        ("kymriah", "dwell_s = 300", 'dwell_s = "300"', "dwell_s"),
        ("kymriah", "above_c = -120.0", "above_c = -120.00001", "above_c"),
        ("kymriah", "Not for clinical use", "For all uses", "note"),
        ("kymriah", 'severity = "critical"', 'severity = "bad"', "severity"),
        ("kymriah", 'stage = "storage"', 'stage = "thawed"\n[', "not TOML"),
        ("hemgenix", "grace_s = 600", "grace_s = -1", "grace_s"),
    ],
)
def test_a_contradiction_is_refused_with_a_sentence(
    therapy: str, old: str, new: str, sentence: str
) -> None:
    text = text_of(therapy)
    assert old in text
    with pytest.raises(ProfileError, match=sentence):
        parse_profile(text.replace(old, new), name="file.toml")


def test_empty_rules_are_refused() -> None:
    head, _, tail = text_of("kymriah").partition("\n[[rules]]")
    kept = "\n[[clocks]]" + tail.partition("\n[[clocks]]")[2]
    with pytest.raises(ProfileError, match="rules"):
        parse_profile("rules = []\n" + head + kept)


def test_two_silence_rules_of_one_stage_are_refused() -> None:
    text = text_of("kymriah")
    start = text.index('[[rules]]\nid = "transit-silence"')
    rule = text[start : text.index("[[clocks]]")]
    with pytest.raises(ProfileError, match="two silence rules"):
        parse_profile(text[:start] + rule.replace("transit-silence", "second") + text[start:])


def test_a_profile_without_a_limit_in_transit_is_refused() -> None:
    text = text_of("hemgenix").replace('stage = "transit"\nabove', 'stage = "thawed"\nabove')
    text = text.replace('stage = "transit"\nbelow', 'stage = "thawed"\nbelow')
    with pytest.raises(ProfileError, match="no rule limits"):
        parse_profile(text)
