"""What is masked, and its nearest neighbours that are not. All names and numbers are made up."""

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crawler.sandbox.country import Country
from monitor.exports.masking import ACCOUNT, EMAIL, IDENTITY, PERSONS, PHONE, Masked, mask
from monitor.exports.persons import is_name
from monitor.reading import read_files

PHONES = [
    "13812345678",
    "138 1234 5678",
    "138-1234-5678",
    "１３８１２３４５６７８",
    "+86 13812345678",
    "(+86)138-1234-5678",
    "0086 13812345678",
    "0571-88886666",
    "0571—88886666",
    "０５７１－８８８８６６６６",
    "（0571）88886666",
    "(0571) 8888 6666",
    "0571 88886666",
    "057188886666",
    "010-66661234",
    "+86-571-88886666",
    "0571-88886666转8001",
    "0571-88886666，转801",
    "0571-88886666分机12",
    "0571-88886666-801",
    "0571-88886666（转8001）",
    "0571-88886666、88886667",
    "0571-88886666/67",
    "0571-88886666 / 13812345678",
    "400-812-3456",
    "400-8123-456",
    "4008123456",
    "800 810 1234",
]
EMAILS = [
    "liuxi_xxgk@example.com",
    "Zwgk.Liuxi-2@mail.liuxi.gov.cn",
    "ｌｉｕｘｉ＠ｅｘａｍｐｌｅ．ｃｏｍ",
    "liuxi @ example.com",
    "liuxi(at)example.cn",
    "liuxi#example.com",
    "mailto:liuxi@example.org",
    "liuxi@desk.example",
]


@pytest.mark.parametrize("number", PHONES)
@pytest.mark.parametrize("around", ["{}", "联系电话：{}。", "电话{}，", "（{}）", "请拨打{}咨询", "地址 {} 邮编"])
def test_telephone_numbers_are_masked_and_nothing_else(number: str, around: str) -> None:
    counts = Masked()
    assert mask(around.format(number), counts) == around.format(PHONE)
    assert (counts.phones, counts.emails, counts.passages) == (1, 0, 0)


@pytest.mark.parametrize("address", EMAILS)
@pytest.mark.parametrize("around", ["{}", "邮箱：{}。", "电子邮箱{}，", "（{}）"])
def test_mail_addresses_are_masked_and_nothing_else(address: str, around: str) -> None:
    counts = Masked()
    assert mask(around.format(address), counts) == around.format(EMAIL)
    assert (counts.phones, counts.emails, counts.passages) == (0, 1, 0)


@pytest.mark.parametrize("called", ["电话：", "联系电话 ", "传真:", "电　话：", "Tel: ", "办公电话为", "热线号码："])
def test_a_local_number_is_one_where_it_is_called_so(called: str) -> None:
    assert mask(f"{called}8888666；") == f"{called}{PHONE}；"
    assert mask(f"{called}88886666、88886667") == f"{called}{PHONE}"
    assert mask("8888666") == "8888666"


@pytest.mark.parametrize(
    "text",
    [
        "拨打12345热线、96345、110和119",
        "全年受理13812345678件",
        "收费13812345678元，13,812,345,678元，138.12亿元",
        "投入8001234567元、4001234567 元",
        "共1234567条、88886666次、88886666人次",
        "接听热线电话 23456789 件，比上年多 1234567 件",
        "2021-2023年，2021年3月，20210315",
        "索引号：11330100002489559T/2021-00012345",
        "统一社会信用代码11330100MB1234567X",
        "京ICP备13012345678号、公网安备11010202000001号",
        "某政办〔2021〕13812345678号",
        "比上年增长0571.88个百分点，13812345678.5",
        "0.10 66661234",
        "见 http://www.example.gov.cn/art/2021/13812345678.html",
        "http://www.example.gov.cn/col/0571-88886666/",
        "3.14159265358979",
        "@柳溪发布 微博，话题#政务公开#",
        "邮编310000，区号0571",
        "第13812345678号",
        "1.2021年；2.2022年",
        "增长0.13812345678，收费13812345678.5，1381234567.89元",
        "接听热线电话1,234,567件，12,345,678人次",
        "索引号11370800004312345X/2024-00012，索引号：000014349/2021-00031012",
        "统一社会信用代码113708199001012345",
        "文号〔2023〕12号，2023-2024年，2023年1月5日，20230105",
        "微信公众号：liuxifabu，微信发布123456条，微信 1234567 人，微信12345热线，QQ 群",
        "共113708199001012345元",
        f"摘要{'13812345678a' * 5}abcd",
    ],
)
def test_figures_and_public_numbers_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话：010-65128901，13987652211，谢谢。", f"电话：{PHONE}，谢谢。"),
        ("电话：010-65128901,13987652211。", f"电话：{PHONE}。"),
        ("电话13987652211，13887652211。", f"电话{PHONE}。"),
        ("电话（0537）3412340，3412341。", f"电话{PHONE}。"),
        ("电话：13987652211，2020年开通。", f"电话：{PHONE}，2020年开通。"),
        ("010-12345678", PHONE),
        ("021-12345678、0312-1234500", PHONE),
        ("电话3412340-3412345；", f"电话{PHONE}；"),
        ("电话3412340/1；", f"电话{PHONE}；"),
        ("0537—3412340转8001", PHONE),
        ("电话：3412340（办公室），3412341（综合科）", f"电话：{PHONE}（综合科）"),
        ("电话：13812345678 日常值班", f"电话：{PHONE} 日常值班"),
        ("电话：0571-88886666，20231231，2021-2023年", f"电话：{PHONE}，20231231，2021-2023年"),
        ("网址www.liuxi.example，13812345678", f"网址www.liuxi.example，{PHONE}"),
        ("见http://liuxi.example/13812345678、13812345678", f"见http://liuxi.example/13812345678、{PHONE}"),
        ("Tel13812345678，传真\n3412340", f"Tel{PHONE}，传真\n{PHONE}"),
        ("身份证号370811198001011234，", f"身份证号{IDENTITY}，"),
        ("370811 19800101 123X", IDENTITY),
        ("370811198013011234", "370811198013011234"),
        ("QQ：12345，QQ群：123456789", f"QQ：{ACCOUNT}，QQ群：{ACCOUNT}"),
        ("微信：liuxi_001，微信号13812345678", f"微信：{ACCOUNT}，微信号{ACCOUNT}"),
        ("ＱＱ １２３４５６；QQ:123456@liuxi.example", f"ＱＱ {ACCOUNT}；QQ:{EMAIL}"),
    ],
)
def test_numbers_beside_others_and_other_numbers_of_persons(text: str, masked: str) -> None:
    assert mask(text) == masked


