"""Which platform made a page: every platform is asked, and the most certain answer counts. Pure."""

from pydantic import ValidationError

from crawler.platforms import PLATFORM_NAMES, ListPage, Platform, Recognition, load_platform
from crawler.platforms.options import OPTIONS, Options
from crawler.portal import Portal
from crawler.probing.needed import is_to_be_filled

GENERIC = "static_list"  # any page whose list stands in its HTML


class Platforms:
    """All platforms, loaded once. names: of all that are asked."""

    def __init__(self) -> None:
        self._loaded: dict[str, Platform] = {name: load_platform(name) for name in PLATFORM_NAMES}
        self.names = list(self._loaded)

    def __getitem__(self, name: str) -> Platform:
        return self._loaded[name]

    def recognise(self, body: bytes, charset: str | None, url: str) -> list[Recognition]:
        """Ask every platform about a page; certain before likely, one with marks of its own before the generic one."""
        found = [
            recognition
            for platform in self._loaded.values()
            if (recognition := platform.recognise(body, charset, url)) is not None
        ]
        return sorted(found, key=rank)


def rank(recognition: Recognition) -> tuple[bool, bool]:
    """What to sort by."""
    return recognition.platform == GENERIC, recognition.certainty != "certain"


def with_platform(portal: Portal, recognition: Recognition) -> tuple[Portal, str | None]:
    """The portal with a platform and what its page said of [options]; (it without them, why) if they are not taken."""
    model = OPTIONS.get(recognition.platform, Options)
    plain = portal.model_copy(update={"platform": recognition.platform, "options": Options()})
    said = {key: value for key, value in recognition.options.items() if not is_to_be_filled(value)}
    if not said:
        return plain, None
    try:
        return plain.model_copy(update={"options": model.model_validate(said)}), None
    except ValidationError as error:
        first = error.errors()[0]
        return plain, f"options.{'.'.join(map(str, first['loc']))}: {first['msg']}"


def can_read(page: ListPage) -> bool:
    """Whether a platform sees anything of its own in a page."""
    return page.is_shell or bool(page.links and page.has_structure) or bool(page.lists) or page.says_empty is not None
