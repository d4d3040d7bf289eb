"""Made-up prose of reports, as varied as the real ones: about as many different pairs of characters in a report, and
about as many of them shared by two reports (measured on real ones: 0.7 to 1.0 different characters and pairs for each
character printed, 30% of the pairs of one report in another, 1,000 to 4,600 characters).
"""

import random
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

_HEADINGS = (
    "总体情况", "主动公开政府信息情况", "收到和处理政府信息公开申请情况", "政府信息公开行政复议、行政诉讼情况",
    "存在的主要问题及改进情况", "其他需要报告的事项",
)  # fmt: skip

# What nearly every office writes, in one wording or another.
_SENTENCES = """
本年度我单位认真落实条例要求，把信息公开摆在重要位置，由{name}牵头，{n}个科室分工负责。
全年通过门户网站公开信息{n}条，其中政策文件{n}件，部门动态{n}条，通知公告{n}条。
收到公开申请{n}件，上年结转{m}件，均在法定期限内答复，没有超期情形。
其中予以公开{n}件，部分公开{m}件，不予公开{m}件，本机关不掌握相关信息{m}件。
因公开工作被申请行政复议{m}件，结果维持{m}件；被提起行政诉讼{m}件，尚未审结{m}件。
一是公开内容还不够全面，群众关心的{word}、{word}等方面更新不够及时。
二是工作人员业务水平有待提高，个别科室对{word}理解不深，主动公开意识不强。
三是解读形式比较单一，多为文字说明，图表、视频等方式运用较少。
下一步，我们将加强学习培训，每季度组织一次{word}专题讲座，提高办理申请的能力。
下一步，将完善审查制度，坚持先审查后公开，做到应公开尽公开、涉密不公开。
没有收取信息处理费，无其他需要报告的事项。
依托{name}服务大厅设立查阅点{m}处，接待群众来访{n}人次，接听咨询电话{n}个。
政务新媒体发布信息{n}条，累计关注{n}人，其中{word}专栏浏览量最高。
对照年度要点，细化任务{m}项，明确责任人和完成时限，年底逐项核对。
组织培训{m}期，{n}人次参加，邀请{name}同志讲解申请办理程序。
按照保密审查规定，对拟公开的{n}份文件逐件审核，退回修改{m}份。
围绕{word}、{word}、{word}等重点领域，及时公布实施方案和资金使用结果。
制作发布解读材料{m}篇，回应网民留言{n}条，平均办理时间{m}天。
现将{name}本年度的工作情况报告如下，数据统计期限自一月一日起至十二月三十一日止。
如对本报告有疑问，请与{name}联系，地址在{name}路{n}号。
"""

_SUBJECTS = """
农田水利 道路养护 学前教育 义务教育 公共卫生 医疗保障 社会救助 养老服务 就业创业 住房保障
征地补偿 房屋拆迁 土地出让 矿山安全 食品药品 环境监测 污水处理 垃圾分类 河道治理 林业管护
防汛抗旱 应急演练 消防检查 交通运输 公交线路 停车场所 财政预算 决算说明 政府采购 招标投标
税收优惠 价格监管 市场主体 营商环境 行政审批 权责清单 双随机 信用监管 产品质量 乡村振兴
集体产权 宅基地 种粮补贴 农机购置 动物防疫 渔业资源 扶持资金 小额贷款 企业用工 技能培训
人才引进 科技项目 知识产权 文化场馆 旅游景区 文物保护 体育设施 全民健身 退役军人 残疾人
妇女儿童 民族宗教 社区矫正 法律援助 人民调解 信访接待 热线电话 网上办事 数据共享 电子证照
档案移交 规范性文件 废止目录 重大决策 听证会 意见征集 专家论证 风险评估 建设项目 竣工验收
供水供气 集中供热 老旧小区 物业管理 绿化养护 户外广告 违法建筑 渣土运输 执法公示 处罚决定
检查结果 疫苗接种 妇幼保健 医院评审 药店管理 招生入学 校园安全 教师招聘 助学金 统计公报
人口普查 经济运行 产业园区 招商引资 对外合作
"""
_JOINTS = """
加强 推进 落实 完善 开展 公布 制定 修订 调整 梳理 报送 核查 受理 督促 汇总 关于 以及 对于 通过 根据 会同
"""
_STOCK, _WORDS, _LINKS = _SENTENCES.split(), _SUBJECTS.split(), _JOINTS.split()
_ENDS = ("，", "，", "，", "；", "、", "。", "。")
_SURNAMES = "赵钱孙李周吴郑王冯陈沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹喻柏水章云苏潘葛范彭"


