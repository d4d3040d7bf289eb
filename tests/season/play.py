"""A season, played and held against the truth."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path

from db.archive import Archive
from tests.season.about import about_differences
from tests.season.compare import differences
from tests.season.heard import Heard, heard
from tests.season.stage import Season, Stage
from tests.season.truth import Story, Truth


@dataclass(slots=True)
class Played:
    """What came of it. lines: each difference as a sentence; compare: gives them for what chats heard."""

    stories: list[Story]
    heard: dict[str, list[Heard]]
    compare: Callable[[dict[str, list[Heard]]], list[str]]
    lines: list[str]
    moments: int
    killed: list[datetime]


def play(
    season: Season, folder: Path, *, pace_days: int = 7, say: Callable[[str], object] = lambda line: None
) -> Played:
    """Play it into a folder that is not there yet. say: is told how it goes."""
    with Stage(season, folder) as stage:
        truth = Truth(
            season.plot,
            stage.server.sites,
            season.first,
            season.last,
            repairs=season.cast.repairs,
            pace_days=pace_days,
        )
        stories = truth.stories()
        for at, some in groupby(_turns(season, stage), key=lambda turn: turn[0]):
            stage.play(at)
            for _, act in some:
                act()
            say(f"{at:%Y-%m-%d}: {len(stage.sent)} messages in {stage.moments} moments")
        stage.play(season.end)
        with Archive.open(folder / "nianbao.db") as archive:
            received = heard(archive, stage.sent)
        lost = {one.message_id for one in stage.api.lost}

        def compare(heard: dict[str, list[Heard]]) -> list[str]:
            return [
                *differences(season.cast, stories, heard, season.end, lost=lost, kills=len(stage.killed)),
                *about_differences(season.cast, truth.silences(), heard, season.first, season.last),
            ]

        return Played(stories, received, compare, compare(received), stage.moments, stage.killed)


def _turns(season: Season, stage: Stage) -> list[tuple[datetime, Callable[[], None]]]:
    """What people do, in order of time; what is said at one moment is said at once."""
    words = [(at, list(some)) for at, some in groupby(season.cast.words, key=lambda word: word.at)]
    acts: list[tuple[datetime, Callable[[], None]]] = [
        *((at, partial(stage.say, some)) for at, some in words),
        *((one.at, partial(stage.release, one.rule, one.agency_id)) for one in season.cast.releases),
        *((at, partial(stage.repair, portal)) for portal, at in season.cast.repairs.items()),
    ]
    return sorted((one for one in acts if season.begin <= one[0] < season.end), key=lambda one: one[0])
