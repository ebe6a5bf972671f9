"""What a person says about an alert."""

from typing import Annotated

from pydantic import Field

from api.models.wire import Body, Slug


class Handling(Body):
    """A reason code from the playbook, and a comment in own words."""

    reason: Slug
    comment: Annotated[str, Field(max_length=2000)] = ""
