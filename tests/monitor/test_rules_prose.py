"""The rules about sections, prose and the form: what each says, and the nearest case in which it says nothing."""

import re
from dataclasses import replace

import pytest

from db.records import Finding
from monitor.config import Thresholds
from monitor.judging.case import Case, Judged
from monitor.rules import judge_case
from parsers.read import CUT
from parsers.report import Doubt
from tests.monitor.judged import COUNTRY, judged, quiet_sample

SAMPLE = quiet_sample()
PROBLEMS = (
    "对照要求，工作中还存在一些不足。一是{0}内容不够丰富，部分事项尚未纳入。"
    "二是网站更新的步伐还需加快，说明文字需要进一步完善。"
)
PREFACE = "现将{0}2023年年度报告公布如下。全文由总体情况、主动公开政府信息情况{1}等部分组成。统计期限自2023年1月1日起。"
MATTER = "为做好有关工作，结合本单位实际，经研究，现将有关事项通知如下，请各科室认真对照执行，并于每季度末报送进展。"


def found(rule: str, this: Judged) -> list[Finding]:
    return judge_case(Case(this), Thresholds(), only={rule})


def with_text(number: int, text: str, more: str = "") -> Judged:
    """The sample with another text of one section, and text put behind that of the last."""
    this = judged(SAMPLE)
    this.report.sections = [s._replace(text=text) if s.number == number else s for s in this.report.sections]
    if more:
        last = this.report.sections[-1]
        this.report.sections[-1] = last._replace(text=f"{last.text}\n{more}")
    return this


def with_preface(*lines: str) -> Judged:
    this = judged(SAMPLE)
    this.report.preface = "\n".join((SAMPLE.title, *lines))
    return this


class TestElements:
    RULE = "elements"
    PARTS = (
        "这一年的工作按照年初的安排有序进行，各项任务均已办结，群众来访所提的事项逐件回复，未出现差错，总体情况平稳。"
        * 2,
        "（一）主动公开。全年发布各类信息320条，其中惠农补贴类60条，其余为工作动态。",
        "（二）依申请公开。全年没有收到申请，也没有上年结转。",
        "（三）政府信息管理。文件起草时填写公开属性，发布前逐级审核。",
        "（四）平台建设。门户网站按事项重新排列，首屏增加检索框。",
        "（五）监督保障。年内组织培训两次，每季度自查一次。",
    )

    def without(self, number: int) -> Judged:
        return with_text(1, "\n".join(part for index, part in enumerate(self.PARTS) if index != number))

    def test_all_five_are_there(self) -> None:
        assert found(self.RULE, self.without(99)) == []

    @pytest.mark.parametrize(
        ("number", "element"),
        [(1, "主动公开"), (2, "依申请公开"), (3, "政府信息管理"), (4, "平台建设"), (5, "监督保障")],
    )
    def test_one_that_nothing_is_said_of(self, number: int, element: str) -> None:
        this = self.without(number)
        others = [s._replace(text="无。") if s.number != 1 else s for s in this.report.sections]
        this.report.sections = others
        (finding,) = found(self.RULE, this)
        assert (finding.severity, finding.certainty, finding.expected) == ("warning", "likely", element)
        assert element in finding.sentence_zh and re.search(
            rf"about [a-z ]+ \({element}\) \(1 in all\)", finding.sentence_en
        )

    @pytest.mark.parametrize(
        "elsewhere", ["（五）加强考核。", "本年度接受了社会评议。", "由分管领导负责，指定专人办理。"]
    )
    def test_another_word_for_it_or_another_place_will_do(self, elsewhere: str) -> None:
        this = self.without(5)
        this.report.sections[-1] = this.report.sections[-1]._replace(text=elsewhere)
        assert found(self.RULE, this) == []

    def test_prose_of_its_own_order_needs_less(self) -> None:
        plain = (
            "这一年本单位按照要求做好公开，共发布信息120条，没有收到申请，文件逐件登记，网站运行正常。组织落实到位。"
        )
        assert found(self.RULE, with_text(1, plain * 4)) == []

    def test_applications_and_management_in_words_of_its_own(self) -> None:
        own = (
            "这一年按照要求做好公开，在网站发布文件160条；收到群众来函2件，按期办理。先审后发，未发生泄密事件。"
            "组织落实到位，运行平稳。"
        )
        this = with_text(1, own * 4)
        this.report.sections = [s if s.number == 1 else s._replace(text="无。") for s in this.report.sections]
        assert found(self.RULE, this) == []

    def test_short_or_doubtful_prose_says_nothing_about_what_lacks(self) -> None:
        assert found(self.RULE, with_text(1, "见下图。")) == []
        cut = self.without(5)
        cut.report.sections = [s._replace(text="无。") if s.number != 1 else s for s in cut.report.sections]
        assert found(self.RULE, cut) != []
        cut.report.doubts.append(Doubt(None, CUT, ""))
        assert found(self.RULE, cut) == []
        few = self.without(5)
        few.report.sections = few.report.sections[:2]
        assert found(self.RULE, few) == []


