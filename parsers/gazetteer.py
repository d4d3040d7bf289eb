"""Region names to codes, and the places in front of an agency's name."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

REGIONS_FILE = Path(__file__).parent / "regions.csv"

_LONGEST_PLACE = 15  # characters of the longest region name
_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|"
    "达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|鄂温克|德昂|保安|裕固|京|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各"
)
_AUTONOMOUS = re.compile(rf"(.{{2,}}?)(?:(?:{_PEOPLES})族?)+自治([州县旗])")
# One step of a place that no list knows: 柳溪县, 清江市. Districts are left out: 开发区 and 园区 end like them.
_UNKNOWN_PLACE = re.compile(
    r"[\u4e00-\u9fff]{2,8}?(?:自治区|自治州|自治县|自治旗|省|(?<![城都超股])市(?!场)|县|旗)"
    r"(?!(?:镇|乡)(?:人民政府|政府|$)|街道|路街道|级)"
)
_TOWNSHIP_LEFT = re.compile(r"(?:镇|乡)(?:人民政府|政府)?|(?:路)?街道(?:办|办事处)?")


class Placed(NamedTuple):
    """A name taken apart. places: as printed, the outermost first. codes: what the last of them can mean, [] where no
    list knows it. rest: what follows."""

    places: list[str]
    codes: list[str]
    rest: str


class Gazetteer:
    """Region names to codes (six digits: two each for province, prefecture and county).

    Autonomous prefectures, counties and banners are also known by their short names (木垒县), where no other place has
    that name.
    """

    def __init__(self, regions: Iterable[tuple[str, str]]) -> None:
        self.codes: dict[str, list[str]] = defaultdict(list)
        self.names: dict[str, str] = {}
        for code, name in regions:
            self.codes[name].append(code)
            self.names[code] = name
        short: dict[str, list[str]] = defaultdict(list)
        for code, name in self.names.items():
            if match := _AUTONOMOUS.fullmatch(name):
                short[match[1] + match[2]].append(code)
        for name, codes in short.items():
            if len(codes) == 1 and name not in self.codes:
                self.codes[name] = codes

    def split(self, name: str) -> tuple[list[str], str]:
        """(codes that the places in front of a name can mean, the rest of the name); ([], name) without a place.

        Several codes: the place is ambiguous (市中区 is in four cities).
        """
        placed = self._listed(name)
        return placed.codes, placed.rest

    def taken_apart(self, name: str) -> Placed:
        """The places in front of a name, those that no list knows by their endings."""
        places, codes, rest = self._listed(name)
        if places and _TOWNSHIP_LEFT.fullmatch(rest):  # 城区街道 lies in no place called 城区
            rest = places[-1] + rest
            outer = "".join(places[:-1])
            places, codes = places[:-1], self._listed(outer).codes
        while match := _UNKNOWN_PLACE.match(rest):
            places, codes, rest = [*places, match.group()], [], rest[match.end() :]
        return Placed(places, codes, rest)

    def _listed(self, name: str) -> Placed:
        places: list[str] = []
        found: list[str] = []
        position = 0
        while True:
            best = 0
            for length in range(min(_LONGEST_PLACE, len(name) - position), 1, -1):
                codes = self.codes.get(name[position : position + length])
                if not codes:
                    continue
                inside = [code for code in codes if not found or any(contains(outer, code) for outer in found)]
                if inside:
                    best, found_here = length, inside
                    break
            if not best:
                return Placed(places, found, name[position:])
            places.append(name[position : position + best])
            found, position = found_here, position + best

    def parents(self, code: str) -> list[str]:
        """Names of the regions around a region, the nearest first."""
        return [self.names[around] for around in self.codes_around(code)]

    def codes_around(self, code: str) -> list[str]:
        """Codes of the regions around a region, the nearest first."""
        around = [code[:4] + "00", code[:2] + "0000"]
        return [outer for outer in around if outer != code and outer in self.names]


def contains(outer: str, inner: str) -> bool:
    """Whether the region `outer` has the region `inner` inside it."""
    return outer != inner and inner.startswith(
        outer.rstrip("0") if len(outer.rstrip("0")) % 2 == 0 else outer.rstrip("0") + "0"
    )


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The packaged region list."""
    with REGIONS_FILE.open(encoding="utf-8", newline="") as file:
        return Gazetteer((row["code"], row["name"]) for row in csv.DictReader(file))
