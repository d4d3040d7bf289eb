"""What stands beside annual reports in their columns, by the words of its title (docs/titles.md)."""

import re
from typing import NamedTuple

KINDS = (
    "report",
    "interpretation",
    "publication_notice",
    "website_form",
    "enforcement_statistics",
    "self_check",
    "guide",
    "notice",
    "school",
    "other_report",
    "other",
)


class Sort(NamedTuple):
    """A kind of title that is no report, and the reason that is given for it."""

    kind: str
    why: str
    words: re.Pattern[str]


INTERPRETATION = Sort(
    "interpretation",
    "interpretation of a report",
    re.compile(
        r"解读|解析|图解|读懂|看懂|图说|数说|数读|画说|H5|h5|视频|长图|海报|漫画|动画|动漫(?!产业|园|城|基地)|音频|语音|"
        r"访谈|问答|划重点|速览|新闻发布会"
    ),
)
# These words make an interpretation also where an agency follows them without a mark: 图解柳溪县2023年….
INTERPRETS = re.compile(r".{0,8}?(?:解读|图解|读懂|看懂|数说|图说|划重点)|视频|动画|漫画|H5|h5")
PUBLICATION_NOTICE = Sort(
    "publication_notice",
    "list of which units have published",
    re.compile(
        r"(?:公布|发布|报送|公开)情况(?:统计)?表?(?:的?(?:公告|公示|说明|通报|通知))?(?:\([^()]*\))?$|汇总|一览表"
    ),
)
SCHOOL = Sort(
    "school",
    "report of a school or a hospital",
    re.compile(
        r"(?:大学|(?<!科)(?<!行政)(?<!社会主义)学院|学校|小学|中学|高中|初中|职高|职业中专|医院|卫生院|保健院|幼儿园|第?[一二三四五六七八九十]+中)$"
        r"|学年"
    ),
)
# In the order in which they are tried; words in front of an agency's own name are not looked at.
SORTS: tuple[Sort, ...] = (
    Sort(
        "website_form",
        "form or report about websites",
        re.compile(r"(?:网站|新媒体).{0,12}(?:年度?报[表告]|年度(?:工作|监管)?报[表告]|报表)|网站监管|年度工作报表"),
    ),
    Sort(
        "self_check",
        "check of websites",
        re.compile(
            r"季度.{0,14}(?:自查|检查|抽查)|自查.{0,6}(?:报告|情况)|(?:网站|新媒体).{0,14}(?:自查|抽查|检查|普查)|抽查情况"
        ),
    ),
    Sort(
        "enforcement_statistics",
        "report or figures about enforcement",
        re.compile(
            r"(?:行政执法|行政处罚|行政许可|行政检查|行政强制)(?!局|大队|支队|总队|队|委|监督局|中心)"
            r".{0,24}(?:年度?报|报告|统计|数据|总结|情况|公示表)"
        ),
    ),
    Sort(
        "notice",
        "plan or notice",
        re.compile(
            r"要点|方案|培训|考核|通报|会议|座谈|测评|评估|评议|评价|征求意见|工作计划|工作安排|任务分解|督查|督办|审核|"
            r"检查|提醒|约谈"
        ),
    ),
    Sort(
        "guide",
        "guide, catalogue or rule",
        re.compile(
            r"指南|目录|制度|办法|规定|规范|规程|细则|条例|格式|模板|范本|样式|样表|流程|清单|栏目|指引|说明书|填报说明"
        ),
    ),
    Sort(
        "other_report",
        "another kind of report",
        re.compile(
            r"法治(?:政府|建设|工作)|依法行政|政府工作报告|预算|决算|建议.{0,4}提案|人大建议|政协提案|绩效|信访|审计|统计年报|"
            r"企业信息公开|企业年报|依申请公开|工作总结|总结|述职|述法|自评|统计公报|执行情况|半年|季度|月报|月度"
        ),
    ),
)
ASKS = Sort("notice", "plan or notice", re.compile(r"(?:通知|函|意见|请示|批复|令|通报)$"))
# 关于做好…, 关于报送…: the beginning of what asks for reports, cut short or not.
ASKS_IN_FRONT = re.compile(
    r"关于.{0,12}?(?:做好|开展|报送|上报|提交|填报|编制|编写|撰写|组织|进一步|加强|规范|推进|落实|召开|举办|转发|征求|印送)"
)
# 关于公布…报告的通知 carries the report; a 公告 or 公示 of a report is one.
CARRIES_REPORT = re.compile(
    r"(?:公布|发布|印发|关于公开).*(?:年报|报告)》?的?(?:通知|公告|公示)$|(?:年报|报告)》?的?(?:公告|公示)$"
)
PART_OF_YEAR = Sort(
    "other_report",
    "report for a part of a year",
    re.compile(
        r"(?:[上下]?半年度?|第?[一二三四1-4]季度|\d{1,2}月份?|[一二三四五六七八九十]{1,3}月份|[上下]旬|月度|季度)$"
    ),
)
EARLY = "report for a year before 2008, when the Regulation did not yet hold and no form was prescribed"