NUMBERS = [*PHONES, "010-12345678", "021-12345678", "0312-1234500", "139.8765.2211", "8613987652211", "+8613987652211"]
PUNCTUATION = "，,。.；;：:、/|-—－~～_·+*&!！?？()（）[]【】〔〕<>《》“”\"'=\n \t\u3000"
beside = st.sampled_from(
    ["", "办公室", "2020年开通", "5", "12", "2023", "12345", "0537", "272000", "13700110022", "0312-7654321", "谢谢",
     "王科", "abc", "20240131", "3,412件", "[电话]"]
)  # fmt: skip
joints = st.text(st.sampled_from(PUNCTUATION), min_size=1, max_size=3)


@given(st.sampled_from(["", "电话", "联系电话", "手机"]), beside, joints, st.sampled_from(NUMBERS), joints, beside)
def test_nothing_beside_a_number_saves_it(
    called: str, before: str, joint: str, number: str, behind: str, after: str
) -> None:
    """No six digits of a number in a row are left, whatever it is joined to by whatever punctuation."""
    # Up to two decimals make a figure of it, unless it is called a number.
    assume(not re.match(r"[.．][0-9]{1,2}(?![0-9])", f"{behind}{after}"))
    masked = mask(f"{before}{joint}{called}{number}{behind}{after}")
    plain, left = (re.sub(r"[^0-9电话]", "", unicodedata.normalize("NFKC", text)) for text in (number, masked))
    plain = re.sub(r"[^0-9].*", "", plain)  # an extension is no number
    assert not any(plain[n : n + 6] in left for n in range(len(plain) - 5)), masked


@given(
    st.sampled_from(["", "电话", "热线"]), st.lists(st.integers(7_000_000, 8_999_999), min_size=2, max_size=4), joints
)
def test_local_numbers_behind_one_that_is_called_so_are_masked(word: str, numbers: list[int], joint: str) -> None:
    text = f"{word}0537-3412340{joint}" + joint.join(map(str, numbers))
    assert not re.search(r"[0-9]{6}", mask(text)), mask(text)


