"""A replay that asks for less than was recorded."""

from monitor.portals.recorded import Case, differences


def case(*visits: str) -> Case:
    return Case(
        format=1,
        portal="liuxi",
        recorded_at="2026-01-01T00:00:00+00:00",
        pages=5,
        outcome="ok",
        columns=[],
        reports=[],
        documents=[],
        visits=dict.fromkeys(visits, "ok"),
    )


def test_a_file_that_is_not_asked_for_any_more_is_told() -> None:
    (said,) = differences(case("http://h/1.html", "http://h/1.pdf"), case("http://h/1.html"))
    assert said == "http://h/1.pdf: was ok, and is not asked for any more"
