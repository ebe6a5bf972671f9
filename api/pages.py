"""The built dashboard's files, or a plain page that says that they were not built."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

WEB = Path(__file__).parent / "web"
INDEX = "index.html"
CLIENT_ROUTES = frozenset({".", "shipments", "alerts", "custody", "quarantine", "sign-in"})
"""First parts of addresses that the dashboard itself understands."""

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

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, the index page for an address of the dashboard, or a 404."""
        parts = Path(path).parts
        if path == "." or (parts and parts[0] in CLIENT_ROUTES):
            path = INDEX
        try:
            response = await super().get_response(path, scope)
        except HTTPException:
            if path != INDEX or scope["method"] not in {"GET", "HEAD"}:
                raise
            return HTMLResponse(NOT_BUILT, headers={"Cache-Control": "no-store"})
        hashed = bool(parts) and parts[0] == _HASHED
        response.headers["Cache-Control"] = _FOR_EVER if hashed else "no-cache"
        return response


def pages(directory: Path = WEB) -> Pages:
    """Return the app that serves the dashboard, built or not."""
    return Pages(directory=directory, check_dir=False)
