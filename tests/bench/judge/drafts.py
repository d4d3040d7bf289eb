"""What each agency writes, year by year, before anything is wrong with it: figures for which all identities hold, prose
that agrees with them, a title, and how the document is written."""

import random
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from crawler.sandbox import prose
from crawler.sandbox.figures import Profile, as_int, next_year, one_other_row
from crawler.sandbox.sample import Printable, SampleReport, SampleSection
from crawler.sandbox.writers import docx, html, pdf, text, xlsx
from crawler.sandbox.writers.html import HtmlVariant
from crawler.sandbox.writers.html_page import PageFrame
from tests.bench.judge.country import FIRST, LAST, Body, Country
from tests.bench.judge.oracle import APPLICANTS, CASES, OUTCOMES, RESULTS

RICH = 20  # new applications of a year from which on every error of figures can be put in
MEDIA = {"html": "text/html", "text": "text/plain", "docx": "application/msword", "pdf": "application/pdf",
         "xlsx": "application/vnd.ms-excel"}  # fmt: skip
# What a report is written in, of a hundred: a page, or a file that a page carries.
_WRITTEN_IN = (("html", 74), ("text", 8), ("xlsx", 8), ("pdf", 6), ("docx", 4))
_TITLES = (
    "{agency}{year}年政府信息公开工作年度报告",
    "{year}年{agency}政府信息公开工作年度报告",
    "{agency}{year}年度政府信息公开工作年度报告",
)
PLATFORMS = "平台建设"
_WITHOUT_PLATFORMS = (
    "（一）主动公开。全年主动公开各类信息，事项清单年初列出，年底逐项核对，未完成的在次年一季度补齐。",
    "（二）依申请公开。各项申请均在期限内答复，数量见第三部分的表格；答复书的用语作了统一，说明理由的部分有所充实。",
    "（三）政府信息管理。文件起草时即填写公开属性，由经办人和负责人分别审核，历年文件重新编目，注明有效性。",
    "（五）监督保障。年内组织培训两次，每季度自查一次，发现的问题均已改正；公开工作列入年度评议。",
)
# What governments report besides, in section 一.
_OF_GOVERNMENTS = (
    "工作考核方面，公开工作列入对各部门的年度考核；社会评议方面，通过问卷收集意见，总体评价较好；"
    "责任追究方面，本年度没有因公开工作被追究责任的情形。"
)


@dataclass(slots=True)
class Draft:
    """A report for a year. seed: of its prose, which repeats the figures as they are when it is written. lacks: the
    number of a section that it does not have, or PLATFORMS, of which it then says nothing at all. more: a sentence at
    the end of section 五. slipped: a row of its table is printed a cell short."""

    body: Body
    year: int
    form: str
    figures: dict[str, Printable]
    seed: str
    media: str
    variant: HtmlVariant
    titled: str = ""  # instead of its usual title
    lacks: int | str | None = None
    more: str = ""
    slipped: bool = False

    @property
    def key(self) -> tuple[str, int]:
        return self.body.agency.id, self.year

    @property
    def title(self) -> str:
        if self.titled:
            return self.titled
        style = zlib.crc32(self.body.agency.id.encode()) % len(_TITLES)
        return _TITLES[style].format(agency=self.body.name_in(self.year), year=self.year)

    def sample(self, published_on: str, signed_on: str) -> SampleReport:
        """The report as the writers want it."""
        return SampleReport(
            title=self.title,
            agency=self.body.name_in(self.year),
            year=self.year,
            form=self.form,
            figures=self.figures,
            sections=self._sections(),
            signed_on=signed_on,
            published_on=published_on,
            opening=prose.opening(
                random.Random(self.seed), agency=self.body.name_in(self.year), year=self.year, site=self.body.place.name
            ),
        )

    def _sections(self) -> tuple[SampleSection, ...]:
        body = self.body
        sections = list(
            prose.sections(random.Random(self.seed), self.figures, year=self.year, we=body.we, topics=body.topics)
        )
        first = list(sections[0].paragraphs)
        if body.agency.organ in ("government", "office"):
            first.append(f"（六）{_OF_GOVERNMENTS}")
        if self.lacks == PLATFORMS:
            first = [first[0].replace("网", ""), *_WITHOUT_PLATFORMS, *first[6:]]
        sections[0] = replace(sections[0], paragraphs=tuple(first))
        if self.more:
            sections[4] = replace(sections[4], paragraphs=(*sections[4].paragraphs, self.more))
        return tuple(section for section in sections if section.number != self.lacks)


@dataclass(slots=True)
class Drafts:
    """All reports by agency and year."""

    of: dict[tuple[str, int], Draft] = field(default_factory=dict)

    def get(self, body: Body, year: int) -> Draft | None:
        return self.of.get((body.agency.id, year))


