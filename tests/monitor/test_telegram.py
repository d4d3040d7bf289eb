"""The Telegram channel against a Bot API on loopback: escaping, limits, what refusals mean, and a token that stays
secret."""

import asyncio
import io
import logging
import re
import socket
import traceback
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.channels import Button, Outgoing, SendError
from monitor.channels.telegram import TelegramChannel
from monitor.channels.telegram_text import LONGEST_CAPTION, LONGEST_TEXT, as_html, fitted, rows_of, units
from monitor.config import Telegram, load_config
from tests.bot_api import (
    TOKEN,
    FakeBotApi,
    Fault,
    drop_after,
    drop_before,
    hang_before,
    malformed,
    refused,
    too_many,
)
from tests.bot_api.markup import read_html

SECRET = TOKEN.partition(":")[2]


def send(
    base_url: str, *messages: tuple[str, str | Outgoing], token: str = TOKEN, proxy: str | None = None
) -> list[str | None]:
    async def run() -> list[str | None]:
        async with TelegramChannel(Telegram(base_url=base_url), token, proxy=proxy, timeout_s=5) as channel:
            return [
                await channel.send(chat, Outgoing(message) if isinstance(message, str) else message)
                for chat, message in messages
            ]

    return asyncio.run(run())


def failure(api: FakeBotApi, fault: Fault, message: str | Outgoing = "text") -> SendError:
    api.script = lambda method, chat, number: fault if chat else None
    with pytest.raises(SendError) as raised:
        send(api.base_url, ("42", message))
    return raised.value


def test_text_arrives_escaped_with_its_headline_in_bold(api: FakeBotApi) -> None:
    numbers = send(api.base_url, ("-1001", '甲 <b>&局\n5 < 6 & "x"'), ("@example_desk", "乙"))
    first, second = api.sent
    assert first.source == "<b>甲 &lt;b&gt;&amp;局</b>\n5 &lt; 6 &amp; &quot;x&quot;"
    assert first.text == '甲 <b>&局\n5 < 6 & "x"'
    assert (first.chat, first.fields["parse_mode"]) == ("-1001", "HTML")
    assert '"is_disabled": true' in first.fields["link_preview_options"]
    assert (second.chat, second.source) == ("@example_desk", "<b>乙</b>")
    assert numbers == [str(first.message_id), str(second.message_id)]


def test_a_document_goes_with_a_short_text(api: FakeBotApi) -> None:
    message = Outgoing(
        "两份名单\n共三百", ("名单 2023.txt", "甲局\n乙局\n"), (Button("原文", url="https://a.example/1"),)
    )
    send(api.base_url, ("1", message))
    (sent,) = api.sent
    assert (sent.method, sent.text) == ("sendDocument", "两份名单\n共三百")
    assert sent.document == ("名单 2023.txt", "甲局\n乙局\n".encode())
    assert sent.button("原文")["url"] == "https://a.example/1"


def test_buttons_and_the_message_that_is_replied_to(api: FakeBotApi) -> None:
    buttons = (
        Button("原文", url="https://a.example/1"),
        Button("存档", url="http://127.0.0.1:8000/b"),
        Button("对", data="r:1"),
        Button("错", data="w:1"),
        Button("静音", data="m:1"),
    )
    (number,) = send(api.base_url, ("1", "告知"))
    send(
        api.base_url, ("1", Outgoing("收回", buttons=buttons, reply_to=number)), ("2", Outgoing("收回", reply_to="999"))
    )
    _, second, third = api.sent
    assert [[button["text"] for button in row] for row in second.buttons] == [["原文", "存档"], ["对", "错"], ["静音"]]
    assert second.button("静音")["callback_data"] == "m:1"
    assert (second.reply_to, third.reply_to) == (int(number or 0), None)


def test_no_alert_is_lost_for_a_button(api: FakeBotApi) -> None:
    bad = (
        Button("原文", url="ftp://a.example/1"),
        Button("本地", url="http://localhost/x"),
        Button("长", data="x" * 65),
    )
    assert rows_of(bad) == []
    refusal = refused(400, "Bad Request: inline keyboard button URL 'https://a.example' is invalid: Wrong HTTP URL")
    api.script = lambda method, chat, number: refusal if (chat, number) == ("1", 1) else None
    send(api.base_url, ("1", Outgoing("告知", buttons=(*bad, Button("原文", url="https://a.example")))))
    (sent,) = api.sent
    assert (sent.text, sent.buttons) == ("告知", [])


def test_a_long_text_arrives_whole_in_one_piece(api: FakeBotApi) -> None:
    text = "标题\n" + "\n".join(f"第{number}行 & 数字" + "字" * 60 for number in range(200))
    send(api.base_url, ("1", text), ("2", Outgoing(text, ("更多.txt", "另有"))), ("3", "字" * 4096))
    first, second, third = api.sent
    assert first.document == ("message.txt", text.encode())
    assert second.document == ("更多.txt", f"{text}\n\n另有".encode())
    for sent in (first, second):
        *kept, sign = sent.text.split("\n")
        assert kept == text.split("\n")[: len(kept)]
        assert len(kept) > 10
        assert sign == "…"
    assert (third.method, len(third.text)) == ("sendMessage", 4096)


