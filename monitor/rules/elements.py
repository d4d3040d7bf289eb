"""What section one is to speak of, and does not."""

import re
from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import sentence
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.given import listed
from monitor.judging.prose import prose_was_read, section_text, subheadings
from monitor.judging.rule import Defect, Innocent, Needs, ReportRule
from parsers.report import Report

_SHORTEST = 150  # characters of prose in section one; below it stands in pictures, or is the few lines of a small body
_NAMED = 3  # subheadings of the form's elements from which a report is taken to follow them

# How agencies name an element, or begin to speak of it.
_NAMES = {
    "主动公开": re.compile(r"主动公开|主动发布|信息公开情况|公开信息|发布信息|信息发布|公开内容|重点领域|政策解读"),
    "依申请公开": re.compile(r"依申请|申请公开|公开申请|申请人|申请办理|申请(?:事项|情况|件)"),
    "政府信息管理": re.compile(
        r"信息管理|信息资源|制度|审查|审核|审签|审批|校|保密|清理|目录|指南|登记|台账|归档|档案|公开属性"
        r"|规范性文件|管理|机制|流程|动态调整|规范化"
    ),
    "平台建设": re.compile(
        r"平台|网站|门户|网页|网上|政务网|公开网|官网|微信|微博|新媒体|融媒体|公众号|客户端|小程序|抖音|视频号|[Aa][Pp][Pp]"
        r"|专栏|公开栏|公告栏|公示栏|宣传栏|公开墙|查阅[点室场]|公报|电子屏|显示屏|触摸屏|查询终端|热线|渠道|载体|阵地|媒体"
    ),
    "监督保障": re.compile(
        r"监督|保障|考核|考评|评议|评估|测评|绩效|培训|检查|督查|督促|督办|督导|自查|抽查|巡查|通报|问责|责任|追究|领导小组"
        r"|组织领导|领导重视|高度重视|队伍|专人|专职|分管|牵头|投诉|意见箱|满意度|学习|整改|经费"
    ),
}
_ENGLISH = {
    "主动公开": "disclosure on its own initiative",
    "依申请公开": "disclosure on request",
    "政府信息管理": "the management of government information",
    "平台建设": "the building of platforms",
    "监督保障": "supervision and safeguards",
}
# What else may be meant as one, where a report follows no subheadings of the form.
_SPOKEN_OF = {
    "主动公开": re.compile(
        r"公开|(?:发布|公布|更新|刊登|刊发|推送|报送|上网|张贴|制作)[^。；]{0,40}\d+\s*余?[条篇件份期次]|信息\s*\d+\s*余?条"
    ),
    "依申请公开": re.compile(r"申请|答复|来[件函信]|索取|查询信息"),
    "政府信息管理": re.compile(r"规范|整理|完善|更新|维护|专人|责任|先审|审后|泄密|归口|把关"),
    "平台建设": re.compile(r"发布|公布|公示|网|栏|报纸|广播|电视|信息化"),
    "监督保障": re.compile(r"加强|落实|完善|组织|领导|推进|部署"),
}


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for a report, with all elements that are not spoken of."""
    absent = _absent(case.this.report)
    if absent:
        yield case.finding(
            rule,
            "absent",
            {"elements_zh": listed(absent), "elements_en": _in_english(absent), "count": len(absent)},
            figure="section.1",
            expected=listed(absent),
            places=[case.this.place()],
        )


def _in_english(names: list[str]) -> str:
    return ", ".join(f"{_ENGLISH[name]} ({name})" for name in names)


def _absent(report: Report) -> list[str]:
    general = section_text(report, 1)
    if general is None or len(general) < _SHORTEST or not prose_was_read(report):
        return []
    # An element may be spoken of in another section; the problems of section five are not what was done.
    everywhere = "\n".join(section.text for section in report.sections if section.number != 5)
    absent = [name for name, words in _NAMES.items() if not words.search(everywhere)]
    if absent and not _follows_the_form(general):
        absent = [name for name in absent if not _SPOKEN_OF[name].search(everywhere)]
    return absent


def _follows_the_form(general: str) -> bool:
    """Whether section one is parted by subheadings that name elements of the form."""
    headings = subheadings(general)
    return sum(any(words.search(heading) for heading in headings) for words in _NAMES.values()) >= _NAMED


RULE = ReportRule(
    name="elements",
    kind="form",
    basis="printed",
    severity="warning",
    certainty="likely",  # never more: it rests on words, and on what a reader found
    needs=Needs.REPORT,
    judge=_judge,
    defect=Defect.INACCURATE,
    innocent=(
        Innocent("用别的说法写到了该项内容。", "It is spoken of in other words.", excluded=False),
        Innocent(
            "该项内容以图片载于报告中，未能读取。",
            "It stands in the report as a picture, and was not read.",
            excluded=False,
        ),
        Innocent("该项内容写在其他部分。", "It is spoken of in another section.", excluded=True),
    ),
    about="""Section one is to speak of 主动公开, 依申请公开, 政府信息管理, 平台建设 and 监督保障. An element is taken
to be spoken of where any of many usual words for it stands in any section but the fifth. Where the subheadings of
section one are not those of the form, many more words will do. Nothing is said where section one was not found or has
fewer than 150 characters, where fewer than three headings were found, or where a doubt concerns the whole report.
What governments are to add (工作考核, 社会评议, 责任追究) is not asked for, since it commonly stands under
监督保障.""",
    says={
        "absent": sentence(
            zh=(
                "在所读取的{agency}{year}年政府信息公开工作年度报告文本中，未见关于{elements_zh}的内容（共{count}项）；"
                "按年度报告格式，总体情况部分应当包括上述内容。"
            ),
            en=(
                "In the text that was read of the {year} annual report of {agency}, nothing was found about "
                "{elements_en} ({count} in all), of which, by the official form, the general section is to speak."
            ),
        ),
    },
)
