"""Title and agency of a report: what the document says it is, and whose."""

import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

from parsers.blocks import Block, Grid, Paragraph
from parsers.titles import clean_title, read_title, title_year

_LONGEST_TITLE = 70  # characters
_SEARCHED = 60  # paragraphs from the beginning in which a title can stand
_ORGAN = re.compile(
    r"(?:人民政府|办公厅|办公室|政府办|局|委员会|委|厅|部|署|院|办|中心|分局|镇|乡|街道|办事处|苏木|管委会|园区|开发区|总队|支队|大队|队|站|处|馆|社|会|公司|集团|[省市县区旗州盟])$"
)
_AGENCY_LABEL = re.compile(r"^(?:发布机构|发文机关|发布单位|发文单位|公开机构|信息来源|来源|公开主体|制作机构)$")
_SENTENCE = re.compile(r"[。；;！？!?]")


class Heading(NamedTuple):
    """title and agency as printed, the reporting year of the title; each None where not found."""

    title: str | None
    agency: str | None
    year: int | None


def read_heading(blocks: Sequence[Block], meta: dict[str, str]) -> Heading:
    """Find the title of the report: in the text, where agency, year and report words stand together; else in the
    page's metadata. The agency is the title's, else the one that the page labels, else the signature's.

    Of several titles in the text (a portal lists other agencies' reports too) that counts which the metadata name or
    the format marks as a heading. Metadata that name another year than the text are an older file's.
    """
    stated = _titles_in_meta(meta)
    printed = _titles_in_text(blocks, {_squeezed(heading.title) for heading in stated})
    years = {heading.year for heading in printed} - {None}
    stated = [heading for heading in stated if not years or heading.year is None or heading.year in years]
    best = max([*printed, *stated], key=_completeness, default=Heading(None, None, None))
    if best.agency is None:
        best = best._replace(
            agency=_labelled_agency(blocks) or _signed_agency(blocks) or _agency_name(meta.get("contentsource"))
        )
    return best


def _squeezed(title: str | None) -> str:
    return clean_title(title or "")


def _completeness(heading: Heading) -> int:
    return 2 * (heading.agency is not None) + (heading.year is not None)


def _titles_in_text(blocks: Sequence[Block], stated: Collection[str]) -> list[Heading]:
    """The titles in the text. stated: those that the metadata name; if one of them is in the text, or one is marked
    as a heading, only the first such is returned, with what completes it."""
    found: list[Heading] = []
    paragraphs = [block for block in blocks if isinstance(block, Paragraph)][: _SEARCHED * 2]
    # The article's own lines come before what the portal prints around them.
    paragraphs = [p for p in paragraphs if p.main][:_SEARCHED] + [p for p in paragraphs if not p.main]
    for index, paragraph in enumerate(paragraphs):
        text = paragraph.text
        if len(text) > _LONGEST_TITLE or _SENTENCE.search(text) or "公开" not in text:
            continue
        titles = _as_title(text)
        before = paragraphs[index - 1].text if index else ""
        if titles and titles[-1].agency is None and _agency_name(before):
            # Agency and title on two lines.
            titles.append(titles[-1]._replace(title=before + text, agency=_agency_name(before)))
        if titles and (paragraph.heading or any(_squeezed(heading.title) in stated for heading in titles)):
            return titles
        found += titles
    return found


def _titles_in_meta(meta: dict[str, str]) -> list[Heading]:
    found = []
    for key in ("articletitle", "title"):
        text = re.split(r"[_|]|\s-\s|-(?=[^-]*(?:网|门户|平台)[^-]*$)", meta.get(key, ""))[0].strip()
        found += _as_title(text) if text else []
    return found


def _as_title(text: str) -> list[Heading]:
    title = read_title(text)
    if not title.is_report or _says_more(text):
        return []
    agency = None
    if title.agency:
        # As printed, blanks inside dropped.
        agency = title.agency
    return [Heading(text.strip("《》"), agency, title.year)]


def _says_more(text: str) -> bool:
    """A line that names the report inside a sentence or a path of navigation is no title."""
    return bool(re.search(r"[>＞»]|根据|按照|编制|现将|如下|：.*：|当前位置|您的位置", text))


def _labelled_agency(blocks: Sequence[Block]) -> str | None:
    for block in blocks:
        if isinstance(block, Grid):
            for row in block.rows:
                cells = [text for text in row if text]
                for label, value in pairwise(cells):
                    if _AGENCY_LABEL.match(re.sub(r"[\s:：]", "", label)) and (name := _agency_name(value)):
                        return name
        elif len(block.text) < 120:
            for part in re.split(r"[\s|]+(?=[\u4e00-\u9fff]{2,4}[:：])", block.text):
                label, _, value = part.replace("：", ":").partition(":")
                if _AGENCY_LABEL.match(re.sub(r"\s", "", label)) and (name := _agency_name(value)):
                    return name
    return None


def _signed_agency(blocks: Sequence[Block]) -> str | None:
    texts = [block.text for block in blocks if isinstance(block, Paragraph) and block.main]
    for text in reversed(texts[-8:]):
        if name := _agency_name(re.sub(r"\s*20\d\d\s*年.*$", "", text)):
            return name
    return None


def _agency_name(text: str | None) -> str | None:
    """The text as an agency's name, or None if it is none."""
    if not text:
        return None
    name = clean_title(text).strip("《》()[]")
    if (
        2 < len(name) <= 30
        and _ORGAN.search(name)
        and not re.search(r"[，,。:：/\d]|网站|门户|版权|主办|承办|地址|技术支持|联系", name)
        and title_year(name) is None
    ):
        return name
    return None
