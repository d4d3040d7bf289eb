"""What goes wrong in time: reports that do not come, come late, vanish or change; each with what has to be found."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from io import BytesIO

from crawler.sandbox.sample import Printable, SampleReport
from tests.bench.judge.country import FIRST
from tests.bench.judge.days import working_day_from
from tests.bench.judge.drafts import MEDIA, write_file
from tests.bench.judge.postings import Content
from tests.bench.judge.stage import Slot, Stage

PENALTIES = "disclosure.penalties.decisions"  # no sum of the form holds it, and no prose repeats it
_WRITE_OFF = 8  # days after which a report that is not there may be said not to be found


@dataclass(frozen=True, slots=True)
class TimePlot:
    """kind: what it is called. share: how many of a thousand reports have it. fits, act: which, and what is done.
    innocent: a look-alike."""

    kind: str
    share: float
    act: Callable[[Stage, Slot], None]
    fits: Callable[[Stage, Slot], bool]
    innocent: bool = False


def dated(stage: Stage, slot: Slot) -> bool:
    return slot.due is not None and slot.is_plain and slot.watched and slot.board.newest is None


def department(stage: Stage, slot: Slot) -> bool:
    return dated(stage, slot) and slot.body.agency.organ == "department"


def page_only(stage: Stage, slot: Slot) -> bool:
    """A page that can be changed without touching what other plots have put there."""
    return department(stage, slot) and slot.draft.media == "html" and not slot.draft.slipped


def unedited(stage: Stage, slot: Slot) -> bool:
    return page_only(stage, slot) and slot.key not in stage.edited


def _missing(stage: Stage, slot: Slot) -> None:
    stage.unreadable.add(slot.key)
    stage.truth.expect("missing", *slot.key, why="never published, while the lists showed the others")


def _late_day(slot: Slot) -> date:
    first = slot.first_late_day()
    last = min(first + timedelta(days=40), date(slot.year + 1, 4, 24))
    if slot.chance.random() < 0.3:
        return first
    return working_day_from(first + timedelta(days=slot.chance.randint(0, (last - first).days)), back=True)


def _is_late(stage: Stage, slot: Slot, day: date, how: str) -> None:
    assert slot.due is not None
    days = (day - slot.due).days
    stage.truth.expect("late", *slot.key, why=f"{how}, {days} days after the deadline")
    stage.truth.allow("dated-after-deadline", *slot.key, why="its page says so")
    if days >= _WRITE_OFF:
        stage.truth.allow("missing", *slot.key, why="it was not there until then")


def _late(stage: Stage, slot: Slot) -> None:
    day = max(_late_day(slot), slot.first_late_day())
    stage.post(slot, day)
    _is_late(stage, slot, day, "published late")


def _backdated(stage: Stage, slot: Slot) -> None:
    day = slot.first_late_day() + timedelta(days=slot.chance.randint(10, 16))
    day = working_day_from(day)
    said = working_day_from(date(slot.year + 1, 1, 26), back=True)
    stage.post(slot, day, listed_on=said)
    stage.truth.expect("backdated", *slot.key, why=f"appeared on {day}, dated {said}")
    # Whoever believes the page calls it in time, whoever believes the lists late.
    stage.truth.allow("late", *slot.key, why=f"appeared on {day}")
    stage.truth.allow("missing", *slot.key, why="it was not there until then")


def _withdrawn(stage: Stage, slot: Slot) -> None:
    posting = stage.post(slot, slot.day_in_time())
    gone = slot.chance.choice((slot.on(3, 8), slot.on(4, 11), slot.on(5, 20)))
    posting.take_down(gone)
    stage.truth.expect("withdrawn", *slot.key, why=f"gone from list and address on {gone:%Y-%m-%d}")


def _changed(slot: Slot) -> dict[str, Printable]:
    before = slot.draft.figures.get(PENALTIES)
    return {**slot.draft.figures, PENALTIES: (before if isinstance(before, int) else 0) + 7}


def _revised_figures(stage: Stage, slot: Slot) -> None:
    posting = stage.post(slot, slot.day_in_time())
    moment = slot.chance.choice((slot.on(2, 24), slot.on(3, 12), slot.on(6, 20)))
    posting.serve(moment, posting.content(posting.written(figures=_changed(slot))))
    stage.truth.expect("revised", *slot.key, why=f"a figure was changed on {moment:%Y-%m-%d}")


def _revised_prose(stage: Stage, slot: Slot) -> None:
    posting = stage.post(slot, slot.day_in_time())
    moment = slot.chance.choice((slot.on(2, 24), slot.on(3, 12), slot.on(6, 20)))
    more = "（三）补充说明。上述问题已列入下一年度的整改清单，由专人负责，并将整改结果向社会公布。"
    posting.serve(moment, posting.content(posting.written(more=more)))
    stage.truth.expect("revised", *slot.key, why=f"a paragraph was added on {moment:%Y-%m-%d}")


def _pictures(stage: Stage, slot: Slot) -> None:
    posting = stage.post(slot, slot.day_in_time())
    posting.serve(posting.up, Content(picture(slot.draft.title)))
    stage.unreadable.add(slot.key)
    stage.truth.expect("inaccessible", *slot.key, why="its page shows pictures only")


def _scan(stage: Stage, slot: Slot) -> None:
    posting = stage.post(slot, slot.day_in_time())
    posting.serve(posting.up, Content(lambda now: scan(), MEDIA["pdf"]))
    stage.unreadable.add(slot.key)
    stage.truth.expect("inaccessible", *slot.key, why="its file is a scan")


def picture(title: str) -> Callable[[datetime], bytes]:
    """A page that shows a report as pictures."""
    page = (
        f'<html><head><meta charset="utf-8"><title>{title}</title></head><body><h1 class="title">{title}</h1>'
        '<div class="article-content"><p><img src="/upload/1.jpg"></p><p><img src="/upload/2.jpg"></p></div>'
        "</body></html>"
    ).encode()
    return lambda now: page


@cache
def scan() -> bytes:
    """A PDF of two pages without any text, as a scanner makes it."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for _ in range(2):
        for line in range(40):
            canvas.rect(70, 60 + 18 * line, 430 - line % 3 * 40, 7, fill=1)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _dead_file(stage: Stage, slot: Slot) -> None:
    posting = stage.post(slot, slot.day_in_time())
    assert posting.file is not None
    slot.board.served[posting.file].states.clear()
    stage.unreadable.add(slot.key)
    stage.truth.expect("inaccessible", *slot.key, why="the file that its page links was never there")