class ReportProse(NamedTuple):
    """What is searched of one made-up report. sections: heading, text."""

    title: str
    sections: list[tuple[str, str]]

    @property
    def characters(self) -> int:
        return len(self.title) + sum(len(heading) + len(text) for heading, text in self.sections)


class _Own(NamedTuple):
    """What one report is about."""

    name: str
    words: list[str]
    rare: list[str]
    stock: list[str]


class _Filling(dict[str, str]):
    """The places of a sentence to be filled, each anew."""

    def __init__(self, dice: random.Random, own: _Own) -> None:
        self._dice, self._own = dice, own

    def __missing__(self, key: str) -> str:
        if key == "name":
            return self._own.name
        if key == "word":
            return self._dice.choice(self._own.words)
        return str(self._dice.randrange(3, 20_000) if key == "n" else self._dice.randrange(60))


def prose(count: int, seed: int = 1) -> Iterator[ReportProse]:
    """So many reports, the same for the same seed, of 1,000 to 4,600 characters."""
    dice = random.Random(seed)
    # The common characters of GB 2312, some much more common than others, and words of two made of them.
    common = [bytes([row, cell]).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFA)]
    dice.shuffle(common)
    letters = dice.choices(common, [1 / (rank + 30) for rank in range(len(common))], k=2 * 30_000)
    tail = list(map("".join, zip(letters[::2], letters[1::2], strict=True)))
    weights = [1 / (rank + 10) for rank in range(len(tail))]
    cumulated = list(accumulate(weights))
    for number in range(count):
        length = round(dice.lognormvariate(7.45, 0.33))
        length = min(4_600, max(1_000, length))
        # A report comes back to its own subjects, and shares fewer of them with others.
        own = _Own(
            name=dice.choice(_SURNAMES) + "".join(dice.choices(common, k=2)),
            words=dice.sample(_WORDS, 34),
            rare=dice.choices(tail, cum_weights=cumulated, k=length // 9),
            stock=dice.sample(_STOCK, 13),
        )
        title = f"{own.name}县{own.words[0]}局{2015 + number % 10}年政府信息公开工作年度报告"
        parts = [""] * len(_HEADINGS)
        written, at = 0, 0
        while written < length:
            piece = _sentence(dice, own) if dice.random() < 0.35 else _clauses(dice, own)
            parts[at % len(parts)] += piece
            written += len(piece)
            at += 1
        yield ReportProse(title, list(zip(_HEADINGS, parts, strict=True)))


def _sentence(dice: random.Random, own: _Own) -> str:
    return dice.choice(own.stock).format_map(_Filling(dice, own))


def _clauses(dice: random.Random, own: _Own) -> str:
    rare = dice.choices(own.rare, k=5)
    known = dice.choices(own.words, k=3)
    links = dice.choices(_LINKS, k=4)
    ends = dice.choices(_ENDS, k=3)
    return (
        f"{links[0]}{rare[0]}{known[0]}{links[3]}{rare[1]}{ends[0]}{links[1]}{rare[2]}的{known[1]}{ends[1]}"
        f"{rare[3]}{links[2]}{known[2]}{dice.randrange(1, 900)}项{rare[4]}{ends[2]}"
    )
