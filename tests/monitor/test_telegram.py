"""The Telegram channel against a Bot API on loopback: escaping, splitting, waits, and a token that stays secret."""

import asyncio
import html
import logging
import re
import socket
from datetime import timedelta

import pytest
from fake_telegram import TOKEN, Answer, FakeTelegram, refused
from hypothesis import given
from hypothesis import strategies as st

from monitor.channels import SendError
from monitor.channels.telegram import LONGEST_TEXT, TelegramChannel, html_parts
from monitor.config import Telegram

SECRET = TOKEN.partition(":")[2]


def send(base_url: str, *messages: tuple[str, str], token: str = TOKEN) -> None:
    async def run() -> None:
        async with TelegramChannel(Telegram(base_url=base_url), token, timeout_s=5) as channel:
            for chat, text in messages:
                await channel.send(chat, text)

    asyncio.run(run())


def failure(answer: Answer) -> SendError:
    with FakeTelegram(lambda chat, text: answer) as fake, pytest.raises(SendError) as raised:
        send(fake.base_url, ("42", "text"))
    return raised.value


def test_text_arrives_escaped_with_its_headline_in_bold() -> None:
    with FakeTelegram() as fake:
        send(fake.base_url, ("-1001", '甲 <b>&局\n5 < 6 & "x"'), ("@example_desk", "乙"))
    first, second = fake.sent
    assert first["text"] == "<b>甲 &lt;b&gt;&amp;局</b>\n5 &lt; 6 &amp; &quot;x&quot;"
    assert (first["chat_id"], first["parse_mode"]) == ("-1001", "HTML")
    assert '"is_disabled": true' in first["link_preview_options"]
    assert (second["chat_id"], second["text"]) == ("@example_desk", "<b>乙</b>")


def test_a_long_text_arrives_in_parts_in_order() -> None:
    lines = [f"第{number}行 & 数字" + "字" * 60 for number in range(200)]
    with FakeTelegram() as fake:
        send(fake.base_url, ("1", "\n".join(lines)))
    assert len(fake.sent) > 2
    arrived = "\n".join(re.sub(r"</?b>", "", message["text"]) for message in fake.sent)
    assert html.unescape(arrived).splitlines() == lines


def test_a_wait_is_passed_on() -> None:
    error = failure(refused(429, "Too Many Requests: retry after 37", retry_after=37))
    assert (error.retry_after, error.scope) == (timedelta(seconds=37), "subscriber")


@pytest.mark.parametrize(
    ("answer", "scope", "said"),
    [
        (refused(403, "Forbidden: bot was blocked by the user"), "message", "blocked by the user"),
        (refused(400, "Bad Request: chat not found"), "message", "[Cc]hat not found"),
        (refused(500, "Internal Server Error"), "message", "Internal Server Error"),
        (refused(400, "group upgraded", migrate_to_chat_id=-100777), "message", "-100777"),
        (refused(401, "Unauthorized"), "channel", "NIANBAO_TELEGRAM_TOKEN"),
    ],
)
def test_a_refusal(answer: Answer, scope: str, said: str) -> None:
    error = failure(answer)
    assert re.search(said, str(error))
    assert (error.scope, error.retry_after) == (scope, None)


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SendError, match="could not be reached") as raised:
        send(f"http://127.0.0.1:{port}/bot", ("1", "text"))
    assert raised.value.scope == "channel"


def test_a_subscriber_that_is_no_chat() -> None:
    with FakeTelegram() as fake, pytest.raises(SendError, match="neither the number of a chat"):
        send(fake.base_url, ("desk", "text"))


def test_the_token_is_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "httpx", "httpcore", "telegram", "telegram.Bot", "telegram.ext.ExtBot", "asyncio"):
        caplog.set_level(logging.DEBUG, name)
    errors = []
    answers = iter([None, refused(429, "Too Many Requests", retry_after=9), refused(400, f"Bad Request {TOKEN}")])
    with FakeTelegram(lambda chat, text: next(answers)) as fake:
        send(fake.base_url, ("1", "text"))
        for token in (TOKEN, TOKEN, f"{TOKEN}-of-another-bot"):
            with pytest.raises(SendError) as raised:
                send(fake.base_url, ("1", "text"), token=token)
            errors.append(raised.value)
        assert any(TOKEN in path for path in fake.paths)
    with pytest.raises(SendError) as raised:
        send("http://127.0.0.1:9/bot", ("1", "text"))
    errors.append(raised.value)
    logging.getLogger("nianbao").debug("the log is kept")
    assert "the log is kept" in caplog.text
    for record in caplog.records:
        assert SECRET not in record.getMessage() + str(record.exc_info and record.exc_text)
    assert SECRET not in caplog.text
    for error in errors:
        assert SECRET not in str(error) + repr(error)
        assert error.__suppress_context__


def test_from_the_environment() -> None:
    assert TelegramChannel.from_environment(Telegram(), {}) is None
    assert TelegramChannel.from_environment(Telegram(), {"NIANBAO_TELEGRAM_TOKEN": " "}) is None
    assert TelegramChannel.from_environment(Telegram(), {"NIANBAO_TELEGRAM_TOKEN": TOKEN}) is not None
    with pytest.raises(SendError, match="MY_PROXY, which is not set"):
        TelegramChannel.from_environment(Telegram(proxy="MY_PROXY"), {"NIANBAO_TELEGRAM_TOKEN": TOKEN})


def test_the_proxy_is_used_and_only_the_one_that_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with FakeTelegram() as fake:
        send(fake.base_url, ("1", "text"))
        environment = {"NIANBAO_TELEGRAM_TOKEN": TOKEN, "MY_PROXY": fake.base_url.removesuffix("/bot")}
        settings = Telegram(base_url="http://bot-api.invalid/bot", proxy="MY_PROXY")
        channel = TelegramChannel.from_environment(settings, environment)
        assert channel is not None

        async def run() -> None:
            async with channel:
                await channel.send("1", "through the proxy")

        # The fake sees the whole address, as a proxy does, and refuses it as no path of its own.
        with pytest.raises(SendError):
            asyncio.run(run())
        assert fake.paths[-1].startswith("http://bot-api.invalid/bot")


@pytest.mark.parametrize("text", ["", "\n\n", "  "])
def test_no_text_no_parts(text: str) -> None:
    assert html_parts(text) == []


def test_a_line_too_long_is_split_but_never_inside_an_escaped_character() -> None:
    parts = html_parts("&" * 3000)
    assert all(re.fullmatch("(&amp;)+", re.sub("</?b>", "", part)) for part in parts)
    assert "".join(map(html.unescape, parts)).count("&") == 3000
    assert len(html_parts("𠮷" * 2048)) == 1  # two units each
    assert len(html_parts("𠮷" * 2049)) == 2


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]) | st.just("\n") | st.sampled_from("<>&\"'")),
    st.integers(20, 60),
)
def test_nothing_is_lost_and_nothing_too_long(text: str, longest: int) -> None:
    parts = html_parts(text, longest)
    assert all(len(part.encode("utf-16-le")) // 2 <= longest <= LONGEST_TEXT for part in parts)
    shown = "".join(html.unescape(part.removeprefix("<b>").replace("</b>", "", 1)) for part in parts)
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)
