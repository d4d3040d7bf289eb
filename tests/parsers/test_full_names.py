"""Full names of agencies: places in front, organs written out, one id for short and full."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.abbreviations import FILE, AbbreviationsFile, abbreviations
from parsers.gazetteer import gazetteer
from parsers.names import Names
from parsers.strict_toml import ConfigError, load_strict, parse_strict

NAMES = Names()


@pytest.mark.parametrize(
    ("printed", "place", "full"),
    [
        # bare places
        ("三明市", None, "三明市人民政府"),
        ("木垒县", None, "木垒县人民政府"),
        ("柳溪县", "清江市柳溪县", "柳溪县人民政府"),
        ("青龙区", "清江市青龙区", "清江市青龙区人民政府"),
        ("历下区", None, "济南市历下区人民政府"),
        ("阿拉善盟", None, "阿拉善盟行政公署"),
        ("喀什地区", None, "喀什地区行政公署"),
        ("青龙高新区", None, "青龙高新区"),
        # townships and streets
        ("钟祥镇", "仁寿县", "仁寿县钟祥镇人民政府"),
        ("罗家乡", None, "罗家乡人民政府"),
        ("建新镇", "广东省湛江市遂溪县", "遂溪县建新镇人民政府"),
        ("柳溪镇", "柳溪县", "柳溪县柳溪镇人民政府"),
        ("大明湖街道", "济南市历下区", "济南市历下区大明湖街道办事处"),
        ("大明湖街道办", "济南市历下区", "济南市历下区大明湖街道办事处"),
        ("城南办事处", "靖江市", "靖江市城南办事处"),
        ("城南办事处、城南园区", "靖江市", "靖江市城南办事处(城南园区)"),
        ("城区街道", "柳溪县", "柳溪县城区街道办事处"),
        ("镇政府", "柳溪县罗家镇", "柳溪县罗家镇人民政府"),
        ("罗家镇", "柳溪县罗家镇", "柳溪县罗家镇人民政府"),
        # organs
        ("住建局", "安阳县", "安阳县住房和城乡建设局"),
        ("舟山市卫生健康委", None, "舟山市卫生健康委员会"),
        ("卫健局", "柳溪县", "柳溪县卫生健康局"),
        ("发改委", "三明市", "三明市发展和改革委员会"),
        ("人力社保局", "柳溪县", "柳溪县人力资源和社会保障局"),
        ("市场监管局", "三明市", "三明市市场监督管理局"),
        ("国资委", "三明市", "三明市国有资产监督管理委员会"),
        ("县政府", "柳溪县", "柳溪县人民政府"),
        ("县政府办", "柳溪县", "柳溪县人民政府办公室"),
        ("市政府办", "三明市", "三明市政府办"),  # some cities have a 办公厅
        ("文旅局", "三明市", "三明市文旅局"),  # several full names are in use
        ("桃园开发区管委会", "西安市莲湖区", "西安市莲湖区桃园开发区管委会"),
        ("公安局", "白水县", "白水县公安局"),
        ("文化和旅游局、文物局", "三明市", "三明市文化和旅游局、文物局"),
        ("道县文广新局", None, "道县文广新局"),
        ("林业局", None, "林业局"),
        # levels without a name
        ("市住建局", "三明市", "三明市住房和城乡建设局"),
        ("市市场监督管理局", "三明市", "三明市市场监督管理局"),
        ("市场监督管理局", "三明市", "三明市市场监督管理局"),
        ("市民政局", "三明市", "三明市民政局"),
        ("市公安局", "西安市莲湖区", "西安市公安局"),
        ("区教育局", "西安市莲湖区", "西安市莲湖区教育局"),
        ("省教育厅", "淮安市洪泽区", "江苏省教育厅"),
        ("自治区财政厅", "南宁市", "广西壮族自治区财政厅"),
        ("市公安局", "柳溪县", "市公安局"),  # no list knows in which city 柳溪县 lies
        # places that are printed
        ("阿拉善盟额济纳旗温图高勒苏木人民政府", None, "额济纳旗温图高勒苏木人民政府"),
        ("济南市历下区大明湖街道办事处", None, "济南市历下区大明湖街道办事处"),
        ("宣州区司法局", "宣城市", "宣城市宣州区司法局"),
        ("宣州区司法局", "宣城市宣州区", "宣城市宣州区司法局"),
        ("鼎城区司法局", None, "常德市鼎城区司法局"),
        ("市中区教育局", "枣庄市", "枣庄市市中区教育局"),
        ("市中区教育局", None, "市中区教育局"),  # in four cities
        ("江苏省淮安市财政局", None, "淮安市财政局"),
        ("重庆市秀山土家族苗族自治县财政局", None, "秀山土家族苗族自治县财政局"),
        ("湖北省神农架林区", None, "神农架林区人民政府"),
        ("清江市柳溪县水利局", None, "柳溪县水利局"),
        ("柳溪县乡村振兴局", None, "柳溪县乡村振兴局"),
        ("三明市公安局", "柳溪县", "三明市公安局"),
        ("枣庄高新区管委会", "枣庄市", "枣庄高新区管委会"),
        ("国家税务总局柳溪县税务局", "柳溪县", "国家税务总局柳溪县税务局"),
        ("财政部", None, "财政部"),
        ("重庆高新技术产业开发区管理委员会生态环境局", None, "重庆高新技术产业开发区管理委员会生态环境局"),
    ],
)
def test_full_names(printed: str, place: str | None, full: str) -> None:
    assert NAMES.canonical_name(printed, place=place) == full
    assert NAMES.canonical_name(full, place=place) == full  # and it stays what it is


@pytest.mark.parametrize(
    ("printed", "default", "full"),
    [
        (None, "柳溪县水利局", "柳溪县水利局"),
        ("自治区北部湾办", "广西壮族自治区北部湾经济区规划建设管理办公室", None),
        ("公安局", "白水县公安局", None),
        ("教体局", "柳溪县教育和体育局", None),
        ("民政办", "安阳县人民政府办公室", "民政办"),  # another office, though each letter is there
        ("林业局", "柳溪县林业和草原局", "林业局"),  # its predecessor
        ("财政局", "柳溪县水利局", "财政局"),
        ("三明市文旅局", "柳溪县文化和旅游局", "三明市文旅局"),
    ],
)
def test_the_agency_of_a_site(printed: str | None, default: str, full: str | None) -> None:
    assert NAMES.canonical_name(printed, default=default) == (full or default)


def test_nothing_printed_and_nothing_known() -> None:
    assert NAMES.canonical_name(None) is None
    assert NAMES.canonical_name(None, place="柳溪县") is None


def test_a_register_comes_first() -> None:
    names = Names(
        [
            ("990101:教育体育局", "柳溪县教育体育局", ["县教育局"]),
            ("990101:住建局", "柳溪县住建局", []),
            ("990101:人民政府", "柳溪县人民政府", []),
            ("990102:文化旅游局", "松塘市文化旅游局", []),
            ("990102:文物局", "松塘市文物局", ["松塘市文化和旅游局"]),
        ]
    )
    assert names.canonical_name("县教育局") == "柳溪县教育体育局"
    assert names.canonical_name("教体局", place="柳溪县") == "柳溪县教育体育局"
    assert names.canonical_name("住房和城乡建设局", place="柳溪县") == "柳溪县住建局"
    assert names.resolve("柳溪县住房和城乡建设局") == names.resolve("柳溪县住建局") == "990101:住建局"
    assert names.canonical_name("清江市柳溪县") == "柳溪县人民政府"
    # Two of the register's agencies can be meant: nothing is guessed.
    assert names.canonical_name("文旅局", place="松塘市") == "松塘市文旅局"
    assert names.resolve("松塘市文旅局") is None


def test_short_and_full_names_have_one_id() -> None:
    for short, full in [
        ("洪泽区住建局", "淮安市洪泽区住房和城乡建设局"),
        ("洪泽区政府办", "洪泽区人民政府办公室"),
        ("洪泽区政府", "洪泽区"),
        ("三明市卫健委", "三明市卫生健康委员会"),
        ("遂溪县建新镇", "湛江市遂溪县建新镇人民政府"),
        ("济南市历下区大明湖街道", "历下区大明湖街道办事处"),
        ("木垒县水利局", "木垒哈萨克自治县水利局"),
        ("阿拉善盟", "阿拉善盟行政公署"),
    ]:
        assert NAMES.resolve(short) == NAMES.resolve(full) is not None, short
    names = Names([("990102:住房和城乡建设局", "松塘市住房和城乡建设局", [])])
    assert names.resolve("松塘市住建局") == "990102:住房和城乡建设局"


def test_different_organs_stay_apart() -> None:
    for one, other in [
        ("三明市卫健委", "三明市卫生健康局"),
        ("三明市卫健委", "三明市卫健局"),
        ("三明市发改委", "三明市发改局"),
        ("三明市文旅局", "三明市文化广电和旅游局"),
        ("三明市政府", "三明市政府办公室"),
        ("三明市公安局", "三明市公安局交警大队"),
        ("三明市林业局", "三明市林业和草原局"),
        ("海南州", "海南省"),
    ]:
        assert NAMES.resolve(one) != NAMES.resolve(other), one


def test_the_list_of_short_names_is_in_order() -> None:
    file = load_strict(FILE, AbbreviationsFile)
    endings = [entry.short[0][-1] for entry in file.abbreviation]
    assert endings == sorted(endings, key=lambda ending: list(dict.fromkeys(endings)).index(ending))
    short = {short for entry in file.abbreviation for short in entry.short}
    for entry in file.abbreviation:
        # A full name is not itself a short one, and short and full are the same sort of organ.
        assert not short & set(entry.full), entry
        for name in entry.short:
            assert all(_sort(name) == _sort(full) for full in entry.full), entry
    for entry in file.abbreviation:
        if len(entry.full) == 1 and entry.level is None:
            assert abbreviations().certain("柳溪县" + entry.short[0]) == "柳溪县" + entry.full[0]


def _sort(name: str) -> str:
    for long, short in (("办公室", "办"), ("委员会", "委")):
        name = name[: -len(long)] + short if name.endswith(long) else name
    return name[-1]


def test_a_wrong_list_is_refused_with_its_line() -> None:
    assert tomllib.loads(FILE.read_text("utf-8"))
    text = '[[abbreviation]]\nshort = ["住建局"]\nfull = []\nlevle = "county"\n'
    with pytest.raises(ConfigError) as caught:
        parse_strict(text, AbbreviationsFile, "short.toml")
    assert any("short.toml:4" in fault for fault in caught.value.faults)
    twice = '[[abbreviation]]\nshort = ["住建局", "住建局"]\nfull = ["住房和城乡建设局"]\n'
    twice += '[[township]]\nending = "镇"\nfull = "镇人民政府"\n'
    with pytest.raises(ConfigError, match="stands twice"):
        parse_strict(twice, AbbreviationsFile, "short.toml")


PLACES = sorted(gazetteer().codes)


@given(st.sampled_from(PLACES), st.sampled_from(["水利局", "住建局", "罗家乡", "", "卫健委", "县政府办", "文旅局"]))
def test_a_full_name_stays_and_keeps_its_id(place: str, organ: str) -> None:
    full = NAMES.canonical_name(place + organ)
    assert full
    assert NAMES.canonical_name(full) == full
    if first := NAMES.resolve(place + organ):
        assert NAMES.resolve(full) == first


@given(st.text(max_size=30), st.text(max_size=15) | st.none(), st.text(max_size=15) | st.none())
def test_any_name_is_answered(printed: str, place: str | None, default: str | None) -> None:
    assert (NAMES.canonical_name(printed, place=place, default=default) is None) <= (not printed and not default)
