"""Who owes an annual report by when: the dated duties, each with the article or the local document that sets it.

By law only these duties have a date. A body of another duty (`no_date`) has one only where a region has set it, with a
source; without a date a body can be neither missing nor late. `none` never has one.
"""

from dataclasses import dataclass
from datetime import date

from db.local_rules import NO_LOCAL, LocalRule, LocalRules

__all__ = [
    "NO_LOCAL",
    "DatedDuty",
    "LocalRule",
    "LocalRules",
    "dated_duty",
    "deadline",
    "due_of",
    "local_date",
]

ART49_DEPARTMENT = "art49_department"
ART49_GOVERNMENT = "art49_government"
NO_DATE = "no_date"
NONE = "none"
LOCAL = "local"  # the name of a dated duty that a region has set; no duty of the register
DUTIES = (ART49_DEPARTMENT, ART49_GOVERNMENT, NO_DATE, NONE)

# The regulation of 2007 came into force on 1 May 2008, so 2008 is the first reporting year of all.
FIRST_REPORTING_YEAR = 2008
# That of 2019 came into force on 15 May 2019 and governs the reports for 2019 on.
LAST_YEAR_OF_2007_RULES = 2018


@dataclass(frozen=True, slots=True)
class DatedDuty:
    """A duty to publish by `month`/`day` of the year after the reporting year, and what says so.

    name: the word for it where a finding gives its basis; LOCAL where a region and not the law has set the date. Then
    the sources are the document's name and address, in both languages.
    """

    name: str
    month: int
    day: int
    source_zh: str
    source_en: str

    def deadline(self, reporting_year: int) -> date:
        return date(reporting_year + 1, self.month, self.day)


# 县级以上人民政府部门应当在每年1月31日前……
DEPARTMENTS = DatedDuty(
    ART49_DEPARTMENT,
    1,
    31,
    "《中华人民共和国政府信息公开条例》（2019年修订）第四十九条第一款",
    "Regulations on Open Government Information (2019), Article 49, paragraph 1",
)
# 县级以上地方人民政府的政府信息公开工作主管部门应当在每年3月31日前……
GOVERNMENTS = DatedDuty(
    ART49_GOVERNMENT,
    3,
    31,
    "《中华人民共和国政府信息公开条例》（2019年修订）第四十九条第二款",
    "Regulations on Open Government Information (2019), Article 49, paragraph 2",
)
# 各级行政机关应当在每年3月31日前……
BEFORE_2019 = DatedDuty(
    "before_2019",
    3,
    31,
    "《中华人民共和国政府信息公开条例》（2007年）第三十一条",
    "Regulations on Open Government Information (2007), Article 31",
)
_BY_DUTY = {ART49_DEPARTMENT: DEPARTMENTS, ART49_GOVERNMENT: GOVERNMENTS}


def dated_duty(duty: str, reporting_year: int) -> DatedDuty | None:
    """The dated duty of a body with this `duty` for one reporting year; None where the law sets no date.

    Up to the reporting year 2018 one date held for all administrative organs, townships and branches among them.
    Raises ValueError for a duty that is none of DUTIES.
    """
    if duty not in DUTIES:
        raise ValueError(f"unknown duty {duty!r}; known are {', '.join(DUTIES)}")
    if duty == NONE or reporting_year < FIRST_REPORTING_YEAR:
        return None
    if reporting_year <= LAST_YEAR_OF_2007_RULES:
        return BEFORE_2019
    return _BY_DUTY.get(duty)


def deadline(duty: str, reporting_year: int) -> date | None:
    """The last day (Beijing time, whole day included) on which a year's report is in time; None: no date is set."""
    dated = dated_duty(duty, reporting_year)
    return dated.deadline(reporting_year) if dated else None


def due_of(
    duty: str, year: int, *, region_code: str = "", organ: str = "", local: LocalRules = NO_LOCAL
) -> DatedDuty | None:
    """What sets the date by which a body owes its report for a reporting year: the law where it sets one, else its
    region's rule (name LOCAL); None where neither does. Raises ValueError for a duty that is none of DUTIES."""
    dated = dated_duty(duty, year)
    if dated is not None or duty == NONE or year < FIRST_REPORTING_YEAR:
        return dated
    return _local_duty(local.find(region_code, organ, year))


def local_date(
    duty: str, year: int, *, region_code: str = "", organ: str = "", local: LocalRules = NO_LOCAL
) -> DatedDuty | None:
    """The earlier date that a region has set for a body to which the law sets one too; None where it has set none
    before that of the law. It is a local date: whoever misses it has not yet missed that of the law."""
    dated = dated_duty(duty, year)
    if dated is None:
        return None
    earlier = _local_duty(local.find(region_code, organ, year))
    return earlier if earlier is not None and earlier.deadline(year) < dated.deadline(year) else None


def _local_duty(rule: LocalRule | None) -> DatedDuty | None:
    if rule is None:
        return None
    return DatedDuty(LOCAL, rule.month, rule.day, f"{rule.name}（{rule.source}）", f"{rule.name} ({rule.source})")
