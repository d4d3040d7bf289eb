"""Invented places and the bodies that such places have. No province, city, county or district has these names."""

import random
from dataclasses import dataclass

# GB/T 2260 gives no code that begins with 99.
PROVINCE_CODE = "990000"
CITY_CODE = "990100"
_FIRST = "柳梧荻槐槿霜岚苇芷蓼樟榆澜棠鹭萤"
_SECOND = "溪汀渡渚泠陂坞涧砚屿埠泾"
_TOWN_FIRST = "芋荞茶麦蓖枣棉莼芦藜"
_TOWN_SECOND = "碾臼笕磴篱耒篙笠箩甑"
# Kinds of county with the first code that GB/T 2260 gives to each.
_COUNTY_KINDS = (("县", 21), ("区", 2), ("市", 81))


@dataclass(frozen=True, slots=True)
class Place:
    """A county-level place: name with its kind (柳溪县), six-digit code, the city and province above it."""

    name: str
    code: str
    city: str
    province: str


@dataclass(frozen=True, slots=True)
class Trade:
    """What a department is called, for short, and what it writes about."""

    name: str
    short: str
    topics: tuple[str, ...]


TRADES = (
    Trade("财政局", "", ("部门预算和决算", "财政专项资金分配", "政府采购目录", "惠民补贴发放")),
    Trade("教育局", "", ("义务教育招生划片", "学校收费标准", "教师招聘", "校外培训机构名单")),
    Trade("卫生健康局", "卫健局", ("基层诊疗服务", "传染病防控", "村卫生室布局", "疫苗接种点")),
    Trade("民政局", "", ("城乡低保标准", "养老机构名录", "社会组织登记", "临时救助")),
    Trade("人力资源和社会保障局", "人社局", ("就业见习岗位", "社保缴费办法", "职称评审", "工资拖欠线索办理")),
    Trade("自然资源局", "", ("征地补偿安置", "地块出让", "规划许可批前公示", "不动产登记流程")),
    Trade("住房和城乡建设局", "住建局", ("老旧小区改造", "保障房分配", "物业备案", "燃气安全检查")),
    Trade("交通运输局", "", ("农村公路养护", "公交线路调整", "超限治理", "渡口管理")),
    Trade("水利局", "水务局", ("水库安全度汛", "取水许可", "农村供水", "河湖巡查")),
    Trade("农业农村局", "", ("耕地补贴", "农机购置", "动物防疫", "高标准农田项目")),
    Trade("文化和旅游局", "文旅局", ("公共文化场馆开放", "文物保护单位名录", "旅行社检查", "非遗传承人评审")),
    Trade("应急管理局", "", ("安全生产执法", "灾情救助", "危险化学品许可", "应急避难场所")),
    Trade("审计局", "", ("预算执行审计结果", "整改情况", "经济责任审计", "工程审计")),
    Trade("统计局", "", ("月度统计数据", "经济普查", "统计执法检查", "住户调查")),
    Trade("市场监督管理局", "市场监管局", ("食品抽检结果", "特种设备检查", "个体工商户登记", "消费投诉公示")),
    Trade("司法局", "", ("行政复议受理", "法律援助", "规范性文件审查", "人民调解")),
    Trade("公安局", "", ("户籍办理", "道路交通管制", "养犬登记", "反诈宣传")),
    Trade("生态环境保护局", "环保局", ("排污许可", "环评审批", "水质监测", "扬尘治理")),
    Trade("工业和信息化局", "工信局", ("技术改造项目", "中小企业服务", "节能诊断", "园区用电保障")),
    Trade("发展和改革局", "发改局", ("重点项目进展", "价格监测", "粮食储备", "企业投资备案")),
    Trade("科学技术局", "科技局", ("科研项目立项", "高新企业申报", "科普活动", "技术合同登记")),
    Trade("商务局", "", ("家电补贴", "菜市场改造", "外贸备案", "成品油零售检查")),
    Trade("退役军人事务局", "", ("优抚金发放", "就业安置", "光荣牌悬挂", "烈士设施维护")),
    Trade("医疗保障局", "医保局", ("医保目录", "门诊报销", "定点机构名单", "基金监管")),
    Trade("行政审批服务局", "", ("办事指南", "一窗受理", "容缺清单", "中介服务目录")),
    Trade("城市管理局", "城管局", ("占道经营整治", "垃圾分类", "户外广告许可", "停车泊位")),
    Trade("林业局", "", ("造林补助", "林地审批", "古树名木", "防火值守")),
    Trade("体育局", "", ("健身设施", "赛事安排", "场馆低免开放", "社会体育指导员")),
    Trade("民族宗教事务局", "", ("场所登记", "少数民族补助", "活动审批", "政策宣讲")),
    Trade("信访局", "", ("信访事项办理", "接访安排", "网上投诉", "法规宣传")),
)
# A body that never publishes alone: its report is one with that of the trade named here.
COVERED_NAME = "文物局"
COVERING_TRADE = "文化和旅游局"
GOVERNMENT_TOPICS = ("政府常务会议", "民生实事", "财政预算", "重大建设项目", "规范性文件", "公共资源交易")
TOWN_TOPICS = ("村务公开", "低保评议", "宅基地审批", "惠农补贴", "防汛值守")


def invented_places(chance: random.Random, count: int) -> list[Place]:
    """`count` county-level places of one invented city and province; ValueError if there are not so many names."""
    names = [first + second for first in _FIRST for second in _SECOND]
    if count + 2 > len(names):
        raise ValueError(f"the sandbox has names for {len(names) - 2} counties; {count} were asked for")
    chance.shuffle(names)
    province, city = f"{names.pop()}省", f"{names.pop()}市"
    places = []
    for number in range(count):
        ending, base = _COUNTY_KINDS[number % 3]
        # Full cities are left behind: county n of the country is the (n % 45)th of city n // 45.
        code = f"99{1 + number // 45:02d}{base + number % 45 // 3:02d}"
        places.append(Place(names[number] + ending, code, city, province))
    return places


def invented_towns(chance: random.Random, count: int) -> list[str]:
    """`count` different names of towns (石碾镇)."""
    names = [first + second for first in _TOWN_FIRST for second in _TOWN_SECOND]
    return [f"{name}镇" for name in chance.sample(names, count)]


def all_invented_names() -> list[str]:
    """Every place name that can come up, for a check against the real ones."""
    endings = ("省", "市", "县", "区")
    counties = [a + b + ending for a in _FIRST for b in _SECOND for ending in endings]
    return counties + [f"{a}{b}镇" for a in _TOWN_FIRST for b in _TOWN_SECOND]
