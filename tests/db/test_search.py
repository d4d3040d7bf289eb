"""Full text search: whatever the text and the word, what a look at every text would find, and nothing else."""

import json
import shutil
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from archive_samples import at, make_report
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.archive import Archive, ArchiveError
from db.records import Agency, Stored
from db.searching import folding, search
from db.searching.folding import fold, fold_with_places
from db.searching.search import Count, Found
from parsers.report import Report, Section

Store = Callable[..., Stored]

# Everything that is a sign to FTS5, SQL, LIKE or GLOB; what folds to another, to several or to nothing; two planes.
_SIGNS = (
    "信息公開开Ａａa1①\"'*^()+-:{}%_.，,。￥¥ 　\n\u200b\ufeff\x00😀\u200d👩\U00020000\U0002f800㈱ﬁé\u0301\u2066ẞßİ"
    "\ufffe〇0"
)
_texts = st.text(st.sampled_from(_SIGNS) | st.characters(exclude_categories=["Cs"]), max_size=30)
_reports = st.lists(
    st.tuples(st.none() | _texts, st.lists(st.tuples(_texts, _texts), max_size=3)), min_size=1, max_size=6
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("search") / "a.db"
    Archive.open(path).close()
    return path


@pytest.fixture
def archive(empty: Path, tmp_path: Path) -> Iterator[Archive]:
    """An archive of its own, without making every table anew."""
    with Archive.open(Path(shutil.copy(empty, tmp_path))) as opened:
        yield opened


class _UndoError(Exception):
    pass


@contextmanager
def undone(archive: Archive) -> Iterator[sqlite3.Connection]:
    """A write transaction of which nothing stays."""
    try:
        with archive.write() as connection:
            yield connection
            raise _UndoError
    except _UndoError:
        pass


def put(
    connection: sqlite3.Connection,
    report_id: int,
    title: str | None,
    sections: list[tuple[str, str]],
    *,
    year: int = 2023,
    key: str = "?:某局",
    is_latest: int = 1,
    url: str = "https://city.example/1",
    sha256: str = "0" * 64,
) -> None:
    """The rows of a report that search looks at, and its place in the index."""
    connection.execute("INSERT OR IGNORE INTO documents (sha256, size, first_seen_at) VALUES (?, 1, '2024')", (sha256,))
    known = connection.execute("SELECT id, name FROM agencies WHERE id = ?", (key,)).fetchone()
    agency_id, name = known or (None, key)
    connection.execute(
        "INSERT OR IGNORE INTO agency_keys (key, agency_id, name) VALUES (?, ?, ?)", (key, agency_id, name)
    )
    connection.execute(
        "INSERT INTO reports (id, agency_key, agency_id, agency, year, source, url, revision, is_current, sha256,"
        " first_seen_at, last_seen_at, content, numbers, media, title)"
        " VALUES (?, ?, ?, ?, ?, 'city', ?, ?, 1, ?, '2024', '2024', '', 1, 'html', ?)",
        (report_id, key, agency_id, key, year, url, report_id, sha256, title),
    )
    connection.execute(
        "INSERT INTO wide (report_id, agency_no, year, is_latest) SELECT ?, no, ?, ? FROM agency_keys WHERE key = ?",
        (report_id, year, is_latest, key),
    )
    connection.executemany(
        "INSERT INTO sections (report_id, position, number, heading, text) VALUES (?, ?, ?, ?, ?)",
        [(report_id, position, position + 1, *section) for position, section in enumerate(sections)],
    )
    search.index(connection, report_id, title, [text for section in sections for text in section])


def ids(found: Found) -> list[int]:
    return [hit.report_id for hit in found.hits]


def indexed(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """Every token with every report that it leads to."""
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.tokens USING fts5vocab('main', 'report_search', 'instance')"
    )
    return connection.execute("SELECT term, doc FROM temp.tokens ORDER BY 1, 2").fetchall()


def made_of(archive: Archive, *texts: str) -> None:
    """One report for each text, number 1 first, each of another agency."""
    with archive.write() as connection:
        for number, text in enumerate(texts, 1):
            put(connection, number, None, [("总体情况", text)], key=f"?:{number}")


# Folding


def test_folding_finds_the_plain_twins() -> None:
    assert fold("關於政府資訊公開") == "关于政府资讯公开"
    assert fold("ＡＢＣ１２３％（ａ）") == "abc123%(a)"
    assert fold("信 息\u3000公\n开\u200b\ufeff\u00ad。") == "信息公开。"
    assert fold("㈱①Straße") == "(株)1strasse"
    assert fold(" \t\u200b\ufe0f") == ""


def test_places_lead_back_to_what_is_printed() -> None:
    text = "收 到\n㈱信　息１"
    folded = fold_with_places(text)
    assert folded.text == fold(text) == "收到(株)信息1"
    assert [text[start:end] for start, end in folded.spans("到(")] == ["到\n㈱"]
    assert [text[start:end] for start, end in folded.spans("株)信息")] == ["㈱信　息"]
    assert folded.spans("没有") == []


def test_every_character_is_a_token_of_its_own(archive: Archive) -> None:
    """The tokenizer of SQLite drops none of the characters that folding leaves, and makes no two of them one."""
    folds = folding._Folds()
    codes = [*range(0xD800), *range(0xE000, 0x11000), *range(0x1F000, 0x1FB00), *range(0x11000, 0x110000, 99)]
    characters = {character for code in codes for character in folds[code]}
    with undone(archive) as connection:
        connection.execute("INSERT INTO report_search (rowid, tokens) VALUES (1, ?)", (" ".join(characters),))
        assert {token for token, _ in indexed(connection)} == characters
    assert len(characters) > 60_000


@given(_texts, _texts)
def test_a_part_of_a_text_folds_to_a_part_of_the_folded_text(text: str, other: str) -> None:
    assert fold(text) + fold(other) == fold(text + other) == fold_with_places(text + other).text


# What is found


@pytest.fixture(scope="module")
def shared_archive(empty: Path) -> Iterator[Archive]:
    with Archive.open(empty) as opened:
        yield opened


@given(data=st.data(), reports=_reports, few=st.sampled_from([0, 1_000]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_finds_what_a_look_at_every_text_finds(
    shared_archive: Archive, monkeypatch: pytest.MonkeyPatch, data: st.DataObject, reports: list, few: int
) -> None:
    monkeypatch.setattr(search, "_FEW", few)
    passages = [[title or "", *(text for section in sections for text in section)] for title, sections in reports]
    printed = st.sampled_from([text for texts in passages for text in texts if text] or ["信息"])
    part = printed.flatmap(
        lambda text: st.tuples(st.integers(0, len(text) - 1), st.integers(1, 6)).map(
            lambda at: text[at[0] : at[0] + at[1]]
        )
    )
    words = data.draw(st.lists(part | _texts.map(lambda text: text[:6]), min_size=1, max_size=3).map(" ".join))
    wanted = [word for word in map(fold, words.split()) if word]
    with undone(shared_archive) as connection:
        for number, (title, sections) in enumerate(reports, 1):
            put(connection, number, title, sections, year=2020 + number % 3, key=f"?:{number}")
        if not wanted:
            with pytest.raises(ArchiveError, match="no character that can be searched for"):
                shared_archive.search.find(words)
            return
        found = shared_archive.search.find(words, count_all=True)
    expected = [
        number
        for number, texts in enumerate(passages, 1)
        if all(any(word in fold(text) for text in texts) for word in wanted)
    ]
    assert ids(found) == sorted(expected, key=lambda number: (-(2020 + number % 3), number))
    assert found.total == Count(len(expected), True)
    for hit in found.hits:
        quote = hit.quote
        title, sections = reports[hit.report_id - 1]
        printed_there = {"title": [title], "heading": [h for h, _ in sections], "text": [t for _, t in sections]}
        whole = printed_there[quote.part][0 if quote.section is None else quote.section - 1]
        assert whole[quote.start : quote.start + len(quote.snippet)] == quote.snippet
        assert len(whole) == quote.length
        assert quote.matches
        assert all(any(word in fold(quote.snippet[start:end]) for word in wanted) for start, end in quote.matches)


def test_no_word_goes_from_one_passage_into_the_next(archive: Archive) -> None:
    with archive.write() as connection:
        put(connection, 1, "年报", [("总体", "公开"), ("情况", "申请")])
    assert [ids(archive.search.find(word)) for word in ("报总", "体公", "开情", "公开情", "体情")] == [[]] * 5
    assert [ids(archive.search.find(word)) for word in ("年报", "总体", "公开", "情况", "申请", "请")] == [[1]] * 6


def test_several_words_may_stand_in_several_passages(archive: Archive) -> None:
    made_of(archive, "培训经费不足", "培训", "经费不足，已培训")
    assert ids(archive.search.find("培训  经费不足")) == [1, 3]
    assert archive.search.find("总体 培训 培训").total == Count(3, True)


def test_pairs_that_stand_apart_are_no_word(archive: Archive) -> None:
    made_of(archive, "政府信，府信息", "政府信息")
    assert ids(archive.search.find("政府信息")) == [2]
    assert ids(archive.search.find("府信 政府信息")) == ids(archive.search.find("政府信息 府信")) == [2]
    assert ids(archive.search.find("府信 政府信息", agency="?:1")) == []


def test_a_word_of_any_length_and_any_number_of_words(archive: Archive) -> None:
    text = "".join(chr(0x4E00 + number * 7 % 5000) for number in range(3_000))
    made_of(archive, text, text[:-1])
    assert ids(archive.search.find(text)) == [1]
    assert ids(archive.search.find(" ".join(text))) == [1]


def test_signs_of_the_query_language_are_only_signs(archive: Archive) -> None:
    made_of(archive, 'a "b* OR -c', "AND NOT (NEAR)", "year2023 region44")
    for word, expected in {'"': [1], "*": [1], "b*": [1], "OR": [1], "-": [1], "NOT(": [2], "year2023": [3]}.items():
        assert ids(archive.search.find(word)) == expected, word
    assert ids(archive.search.find("year2020")) == []


@pytest.mark.parametrize("words", ["", "  ", "\u200b \ufeff", "\x00"])
def test_words_without_a_character_are_refused_in_one_sentence(archive: Archive, words: str) -> None:
    with pytest.raises(ArchiveError, match="has no character that can be searched for"):
        archive.search.find(words)


def test_half_a_character_is_refused(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="is no text"):
        archive.search.find("公\udce5开")


def test_a_snippet_quotes_what_is_printed(archive: Archive) -> None:
    made_of(archive, "一" * 50 + "收到政府資訊公開　申請１２件" + "二" * 200)
    (hit,) = archive.search.find("公开申请12件 资讯").hits
    assert hit.quote.section == 1
    assert (hit.quote.heading, hit.quote.part, hit.quote.length) == ("总体情况", "text", 264)
    assert len(hit.quote.snippet) == 96
    assert [hit.quote.snippet[start:end] for start, end in hit.quote.matches] == ["資訊", "公開　申請１２件"]


def test_matches_that_do_not_fit_into_the_snippet_are_left_out(archive: Archive) -> None:
    made_of(archive, "公开" + "一" * 93 + "公开", "公开" * 100)
    (cut,) = archive.search.find("公开", agency="?:1").hits
    (long,) = archive.search.find("公开" * 99, agency="?:2").hits
    assert (cut.quote.snippet, cut.quote.matches) == ("公开" + "一" * 93 + "公", [(0, 2)])
    assert (cut.quote.start, cut.quote.length) == (0, 97)
    assert (len(long.quote.snippet), long.quote.matches) == (198, [(0, 198)])


# Order, filters


def test_the_newest_year_comes_first_page_by_page(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    with archive.write() as connection:
        for number in range(1, 41):
            put(connection, number, "公开", [], year=2015 + number % 7, key=f"?:{number}")
    expected = sorted(range(1, 41), key=lambda number: (-(number % 7), number))
    for few in (1_000, 5):
        monkeypatch.setattr(search, "_FEW", few)
        pages = [ids(archive.search.find("公开", limit=9, offset=start)) for start in range(0, 50, 9)]
        assert [number for page in pages for number in page] == expected
        assert archive.search.find("公开", limit=9).total == Count(40, True)


@pytest.fixture
def placed(archive: Archive) -> Archive:
    """Reports of four agencies in three places and two years."""
    archive.import_agencies(
        [
            Agency("440106:财政局", "柳城区财政局", aliases=("柳财局",), region_code="440106", organ="department"),
            Agency("440000:财政厅", "桂江省财政厅", region_code="440000", organ="department"),
            Agency("450100:水利局", "榕州市水利局", region_code="450100", organ="department"),
        ]
    )
    with archive.write() as connection:
        put(connection, 1, "公开年报", [], key="440106:财政局", year=2022)
        put(connection, 2, "公开年报", [], key="440000:财政厅", year=2022)
        put(connection, 3, "公开年报", [], key="450100:水利局", year=2023)
        put(connection, 4, "公开年报", [], key="?:示例县4401局", year=2023)
        put(connection, 5, "公开年报", [], key="440106:财政局", year=2023)
    return archive


@pytest.mark.parametrize("few", [1_000, 0])
def test_filters(placed: Archive, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(search, "_FEW", few)

    def found(word: str = "公开", **filters: object) -> list[int]:
        result = placed.search.find(word, **filters)  # type: ignore[arg-type]
        assert result.total == Count(len(result.hits), True)
        return ids(result)

    assert found() == [3, 4, 5, 1, 2]
    assert found(year=2022) == [1, 2]
    assert found(region="440000") == found(region="44") == [5, 1, 2]
    assert found(region="440100") == found(region="440106") == [5, 1]
    assert found(region="440200") == []
    assert found(region="440000", year=2023) == [5]
    for name in ("440106:财政局", "柳财局", "柳城区财政局"):
        assert found(agency=name) == [5, 1]
    assert found(agency="?:示例县4401局") == [4]
    assert found(agency="柳财局", year=2022, region="440000") == [1]
    assert found(agency="柳财局", region="450000") == []
    assert found("没有", agency="柳财局") == []


def test_names_are_those_of_the_register(placed: Archive) -> None:
    hit = placed.search.find("公开", region="440106", year=2023).hits[0]
    assert (hit.agency, hit.agency_id, hit.year) == ("柳城区财政局", "440106:财政局", 2023)


def test_unknown_agency_and_wrong_region_are_refused(placed: Archive) -> None:
    with pytest.raises(ArchiveError, match="'无此局': no report of such an agency"):
        placed.search.find("公开", agency="无此局")
    for region in ("", "4", "44010", "0000", "4401060", "广东", "４４００００", "44%"):
        with pytest.raises(ArchiveError, match="is no region code"):
            placed.search.find("公开", region=region)


# Revisions, takedowns, counts


@pytest.mark.parametrize("few", [1_000, 0])
def test_only_the_report_to_trust_unless_all_are_asked_for(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(search, "_FEW", few)
    with archive.write() as connection:
        put(connection, 1, "公开", [], is_latest=0)
        put(connection, 2, "公开", [])
    assert archive.search.find("公开").total == Count(1, True)
    assert ids(archive.search.find("公开")) == [2]
    assert ids(archive.search.find("公开", all_revisions=True)) == [1, 2]
    assert archive.search.find("公开", all_revisions=True, limit=1).total == Count(2, True)


@pytest.mark.parametrize("few", [1_000, 0])
def test_what_is_taken_down_is_never_shown(archive: Archive, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(search, "_FEW", few)
    with archive.write() as connection:
        put(connection, 1, "公开", [], key="?:1", sha256="a" * 64)
        put(connection, 2, "公开", [], key="?:2", sha256="b" * 64, url="https://city.example/2")
        put(connection, 3, "公开", [], key="?:3", sha256="c" * 64)
    first = archive.takedowns.add("a" * 64, reason="wrong", asked_by="某局", at=at())
    second = archive.takedowns.add("https://city.example/2", reason="wrong", asked_by="某局", at=at())
    for filters in ({}, {"all_revisions": True}, {"limit": 1}, {"count_all": True, "limit": 1}):
        found = archive.search.find("公开", **filters)
        assert (ids(found), found.total) == ([3], Count(1, True))
    assert ids(archive.search.find("公开", agency="?:1")) == []
    for takedown in (first, second):
        archive.takedowns.lift(takedown.id, why="settled", at=at(1))
    assert ids(archive.search.find("公开")) == [1, 2, 3]


def test_a_count_says_whether_it_is_exact(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_FEW", 1)
    made_of(archive, *["政府信息"] * 5, *["政府信，府信息"] * 3)
    with archive.write() as connection:
        put(connection, 9, None, [("", "政府信息")], is_latest=0)
    find = archive.search.find
    assert find("府信", limit=1).total == Count(8, True)
    assert find("政府信息", limit=1).total == Count(9, False)
    assert find("政府信息", limit=1, count_all=True).total == Count(5, True)
    assert find("政府信息", limit=20).total == Count(5, True)  # all were looked at
    monkeypatch.setattr(search, "_QUICKLY_COUNTED", 1)
    assert find("府信", limit=1).total == Count(9, False)
    assert find("府信", limit=1, count_all=True).total == Count(8, True)
    assert find("府信", limit=1, all_revisions=True).total == Count(9, True)


def test_nothing_is_sorted_where_there_are_many(archive: Archive) -> None:
    """The newest twenty must come without a look at the other hundred thousand."""
    statement = "EXPLAIN QUERY PLAN " + search._OF_INDEX
    names = ("match", "all_revisions", "held_sha256s", "held_urls")
    values = dict(zip(names, ('"信"', 0, "[]", "[]"), strict=True))
    plan = [row[3] for row in archive.query(statement, values)]
    assert not [step for step in plan if "B-TREE" in step]
    assert plan[0].startswith("SCAN report_search VIRTUAL TABLE")
    assert [step for step in plan if "SCAN" in step and "json_each" not in step] == plan[:1]


# Keeping up with the reports


def prose(text: str) -> Report:
    report = make_report()
    report.sections = [Section(1, "总体情况", text)]
    return report


def test_the_index_follows_every_reading(archive: Archive, store: Store) -> None:
    """Revised, read anew by a better parser, read as nothing any more."""
    first = store(prose("甲乙丙"), b"1", at(0)).report_id
    second = store(prose("丁戊己"), b"2", at(1)).report_id
    find = archive.search.find
    assert (ids(find("乙丙")), ids(find("戊己"))) == ([], [second])
    assert ids(find("乙丙", all_revisions=True)) == [first]
    store(prose("庚辛"), b"2", at(1), version="2")
    assert [ids(find(word, all_revisions=True)) for word in ("戊己", "己", "庚辛")] == [[], [], [second]]
    with archive.read() as connection:
        assert {doc for token, doc in indexed(connection) if token in ("戊", "丁戊")} == set()
    archive.store_unread(
        archive.put_document(b"2", media=None, seen_at=at(1)), source="city", url="https://city.example/1.html",
        kind="unreadable", sentence="x", seen_at=at(1), parser_version="3", title=None,
    )  # fmt: skip
    assert [ids(find(word, all_revisions=True)) for word in ("庚辛", "乙丙")] == [[], [first]]
    with archive.read() as connection:
        assert {doc for _, doc in indexed(connection)} == {first}


@given(reports=_reports)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_what_is_taken_out_leaves_nothing_and_rebuilding_makes_the_same(
    shared_archive: Archive, reports: list[tuple[str | None, list[tuple[str, str]]]]
) -> None:
    with undone(shared_archive) as connection:
        for number, (title, sections) in enumerate(reports, 1):
            put(connection, number, title, sections, key=f"44010{number}:局")
        before = indexed(connection)
        search.rebuild_index(connection)
        assert indexed(connection) == before
        search.unindex(connection, 1)
        assert indexed(connection) == [(token, doc) for token, doc in before if doc != 1]
        search.unindex(connection, 99)
        connection.execute("INSERT INTO report_search (report_search) VALUES ('integrity-check')")


def test_a_report_without_a_row_cannot_be_indexed(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="report 7 has no row"), archive.write() as connection:
        search.index(connection, 7, "年报", [])


# The command, in a process of its own


@pytest.fixture
def written(empty: Path, tmp_path: Path) -> Path:
    path = Path(shutil.copy(empty, tmp_path / "nianbao.db"))
    with Archive.open(path) as archive:
        archive.import_agencies(
            [Agency("320813:财政局", "洪泽区财政局", region_code="320813", organ="department", duty="art49")]
        )
        for year in (2021, 2022):
            sha256 = archive.put_document(b"%d" % year, media="text/html", seen_at=at())
            report = make_report(year)
            report.sections = [Section(5, "存在的主要問題", f"{year}年人手\n不足\x1b[31m，经费\u202e不够。")]
            archive.store_report(
                report, sha256=sha256, agency_id="320813:财政局", agency="洪泽区财政局", source="added",
                url=f"https://city.example/{year}", seen_at=at(), parser_version="1", portal=None,
            )  # fmt: skip
    return path


def run(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "monitor.cli", "search", *arguments, "--archive", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2])


def test_command_prints_json_lines(written: Path) -> None:
    done = run(written, "手不足", "問題", "--json", "--count")
    assert (done.returncode, done.stderr) == (0, "")
    first, second, total = map(json.loads, done.stdout.splitlines())
    assert (first["year"], second["year"], total) == (2022, 2021, {"reports": 2, "is_exact": True})
    assert first["snippet"] == "2022年人手\n不足\x1b[31m，经费\u202e不够。"
    assert [first["snippet"][start:end] for start, end in first["matches"]] == ["手\n不足"]
    assert {key: first[key] for key in ("agency", "agency_id", "url", "section", "heading", "part", "start")} == {
        "agency": "洪泽区财政局",
        "agency_id": "320813:财政局",
        "url": "https://city.example/2022",
        "section": 5,
        "heading": "存在的主要問題",
        "part": "text",
        "start": 0,
    }
    assert list(first) == [
        "agency", "agency_id", "year", "report_id", "sha256", "url", "section", "heading", "part", "snippet",
        "matches", "start", "length",
    ]  # fmt: skip


def test_command_shows_hits_for_people_without_orders_to_the_terminal(written: Path) -> None:
    done = run(written, "人手不足", "--agency", "淮安市洪泽区财政局", "--region", "320000", "--limit", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2022 洪泽区财政局  5 存在的主要問題\n  2022年人手 不足�[31m，经费�不够。\n" in done.stdout
    assert "1-1, newest year first. 2 reports." in done.stdout
    assert not [c for c in done.stdout if c != "\n" and unicodedata.category(c) in ("Cc", "Cf")]
    assert run(written, "没有这个词").stdout == "0 reports.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["\u200b"], "has no character that can be searched for"),
        (["公开", "--agency", "无此局"], "no report of such an agency is in the archive"),
        (["公开", "--region", "广东"], "is no region code"),
    ],
)
def test_command_refuses_in_one_sentence(written: Path, arguments: list[str], sentence: str) -> None:
    done = run(written, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_tidying_makes_it_smaller_and_finds_the_same(archive: Archive, store) -> None:
    for number in range(60):
        report = make_report(2023)
        report.sections = [
            Section(1, "总体情况", f"第{number}号：" + "".join(chr(0x4E00 + number * 7 + n) for n in range(90)))
        ]
        store(report, str(number).encode(), at(0), url=f"u{number}")
    size = "SELECT count(*) FROM report_search_data"
    before, found = archive.query(size), archive.search.find("第7号").hits
    for _ in range(9):
        archive.search.tidy()
    assert archive.query(size) < before and archive.search.find("第7号").hits == found != []
