"""Where a text lists persons: who leads a group (组长, 副组长, 成员), whom to contact (联系人), who answers for what.

Pure. Only clauses in which a name follows are found: 由主要负责人任组长 and 成员：各科室负责人 name nobody. A name is
told by its surname, its length and what stands around it (persons.toml); one with a rare surname may be missed.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

_WORDS = {
    name: "".join(value.split()) if name in ("surnames", "no_endings") else sorted(value.split(), key=len, reverse=True)
    for name, value in tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")).items()
}

_HAN = "[一-鿿]"


def _any(name: str) -> str:
    return "|".join(_WORDS[name])


def _spread(name: str) -> str:
    """The same with blanks between the characters, as words are set to one width: 组　长."""
    return "|".join("[ \u3000]{0,4}".join(word) for word in _WORDS[name])


_TITLE = rf"(?:(?:常务|第一|党组|党委|党工委|县委|市委|区委|镇党委|纪检)?副?(?:{_any('offices')}))"
_GIVEN = rf"(?:[{_WORDS['surnames']}]|{_any('double_surnames')}){_HAN}{{1,2}}"
_NAME = rf"(?:{_GIVEN}|{_HAN}{{2,6}}[·•]{_HAN}{{2,8}})"  # the second: 阿某某·买某某
_TOKEN = re.compile(rf"(?:{_HAN}{{0,12}}{_TITLE})??(?P<name>{_NAME}){_TITLE}*等?")
_NO_NAME = re.compile(_any("no_names"))

_LABELLED = re.compile(
    rf"(?P<role>(?:第一|常务|执行)?副?(?:{_spread('roles')}))(?:姓名|名单|及(?:其)?(?:联系)?(?:电话|方式))?"
    r"(?P<mark>\s*[:：为是]|\s+|)"
)
_APPOINTED = re.compile(
    rf"(?:^|[由以为让、，,和及与：:\s]|{_TITLE})(?P<name>{_NAME})(?:同志)?(?:[（(][^）)]*[）)])?"
    rf"(?:分别)?(?:任|担任|为|兼任){_HAN}{{0,14}}?(?:{_any('appointments')})"
)
_ROLE = re.compile(rf"{_spread('roles')}|{_any('appointments')}")
_CLAUSE = re.compile(r"(?:[（(][^（()）]*[）)]|[^，,；;。！？!?\n（()）]|[（()）])+")
_BETWEEN = re.compile(r"[、/:：\s]|和|及|与")
_OFFICE = re.compile(rf"(?:{_any('offices')}|[{_WORDS['no_endings']}]|\d{{7,}})$")  # or the number to call
# A name of two characters is often set as wide as one of three: 李　明.
_SET_APART = re.compile(rf"(?<!{_HAN})([{_WORDS['surnames']}])[ \u3000]{{1,2}}({_HAN})(?!{_HAN})")
_LINKS = "，,；;、 \u3000\n"
_PARENTHESES = re.compile(r"[（(][^（()）]*[）)]")


def person_passages(text: str) -> Iterator[tuple[int, int]]:
    """From where to where the passages go that list persons, in order; clauses that follow one another are one."""
    if not _ROLE.search(text):
        return
    start = end = announced = -1  # announced: where a role stands alone, before the lines that name who has it
    for clause in _CLAUSE.finditer(text):
        begin = clause.end() - len(clause[0].lstrip())
        follows = end >= 0 and not text[end : clause.start()].strip(_LINKS)
        goes_on = (follows or announced >= 0) and _goes_on(clause[0])
        if goes_on or _lists_persons(clause[0]):
            if not follows:
                if end >= 0:
                    yield start, end
                start = announced if goes_on and announced >= 0 else begin
            end = clause.end()
        announced = begin if _LABELLED.fullmatch(clause[0].strip()) else -1
    if end >= 0:
        yield start, end


def is_name(word: str) -> bool:
    """Whether a word is a person's name, with or without an office around it: 王某, 局长王某某, 王某某同志."""
    match = _TOKEN.fullmatch(word)
    return match is not None and _is_given(match["name"])


def _lists_persons(clause: str) -> bool:
    """Whether a clause says by name who leads, belongs to, or is to be contacted."""
    if not _ROLE.search(clause):
        return False
    for label in _LABELLED.finditer(clause):
        words = _words(clause[label.end() :])
        if not words:
            continue
        # Without a mark the name must stand right behind, as in 联系人王某某: else 成员单位 would be one.
        is_marked, is_apart = bool(label["mark"].strip()), bool(label["mark"])
        if any(map(is_name, words)) if is_marked else is_name(words[0]) and (is_apart or _is_contact(label["role"])):
            return True
    return any(_is_given(match["name"]) for match in _APPOINTED.finditer(clause))


def _is_contact(role: str) -> bool:
    return "".join(role.split()) in _WORDS["contacts"]


def _goes_on(clause: str) -> bool:
    """Whether a clause behind a list is more of it: names, or a name with what that person is."""
    words = _words(clause)
    return bool(words) and is_name(words[0]) and all(is_name(word) or _OFFICE.search(word) for word in words[1:])


def _words(text: str) -> list[str]:
    text = _SET_APART.sub(r"\1\2", _PARENTHESES.sub(" ", text))
    return [word for word in _BETWEEN.split(text) if word]


def _is_given(name: str) -> bool:
    return _NO_NAME.match(name) is None and ("·" in name or "•" in name or name[-1] not in _WORDS["no_endings"])
