"""Each command, in a private chat, a group and a channel, as stranger, member, group administrator, administrator."""

import json
from datetime import timedelta
from pathlib import Path

from db.telling.records import Filter
from monitor.catalogue import word
from monitor.rules import rule_names
from tests.bot_api import FakeBotApi
from tests.monitor.bot_rig import BOSS, CHANNEL, DESK, GROUP, SETTINGS, STRANGER, Rig, about, pressed_as, run


def wanted(rig: Rig, chat: int | str) -> list[Filter]:
    return rig.archive.subscribers.subscriptions("telegram", str(chat))


def test_start(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        welcome, shown = await rig.say(STRANGER, "/start")
        assert welcome.headline == "政府信息公开工作年度报告观察"
        assert "目前没有订阅" in shown.text
        assert shown.button("重点")["callback_data"] == "sub:error"
        known = rig.archive.subscribers.get("telegram", str(STRANGER))
        assert known is not None
        assert (known.audience, known.origin, known.kind) == ("public", "bot", "private")
        desk, shown = await rig.say(DESK, "/start")
        assert "编辑台" in desk.headline
        assert "• 全部" in shown.text

    run(tmp_path, api, test)
    assert {each.get("language_code") for each in api.commands} == {None, "zh"}
    assert json.loads(api.commands[1]["commands"])[1]["description"].startswith("订阅")


UNDERSTOOD = [
    ("四川 error", Filter(place="510000", severity="error")),
    ("四川省 重点", Filter(place="510000", severity="error")),
    ("5101 提醒 部门", Filter(place="5101", severity="warning", organ="department")),
    ("柳溪县 时间", Filter(place="990101", kind="time")),
    ("agency 柳溪县财政局", Filter(agency_id="990101:财政局")),
    ("机关 县财政局", Filter(agency_id="990101:财政局")),
    ("990102:民政局", Filter(agency_id="990102:民政局")),
    ("rule carry_over", Filter(rule="carry-over")),
    ("未查到", Filter(rule="missing")),
    ("kind identity severity notice", Filter(kind="identity", severity="notice")),
    ("Organ Township", Filter(organ="township")),
    ("全部", Filter()),
    ("everything", Filter()),
]


def test_words_are_understood(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        for words, facets in UNDERSTOOD:
            rig.clock.set(rig.clock.now() + timedelta(minutes=2))
            (said,) = await rig.say(STRANGER, f"/subscribe {words}")
            assert said.headline.startswith("已订阅")
            assert wanted(rig, STRANGER) == [facets]
            (again,) = await rig.say(STRANGER, f"/subscribe {words}")
            assert again.headline.startswith("此前已订阅")
            (ended,) = await rig.say(STRANGER, f"/unsubscribe {words}")
            assert "退订" in ended.headline
            assert wanted(rig, STRANGER) == []

    run(tmp_path, api, test)


def test_names_that_are_several_or_none(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        (several,) = await rig.say(STRANGER, "/subscribe 民政局")
        assert "990101:民政局" in several.text
        assert "990102:民政局" in several.text
        (similar,) = await rig.say(STRANGER, "/subscribe 机关 柳溪市财政局")
        assert "没有查到“柳溪市财政局”" in similar.text
        assert "• 柳溪县财政局  990101:财政局" in similar.text.splitlines()[1:3]
        (regions,) = await rig.say(STRANGER, "/subscribe 朝阳区")
        assert "北京市朝阳区  110105" in regions.text
        (none,) = await rig.say(STRANGER, "/subscribe kind 猫")
        assert "可用：数字关系 identity" in none.text
        (lacking,) = await rig.say(STRANGER, "/subscribe 机关")
        assert "还缺一个词" in lacking.text
        (twice,) = await rig.say(STRANGER, "/subscribe 四川 北京市")
        assert "地区写了两个" in twice.text
        (rule,) = await rig.say(STRANGER, "/subscribe rule 猫")
        assert "carry-over" in rule.text
        assert wanted(rig, STRANGER) == []

    run(tmp_path, api, test)


def test_who_may_change_a_group(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        api.members[str(GROUP), 5] = "administrator"
        for command in ("/subscribe 四川", "/unsubscribe all", "/language en"):
            (refused,) = await rig.say(GROUP, command, user=4)
            assert refused.text == "群内只有群管理员可以更改。"
        assert wanted(rig, GROUP) == []
        await rig.say(GROUP, "/subscribe@test_bot 四川", user=5)
        await rig.say(GROUP, "/subscribe 北京市", anonymous=True)
        await rig.say(GROUP, "/subscribe 天津市", user=BOSS)
        assert [each.place for each in wanted(rig, GROUP)] == ["510000", "110000", "120000"]
        (shown,) = await rig.say(GROUP, "/subscribe", user=4)
        assert shown.headline == "已订阅 3 项："
        assert await rig.press(GROUP, "uns:none", user=4) == "群内只有群管理员可以更改。"
        assert len(wanted(rig, GROUP)) == 3
        await rig.press(GROUP, "uns:none", user=5)
        assert wanted(rig, GROUP) == []

    run(tmp_path, api, test)


def test_a_channel(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        assert wanted(rig, CHANNEL) == [Filter()]  # of the settings
        (ended,) = await rig.say(CHANNEL, "/unsubscribe 全部")
        assert ended.headline == "已全部退订。"
        assert wanted(rig, CHANNEL) == []
        (said,) = await rig.say(CHANNEL, "/language en")
        assert said.text == "From now on in English."

    run(tmp_path, api, test)


def test_language(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        (which,) = await rig.say(STRANGER, "/language klingon")
        await rig.press(STRANGER, which.button("中文 + English")["callback_data"], user=STRANGER)
        assert rig.news(STRANGER)[0].text == "好的，今后用中文。\n\nFrom now on in English."
        (said,) = await rig.say(STRANGER, "/help")
        assert "使用说明" in said.text
        assert "How to use it" in said.text
        await rig.say(STRANGER, "/language 英文")
        for command in ("/help", "/status", "/findings", "/missing 2023", "/agency 柳溪县财政局", "/subscribe"):
            (said,) = await rig.say(STRANGER, command)
            rig.clock.set(rig.clock.now() + timedelta(hours=1))
            assert not said.text.startswith("使用")
            assert "Which" not in said.text

    run(tmp_path, api, test)


def test_agency(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        sure = about("carry-over", kind="identity")
        hidden = about("striking-change", kind="change")
        rig.save(sure, hidden)
        (page,) = await rig.say(STRANGER, "/agency 县财政局")
        assert page.headline == "柳溪县财政局"
        assert "主管：柳溪县人民政府" in page.text
        assert "网站：柳溪县人民政府网" in page.text
        assert sure.fingerprint in page.text
        assert hidden.fingerprint not in page.text
        (page,) = await rig.say(DESK, "/agency 县财政局")
        assert hidden.fingerprint in page.text
        (several,) = await rig.say(STRANGER, "/agency 民政局")
        assert "不止一个" in several.text

    run(tmp_path, api, test)


def test_findings(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        some = [about("carry-over", kind="identity", year=year) for year in (2020, 2021)]
        other = about("carry-over", "民政局", kind="identity")
        rig.save(*some, other)
        (said,) = await rig.say(STRANGER, "/findings")
        assert said.headline == "提示（全部）3 条："
        (said,) = await rig.say(STRANGER, "/findings 柳溪县民政局")
        assert other.fingerprint in said.text
        assert some[0].fingerprint not in said.text
        (said,) = await rig.say(STRANGER, "/findings 四川")
        assert said.headline == "没有可以显示的提示（四川省 510000及以下）。"
        (said,) = await rig.say(STRANGER, "/findings 结转")
        assert "没有查到" in said.text
        (said,) = await rig.say(STRANGER, "/findings 部门")
        assert "只能按" in said.text
        (one,) = await rig.say(STRANGER, f"/findings {other.fingerprint[:9]}")
        assert "carry-over的一句话。" in one.text
        assert one.button("属实")["callback_data"] == pressed_as("right", other)
        (none,) = await rig.say(STRANGER, "/findings 0123456789abcdef")
        assert "没有这条提示" in none.text

    run(tmp_path, api, test)


def test_long_lists_are_documents(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        many = [about("carry-over", kind="identity", year=2008 + n) for n in range(16)]
        rig.save(*many)
        (said,) = await rig.say(STRANGER, "/findings 柳溪县")
        assert said.document is not None
        name, data = said.document
        assert name.endswith(".txt")
        assert all(each.fingerprint in data.decode() for each in many)

    run(tmp_path, api, test)


def test_missing_in_public(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        sentence = "截至2024年2月9日在下列栏目未查到柳溪县财政局2023年年度报告。"
        known, waits = about("missing", sentence_zh=sentence), about("missing", "民政局")
        rig.save(known, waits)
        (none,) = await rig.say(STRANGER, "/missing 2023")
        assert "没有可以公开的未查到提示" in none.text
        rig.release(known)
        (said,) = await rig.say(STRANGER, "/missing 2023 柳溪县")
        assert sentence in said.text
        assert "民政局" not in said.text
        (said,) = await rig.say(STRANGER, "/missing 2023 四川")
        assert sentence not in said.text
        for wrong in ("/missing", "/missing 1999", "/missing 2222", "/missing 财政局"):
            (said,) = await rig.say(STRANGER, wrong)
            assert "请写报告年度" in said.text

    run(tmp_path, api, test)


def test_missing_at_a_desk(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        (wait,) = await rig.say(DESK, "/missing 2023 柳溪县")
        assert "请稍候" in wait.text
        await api.until(lambda: not rig.application_tasks(), 30)
        (said,) = rig.news(DESK)
        assert said.headline.startswith("2023年年度报告（柳溪县 990101及以下），截至")
        assert "柳溪县财政局（990101:财政局）" in said.text
        assert "竹山县" not in said.text

    run(tmp_path, api, test)


def test_status(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        for outcome, day in (("ok", 1), ("failed", 2)):
            at = rig.clock.now().replace(day=day)
            crawl = rig.archive.crawls.begin("liuxi", at)
            rig.archive.crawls.end(crawl, at, outcome=outcome, is_complete=True, summary={})
        (said,) = await rig.say(STRANGER, "/status")
        assert "未能读取的网站：1 个" in said.text
        assert "柳溪" not in said.text
        (said,) = await rig.say(DESK, "/status")
        assert "柳溪县人民政府网：失败" in said.text

    run(tmp_path, api, test)


def test_closed_to_strangers(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        (said,) = await rig.say(STRANGER, "/start")
        assert "抱歉" in said.text
        assert await rig.say(STRANGER, "/subscribe all") == []
        assert rig.archive.subscribers.get("telegram", str(STRANGER)) is None
        assert "抱歉" in await rig.press(STRANGER, "sub:all", user=STRANGER, forged=True)
        assert len(await rig.say(DESK, "/help")) == 1
        assert len(await rig.say(BOSS, "/help")) == 1
        assert len(await rig.say(CHANNEL, "/help")) == 1
        assert len(await rig.say(7, "/status")) == 1

    run(tmp_path, api, test, SETTINGS.replace("[telegram]", "[telegram]\nopen = false"))


def test_lists_say_no_more_than_alerts() -> None:
    """What a list of findings calls a rule is what the headline of its alerts says, or less."""
    ours = ("missing", "normative-stock", "elements")  # other words, of which none say more
    for rule in rule_names():
        tail = word("tail", rule)
        assert tail == (rule, rule) or rule in ours or word("bot-rule", rule)[0] == tail[0], rule
    accusing = ("不全", "不可能", "悬殊", "积压", "落款", "无规章制定权")
    assert not [rule for rule in rule_names() for said in accusing if said in word("bot-rule", rule)[0]]


def test_missing_in_other_orders(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        for asked in ("2023 柳溪县", "柳溪县 2023", "2023年 柳溪县", "柳溪县 ２０２３年度"):
            (said,) = await rig.say(STRANGER, f"/missing {asked}")
            assert said.headline.startswith("2023年（柳溪县"), asked
            rig.clock.set(rig.clock.now() + timedelta(minutes=5))

    run(tmp_path, api, test)


def test_the_words_that_an_alert_uses(tmp_path: Path, api: FakeBotApi) -> None:
    """What stands behind 类别 in an alert can be subscribed to."""

    async def test(rig: Rig) -> None:
        await rig.say(STRANGER, "/subscribe 数字勾稽")
        await rig.say(STRANGER, "/subscribe 法定期限")
        assert {one.kind for one in wanted(rig, STRANGER)} == {"identity", "time"}

    run(tmp_path, api, test)