class TestImprovement:
    RULE = "improvement"

    def test_problems_alone(self) -> None:
        (finding,) = found(self.RULE, with_text(5, PROBLEMS.format("公开")))
        assert (finding.severity, finding.certainty) == ("warning", "likely")

    @pytest.mark.parametrize(
        "remedy",
        [
            "下一步加快更新。",
            "今后逐项补齐。",
            f"{SAMPLE.year + 1}年逐项补齐。",
            "（二）改进措施",
            "加强业务培训，充实人员。",
            "我局将逐项补齐。",
            "以上问题已解决。",
            "逐条列出清单，逐项销号，由办公室牵头抓好督促。",
            "我们正视这些问题，专门召开会议研究，充实了人员，把责任分到科室。",
            "努力方向：多学习、多请教、勤更新、严把关。",
            "上年的三个问题全部得到解决。",
            "局党组责成办公室逐条落到实处。",
        ],
    )
    def test_whatever_is_said_to_be_done(self, remedy: str) -> None:
        assert found(self.RULE, with_text(5, PROBLEMS.format("公开") + remedy)) == []
        assert found(self.RULE, with_text(5, PROBLEMS.format("公开"), more="下一步，逐项补齐。")) == []

    @pytest.mark.parametrize(
        "text",
        [
            "无。",
            "本年度未发现问题。" * 8,
            "本单位的公开工作总体平稳有序，信息发布及时准确，群众反映良好，各项事务均按时办结。" * 2,
        ],
    )
    def test_where_no_problem_is_named(self, text: str) -> None:
        assert found(self.RULE, with_text(5, text)) == []


class TestForeignText:
    RULE = "foreign-text"
    NOTICE = ("关于调整领导小组成员的通知", "各科室：", MATTER, "一、人员组成", MATTER, "二、主要职责", MATTER)

    def test_a_document_in_front_of_section_one(self) -> None:
        (finding,) = found(self.RULE, with_preface(PREFACE.format("", ""), *self.NOTICE))
        assert (finding.kind, finding.severity, finding.certainty) == ("oddity", "notice", "likely")
        assert self.NOTICE[0] in finding.sentence_zh and self.NOTICE[0] in finding.sentence_en

    def test_what_belongs_to_the_report(self) -> None:
        letter = ("关于公布2023年度政府信息公开工作年度报告的通知", *self.NOTICE[1:])
        contents = tuple(
            f"{'一二三四五六'[s.number - 1]}、{s.heading.split('、')[-1]}" for s in judged(SAMPLE).report.sections
        )
        about = ("关于2023年度政府信息公开工作情况的函", *self.NOTICE[1:])
        mentioned = f"根据{self.NOTICE[0]}，编制本报告。"
        short = (self.NOTICE[0], "一、人员组成", "二、主要职责")
        for lines in (
            letter,
            about,
            (self.NOTICE[0], *contents, MATTER * 3),
            (mentioned, MATTER),
            short,
            self.NOTICE[:3],
        ):
            assert found(self.RULE, with_preface(*lines)) == []


class TestOutdatedPreface:
    RULE = "outdated-preface"

    @pytest.mark.parametrize("part", ["收费及减免情况", "政府信息公开的收费和减免情况", "收费减免"])
    def test_a_part_of_before_2019(self, part: str) -> None:
        (finding,) = found(self.RULE, with_preface(PREFACE.format("", f"、{part}")))
        assert (finding.kind, finding.severity) == ("oddity", "notice")

    @pytest.mark.parametrize(
        "preface",
        [
            PREFACE.format("", "、收到和处理政府信息公开申请情况"),
            "本年度无收费和减免事项。全文由六部分组成。",
            "收取信息处理费的情况列于第六部分。",
            PREFACE.format("", "、其他需要报告的事项（含收费及减免情况）"),
        ],
    )
    def test_what_the_form_asks_for(self, preface: str) -> None:
        assert found(self.RULE, with_preface(preface)) == []


