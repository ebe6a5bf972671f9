from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from api.headers import CONTENT_SECURITY_POLICY, SecurityHeaders
from api.pages import CLIENT_ROUTES, pages
from tests.support.running_api import RunningApi


@pytest.fixture
def web(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>built</title>")
    (tmp_path / "verify.html").write_text("<title>verifier</title>")
    (tmp_path / "assets" / "app-1a2b3c.js").write_text("1")
    (tmp_path / "icon.svg").write_text("<svg/>")
    return tmp_path


def get(directory: Path, path: str) -> httpx.Response:
    app = Starlette()
    app.router.default = pages(directory)
    transport = httpx.ASGITransport(app=SecurityHeaders(app))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path)

    import asyncio

    return asyncio.run(ask())


@pytest.mark.parametrize("path", ["/", "/shipments/U-1", "/quarantine", "/sign-in", "/shipments"])
def test_an_address_of_the_dashboard_answers_with_its_page(web: Path, path: str) -> None:
    answer = get(web, path)
    assert answer.status_code == 200
    assert "built" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


def test_the_verifier_is_a_page_of_its_own(web: Path) -> None:
    answer = get(web, "/verify")
    assert answer.status_code == 200
    assert "verifier" in answer.text
    assert get(web, "/verify/more").status_code == 404


def test_the_verifier_needs_no_sign_in(api: RunningApi) -> None:
    with api.client() as client:
        answer = client.get("/verify")
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_a_file_with_its_hash_in_its_name_is_kept_for_ever(web: Path) -> None:
    answer = get(web, "/assets/app-1a2b3c.js")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert "immutable" not in get(web, "/icon.svg").headers["cache-control"]


@pytest.mark.parametrize("path", ["/nothing", "/assets/gone.js", "/api/v1/nothing", "/x/../y"])
def test_anything_else_is_not_there(web: Path, path: str) -> None:
    assert get(web, path).status_code == 404


def test_without_a_build_the_page_says_how_to_get_one(tmp_path: Path) -> None:
    for path in ("/", "/verify"):
        answer = get(tmp_path / "none", path)
        assert answer.status_code == 200
        assert "make web" in answer.text


def test_no_page_runs_foreign_or_inline_scripts(api: RunningApi) -> None:
    with api.client() as client:
        policy = client.get("/").headers["content-security-policy"]
    assert policy == CONTENT_SECURITY_POLICY
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


def test_no_route_of_the_dashboard_hides_the_api() -> None:
    assert "api" not in CLIENT_ROUTES
