"""What a site is called, whose place and whose site that is. Pure guesses, to be read by a person."""

import re
from collections import Counter
from collections.abc import Iterable

from crawler.pages.html import clean
from crawler.probing.page import PageFacts

_LONGEST = 40
_SITE = re.compile(r"人民政府|政府|管委会|管理委员会|[局委厅院署]$|网$|网站$|门户")
_PLACE_IN_SITE = re.compile(r"公开|年报|年度报告|\d{4}年")  # the name of a column, where the title has no other part
_TAIL = re.compile(
    r"[（(][^（）()]*[)）]$|欢迎访问|(?:中国)?(?:门户网站|政务网站?|官方网站|官网|网站|门户网|信息网|信息公开网|政府网)$|[\-_|·]+$"
)
_PLACE = re.compile(r"(?P<place>.{1,14}?(?:省|自治区|自治州|自治县|自治旗|地区|市|县|区|旗|州|盟))(?:人民)?政府")
_AGENCY = re.compile(r".{2,}(?:局|委|委员会|厅|院|署|办公室|管委会|管理委员会)")
_AT_FRONT = re.compile(r"(?P<place>.{1,12}?(?:省|自治区|自治州|自治县|地区|市|县|区|旗|州|盟))")


def site_name(pages: Iterable[PageFacts]) -> str:
    """The site's name: the SiteName of its pages, else what their titles end with; "" where nothing says it."""
    pages = list(pages)
    tagged = Counter(page.tags["sitename"] for page in pages if "sitename" in page.tags)
    titled = Counter(
        page.last_name for page in pages if _SITE.search(page.last_name) and not _PLACE_IN_SITE.search(page.last_name)
    )
    for names in (tagged, titled):
        if names:
            return _short(names.most_common(1)[0][0])
    return ""


def place_of(name: str) -> str | None:
    """The place in front of short agency names, guessed from the site's name: 柳溪县 of 柳溪县人民政府."""
    if (found := _PLACE.match(name)) is not None:
        return found["place"]
    if agency_of(name) is not None and (found := _AT_FRONT.match(name)) is not None:
        return found["place"] if len(found["place"]) < len(name) - 1 else None
    return None


def agency_of(name: str) -> str | None:
    """The agency whose own site it is: 松塘市财政局; None of the site of a government, on which many publish."""
    return name if "政府" not in name and _AGENCY.fullmatch(name) else None


def _short(name: str) -> str:
    """Without what only says that it is a site, unless that is all that is left."""
    name = clean(name)[:_LONGEST]
    for _ in range(3):
        shorter = _TAIL.sub("", name).strip()
        if len(shorter) < 2 or shorter == name:
            break
        name = shorter
    return name
