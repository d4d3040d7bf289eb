"""Who wants to hear of a finding: the index against a plain look at every filter."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.records import Agency, Finding
from db.telling.records import Filter, Subscriber
from monitor.telling.matching import SEVERITIES, Matcher, subtree

SINCE = datetime(2024, 1, 1, tzinfo=UTC)
CODES = ("370000", "370400", "370402", "370402003", "370402003001", "371000", "110101", "")
PLACES = ("", "37", "3704", "370400", "370000", "370402", "370402003000", "370402003", "11", "110000000000")
ORGANS, KINDS, RULES = ("department", "town"), ("identity", "time"), ("late", "missing")


def _subscriber(name: str) -> Subscriber:
    return Subscriber("telegram", name, "desk", "config", None, None, None, SINCE)


def _finding(rule: str = "late", kind: str = "time", severity: str = "warning") -> Finding:
    return Finding(rule, kind, severity, "certain", "law", "a", "某局", 2023, None, [], 1, 2, "一。", "One.")


def _fits(wanted: Filter, finding: Finding, agency: Agency | None) -> bool:
    """As the words of Filter have it."""
    code = agency.region_code if agency else ""
    place = wanted.place
    while len(place) in (4, 6, 9, 12) and place.endswith("000" if len(place) > 6 else "00"):
        place = place[: -3 if len(place) > 6 else -2]
    return (
        code.startswith(place)
        and wanted.agency_id in ("", agency.id if agency else None)
        and wanted.organ in ("", agency.organ if agency else None)
        and wanted.kind in ("", finding.kind)
        and wanted.rule in ("", finding.rule)
        and (wanted.severity == "" or SEVERITIES.index(finding.severity) >= SEVERITIES.index(wanted.severity))
    )


FILTERS = st.builds(
    Filter,
    place=st.sampled_from(PLACES),
    agency_id=st.sampled_from(("", "", "", "x", "y")),
    organ=st.sampled_from(("", "", *ORGANS)),
    kind=st.sampled_from(("", "", *KINDS)),
    rule=st.sampled_from(("", "", *RULES)),
    severity=st.sampled_from(("", "", *SEVERITIES)),
)
AGENCIES = st.none() | st.builds(
    Agency, id=st.sampled_from("xyz"), name=st.just("某局"), region_code=st.sampled_from(CODES),
    organ=st.sampled_from(ORGANS),
)  # fmt: skip
FINDINGS = st.builds(_finding, st.sampled_from(RULES), st.sampled_from(KINDS), st.sampled_from(SEVERITIES))


@given(st.lists(st.lists(FILTERS, max_size=3), max_size=6), FINDINGS, AGENCIES)
def test_those_hear_of_whom_a_filter_fits(wanted: list[list[Filter]], finding: Finding, agency: Agency | None) -> None:
    chats = [(_subscriber(str(number)), filters) for number, filters in enumerate(wanted)]
    expected = [chat for chat, filters in chats if any(_fits(one, finding, agency) for one in filters)]
    assert Matcher(chats).match(finding, agency) == expected


@pytest.mark.parametrize(
    ("code", "start"),
    [("370400", "3704"), ("370000000000", "37"), ("370402", "370402"), ("370402003000", "370402003"), ("37", "37"),
     ("469000", "4690"), ("110101", "110101"), ("", "")],
)  # fmt: skip
def test_a_region_is_what_its_codes_begin_with(code: str, start: str) -> None:
    assert subtree(code) == start


def test_who_wants_nothing_hears_nothing() -> None:
    assert Matcher([(_subscriber("1"), [])]).match(_finding(), None) == []
    assert Matcher([(_subscriber("1"), [Filter(agency_id="x")])]).match(_finding(), None) == []
