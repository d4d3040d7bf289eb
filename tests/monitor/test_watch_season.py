"""Some days of a season through the watch: what each subscriber received equals the truth. All of it: `make soak`."""

from datetime import date, datetime
from pathlib import Path

from crawler.sandbox.country import Country
from crawler.sandbox.plot import Outage, Turn
from crawler.sandbox.season import at_beijing
from tests.season.cast import Cast, Chat, Release, Wish, Word, home_of, narrowed
from tests.season.play import play
from tests.season.stage import Season, season_of

FIRST, LAST = date(2024, 1, 31), date(2024, 2, 7)
SETTINGS = """
[crawl.revisit]
season_days = 1

[schedule]
deadline_runs = 1
backup = ""
verify = ""
"""
TURNS = (
    Turn("put-off", (2, 2)),
    Turn("withdrawn", (2, 2)),
    Turn("withdrawn", (2, 3), 1),
    Turn("revised", (2, 2)),
    Turn("corrected", (2, 3)),
)
OUTAGES = (Outage(1, "503", (2, 3, 0), (2, 4, 0)),)


def on(day: int, hour: int) -> datetime:
    return at_beijing(date(2024, 2, day), hour)


def test_what_each_subscriber_received_equals_the_truth(tmp_path: Path) -> None:
    plot = season_of(Country.build(1, agencies=40, portals=2, years=(2022, 2023)), turns=TURNS, outages=OUTAGES)
    begun, opened = at_beijing(FIRST, 0), at_beijing(FIRST, 23)
    home = home_of(plot)
    chats = (
        Chat("-1", "a desk with everything", "desk", "both", (Wish(begun),)),
        Chat("-2", "a desk with one place", "desk", "en", (Wish(begun, opened), Wish(opened, place=home))),
        Chat("-3", "a desk that blocks the bot", "desk", "both", (Wish(begun),), gone_at=on(4, 0)),
        Chat("@season_public", "a public channel", "public", "both", (Wish(begun),)),
        Chat("7", "a stranger, arithmetic only", "stranger", "zh", (Wish(opened, kind="identity"),)),
    )
    words = (
        *narrowed("-2", opened, f"place {home}"),
        Word(opened, "-2", "/language en"),
        Word(opened, "7", "/language zh"),
        Word(opened, "7", "/subscribe identity"),
    )
    gone = next(event.agency.id for event in plot.events if event.act == "withdrawn" and event.until is None)
    cast = Cast(chats, words, (Release(on(7, 23), "withdrawn", gone),), {}, kills=(on(3, 3),))
    played = play(Season(plot, cast, FIRST, LAST, SETTINGS), tmp_path / "season", pace_days=1)
    assert played.lines == []
    assert {story.rule for story in played.stories} >= {"late", "missing", "withdrawn", "revised", "challenges-total"}
    assert len(played.killed) == 1
    # What is lacking or too much is noticed.
    everything = played.heard["-1"]
    kinds = {one.kind: one for one in everything if one.at > on(1, 12) and one.number != "monitoring"}
    assert kinds.keys() == {"tells", "back", "about"}
    for one in kinds.values():
        assert played.compare(played.heard | {"-1": [other for other in everything if other.event != one.event]})
    stranger = [*played.heard["7"], next(one for one in everything if one.subject and one.subject[0] == "late")]
    assert any("late" in line for line in played.compare(played.heard | {"7": stranger}))
