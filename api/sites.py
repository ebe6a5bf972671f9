"""Sites, and which therapies they are qualified for."""

from fastapi import Response

from api.admission import guarded_router
from api.dependencies import SessionDep
from api.models.nouns import QualificationBody, QualificationView, SiteBody, SiteView
from api.models.wire import Gln, Slug, answer_put
from store.nouns import Qualification, Site, get, list_qualifications, list_rows, put

router = guarded_router("sites")


@router.get("/sites")
def list_sites(session: SessionDep) -> list[SiteView]:
    """Return all sites, by GLN."""
    return [SiteView.model_validate(row) for row in list_rows(session, Site)]


@router.get("/sites/{gln}")
def get_site(gln: Gln, session: SessionDep) -> SiteView:
    """Return one site."""
    return SiteView.model_validate(get(session, Site, gln))


@router.put("/sites/{gln}", status_code=201)
def put_site(gln: Gln, body: SiteBody, session: SessionDep, response: Response) -> SiteView:
    """Store or renew a site."""
    row = Site(gln=gln, **body.model_dump())
    answer_put(put(session, row), response)
    return SiteView.model_validate(row)


@router.get("/sites/{gln}/qualifications")
def list_site_qualifications(gln: Gln, session: SessionDep) -> list[QualificationView]:
    """Return a site's qualifications, by therapy."""
    return [QualificationView.model_validate(row) for row in list_qualifications(session, gln)]


@router.get("/sites/{gln}/qualifications/{therapy_id}")
def get_qualification(gln: Gln, therapy_id: Slug, session: SessionDep) -> QualificationView:
    """Return a site's qualification for one therapy."""
    return QualificationView.model_validate(get(session, Qualification, (gln, therapy_id)))


@router.put("/sites/{gln}/qualifications/{therapy_id}", status_code=201)
def put_qualification(
    gln: Gln, therapy_id: Slug, body: QualificationBody, session: SessionDep, response: Response
) -> QualificationView:
    """Store or renew a site's qualification for one therapy."""
    row = Qualification(site_gln=gln, therapy_id=therapy_id, expires_at=body.expires_at)
    answer_put(put(session, row), response)
    return QualificationView.model_validate(row)
