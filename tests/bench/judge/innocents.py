"""Look-alikes in time: what a hasty observer would call late, missing, withdrawn or revised, and is none of it."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from crawler.sandbox.faults import break_identity
from tests.bench.judge.country import Site
from tests.bench.judge.days import beijing, day_of, working_day_after, working_day_from, works
from tests.bench.judge.drafts import RICH
from tests.bench.judge.oracle import number, within
from tests.bench.judge.postings import Content
from tests.bench.judge.stage import Posting, Slot, Stage
from tests.bench.judge.time_plots import TimePlot, page_only, picture, put_beside, unedited


def _is_dated(stage: Stage, slot: Slot) -> bool:
    return slot.due is not None and slot.is_plain


def _any(stage: Stage, slot: Slot) -> bool:
    return slot.is_plain


def _quiet_page(stage: Stage, slot: Slot) -> bool:
    return slot.is_plain and slot.draft.media == "html" and not slot.draft.slipped


def _has_lists(stage: Stage, slot: Slot) -> bool:
    return _is_dated(stage, slot) and slot.site.layout in ("two", "three") and slot.body.list_of == "department"


def _may_go_elsewhere(stage: Stage, slot: Slot) -> bool:
    names = [body.agency.name for body in stage.country.bodies if body.agency.name == slot.body.agency.name]
    # The names of invented districts (区) are not told apart from those of the places around them; real ones are known.
    alone = len(names) == 1 and not slot.site.place.name.endswith("区")
    return _is_dated(stage, slot) and alone and slot.watched and bool(_elsewhere(stage, slot))


def _elsewhere(stage: Stage, slot: Slot) -> list[Site]:
    """The portals of other places that are read well in that season."""
    found = []
    for site in stage.country.sites.values():
        board = stage.boards[site.id]
        calm = not any(trouble.begin.year == slot.year + 1 for trouble in board.troubles) and board.newest is None
        if calm and site.rebuilt_at is None and site.crawled_from <= slot.on(1, 7):
            found.append(site)
    return [site for site in found if site.place.name != slot.site.place.name]


def _is_day_off(stage: Stage, slot: Slot) -> bool:
    return _is_dated(stage, slot) and slot.due is not None and not works(slot.due)


def _later(posting: Posting) -> datetime:
    """A day in March or later on which something becomes of a report that was seen before."""
    slot = posting.slot
    return _after(posting, slot.chance.choice((slot.on(3, 12), slot.on(4, 5), slot.on(5, 20))))


def _after(posting: Posting, when: datetime) -> datetime:
    return max(when, posting.up + timedelta(days=9))


def _last_day(stage: Stage, slot: Slot) -> None:
    assert slot.due is not None
    stage.post(slot, working_day_from(slot.due, back=True), hour=16)


def _holiday(stage: Stage, slot: Slot) -> None:
    assert slot.due is not None
    stage.post(slot, working_day_after(slot.due), hour=15)


def _list_behind(stage: Stage, slot: Slot) -> None:
    """The page is there in time, and dated so; the list is made anew two days later only."""
    assert slot.due is not None
    day = working_day_from(slot.due - timedelta(days=1), back=True)
    stage.post(slot, day, shown_from=beijing(slot.due + timedelta(days=2), 12))


def _other_list(stage: Stage, slot: Slot) -> None:
    other = next(name for name in ("government", "town") if name in slot.site.lists(slot.on(2, 1)))
    stage.post(slot, slot.day_in_time(), list_name=other)


def _other_portal(stage: Stage, slot: Slot) -> None:
    """On the portal of another place, say that of the city above it."""
    site = slot.chance.choice(_elsewhere(stage, slot))
    list_name = site.list_for(slot.body, slot.year)
    stage.post(slot, slot.day_in_time(), site=site, list_name=list_name)
    stage.truth.allow("inaccessible", *slot.key, why="the lists of its own portal do not lead to it")


def _short_title(stage: Stage, slot: Slot) -> None:
    place, title = slot.body.place.name, slot.draft.title
    stage.post(slot, slot.day_in_time(), title=title.replace(place, ""))


def _no_name(stage: Stage, slot: Slot) -> None:
    stage.post(slot, slot.day_in_time(), title=f"{slot.year}年政府信息公开工作年度报告")


def _and_file(stage: Stage, slot: Slot) -> None:
    posting = stage.post(slot, slot.day_in_time())
    put_beside(slot, posting.page, replace(slot.draft, media="xlsx").sample(posting.listed_on, posting.signed_on))


def _again(stage: Stage, slot: Slot, *, redirect: bool) -> None:
    """The same under another address: the list leads there, the old address is gone or sends on."""
    posting = stage.post(slot, slot.day_in_time())
    when = _later(posting)
    new = posting.page.replace(".html", "_1.html")
    state = slot.board.served[posting.page].states[-1][1]
    slot.board.serve(new, when, state)
    slot.board.serve(posting.page, when, new if redirect else None)
    posting.row.paths.append((when, new))


def _moved(stage: Stage, slot: Slot) -> None:
    _again(stage, slot, redirect=True)


def _put_up_again(stage: Stage, slot: Slot) -> None:
    _again(stage, slot, redirect=False)


def _counter(stage: Stage, slot: Slot) -> None:
    """A visit counter and the day of printing are in the page."""
    posting = stage.post(slot, slot.day_in_time())
    write = posting.written()

    def counted(now: datetime) -> bytes:
        said = f'<p class="count">浏览次数：{now.toordinal() * 7 % 9973} 打印日期：{now:%Y-%m-%d}</p></body>'
        return write(now).replace(b"</body>", said.encode())

    posting.serve(posting.up, posting.content(counted))


def _new_frame(stage: Stage, slot: Slot) -> None:
    posting = stage.post(slot, slot.day_in_time())
    write, when = posting.written(), _later(posting)
    menu = '<div class="topics"><a href="/zt/1/">专题</a><a href="/zt/2/">专栏</a></div><div id="zoom"'.encode()
    posting.serve(when, posting.content(lambda now: write(now).replace(b'<div id="zoom"', menu, 1)))


def _cleaned(stage: Stage, slot: Slot) -> None:
    posting = stage.post(slot, slot.day_in_time())
    posting.serve(_later(posting), posting.content(posting.written(clean=True)))


def _away(stage: Stage, slot: Slot) -> None:
    """For two days it is neither listed nor at its address."""
    posting = stage.post(slot, slot.day_in_time())
    begun = _after(posting, slot.chance.choice((slot.on(3, 13), slot.on(4, 5), slot.on(4, 12))))
    end = begun + timedelta(days=2)
    posting.row.hidden.append((begun, end))
    for path in filter(None, (posting.page, posting.file)):
        state = slot.board.served[path].states[-1][1]
        slot.board.serve(path, begun, None)
        slot.board.serve(path, end, state)


def _as_a_file(stage: Stage, slot: Slot) -> None:
    """The page is replaced by a file of the same report; the list leads to the file."""
    posting = stage.post(slot, slot.day_in_time())
    when, file = _later(posting), posting.page.replace(".html", ".xlsx")
    sample = replace(slot.draft, media="xlsx").sample(posting.listed_on, posting.signed_on)
    put_beside(slot, posting.page, sample)
    before = slot.board.served[posting.page].states[-1][1]
    assert isinstance(before, Content)
    before.files = ()
    slot.board.serve(posting.page, when, None)
    posting.row.paths.append((when, file))


def _picture_first(stage: Stage, slot: Slot) -> None:
    posting = stage.post(slot, slot.day_in_time())
    readable = slot.board.served[posting.page].states[-1][1]
    posting.serve(posting.up, Content(picture(slot.draft.title)))
    posting.serve(slot.on(3, 1), readable)
    stage.truth.allow("inaccessible", *slot.key, why="a picture until 1 March")


def _dated_again(stage: Stage, slot: Slot) -> None:
    """Seen in time; later the portal gives it another date, after the deadline."""
    posting = stage.post(slot, slot.day_in_time())
    when = _after(posting, slot.on(2, 20))
    posting.row.until = when
    again = replace(posting.row, listed_on=day_of(when).isoformat(), since=when, until=None, hidden=[])
    slot.board.rows.append(again)
    stage.truth.allow("dated-after-deadline", *slot.key, why="the portal gives a later date by now")


def _correctable(stage: Stage, slot: Slot) -> bool:
    new = number(slot.draft.figures.get("applications.new.total"))
    return unedited(stage, slot) and slot.body.agency.organ == "department" and new is not None and new >= RICH


def _corrected(stage: Stage, slot: Slot, day: date, when: datetime) -> dict[str, object]:
    posting = stage.post(slot, day)
    wrong = dict(slot.draft.figures)
    break_identity(wrong, "applications-results")
    right = slot.board.served[posting.page].states[-1][1]
    posting.serve(posting.up, posting.content(posting.written(figures=wrong)))
    posting.serve(when, right)
    stage.truth.expect("revised", *slot.key, why=f"a correction on {when:%Y-%m-%d}")
    return dict(wrong)


def _corrected_at_once(stage: Stage, slot: Slot) -> None:
    """Wrong when it was fetched first, and right before anybody has judged it."""
    _corrected(stage, slot, working_day_from(date(slot.year + 1, 1, 9)), slot.on(1, 18))


def _corrected_later(stage: Stage, slot: Slot) -> None:
    """Wrong, told so, and corrected: good news."""
    wrong = _corrected(stage, slot, working_day_from(date(slot.year + 1, 1, 15)), slot.on(2, 21))
    for breach in within(wrong):  # type: ignore[arg-type]
        stage.truth.allow(breach.rule, *slot.key, breach.figure, why="until it was corrected")


INNOCENTS = (
    TimePlot("published on the last day", 25, _last_day, _is_dated, innocent=True),
    TimePlot("holiday deadline, published on the first working day", 25, _holiday, _is_day_off, innocent=True),
    TimePlot("list made anew some days later", 10, _list_behind, _is_dated, innocent=True),
    TimePlot("in another list of the portal", 8, _other_list, _has_lists, innocent=True),
    TimePlot("on another portal", 6, _other_portal, _may_go_elsewhere, innocent=True),
    TimePlot("short title", 15, _short_title, _any, innocent=True),
    TimePlot("title without a name", 10, _no_name, _quiet_page, innocent=True),
    TimePlot("page and file alike", 12, _and_file, _quiet_page, innocent=True),
    TimePlot("moved, with a redirect", 8, _moved, _any, innocent=True),
    TimePlot("put up again at another address", 8, _put_up_again, _any, innocent=True),
    TimePlot("visit counter", 6, _counter, _quiet_page, innocent=True),
    TimePlot("another frame around it", 10, _new_frame, _quiet_page, innocent=True),
    TimePlot("other markup", 10, _cleaned, _quiet_page, innocent=True),
    TimePlot("away for two days", 8, _away, _any, innocent=True),
    TimePlot("a file in place of the page", 5, _as_a_file, _quiet_page, innocent=True),
    TimePlot("a picture at first", 4, _picture_first, page_only, innocent=True),
    TimePlot("given a later date", 6, _dated_again, _any, innocent=True),
    TimePlot("corrected before anybody judged", 5, _corrected_at_once, _correctable, innocent=True),
    TimePlot("corrected after it was told", 5, _corrected_later, _correctable, innocent=True),
)
