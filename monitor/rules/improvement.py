"""Section five lists problems and no improvement."""

import re
from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import sentence
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.prose import prose_was_read, section_text
from monitor.judging.rule import Defect, Innocent, Needs, ReportRule

_SHORTEST = 60  # characters; fewer are no list of problems
_CLAUSE = re.compile(r"[，,。；;：:！!\n]|[一二三四五六七八九十]是|[（(][一二三四五六七八九十]+[）)]")
_PROBLEM = re.compile(
    r"问题|不足|不够|不强|不高|不全|不及时|不深|不多|薄弱|短板|差距|欠缺|滞后|有待|偏[少低慢弱长]|困难|尚未|还需|仍需"
)
_NONE = re.compile(r"(?:无|没有|未发现|不存在)(?:明显|突出|较大|其他|主要)?(?:的)?(?:问题|不足)")
# Wherever they stand, they announce or tell what is done about it.
_ANNOUNCED = re.compile(
    r"改进(?:措施|情况|方[向法]|工作|办法|意见)|整改|下一?步|下一?阶段|今后|接下来|明年|来年|新的一年|未来|措施|对策|解决(?:办法|方案|对策)"
    r"|努力|力求|务求|清单|台账|销号|责成|对此|对(?:上述|以上|这些|此类)|逐[条项一步]|专[题门](?:召开|研究|部署)|从严|克服"
    r"|(?<![待需未])(?:得到|予以|加以)\S{0,4}(?:解决|纠正|整治|更正)|已?全部(?:解决|纠正)|(?:调整|充实|配[备齐强])了?\S{0,4}(?:人员|力量|队伍)"
    r"|打算|计划|为此|针对|将(?!近)|拟|力争|争取|确保|已经|已(?:完成|解决|改|对)|我[局镇区县市厅委办乡院部]要|我们要|必须"
)
# What one does about a problem; in a clause that says that it is needed, it is the problem that is meant.
_DONE = re.compile(
    r"加强|加大|加快|提高|提升|完善|健全|强化|深化|优化|规范|推进|拓[展宽]|丰富|细化|改进|改善|落实|创新|组织|开展|增强|着力|健全|建立|修订|安排|编制|梳理"
)
_NEEDED = re.compile(
    r"不[够足强高全深多]|不够|有待|还需|仍需|尚需|需要|亟[待需]|欠缺|缺乏|缺少|薄弱|滞后|尚未|未能|没有|较(?:上|去)一?年|虽然|取得|有所|有了|成效|成绩|进步"
    r"|需(?:进一步|继续|加|提|完|强|丰)"
)


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    report = case.this.report
    text = section_text(report, 5)
    if text is None or len(text) < _SHORTEST or not prose_was_read(report):
        return
    rest = "\n".join(section.text for section in report.sections if section.number > 5)
    if _ANNOUNCED.search(text) or f"{case.year + 1}年" in re.sub(r"\s", "", text) or _ANNOUNCED.search(rest):
        return
    if not _PROBLEM.search(text) or _NONE.search(text) or _speaks_of_doing(text):
        return
    yield case.finding(
        rule,
        "absent",
        {},
        figure="section.5",
        places=[case.this.place()],
    )


def _speaks_of_doing(text: str) -> bool:
    """Whether a clause says what is done, and not merely that it is needed."""
    return any(_DONE.search(clause) and not _NEEDED.search(clause) for clause in _CLAUSE.split(text))


RULE = ReportRule(
    name="improvement",
    kind="form",
    basis="printed",
    severity="warning",
    certainty="likely",  # never more: it rests on words, and on what a reader found
    needs=Needs.REPORT,
    judge=_judge,
    defect=Defect.INACCURATE,
    innocent=(
        Innocent(
            "改进情况以图片或表格载于报告中，未能读取。",
            "The improvement stands in the report as a picture or a table, and was not read.",
            excluded=False,
        ),
        Innocent("改进情况写在第六部分。", "The improvement stands in section six.", excluded=True),
        Innocent("报告没有列出问题。", "The report lists no problem.", excluded=True),
    ),
    about="""Section five (存在的主要问题及改进情况) names problems, and no clause of it, or of section six, says what
is done about them. Any usual word that announces it (下一步, 今后, 将, 措施, 整改, the next year) makes the rule
silent, as does a clause that names a doing without saying that it is needed: “还需加快” is a problem, “加快建设” is
not. Nothing is said of sections shorter than 60 characters, or where a doubt concerns the whole report.""",
    says={
        "absent": sentence(
            zh=(
                "在所读取的{agency}{year}年政府信息公开工作年度报告文本中，“五、存在的主要问题及改进情况”部分列有问题，"
                "未见关于改进情况的内容。"
            ),
            en=(
                "In the text that was read of the {year} annual report of {agency}, section five (main problems and "
                "improvement) speaks of problems; nothing was found in it about improvement."
            ),
        ),
    },
)