@pytest.mark.parametrize(
    ("fault", "scope", "is_final", "is_unsent", "said"),
    [
        (refused(401, "Unauthorized"), "channel", False, True, "NIANBAO_TELEGRAM_TOKEN"),
        (refused(404, "Not Found"), "channel", False, True, "telegram.base_url"),
        (refused(403, "Forbidden: bot was blocked by the user"), "subscriber", True, True, "blocked by the user"),
        (refused(403, "Forbidden: bot was kicked from the supergroup chat"), "subscriber", True, True, "kicked"),
        (refused(403, "Forbidden: user is deactivated"), "subscriber", True, True, "deactivated"),
        (refused(403, "Forbidden: something new"), "subscriber", False, True, "something new"),
        (refused(400, "Bad Request: chat not found"), "subscriber", True, True, "[Cc]hat not found"),
        (refused(400, "Bad Request: have no rights to send a message"), "subscriber", True, True, "no rights"),
        (
            refused(400, "Bad Request: not enough rights to send text messages to the chat"),
            "subscriber",
            True,
            True,
            "",
        ),
        (refused(400, "Bad Request: CHAT_WRITE_FORBIDDEN"), "subscriber", True, True, "(?i)write_forbidden"),
        (refused(400, "Bad Request: group chat was deactivated"), "subscriber", True, True, "deactivated"),
        (refused(400, "Bad Request: can't parse entities: x"), "message", True, True, "parse"),
        (refused(400, "Bad Request: message is too long"), "message", True, True, "too long"),
        (refused(400, "Bad Request: something new"), "message", True, True, "(?i)something new"),
        (refused(413, "Request Entity Too Large"), "message", True, True, "Too Large"),
        (refused(409, "Conflict: terminated by other getUpdates request"), "message", False, False, "Conflict"),
        (refused(500, "Internal Server Error"), "message", False, False, "Internal Server Error"),
        (Fault(502, b"<html>Bad Gateway</html>"), "message", False, False, "Bad Gateway"),
        (malformed(), "message", False, False, "did not take it"),
        (malformed(body=b"{}"), "message", False, False, "cannot be read"),
        (malformed(body=b"[1]"), "message", False, False, "cannot be read"),
        (malformed(body=b'{"ok": true, "result": {"message_id": 5}}'), "message", False, False, "cannot be read"),
        (drop_before(), "message", False, False, "did not come"),
        (drop_after(), "message", False, False, "did not come"),
    ],
)
def test_what_a_refusal_is_about(
    api: FakeBotApi, fault: Fault, scope: str, is_final: bool, is_unsent: bool, said: str
) -> None:
    error = failure(api, fault)
    assert (error.scope, error.is_final, error.is_unsent) == (scope, is_final, is_unsent)
    assert (error.retry_after, error.moved_to) == (None, None)
    assert re.search(said, str(error))


def test_a_chat_that_takes_no_documents_may_take_texts(api: FakeBotApi) -> None:
    error = failure(api, refused(400, "Bad Request: not enough rights to send documents to the chat"))
    assert error.scope == "subscriber"
    with_file = Outgoing("text", ("a.txt", "b"))
    error = failure(api, refused(400, "Bad Request: not enough rights to send documents to the chat"), with_file)
    assert (error.scope, error.is_final) == ("message", True)


def test_a_wait_is_passed_on(api: FakeBotApi) -> None:
    error = failure(api, too_many(37))
    assert (error.retry_after, error.scope, error.is_unsent) == (timedelta(seconds=37), "subscriber", True)
    assert not error.is_final


def test_a_chat_that_has_another_number(api: FakeBotApi) -> None:
    description = "Bad Request: group chat was upgraded to a supergroup chat"
    error = failure(api, refused(400, description, migrate_to_chat_id=-100777))
    assert (error.moved_to, error.scope) == ("-100777", "subscriber")


def test_an_answer_that_does_not_come(api: FakeBotApi) -> None:
    api.script = lambda method, chat, number: hang_before() if chat else None

    async def run() -> None:
        async with TelegramChannel(Telegram(base_url=api.base_url), TOKEN, timeout_s=0.2) as channel:
            await channel.send("1", Outgoing("text"))

    with pytest.raises(SendError, match="did not come") as raised:
        asyncio.run(run())
    assert (raised.value.scope, raised.value.is_unsent) == ("message", False)


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SendError, match="could not be reached") as raised:
        send(f"http://127.0.0.1:{port}/bot", ("1", "text"))
    assert (raised.value.scope, raised.value.is_unsent) == ("channel", True)


