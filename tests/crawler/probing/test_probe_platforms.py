"""Every platform of the sample country is recognised from its column's address and from its home page."""

import asyncio

import pytest

from crawler.probing.needed import is_to_be_filled
from crawler.probing.places import Place
from crawler.probing.recognise import Platforms
from crawler.probing.search import Search, Way
from crawler.sandbox.portal_site import PortalSite
from crawler.sandbox.portals import SITES, read_shape, site_class
from tests.crawler.probing.looking import ORIGIN, PORTAL, SiteAsking, answers_of
from tests.crawler.sandbox.some_publications import NOW, PLACE, PORTAL_NAME, publications

PLATFORMS = Platforms()
# Other platforms that read a system as well as the one that it is played for.
ALSO = {"json_list:chinatax": "ucap", "json_list:quanzhou": "trs", "static_list:script": "trs"}
# What these need stands in no page: software and column are recognised, and the draft is to be completed.
TO_BE_COMPLETED = {"trs:fjdzapp", "longxun:external"}
IN_THE_BROWSER = "scripted"
PUBLICATIONS = publications(40, files=False)


def search(site: PortalSite, start: str) -> Way:
    return asyncio.run(Search(ORIGIN + start, PORTAL, SiteAsking(answers_of(site, NOW)), PLATFORMS, 12).run())  # type: ignore[arg-type]


def shapes() -> list[str]:
    return [str(shape) for name in SITES if name != IN_THE_BROWSER for shape in read_shape(name)]


@pytest.mark.parametrize("shape", shapes())
def test_a_platform_is_recognised_from_its_column_and_from_its_home_page(shape: str) -> None:
    name, _, variant = shape.partition(":")
    site = site_class(name)("liuxi", PORTAL_NAME, PLACE, PUBLICATIONS, variant=variant)
    for start in (site.column_paths[0], "/"):
        way = search(site, start)
        if shape in TO_BE_COMPLETED:
            assert way.unread is not None and not way.columns
            place: Place = way.unread[0]
        else:
            assert way.columns, [(page.url, page.what) for page in way.pages]
            place = way.columns[0]
        assert place.recognition.platform in (site.platform, ALSO.get(shape)), place.recognition
        assert not any(is_to_be_filled(value) for value in place.recognition.options.values()) or not way.columns
        assert len(way.pages) <= 6 or len(way.columns) > 1


def test_every_shape_that_is_left_out_is_there() -> None:
    known = {str(shape) for name in SITES for shape in read_shape(name)}
    assert {*ALSO, *TO_BE_COMPLETED} <= known and IN_THE_BROWSER in SITES


@pytest.mark.parametrize("variant", site_class(IN_THE_BROWSER).variants)
def test_a_list_that_only_a_browser_shows_is_no_list_yet(variant: str) -> None:
    site = site_class(IN_THE_BROWSER)("liuxi", PORTAL_NAME, PLACE, PUBLICATIONS, variant=variant)
    for start in (site.column_paths[0], "/"):
        way = search(site, start)
        assert not any(place.reports for place in way.columns)
        column = way.columns[0] if way.columns else way.unread[0] if way.unread else None
        if column is None:
            assert way.pages[-1].outcome == "blocked"
        else:
            assert column.recognition.platform == site.platform and site.column_paths[0] in column.address
