"""The prose of the six sections, invented here, agreeing with the figures as printed."""

import random
from collections.abc import Sequence

from crawler.sandbox.figures import as_int
from crawler.sandbox.sample import Figures, SampleSection

HEADINGS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
_OPENINGS = (
    "根据《中华人民共和国政府信息公开条例》第五十条的规定，{agency}编制本报告。报告所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。",
    "现将{agency}{year}年政府信息公开工作情况报告如下。本报告中数据的统计期限为{year}年1月1日至{year}年12月31日。",
    "本报告由{agency}按照国务院办公厅规定的格式编写，统计期限自{year}年1月1日至{year}年12月31日止，电子版可在{site}网站下载。",
    "按照政府信息公开条例的要求，{agency}对{year}年的公开工作作了梳理，所列数据统计期限从{year}年1月1日起到{year}年12月31日止。",
)
_INTRODUCTIONS = (
    "{year}年，{we}把公开作为日常工作的一部分来安排，{topic}和{topic2}两方面的信息更新较上年及时。",
    "这一年{we}的公开工作围绕{topic}展开，群众问得多的事项优先公开，{topic2}方面的答复也作了归并。",
    "{we}在{year}年继续以{topic}为重点，年初列出清单，年底逐项核对，未完成的在次年一季度补齐。",
    "{year}年里，{we}的公开事项有所调整：{topic}由按季公开改为按月公开，{topic2}增加了图表。",
    "回顾{year}年，{topic}是来电来访中提到最多的内容，{we}据此调整了公开的先后次序。",
)
_PROACTIVE = (
    "全年在门户网站发布信息{items}条，其中涉及{topic}的{part}条。",
    "{year}年共公开信息{items}条，{topic}类占{part}条，其余为工作动态和通知公告。",
    "网站专栏全年更新{items}条，另在公告栏张贴{part}份有关{topic}的材料。",
    "围绕{topic}和{topic2}，{we}一年内发布信息{items}条，配发图文说明{part}份。",
    "公开目录作了一次修订，新列入{topic}事项，全年累计公开{items}条，其中政策类{part}条。",
)
_STOCK = "全年制发行政规范性文件{issued}件，废止{repealed}件，年末现行有效{in_force}件。"
_NO_APPLICATION = (
    "{year}年{we}未收到政府信息公开申请，也没有上年结转的申请。",
    "本年度没有收到政府信息公开申请，上年亦无结转。",
    "全年政府信息公开申请为零，申请渠道经核查保持畅通。",
)
_APPLICATIONS = (
    "全年新收政府信息公开申请{new}件，上年结转{carried_in}件，本年办理{processed}件，结转下年度{carried_out}件。",
    "{year}年新收政府信息公开申请{new}件，连同上年结转的{carried_in}件，共办理{processed}件，另有{carried_out}件转入下年。",
    "本年收到政府信息公开申请{new}件，加上年结转{carried_in}件；年内办结{processed}件，未到期限的{carried_out}件结转下年。",
)
_NO_CHALLENGE = (
    "没有因政府信息公开引起的行政复议和行政诉讼。",
    "本年度未发生针对政府信息公开的行政复议或者行政诉讼案件。",
)
_CHALLENGES = (
    "因政府信息公开被申请行政复议{reviews}件，被提起行政诉讼{lawsuits}件。",
    "涉及政府信息公开的行政复议{reviews}件、行政诉讼{lawsuits}件，均按期提交了答复材料。",
)
_MANAGEMENT = (
    "文件起草时即填写公开属性，{topic}类文件由经办人和负责人分别审核后发布。",
    "{we}对往年发布的{topic2}信息作了清理，改正错字和失效链接，标注已经废止的文件。",
    "信息发布实行登记，哪一条由谁提供、何时上网都可以查到；{topic}信息保留了历次版本。",
    "公开前的保密审查由两人完成，{topic2}材料中的个人信息在上网前隐去。",
    "历年{topic}文件重新编了目录，纸质件与网页逐一对照。",
)
_PLATFORM = (
    "门户网站的公开专栏按事项重新排列，{topic}放在首屏。",
    "查阅点设在办事大厅，配有一台查询终端，{topic2}的办理流程可以当场打印。",
    "专栏增加了检索框，按年份和文号都能查到{topic}文件。",
    "公告栏与网站内容每周核对一次，{topic}信息两处一致。",
)
_SUPERVISION = (
    "年内组织培训{times}次，经办人员轮流讲解{topic}信息的公开要求。",
    "每季度自查一次，共发现问题{times}处，已全部改正。",
    "公开工作列入年度评议，向服务对象发放问卷，{topic2}的得分最高。",
    "设立意见箱和电子信箱，收到意见{times}条，均作了回复。",
)
_PROBLEMS = (
    "{topic}信息有时晚于规定时限几天上网。",
    "{topic2}的说明文字偏长，图表较少，不便于群众理解。",
    "部分经办人员刚到岗，对公开属性的判断还不够熟练。",
    "旧栏目中仍有少量{topic}文件没有标注有效性。",
    "答复书的用语不够统一，说明理由的部分有时过于简略。",
    "线下查阅点的{topic2}材料更新慢于网站。",
)
_REMEDIES = (
    "{next}年将把{topic}信息的上网时间写入岗位职责，按月通报。",
    "编一份{topic2}的问答，用表格代替长段文字。",
    "安排新到岗人员跟班学习一个月，再独立承办。",
    "逐件核对旧文件，{next}年上半年完成有效性标注。",
    "修订答复书样式，理由部分列明所依据的条款。",
    "由专人每两周更新一次查阅点材料。",
)
_FEES = (
    "本年度没有收取政府信息公开信息处理费。",
    "按照信息处理费管理办法，{year}年未向申请人收取费用。",
    "信息处理费收取情况：无。",
)
_EXTRAS = ("没有其他需要报告的事项。", "上级部署的公开要点中涉及{topic}的任务已经完成。", "除上述情况外，无其他事项。")


