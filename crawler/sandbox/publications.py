"""What stands in a place's column of annual reports, whatever software shows it: its reports, and what stands beside.

The traps are those of real columns: titles that name no agency or only a short one, the government's report beside its
office's, forms about websites, explanations, guides, lists of which units have published. Nothing is written before it
is asked for.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from html import escape

from crawler.sandbox import season
from crawler.sandbox.country import Country, PlannedReport
from crawler.sandbox.names import Place
from crawler.sandbox.portal_site import ENDINGS, MEDIA_TYPES, Publication, PublishedFile
from crawler.sandbox.sample import SampleReport
from crawler.sandbox.writers import docx, html, pdf, text, xlsx
from crawler.sandbox.writers.html import HtmlVariant

WRITERS: dict[str, Callable[[SampleReport], bytes]] = {
    "pdf": pdf.write,
    "docx": docx.write,
    "xlsx": xlsx.write,
    "text": text.write,
}
_COPIES = ("docx", "pdf")
# Of so many reports of departments and townships in a row, the second has copies, the fourth and sixth only a file.
_ROUND, _WITH_COPIES, _ONLY_ATTACHED = 6, (1,), (3, 5)
# The figure that a changed report has otherwise: none of the form's sums holds it, and no prose repeats it.
_CHANGED_FIGURE = "disclosure.penalties.decisions"


class ReportText:
    """A report as the HTML fragment of an article, the same on every day; written once, when it is asked for."""

    def __init__(self, sample: SampleReport, variant: HtmlVariant) -> None:
        # The portal prints the frame and knows its encoding.
        self._sample, self._variant = sample, replace(variant, frame=None, encoding="utf-8", charset="none")

    def __call__(self, day: date) -> str:
        return self._html

    @cached_property
    def _html(self) -> str:
        return html.render(self._sample, self._variant).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedReport(Publication):
    """An annual report. sample: what it says, as written; variant: how its HTML is. media: of its files.
    only_attached: its article says nothing but that the report is attached."""

    sample: SampleReport
    variant: HtmlVariant
    media: tuple[str, ...] = ()
    only_attached: bool = False


def publications(
    country: Country, place: Place, formats: Sequence[str] = ("html",), seed: int | None = None
) -> list[Publication]:
    """Everything that a place's column shows in all the years, in order of publication.

    formats: "html", and of "pdf", "docx", "xlsx", "text" those in which departments and townships publish too: as
    copies beside the text, or as an attachment alone. seed: which ones, and whose titles are short or name nobody; by
    default the country's. Raises ValueError for another format.
    """
    unknown = sorted(set(formats) - set(MEDIA_TYPES))
    if unknown:
        raise ValueError(f"unknown format {unknown[0]!r}; the sandbox serves {', '.join(MEDIA_TYPES)}")
    chance = random.Random(f"{country.seed if seed is None else seed}:{place.code}:column")
    plans = [plan for plan in country.plans if plan.agency.region_code == place.code]
    files = [media for media in formats if media != "html"]
    found: list[Publication] = [*_reports(chance, place, plans, files), *_neighbours(chance, place, country, plans)]
    found.sort(key=lambda item: (item.published_at, item.kind != "report", item.agency_id or "", item.title))
    return [replace(item, number=number) for number, item in enumerate(found)]


def published_report(plan: PlannedReport, sample: SampleReport, publisher: str, media: Sequence[str] = (),
                     *, only_attached: bool = False) -> PublishedReport:  # fmt: skip
    """A planned report as a publication without number. sample: the plan's, as this portal prints it."""
    return _written(
        PublishedReport(
            number=0,
            title=sample.title,
            kind="report",
            publisher=publisher,
            published_at=plan.published_at,
            body=_attached_only,
            agency_id=plan.agency.id,
            year=plan.year,
            built_daily=plan.build_date,
            sample=sample,
            variant=plan.variant,
            media=tuple(media),
            only_attached=only_attached,
        )
    )


def changed_figures(item: PublishedReport, figures: Mapping[str, int] | None = None) -> PublishedReport:
    """The same publication with another figure, or these, in text and files, under the old dates and title."""
    if not figures:
        before = item.sample.figures.get(_CHANGED_FIGURE)
        figures = {_CHANGED_FIGURE: 7 + (before if isinstance(before, int) else 0)}
    return _written(replace(item, sample=replace(item.sample, figures={**item.sample.figures, **figures})))


def changed_title(item: Publication) -> Publication:
    """The same publication under another title of the same meaning."""
    title = f"{item.title}（更新）"
    if not isinstance(item, PublishedReport):
        return replace(item, title=title)
    return _written(replace(item, title=title, sample=replace(item.sample, title=title)))


def _written(item: PublishedReport) -> PublishedReport:
    """The publication with the text and the files that its sample gives."""
    files = tuple(
        PublishedFile(f"{item.title}.{ENDINGS[media]}", media, partial(WRITERS[media], item.sample))
        for media in item.media
    )
    body = _attached_only if item.only_attached else ReportText(item.sample, item.variant)
    return replace(item, body=body, files=files)