def _unlisted(stage: Stage, slot: Slot) -> None:
    posting = stage.post(slot, slot.day_in_time())
    posting.row.until = slot.on(2, 23)
    stage.truth.expect("inaccessible", *slot.key, why="its page is there, and no list leads to it any more")


def _page_and_file(stage: Stage, slot: Slot) -> None:
    """A page that carries the report, and a file beside it with another number."""
    posting = stage.post(slot, slot.day_in_time())
    other = replace(slot.draft, media="xlsx", figures=_changed(slot)).sample(posting.listed_on, posting.signed_on)
    put_beside(slot, posting.page, other)
    stage.truth.expect("versions-differ", *slot.key, why="the page and the file beside it differ in a figure")


def put_beside(slot: Slot, page: str, sample: SampleReport) -> None:
    """A file that the page links besides carrying the report itself."""
    file = page.replace(".html", ".xlsx")
    since, state = slot.board.served[page].states[-1]
    assert isinstance(state, Content)
    state.files = (file,)
    data: list[bytes] = []

    def write(now: datetime) -> bytes:
        if not data:
            data.append(write_file(sample, "xlsx"))
        return data[0]

    slot.board.serve(file, since, Content(write, MEDIA["xlsx"]))


def _claimed(stage: Stage, slot: Slot) -> None:
    """Never published here, while the portal's own notice of early February says that it was (see furniture.py)."""
    stage.claimed.append(slot)
    stage.unreadable.add(slot.key)
    stage.truth.expect("notice-vs-found", *slot.key, why="a notice says published; no list shows it")


def is_attached(stage: Stage, slot: Slot) -> bool:
    return department(stage, slot) and slot.draft.media in ("pdf", "docx", "xlsx")


def is_pdf(stage: Stage, slot: Slot) -> bool:
    return department(stage, slot) and slot.draft.media == "pdf"


def _not_rebuilt(stage: Stage, slot: Slot) -> bool:
    """What vanishes shortly before a whole portal is rebuilt, nobody can tell from what vanishes with it."""
    return department(stage, slot) and slot.site.rebuilt_at is None


def _after_the_first(stage: Stage, slot: Slot) -> bool:
    """There are reports of the year before, without which a list could be one of the newest rows."""
    return department(stage, slot) and slot.year > FIRST


ERRORS = (
    TimePlot("never published", 14, _missing, dated),
    TimePlot("published late", 20, _late, dated),
    TimePlot("published late under an earlier date", 6, _backdated, department),
    TimePlot("taken down", 12, _withdrawn, _not_rebuilt),
    TimePlot("figures changed", 8, _revised_figures, page_only),
    TimePlot("prose changed", 8, _revised_prose, page_only),
    TimePlot("pictures only", 3, _pictures, page_only),
    TimePlot("a scan", 4, _scan, is_pdf),
    TimePlot("a file that is not there", 5, _dead_file, is_attached),
    TimePlot("no list leads to it", 4, _unlisted, _after_the_first),
    TimePlot("page and file differ", 4, _page_and_file, unedited),
    TimePlot("a notice says published", 4, _claimed, department),
)