def opening(chance: random.Random, *, agency: str, year: int, site: str) -> tuple[str, ...]:
    """The paragraph before section 一; it states the reporting period."""
    return (chance.choice(_OPENINGS).format(agency=agency, year=year, site=site),)


def sections(
    chance: random.Random, figures: Figures, *, year: int, we: str, topics: Sequence[str]
) -> tuple[SampleSection, ...]:
    """All six sections. we: how the agency calls itself (我局). topics: what it writes about, two at least.

    Every number that the prose gives of a figure is that figure as printed, so prose and tables never disagree.
    """
    words: dict[str, str | int] = {"year": year, "next": year + 1, "we": we}

    def say(pool: Sequence[str]) -> str:
        first, second = chance.sample(list(topics), 2)
        items = chance.randint(40, 900)
        drawn = {"items": items, "part": chance.randint(5, items // 3), "times": chance.randint(1, 6)}
        return chance.choice(pool).format(topic=first, topic2=second, **drawn, **words)

    for row in ("new", "carried_in", "processed", "carried_out"):
        words[row] = as_int(figures, f"applications.{row}.total")
    lawsuits = ("litigation_direct", "litigation_after_reconsideration")
    words["reviews"] = as_int(figures, "challenges.reconsideration.total")
    words["lawsuits"] = sum(as_int(figures, f"challenges.{row}.total") for row in lawsuits)
    for column in ("issued", "repealed", "in_force"):
        words[column] = as_int(figures, f"disclosure.normative_documents.{column}")
    received = words["new"] or words["carried_in"]
    challenged = words["reviews"] or words["lawsuits"]

    proactive = say(_PROACTIVE) + (say([_STOCK]) if words["in_force"] else "")
    on_request = say(_APPLICATIONS if received else _NO_APPLICATION) + say(_CHALLENGES if challenged else _NO_CHALLENGE)
    general = (
        say(_INTRODUCTIONS),
        f"（一）主动公开。{proactive}",
        f"（二）依申请公开。{on_request}",
        f"（三）政府信息管理。{say(_MANAGEMENT)}",
        f"（四）平台建设。{say(_PLATFORM)}",
        f"（五）监督保障。{say(_SUPERVISION)}",
    )
    chosen = chance.sample(range(len(_PROBLEMS)), 2)
    problems = "".join(f"{mark}是{say([_PROBLEMS[i]])}" for mark, i in zip("一二", chosen, strict=True))
    remedies = "".join(f"{mark}是{say([_REMEDIES[i]])}" for mark, i in zip("一二", chosen, strict=True))
    texts = (
        general,
        (),
        (),
        (),
        (f"（一）存在的主要问题。{problems}", f"（二）改进措施。{remedies}"),
        (f"{say(_FEES)}{say(_EXTRAS)}",),
    )
    return tuple(SampleSection(heading, text) for heading, text in zip(HEADINGS, texts, strict=True))
