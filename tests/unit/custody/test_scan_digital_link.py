"""A web address is read as the standard says, reported, and never followed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.scan import Scan, parse_scan
from schemas.errors import ScanError
from tests.strategies_scan import TODAY, Elements, digital_link, labels, shuffled


def read(text: str) -> Scan:
    return parse_scan(text, today=TODAY)


@given(labels(), st.data(), st.sampled_from(["]d1", "]Q1", ""]))
def test_the_host_is_reported_and_the_other_parameters_named(
    label: Elements, data: st.DataObject, symbol: str
) -> None:
    link = digital_link(data.draw(shuffled(label)))
    scan = read(f"{symbol}{link}&linkType=gs1:pip&x#fragment")
    assert scan.host == "example.com"
    assert scan.ignored == ("linkType", "x")
    assert dict(scan.elements) == label


@pytest.mark.parametrize(
    ("uri", "elements"),
    [
        # Examples of the Digital Link standard
        ("https://id.gs1.org/01/09520123456788", "(01)09520123456788"),
        ("https://brand.example.com/01/9520123456788", "(01)09520123456788"),
        ("https://brand.example.com/some/pathinfo/01/9520123456788", "(01)09520123456788"),
        ("https://id.gs1.org/01/09520123456788/22/2A", "(01)09520123456788(22)2A"),
        (
            "https://id.gs1.org/01/09520123456788/10/ABC1/21/12345?17=180426",
            "(01)09520123456788(10)ABC1(17)180426(21)12345",
        ),
        (
            "https://example.com/01/9520123456788?3103=000195&3922=0299&17=201225",
            "(01)09520123456788(17)201225(3103)000195(3922)0299",
        ),
        (
            "https://id.gs1.org/00/952012345678912345?02=09520123456788&37=25&10=ABC123",
            "(00)952012345678912345(02)09520123456788(10)ABC123(37)25",
        ),
        (
            "https://id.gs1.org/414/9520123456788/254/32a%2Fb",
            "(254)32a/b(414)9520123456788",
        ),
        (
            "https://example.com/8004/9520614141234567?01=9520123456788",
            "(01)09520123456788(8004)9520614141234567",
        ),
        ("https://a/8018/123456789012345675/8019/123", "(8018)123456789012345675(8019)123"),
        ("https://a/01/12312312312333/235/TEST", "(01)12312312312333(235)TEST"),
        # Names of version 1.0
        (
            "https://example.org/gtin/614141123452/lot/ABC1/ser/12345?exp=180426",
            "(01)00614141123452(10)ABC1(17)180426(21)12345",
        ),
        # Details
        ("HTTP://a/00/006141411234567890", "(00)006141411234567890"),
        ("https://a/00/faux/00/006141411234567890", "(00)006141411234567890"),
        ("https://a:65535/01/12312312312333?", "(01)12312312312333"),
        ("https://[2001:db8::1]/01/12312312312333#x", "(01)12312312312333"),
        ("https://a/01/12312312312333?&&99=ABC&&;98=X&&", "(01)12312312312333(98)X(99)ABC"),
        ("https://a/01/12312312312333/22/A+%2d1", "(01)12312312312333(22)A+-1"),
        ("https://a/01/12312312312333?10=A%2BB", "(01)12312312312333(10)A+B"),
        ("https://a/01/12312312312333/10/A?10=A", "(01)12312312312333(10)A"),
    ],
)
def test_published_links_are_read(uri: str, elements: str) -> None:
    assert "".join(f"({ai}){value}" for ai, value in read(uri).elements) == elements


@pytest.mark.parametrize(
    "uri",
    [
        "http://",
        "http:///01/12312312312333",
        "http://a",
        "http://a/",
        "http://a/b/",
        "https://00/006141411234567890",
        "https://a$/00/006141411234567890",
        "https://user@a/00/006141411234567890",
        "https://[fe80::1%25lo]/01/12312312312333",
        "https://a/00/006141411234567890/",
        "https://a/01/12312312312334",
        "https://a/01/12312312312333/21/X/10/A",
        "https://a/01/12312312312333/10/A/235/X",
        "https://a/01/12312312312333/17/261122",
        "https://a/01/12312312312333/10/",
        "https://a/01/12312312312333/89/A",
        "https://a/01/12312312312333?99=",
        "https://a/01/12312312312333?17",
        "https://a/01/12312312312333?999=faux",
        "https://a/01/12312312312333?10=A+B",
        "https://a/01/12312312312333?10=A%4GB",
        "https://a/01/12312312312333?10=A%00B",
        "https://a/01/12312312312333?10=A%E2%80%AEB",
        "https://a/01/12312312312333?10=A%20B",
        "https://a/01/12312312312333?10=A B",
        "https://a/01/12312312312333/10/A?10=B",
        "https://a/01/12312312312333?10=A&10=B",
        "https://a/01/12312312312333?99=A&99=B",
        "https://a/01/12312312312333/21/A?17=261199",
        "https://a/253/1231231231232TEST56789012345678",
        "https://id.gs1.org/DQMXGtzYhrQ3uQ",
        "http:\\\\a\\01\\12312312312333",
        "//a/01/12312312312333",
    ],
)
def test_links_that_are_not_right_throughout_are_refused(uri: str) -> None:
    with pytest.raises(ScanError):
        read(uri)