def _attached_only(day: date) -> str:
    return "<p>全文见附件。</p>"


def _reports(
    chance: random.Random, place: Place, plans: list[PlannedReport], files: list[str]
) -> list[PublishedReport]:
    # A joint name cannot be shortened, and a page without publication date must have a title to be known by.
    departments = sorted(
        {p.agency.name for p in plans if p.agency.organ == "department" and "、" not in p.sample.agency}
        - {p.agency.name for p in plans if p.build_date}
    )
    nameless, *short = chance.sample(departments, min(3, len(departments))) or [""]
    offset, count, attached = chance.randrange(_ROUND), 0, 0
    found = []
    for plan in plans:
        sample, name = plan.sample, plan.agency.name
        if name == nameless:
            sample = replace(sample, title=sample.title.replace(sample.agency, ""))
        elif name in short:
            sample = replace(sample, title=sample.title.replace(name, name.removeprefix(place.name)))
        media: tuple[str, ...] = ()
        only_attached = False
        if files and plan.agency.organ in ("department", "township") and not plan.build_date:
            turn = (count + offset) % _ROUND
            count += 1
            if turn in _WITH_COPIES:
                media = tuple(name for name in _COPIES if name in files)
            elif turn in _ONLY_ATTACHED:
                media, only_attached = (files[attached % len(files)],), True
                attached += 1
        found.append(published_report(plan, sample, plan.sample.agency, media, only_attached=only_attached))
    return found


def _neighbours(chance: random.Random, place: Place, country: Country, plans: list[PlannedReport]) -> list[Publication]:
    """What stands in the same column and is no annual report."""
    office = f"{place.name}人民政府办公室"
    found: list[Publication] = []

    def add(kind: str, title: str, at: datetime, body: str, publisher: str = office) -> None:
        found.append(Publication(0, title, kind, publisher, at, partial(_said, body)))

    for year in country.years:
        of_year = [plan for plan in plans if plan.year == year]
        departments = [plan for plan in of_year if plan.agency.organ == "department"]

        def on(month: int, day: int, year: int = year) -> datetime:
            return season.at_beijing(date(year + 1, month, day), 9)

        title = f"关于做好{year}年政府信息公开工作年度报告编制和发布工作的通知"
        add("other", title, on(1, 3), "<p>请各单位按照规定的格式编制，按时发布。</p>")
        title = f"{place.name}人民政府网站工作年度报表（{year}年度）"
        add("website_form", title, on(1, 20), "<p>现将本网站年度运行数据公布如下，报表见网站首页。</p>")
        title = f"{year}年{place.name}政府网站监管年度报表"
        add("website_form", title, on(1, 22), "<p>全年抽查网站四次，抽查情况见网站首页。</p>")
        title = f"{place.name}{year}年法治政府建设年度报告"
        add("other", title, on(3, 20), "<p>本年度法治政府建设情况报告如下，任务均已完成。</p>")
        for plan in of_year:
            if plan.agency.organ == "government":
                title = f"一图读懂：{place.name}{year}年政府信息公开工作年度报告"
                add("interpretation", title, plan.published_at + timedelta(days=1), "<p>以图片说明主要内容。</p>")
        for plan in chance.sample(departments, min(2, len(departments))):
            name = plan.agency.name
            title = f"解读：{name}{year}年政府信息公开工作年度报告"
            later = plan.published_at + timedelta(days=2)
            add("interpretation", title, later, "<p>就报告的主要内容答问如下。</p>", name)
        for plan in departments[:1]:
            name = plan.agency.name
            body = "<p>全年办理行政处罚案件若干件，统计表另行公开。</p>"
            add("enforcement_statistics", f"{name}{year}年行政执法年度报告", on(1, 25), body, name)
        if of_year:
            title, at = f"{place.name}{year}年政府信息公开工作年度报告公布情况", on(4, 3)
            add("publication_notice", title, at, _notice(year, [p for p in of_year if p.published_at < at]))
    first = season.at_beijing(date(country.years[0] + 1, 1, 4), 9)
    body = "<p>本指南说明申请政府信息的方式和受理机构。</p>"
    add("guide", f"{place.name}政府信息公开指南", first, body)
    return found


def _said(body: str, day: date) -> str:
    return body


def _notice(year: int, plans: list[PlannedReport]) -> str:
    """The text of a notice of which units have published; true, so that no unit without a report is among them."""
    rows = "".join(
        f"<tr><td>{number}</td><td>{escape(plan.sample.agency)}</td><td>已公布</td></tr>"
        for number, plan in enumerate(plans, start=1)
    )
    return (
        f"<p>{year}年度政府信息公开工作年度报告的公布情况如下。</p>"
        f"<table><tbody><tr><td>序号</td><td>单位名称</td><td>公布情况</td></tr>{rows}</tbody></table>"
    )