def make_drafts(country: Country, wrong_form: set[tuple[str, int]]) -> Drafts:
    """The reports of all agencies that write any. wrong_form: whose reports follow the form that is not that year's."""
    drafts = Drafts()
    for body in country.bodies:
        if not body.publishes:
            continue
        chance = random.Random(f"{country.seed}:{body.agency.id}:figures")
        profile, one_row = _profile(chance, body), chance.random() < 0.2
        for year in range(FIRST, LAST + 1):
            form = "2019" if year <= 2020 else "2021"
            if (body.agency.id, year) in wrong_form:
                form = "2019" if form == "2021" else "2021"
            figures = next_year(profile, year, form, chance)
            if body.agency.organ in ("government", "office") and zlib.crc32(body.agency.id.encode()) % 4 == 0:
                figures |= _regulations(form)  # no rule knows better than a government what it may make
            _vary_results(figures, chance)
            _vary_challenges(figures, chance)
            if form == "2021" and one_row:
                figures = one_other_row(figures)
            if body.exists_in(year):
                drafts.of[body.agency.id, year] = _draft(chance, body, year, form, figures)
    return drafts


def _profile(chance: random.Random, body: Body) -> Profile:
    organ = body.agency.organ
    applications = chance.choice((0, 0, 1, 2, 3, 5))
    if organ == "government":
        applications = chance.randint(180, 800)
    elif organ == "department" and chance.random() < 0.55:
        applications = chance.randint(30, 90)
    powers = organ == "department" and chance.random() < 0.7
    stock = chance.randint(6, 40) if organ == "government" or powers else 0
    cases, fees = (chance.randint(60, 4000), float(chance.randint(1, 900))) if powers else (0, 0.0)
    return Profile(applications, powers, cases, stock, fees if chance.random() < 0.5 else 0.0)


def _regulations(form: str) -> dict[str, Printable]:
    if form == "2019":
        return {f"disclosure.regulations.{c}": n for c, n in (("made", 0), ("published", 0), ("total_published", 4))}
    return {f"disclosure.regulations.{c}": n for c, n in (("issued", 0), ("repealed", 0), ("in_force", 4))}


def _vary_results(figures: dict[str, Printable], chance: random.Random) -> None:
    """Results that differ from year to year and from column to column; the sandbox's are always in one proportion."""
    rows = [row for row in RESULTS if f"applications.{row}.total" in figures]
    weights = [as_int(figures, f"applications.{row}.total") + 1 for row in rows]
    for column in APPLICANTS:
        count = as_int(figures, f"applications.processed.{column}")
        drawn = Counter(chance.choices(rows, weights, k=count))
        figures |= {f"applications.{row}.{column}": drawn[row] for row in rows}
    for row in rows:
        figures[f"applications.{row}.total"] = sum(as_int(figures, f"applications.{row}.{c}") for c in APPLICANTS)


def _vary_challenges(figures: dict[str, Printable], chance: random.Random) -> None:
    """Outcomes that differ from year to year, as those of few cases do; the sandbox's are always in one proportion."""
    for row in CASES:
        total = as_int(figures, f"challenges.{row}.total")
        if total:
            total += chance.randint(0, 2 + total // 3)
            cuts = sorted(chance.randint(0, total) for _ in OUTCOMES[1:])
            parts = [end - begin for begin, end in pairwise((0, *cuts, total))]
            figures |= {f"challenges.{row}.{outcome}": part for outcome, part in zip(OUTCOMES, parts, strict=True)}
            figures[f"challenges.{row}.total"] = total


def _draft(chance: random.Random, body: Body, year: int, form: str, figures: dict[str, Printable]) -> Draft:
    media = chance.choices([m for m, _ in _WRITTEN_IN], [share for _, share in _WRITTEN_IN])[0]
    variant = HtmlVariant(
        word_paste=chance.random() < 0.3,
        tables=chance.choice(("three", "three", "three", "cut", "one")),
        nested=chance.random() < 0.1,
        unclosed=chance.random() < 0.1,
        litter=chance.random() < 0.1,
        seed=zlib.crc32(f"{body.agency.id}:{year}".encode()),
    )
    return Draft(body, year, form, figures, f"{body.agency.id}:{year}:prose", media, variant)


_WRITERS: dict[str, Callable[[SampleReport], bytes]] = {
    "text": text.write,
    "xlsx": xlsx.write,
    "pdf": pdf.write,
    "docx": docx.write,
}


def write_file(sample: SampleReport, media: str) -> bytes:
    """A report as a file of its own."""
    return _WRITERS[media](sample)


def write_page(sample: SampleReport, variant: HtmlVariant, site_name: str) -> bytes:
    """A report as a page of its portal."""
    return html.render(sample, replace(variant, frame=PageFrame(site_name=site_name, publisher=sample.agency)))
