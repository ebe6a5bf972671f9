"""The description of this API, for programs that are signed in."""

from typing import Any

from fastapi import Request

from api.admission import guarded_router

router = guarded_router("description")


@router.get("/openapi.json", include_in_schema=False)
def get_description(request: Request) -> dict[str, Any]:
    """Return the OpenAPI description."""
    description: dict[str, Any] = request.app.openapi()
    return description
