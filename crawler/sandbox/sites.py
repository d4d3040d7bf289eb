"""The portals of a country: which software each place's portal runs on, and what it shows."""

from collections.abc import Sequence

from crawler.sandbox.country import Country
from crawler.sandbox.portal_site import PortalSite
from crawler.sandbox.portals import SITES, Shape, site_class
from crawler.sandbox.publications import publications

PLAIN_SHAPES = (Shape("static_list", "links"), Shape("static_list", "script"), Shape("static_list", "table"))
"""Lists of plain pages, as the demo's portals have them."""


def country_sites(
    country: Country,
    formats: Sequence[str] = ("html",),
    *,
    shapes: Sequence[tuple[str, str]] = PLAIN_SHAPES,
    seed: int | None = None,
) -> list[PortalSite]:
    """One portal for each place of the country, its id `county_<code>`.

    shapes: (module of crawler/sandbox/portals, variant); the places take them in turn, so that a country of as many
    places has one portal of each. formats, seed: of `publications`. Raises ValueError for a shape or a format that
    there is not, and for more shapes than places.
    """
    if not shapes:
        raise ValueError("the portals need a shape; name one, as in static_list")
    if len(shapes) > len(country.places):
        raise ValueError(
            f"{len(shapes)} shapes need as many places, and the country has {len(country.places)}; "
            f"build it with portals={len(shapes)}"
        )
    sites = []
    for number, place in enumerate(country.places):
        name, variant = shapes[number % len(shapes)]
        items = publications(country, place, formats, seed)
        made = site_class(name)(f"county_{place.code}", f"{place.name}人民政府", place.name, items, variant=variant)
        sites.append(made)
    return sites


def shape_of(site: PortalSite) -> Shape:
    """How a portal is served, as `nianbao sandbox --shapes` names it."""
    name = next((name for name, known in SITES.items() if known == type(site).__name__), site.platform)
    return Shape(name, site.variant)