@given(
    st.sampled_from(["", "电话", "接听热线电话", "微信", "QQ", "办件", "，", "（", "1,", "12345-", "0537，"]),
    st.integers(0, 10**13),
    st.booleans(),
    st.sampled_from(["件", " 件", "元", "人次", "万元", "条", "户", "%", "平方米"]),
)  # fmt: skip
def test_figures_with_units_are_never_touched(before: str, figure: int, groups: bool, unit: str) -> None:
    text = f"{before}{figure:,}{unit}，其中" if groups else f"{before}{figure}{unit}，其中"
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("联系人：王小明，电话：0571-88886666。", f"{PERSONS}，电话：{PHONE}。"),
        ("联系人及电话：王小明 13812345678", PERSONS),
        ("联系人王小明。其他事项：无。", f"{PERSONS}。其他事项：无。"),
        ("联系人：王女士", PERSONS),
        ("组长：王明（局长）", PERSONS),
        ("组长：书记、局长王明明；副组长：李四、赵强；成员：孙小红、各科室负责人。会议3次。",
         f"{PERSONS}。会议3次。"),
        ("由局长王明任组长，副局长李红、赵强任副组长，统筹工作。", f"{PERSONS}，统筹工作。"),
        ("成立了领导小组，王明任组长，李红任副组长，赵强、孙小红为组员，办公室设在综合科。",
         f"成立了领导小组，{PERSONS}，办公室设在综合科。"),
        ("成员：王明，李红，赵强。下一句。", f"{PERSONS}。下一句。"),
        ("组长：王明\n副组长：李红　赵强\n成员：孙小红\n三、收到申请", f"{PERSONS}\n三、收到申请"),
        ("成员：\n王明　局办公室主任\n李红　法规科科长\n下设办公室。", f"{PERSONS}\n下设办公室。"),
        ("组长：欧阳小明", PERSONS),
        ("成员：阿某某·买某某", PERSONS),
        ("责任人：王小明副局长", PERSONS),
    ],
)  # fmt: skip
def test_lists_of_persons_are_left_out(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "成立政务公开领导小组，由主要负责人任组长，分管领导任副组长，各科室负责人为成员。",
        "成立政务公开领导小组，由主要负责人任组长",
        "组长：常务副县长；副组长：分管副局长；成员：安监科、党政办、文秘科、法规科负责人",
        "由局长任组长，办公室主任任副组长，班子成员为成员",
        "联系人：办公室",
        "责任人：各科室负责人",
        "责任人为各科室",
        "领导小组组长亲自部署，成员单位密切配合",
        "组长负责制；高级工程师为成员",
        "主要负责人高度重视，分管负责人具体抓",
        "负责人：\n高度重视政务公开。",
        "由纪检组长任监督组组长",
        "党员干部为成员",
    ],
)
def test_groups_that_name_nobody_stay(text: str) -> None:
    assert mask(text) == text


def test_names() -> None:
    assert all(map(is_name, ["王明", "王小明", "局长王小明", "王小明同志", "常务副县长王明", "欧阳明"]))
    assert not any(map(is_name, ["局长", "办公室", "安监科", "党组书记", "常务副局长", "高度重视", "有关单位", "王"]))


prose = st.text(
    st.sampled_from("政务公开工作，。、；：（）\n年度报告信息0123456789 -件条元万人转电话abc@.#任为组长成员联系王李"),
    max_size=60,
)


@given(prose)
def test_masking_what_is_masked_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@given(st.text(max_size=40), st.sampled_from(PHONES + EMAILS), st.text(max_size=40))
def test_a_number_is_found_wherever_it_stands(before: str, number: str, after: str) -> None:
    assert number not in mask(f"{before}\n（{number}）\n{after}")


@given(prose)
def test_what_is_left_stands_as_it_stood(text: str) -> None:
    """Between the marks every character is one of the text, in its order."""
    place = 0
    for piece in re.split(r"\[电话\]|\[邮箱\]|\[人员名单略\]", mask(text)):
        place = text.find(piece, place)
        assert place >= 0
        place += len(piece)


@given(st.text(st.characters(exclude_characters="@＠#人长员任导", exclude_categories=["N", "Cs"]), max_size=80))
def test_prose_without_numbers_and_roles_is_not_touched(text: str) -> None:
    assert mask(text) == text


def test_the_prose_of_the_pretend_country_stays_whole() -> None:
    plans = Country.build(3).plans
    texts = ["\n".join(section.paragraphs) for plan in plans for section in plan.sample.sections]
    assert texts and [mask(text) for text in texts] == texts


def test_of_real_reports_only_lists_of_names_are_lost(shared_reports: Path) -> None:
    files = sorted(str(path) for path in shared_reports.iterdir() if path.suffix != ".json")
    counts, lost, whole = Masked(), 0, 0
    for read in read_files(files):
        assert read.report is not None
        for section in read.report.sections:
            masked = mask(section.text, counts)
            whole += len(section.text)
            lost += len(section.text) - len(masked.replace(PERSONS, ""))
    assert counts == Masked(phones=0, emails=0, passages=1)
    assert 0 < lost < whole / 100


SET_WIDE = [
    ("组　长：王建国\n副组长：李　明\n成　员：张　三、赵六", ("王建国", "李　明", "张　三", "赵六")),
    ("组 长：王建国", ("王建国",)),
    ("政务公开专职人员：刘芳、陈静。", ("刘芳", "陈静")),
    ("联络员名单：刘芳（办公室）、陈静（法规科）", ("刘芳", "陈静")),
    ("电话：0086-551-62888888", ("62888888",)),
    ("电话（区号0551）62888888", ("62888888",)),
    ("请拨打62888888咨询。", ("62888888",)),
    ("咨询：62888888", ("62888888",)),
]


@pytest.mark.parametrize(("text", "hidden"), SET_WIDE)
def test_what_is_set_wide_or_called_otherwise_is_masked(text: str, hidden: tuple[str, ...]) -> None:
    masked = mask(text)
    assert not [one for one in hidden if one in masked]
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text", ["接听热线23456789通", "工作组　长期驻村", "由县级领导小组 长期负责", "成员单位：财政局、民政局"]
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert mask(text) == text
