"""The built dashboard's files, or a plain page that says that they were not built."""

from http import HTTPStatus
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

WEB = Path(__file__).parent / "web"
INDEX = "index.html"
CLIENT_ROUTES = frozenset(
    {".", "shipments", "alerts", "custody", "my-key", "quarantine", "sign-in"}
)
"""First parts of addresses that the dashboard itself understands."""
VERIFIER = "verify.html"
OPEN_PAGES = {"verify": VERIFIER}
"""Addresses of pages that work without the dashboard, without sign-in and without the API."""

_HASHED = "assets"
_FOR_EVER = "public, max-age=31536000, immutable"

NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Unbroken</title>
<h1>Unbroken</h1>
<p>The front end is not built. Run <code>make web</code> and reload this page.</p>
<p>The API is at <code>/api/v1</code>, its health at <code>/health</code>.</p>
</html>
"""


class Pages(StaticFiles):
    """Files as they are; the dashboard's own addresses answer with its index page."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory, check_dir=False)
        self.config_checked = True  # a directory that is not there means: not built

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, the index page for an address of the dashboard, or a 404."""
        parts = Path(path).parts
        first = parts[0] if parts else "."
        if first in CLIENT_ROUTES:
            path = INDEX
        elif len(parts) == 1 and first in OPEN_PAGES:
            path = OPEN_PAGES[first]
        elif scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if path not in {INDEX, VERIFIER} or error.status_code != HTTPStatus.NOT_FOUND:
                raise
            return HTMLResponse(NOT_BUILT, headers={"Cache-Control": "no-store"})
        response.headers["Cache-Control"] = _FOR_EVER if first == _HASHED else "no-cache"
        return response


def pages(directory: Path = WEB) -> Pages:
    """Return the app that serves the dashboard, built or not."""
    return Pages(directory)