_GROUP = re.compile(
    r"(?:.*各(?:级|有关|相关)?(?:单位|部门|委办局|乡镇|镇街|街镇|街道|镇|乡|区县|县区|县市区|区市县|市县|市|县|区|园区|开发区|机关).*"
    r"|(?:[省市县区州旗盟]|政府|省政府|市政府|县政府|区政府|本级|市级|县级|区级)?(?:直|属|级|组成|工作|职能|所属|下属|直属)?(?:政府)?"
    r"(?:单位|部门|机构|乡镇|镇街|街镇|镇乡|镇办|乡镇街道|镇街道|乡镇办|区县|县区|县市区|区市县|市县区|园区|开发区|派出机构)"
    r"|(?:街道|乡|镇|部门|单位)(?:及|和|、|与)?(?:街道|乡镇|乡|镇|部门|单位)"
    r"|部门(?:及|和|、|与)?(?:乡镇|镇街|街镇)|历年|往年|历史|法定|其他|[省市县区州旗]?本级|全[省市县区州旗])"
)


def is_group(name: str) -> bool:
    """Whether a name printed in front of the report words stands for many agencies (部门, 各乡镇) or none (历年)."""
    return _GROUP.fullmatch(name) is not None


# What may follow the report words: remarks, dates, file names' endings, numbers of parts.
_TAIL = re.compile(
    r"(?:\d{4}(?:-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|\.\d{1,2}\.\d{1,2}|年\d{1,2}月\d{1,2}日)|\d{1,2}:\d\d(?::\d\d)?|"
    r"\d{1,2}[-/.]\d{1,2}|\d{8}|\d{1,3}|\ue000|[一二三四五六七八九十]{1,2}|"
    r"\([^()]{0,40}\)|\[[^\[\]]{0,30}\]|【[^】]{0,30}】|[》>〉」』”\"'’。.!、,;*·•★☆]|"
    r"的?(?:公告|公示|通知)$|书|表|全文|正文|文本|原文|定稿|终稿|正式稿|最终版|公布|公开|发布|公示|下载|查看|阅读|预览|"
    r"点击查看|扫描[件版]|盖章版|电子版|图片版|文字版|图文版|(?:PDF|pdf|Word|word|WORD)版?|及?附[件表]\d*|含附表|年度?|度|"
    r"(?i:new|hot|docx?|pdf)|热|置顶)*+"
)
# Who published it, where a list prints that in the same cell.
_PUBLISHER = re.compile(
    r"(?:(?:来源|发布机构|发布单位|作者):?)?[\u4e00-\u9fff]{2,25}?"
    r"(?:政府|局|委员会|厅|办公室|办公厅|办事处|管委会)(?![\u4e00-\u9fff])"
)
_SEPARATORS = re.compile(r"[-_—–―|~～·/\\]+")
_SITE = re.compile(
    r"(?:网|网站|门户|平台|政府|局|委|委员会|厅|部|署|院|办|办公室|办公厅|中心|公开|专栏|专题|栏目|年报|年度报告|政务|首页|"
    r"[省市县区旗州盟镇乡]|街道|办事处|苏木|管委会|公司|信息)$"
)
_ADVERTISING = re.compile(
    r"官网|旧版|娱乐|彩票|棋牌|博彩|赌|投注|下注|登录|登陆|注册|入口|(?i:app)|体育(?!局)|游会|平台官"
)


def tail_fault(tail: str) -> str | None:
    """What behind the report words keeps a title from being understood; None where nothing does."""
    end = _TAIL.match(tail)
    rest = tail[end.end() :] if end else tail
    if publisher := _PUBLISHER.match(rest):
        rest = _TAIL.sub("", rest[publisher.end() :], count=1)
    if not rest:
        return None
    parts = _SEPARATORS.split(rest)
    if parts[0]:
        return f"what follows the report words is not understood: {rest[:20]}"
    for part in parts[1:]:
        if _ADVERTISING.search(part):
            return f"advertising behind the report words, as copies have: {part[:20]}"
        if part and not _SITE.search(part) and not _TAIL.fullmatch(part):
            return f"what follows the report words is not understood: {part[:20]}"
    return None