class TestSections:
    RULE = "sections"

    @staticmethod
    def without(*numbers: int) -> Judged:
        return judged(replace(SAMPLE, sections=tuple(s for s in SAMPLE.sections if s.number not in numbers)))

    def test_a_section_that_is_not_there(self) -> None:
        (finding,) = found(self.RULE, self.without(6))
        assert finding.expected == "六、其他需要报告的事项"

    def test_two_sections_under_one_heading(self) -> None:
        this = self.without(6)
        fifth = this.report.sections[-1]
        this.report.sections[-1] = fifth._replace(heading="五、存在的主要问题及改进情况和其他需要报告的事项")
        assert found(self.RULE, this) == []

    @pytest.mark.parametrize("line", ["六、其他需要报告的事项：无", "其他需要报告的事项 本年度没有收取信息处理费。"])
    def test_a_heading_in_one_line_with_its_text(self, line: str) -> None:
        this = self.without(6)
        fifth = this.report.sections[-1]
        this.report.sections[-1] = fifth._replace(text=f"{fifth.text}\n{line}")
        assert found(self.RULE, this) == []

    @pytest.mark.parametrize(
        ("number", "heading"),
        [(5, "五、存在的不足和下一步打算"), (6, "六、收取信息处理费情况"), (6, "六、其他"), (1, "一、概述")],
    )
    def test_a_heading_in_other_words(self, number: int, heading: str) -> None:
        this = self.without(number)
        if number == 1:
            this.report.preface = f"{SAMPLE.title}\n{heading}"
        else:
            before = next(i for i, s in enumerate(this.report.sections) if s.number == number - 1)
            one = this.report.sections[before]
            this.report.sections[before] = one._replace(text=f"{one.text}\n{heading}\n公开内容还不够丰富。")
        assert found(self.RULE, this) == []

    def test_a_heading_of_another_section_is_none_of_this_one(self) -> None:
        this = self.without(6)
        fifth = this.report.sections[-1]
        this.report.sections[-1] = fifth._replace(
            text=f"{fifth.text}\n一、内容还不够丰富\n六、七月间更新较慢，已整改。"
        )
        assert len(found(self.RULE, this)) == 1

    def test_a_doubt_about_the_whole(self) -> None:
        this = self.without(6)
        this.report.doubts.append(Doubt(None, CUT, ""))
        assert found(self.RULE, this) == []


class TestWrongForm:
    RULE = "wrong-form"

    @staticmethod
    def old() -> Judged:
        return judged(next(p.sample for p in COUNTRY.plans if p.sample.form == "2019"))

    def test_the_form_before_is_a_certain_warning(self) -> None:
        (finding,) = found(self.RULE, self.old())
        assert (finding.severity, finding.certainty) == ("warning", "certain")
        assert (finding.observed, finding.expected) == ("2019", "2021")

    def test_the_year_is_in_doubt(self) -> None:
        this = self.old()
        this.report.doubts.append(Doubt(None, "the title is of 2020, the period of 2023", ""))
        assert found(self.RULE, this) == []

    def test_the_tables_that_tell_the_forms_apart_were_not_read(self) -> None:
        this = self.old()
        this.report.figures = {n: f for n, f in this.report.figures.items() if not n.startswith("disclosure.")}
        assert found(self.RULE, this) == []

    def test_an_earlier_year_on_the_later_form(self) -> None:
        this = judged(replace(SAMPLE, year=2020))
        (finding,) = found(self.RULE, this)
        assert (finding.severity, finding.certainty) == ("notice", "likely")
        this.report.published_on = "2021-11-05"  # came out, or was entered anew, when that form was in use
        assert found(self.RULE, this) == []
        this.report.published_on = "2021-01-20"
        assert len(found(self.RULE, this)) == 1


def test_the_sandbox_speaks_of_all_elements() -> None:
    rules = {"elements", "improvement", "foreign-text", "outdated-preface"}
    for plan in COUNTRY.plans:
        assert judge_case(Case(judged(plan.sample)), Thresholds(), only=rules) == []