@pytest.mark.parametrize(
    "fault", [too_many(5), refused(403, "Forbidden"), malformed(), malformed(body=b"[]"), drop_before()]
)
def test_what_goes_wrong_on_opening_is_the_channels(api: FakeBotApi, fault: Fault) -> None:
    api.script = lambda method, chat, number: fault
    with pytest.raises(SendError) as raised:
        send(api.base_url, ("1", "text"))
    assert (raised.value.scope, raised.value.is_final, raised.value.is_unsent) == ("channel", False, True)


def test_a_subscriber_that_is_no_chat(api: FakeBotApi) -> None:
    with pytest.raises(SendError, match="neither the number of a chat") as raised:
        send(api.base_url, ("desk", "text"))
    assert (raised.value.scope, raised.value.is_final) == ("subscriber", True)


def test_the_token_is_nowhere(api: FakeBotApi, caplog: pytest.LogCaptureFixture) -> None:
    """With all loggers that have to do with it at DEBUG, before the channel is opened and after."""
    names = ("", "httpx", "httpcore", "telegram", "telegram.Bot", "telegram.ext.ExtBot", "telegram.request", "asyncio")
    handler = logging.StreamHandler(stream := io.StringIO())
    logging.getLogger().addHandler(handler)
    address = f"https://api.example/bot{TOKEN}/sendMessage"
    faults = iter(
        [
            None,
            too_many(9),
            refused(400, f"Bad Request {TOKEN}"),
            Fault(502, f"<html>{address} is not there</html>".encode()),
            malformed(body=f"<html>{address}</html>".encode()),
            drop_before(),
        ]
    )
    errors = []

    async def run(token: str) -> None:
        async with TelegramChannel(Telegram(base_url=api.base_url), token, timeout_s=5) as channel:
            for name in names:
                logging.getLogger(name).setLevel(logging.DEBUG)
            await channel.send("1", Outgoing("text"))

    try:
        api.script = lambda method, chat, number: next(faults) if chat else None
        for name in names:
            caplog.set_level(logging.DEBUG, name)
        asyncio.run(run(TOKEN))
        for token in (*[TOKEN] * 5, f"{TOKEN}-of-another-bot"):
            with pytest.raises(SendError) as raised:
                asyncio.run(run(token))
            errors.append(raised.value)
        with pytest.raises(SendError) as raised:
            send("http://127.0.0.1:9/bot", ("1", "text"))
        errors.append(raised.value)
        logging.getLogger("nianbao").debug("the log is kept")
    finally:
        logging.getLogger().removeHandler(handler)
        for name in names[1:]:
            logging.getLogger(name).setLevel(logging.NOTSET)
    assert any(TOKEN in path for path in api.paths)
    assert "HTTP Request" in stream.getvalue()  # it was logged, without the token
    assert "the log is kept" in stream.getvalue()
    assert SECRET not in stream.getvalue()
    assert SECRET not in caplog.text
    for error in errors:
        shown = "".join(traceback.format_exception(error))
        assert SECRET not in str(error) + repr(error) + shown
        assert error.__suppress_context__


def test_from_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("", "utf-8")
    config = load_config(path)
    assert TelegramChannel.from_config(config, {}) is None
    assert TelegramChannel.from_config(config, {"NIANBAO_TELEGRAM_TOKEN": " "}) is None
    assert TelegramChannel.from_config(config, {"NIANBAO_TELEGRAM_TOKEN": TOKEN}) is not None
    path.write_text('[telegram]\nproxy = "MY_PROXY"\ntoken_file = "token"', "utf-8")
    config = load_config(path)
    with pytest.raises(SendError, match="MY_PROXY, which is not set"):
        TelegramChannel.from_config(config, {"NIANBAO_TELEGRAM_TOKEN": TOKEN})
    (tmp_path / "token").write_text(TOKEN, "utf-8")
    (tmp_path / "token").chmod(0o600)
    assert TelegramChannel.from_config(config, {"MY_PROXY": "http://127.0.0.1:9"}) is not None


def test_the_proxy_is_used_and_only_the_one_that_was_named(api: FakeBotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    send(api.base_url, ("1", "directly"))
    send("http://bot-api.invalid/bot", ("1", "through the proxy"), proxy=api.address)
    assert [sent.text for sent in api.sent] == ["directly", "through the proxy"]
    assert api.paths[-1].startswith("http://bot-api.invalid/bot")


@given(
    st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\n<>&\"'𠮷"), max_size=200),
    st.integers(1, 60),
    st.none() | st.just(("a.txt", "more")),
)
def test_nothing_is_lost_and_nothing_too_long(text: str, times: int, document: tuple[str, str] | None) -> None:
    message = Outgoing(text * times, document)
    sent = fitted(message)
    assert units(read_html(as_html(sent.text))) <= (LONGEST_TEXT if sent.document is None else LONGEST_CAPTION)
    assert read_html(as_html(sent.text)) == sent.text
    if sent.text == message.text:
        assert sent.document == document
    else:
        assert sent.document is not None
        assert sent.document[1].startswith(message.text)
        assert sent.document[1].endswith(document[1] if document else message.text)
