"""Could a report that is listed under a name which the register does not know be the one that is looked for?

Errs on the side of silence: 城管局 may be 城市管理局, 工信和商务局 may be 工业和信息化局. Two names may be one organ's
if they are of one kind (townships and governments; all others) and share two of the characters that tell organs apart,
or one where either has only one or two of them, as short names have. What is plainly another organ (审计局, where
水利局 is looked for) must not hold back every absence of a portal for ever.
"""

import re
from functools import lru_cache

from parsers.gazetteer import gazetteer
from parsers.names import clean_name

_TOWNSHIP = re.compile(r"(?:人民政府|政府|[镇乡]|街道|办事处|苏木|[省市县区旗州盟])$")
# What many names have and no organ is told by.
_COMMON = re.compile(
    r"人民政府|政府|管理|服务|综合|事务|工作|委员会|办公室|办公厅|办事处|街道|中心|[局委办厅院处室镇乡和与及、()省市县区旗州盟]"
)


def may_be(printed: str, name: str) -> bool:
    """Whether the agency of a printed name (each of a joint one's) may be the agency of a name."""
    wanted = _told_by(name)
    return any(_alike(_told_by(part), wanted) for part in clean_name(printed).split("、") if part)


def _alike(one: tuple[bool, frozenset[str]], other: tuple[bool, frozenset[str]]) -> bool:
    if one[0] != other[0]:
        return False
    fewest = min(len(one[1]), len(other[1]))
    return fewest == 0 or len(one[1] & other[1]) >= (1 if fewest <= 2 else 2)


@lru_cache(maxsize=4096)
def _told_by(name: str) -> tuple[bool, frozenset[str]]:
    """(is it a township or a government, the characters that tell it from others)."""
    apart = gazetteer().taken_apart(clean_name(name))
    local = apart.rest or "人民政府"
    return bool(_TOWNSHIP.search(local)), frozenset(_COMMON.sub("", local))
