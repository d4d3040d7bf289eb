"""The pretend portals, one module for each kind of portal software; a module is imported when it is asked for."""

from importlib import import_module
from typing import NamedTuple

from crawler.sandbox.portal_site import PortalSite

SITES = {
    "boda": "BodaSite",
    "gkmlpt": "GkmlptSite",
    "jpaas": "JpaasSite",
    "jpage": "JpageSite",
    "json_list": "JsonListSite",
    "longxun": "LongxunSite",
    "scripted": "ScriptedSite",
    "static_list": "StaticListSite",
    "trs": "TrsSite",
    "ucap": "UcapSite",
    "xxgk": "XxgkSite",
}
"""Module -> class of its sites. The module is named after the platform that it plays; "scripted" is a static_list that
scripts make, for the browser."""


class Shape(NamedTuple):
    """One way in which a portal is served: module and variant, "" for the ordinary one."""

    name: str
    variant: str = ""

    def __str__(self) -> str:
        return f"{self.name}:{self.variant}" if self.variant else self.name


def site_class(name: str) -> type[PortalSite]:
    """The class of a module's sites. Raises ValueError for a name that is not among SITES."""
    if name not in SITES:
        raise ValueError(f"the sandbox plays no {name!r}; it plays {', '.join(SITES)}")
    found: type[PortalSite] = getattr(import_module(f"{__name__}.{name}"), SITES[name])
    return found


def all_shapes() -> list[Shape]:
    """Every variant of every platform, the ordinary one of each first."""
    return [Shape(name, variant) for name in SITES for variant in site_class(name).variants]


def read_shape(text: str) -> list[Shape]:
    """The shapes that "trs" (all its variants) or "trs:one-based" means. Raises ValueError with what there is."""
    name, colon, variant = text.strip().partition(":")
    variants = site_class(name).variants
    if colon and variant not in variants:
        named = ", ".join(f"{name}:{known}" for known in variants if known)
        raise ValueError(f"there is no {text.strip()!r}; there are {named or name}")
    return [Shape(name, known) for known in ((variant,) if colon else variants)]
