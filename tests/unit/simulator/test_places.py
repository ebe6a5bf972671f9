from hypothesis import given
from hypothesis import strategies as st

from simulator.identifiers import check_digit, gln, grai, gtin
from simulator.places import load_atlas

COUNTRY = {"lat": (24.0, 50.0), "lon": (-125.0, -66.0)}


def is_valid(key: str) -> bool:
    """GS1's check in the other direction: the weighted sum with the check digit ends in 0."""
    return sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(reversed(key))) % 10 == 0


@given(number=st.integers(0, 99_999))
def test_every_key_has_its_check_digit(number: int) -> None:
    assert is_valid(gln(number))
    assert is_valid(gtin(number))
    assert is_valid(grai(number, "")[1:])


def test_check_digit_of_the_standards_own_example() -> None:
    assert check_digit("629104150021") == 3


def test_keys_have_their_lengths() -> None:
    assert (len(gln(1)), len(gtin(1)), len(grai(1, "77"))) == (13, 14, 16)


def test_there_are_enough_places_and_no_gln_twice() -> None:
    atlas = load_atlas()
    glns = [site.gln for site in atlas.sites]
    assert len(atlas.airports) >= 25
    assert len(atlas.sites_of("qtc_pharmacy")) >= 40
    assert len(set(glns)) == len(glns)
    assert {"MEM", "SDF", "IND", "ORD", "JFK", "LAX", "SEA"} <= {a.code for a in atlas.airports}


def test_every_site_belongs_to_a_party_and_every_product_leaves_a_makers_site() -> None:
    atlas = load_atlas()
    for site in atlas.sites:
        assert atlas.party(site.party_id).name
    for product in atlas.products:
        for site_gln in product.site_glns:
            assert atlas.site(site_gln).party_id == product.maker


def test_treatment_centers_lie_in_the_country() -> None:
    for site in load_atlas().sites_of("qtc_pharmacy"):
        assert COUNTRY["lat"][0] < site.position.lat < COUNTRY["lat"][1]
        assert COUNTRY["lon"][0] < site.position.lon < COUNTRY["lon"][1]
