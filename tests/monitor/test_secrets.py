"""Where the bot's token comes from, and that it stands in no log, whatever fails."""

import asyncio
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.channels import Outgoing, SendError
from monitor.channels.telegram import TelegramChannel
from monitor.config import TELEGRAM_TOKEN, Config, Telegram, load_config
from monitor.secrets import HIDDEN, SecretError, keep_out_of_logs, telegram_token
from tests.bot_api import TOKEN, FakeBotApi, Fault, drop_after, drop_before, malformed, refused, too_many

SECRET = TOKEN.partition(":")[2]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.toml").write_text('[telegram]\ntoken_file = "token"\n', "utf-8")
    return load_config(tmp_path / "config.toml")


def _write(config: Config, content: bytes, mode: int = 0o600) -> None:
    assert config.token_file is not None
    config.token_file.write_bytes(content)
    config.token_file.chmod(mode)


class TestTokenFile:
    """A file with the token alone, which only its owner may use."""

    @pytest.mark.parametrize("mode", [0o600, 0o400])
    @pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
    def test_is_read(self, config: Config, mode: int, ending: bytes) -> None:
        _write(config, TOKEN.encode() + ending, mode)
        assert telegram_token(config, {}) == TOKEN

    def test_the_environment_wins(self, config: Config) -> None:
        _write(config, TOKEN.encode(), 0o644)  # it is not even looked at
        assert telegram_token(config, {TELEGRAM_TOKEN: " 9:other\n"}) == "9:other"

    def test_neither(self, tmp_path: Path) -> None:
        (tmp_path / "config.toml").write_text("", "utf-8")
        assert telegram_token(load_config(tmp_path / "config.toml"), {TELEGRAM_TOKEN: "  "}) is None

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o777])
    def test_that_others_may_use(self, config: Config, mode: int) -> None:
        _write(config, TOKEN.encode(), mode)
        assert "chmod 600" in self._refused(config)

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "is empty"),
            (b" \n\n", "is empty"),
            (TOKEN.encode() + b"\nmore\n", "in one line"),
            (b"token = " + TOKEN.encode(), "in one line"),
            (TOKEN.encode() + b"\x00", "in one line"),
            ("令牌".encode() + TOKEN.encode(), "in one line"),
            (b"x" * 10_000, "in one line"),
        ],
    )
    def test_that_has_no_token(self, config: Config, content: bytes, said: str) -> None:
        _write(config, content)
        assert said in self._refused(config)

    def test_that_is_not_there(self, config: Config) -> None:
        assert "no such file" in self._refused(config)

    def test_that_is_a_folder(self, config: Config) -> None:
        assert config.token_file is not None
        config.token_file.mkdir()
        assert "is not a plain file" in self._refused(config)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
    def test_that_is_a_pipe_is_not_waited_for(self, config: Config) -> None:
        assert config.token_file is not None
        os.mkfifo(config.token_file, 0o600)
        assert "is not a plain file" in self._refused(config)

    def test_behind_a_link(self, config: Config, tmp_path: Path) -> None:
        assert config.token_file is not None
        (tmp_path / "real").write_text(TOKEN, "ascii")
        (tmp_path / "real").chmod(0o644)
        config.token_file.symlink_to(tmp_path / "real")
        assert "chmod 600" in self._refused(config)
        (tmp_path / "real").chmod(0o600)
        assert telegram_token(config, {}) == TOKEN

    def test_of_the_environment_in_two_words(self, config: Config) -> None:
        with pytest.raises(SecretError) as error:
            telegram_token(config, {TELEGRAM_TOKEN: f"{TOKEN} {TOKEN}"})
        assert TELEGRAM_TOKEN in str(error.value)
        assert SECRET not in str(error.value)

    def _refused(self, config: Config) -> str:
        with pytest.raises(SecretError) as error:
            telegram_token(config, {})
        (sentence,) = error.value.faults
        assert sentence.startswith(f"{config.token_file}: ")
        assert "; " in sentence  # what to do
        assert SECRET not in sentence
        assert error.value.__cause__ is None
        return sentence


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Whatever any logger says, at any level, while the token is kept out of it."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    undo = keep_out_of_logs(TOKEN)
    levels = {name: logging.getLogger(name).level for name in list(logging.root.manager.loggerDict)}
    yield text
    undo()
    root.removeHandler(handler)
    root.setLevel(level)
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))


def _clean(log: io.StringIO) -> str:
    text = log.getvalue()
    assert SECRET not in text
    assert quote(TOKEN, safe="") not in text
    return text


class TestLogs:
    """*** in place of the token."""

    @pytest.mark.parametrize("name", ["httpx", "httpcore.connection", "telegram.Bot", "apscheduler", "asyncio", "new"])
    def test_in_messages_and_arguments(self, log: io.StringIO, name: str) -> None:
        logger = logging.getLogger(name)
        logger.warning("POST https://api.telegram.org/bot%s/getMe", TOKEN)
        logger.warning(f"https://api.telegram.org/bot{quote(TOKEN, safe='')}/getMe")
        logger.warning("%(url)r", {"url": f"/bot{TOKEN.replace(':', '%3a')}"})
        logger.warning("only %s", SECRET)
        logger.warning("%s %r", ValueError(TOKEN), TOKEN.encode())
        logger.warning("shortened %.24s...", TOKEN)
        text = _clean(log)
        assert text.count(HIDDEN) >= 6
        assert SECRET[:8] not in text

    def test_in_errors_and_stacks(self, log: io.StringIO) -> None:
        def fail() -> None:
            try:
                raise ValueError(TOKEN)
            except ValueError as error:
                raise RuntimeError("outer") from error

        try:
            fail()
        except RuntimeError:
            logging.getLogger("a").exception("failed", stack_info=True)
        text = _clean(log)
        assert f"ValueError: {HIDDEN}" in text
        assert "RuntimeError: outer" in text
        assert "test_in_errors_and_stacks" in text

    def test_what_has_nothing_to_hide_stays_as_it_is(self) -> None:
        undo = keep_out_of_logs(TOKEN)
        try:
            factory = logging.getLogRecordFactory()
            error = (ValueError, ValueError("x"), None)
            record = factory("a", logging.INFO, "f", 1, "%s of %s", (1, 2), error)
            assert (record.msg, record.args, record.exc_info, record.exc_text) == ("%s of %s", (1, 2), error, None)
        finally:
            undo()

    def test_a_message_that_does_not_fit_its_arguments(
        self, log: io.StringIO, capsys: pytest.CaptureFixture[str]
    ) -> None:
        logging.getLogger("a").warning("%d of %d", TOKEN)
        assert HIDDEN in _clean(log)
        assert SECRET not in "".join(capsys.readouterr())

    @given(st.text(st.characters(codec="utf-8"), max_size=20), st.text(st.characters(codec="utf-8"), max_size=20))
    def test_anywhere_in_a_text(self, before: str, after: str) -> None:
        undo = keep_out_of_logs(TOKEN)
        try:
            record = logging.getLogRecordFactory()("a", 20, "f", 1, before + "%s" + after, (TOKEN,), None)
            try:
                said = record.getMessage()
            except (TypeError, ValueError):
                said = f"{record.msg} {record.args!r}"
            assert SECRET not in said
        finally:
            undo()

    def test_of_a_proxy_the_password(self, log: io.StringIO) -> None:
        undo = keep_out_of_logs("http://me:pa55word@proxy.example:3128", None, "")
        logging.getLogger("a").warning("user me, password pa55word, http://me:pa55word@proxy.example:3128")
        undo()
        assert "pa55word" not in log.getvalue()
        assert "user me" in log.getvalue()

    def test_twice_and_back(self, log: io.StringIO) -> None:
        one, two = keep_out_of_logs(TOKEN), keep_out_of_logs(TOKEN)
        one()
        one()
        logging.getLogger("a").warning(TOKEN)
        assert HIDDEN in _clean(log)
        two()

    def test_in_the_lines_of_the_watch(self) -> None:
        """structlog's own lines, and those of libraries with their errors, come whole, without the token."""
        program = (
            "import logging, sys, structlog\n"
            "from crawler.logs import log_to_stderr\n"
            "from monitor.secrets import keep_out_of_logs\n"
            "token = sys.stdin.read()\n"
            "keep_out_of_logs(token)\n"
            "log_to_stderr()\n"
            "log = structlog.get_logger('monitor')\n"
            "log.warning('bot ' + token, why=token, all=[token, {'url': '/bot' + token}, 1], odd=ValueError(token))\n"
            "try:\n    raise ValueError('bad ' + token)\n"
            "except ValueError:\n    log.exception('ours')\n    logging.getLogger('httpx').exception('theirs')\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], input=TOKEN, capture_output=True, text=True, timeout=60, check=True
        )
        assert SECRET not in done.stderr + done.stdout
        one, two, three = (json.loads(line) for line in done.stderr.splitlines())
        assert (one["event"], one["why"], one["all"]) == (
            f"bot {HIDDEN}",
            HIDDEN,
            [HIDDEN, {"url": f"/bot{HIDDEN}"}, 1],
        )
        assert f"ValueError: bad {HIDDEN}" in two["exception"]
        assert three["event"].startswith("theirs\nTraceback")
        assert three["event"].endswith(f"ValueError: bad {HIDDEN}")

    def test_nobody_catches_it(self) -> None:
        program = (
            "import asyncio, sys, threading\n"
            "from monitor.secrets import keep_out_of_logs\n"
            "token = sys.stdin.read()\n"
            "keep_out_of_logs(token)\n"
            "def fail(): raise ValueError('bad ' + token)\n"
            "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
            "class Odd:\n"
            "    def __del__(self): fail()\n"
            "del (odd := [Odd()])[:]\n"
            "async def main():\n"
            "    task = asyncio.create_task(asyncio.to_thread(fail)); await asyncio.sleep(0.2); del task\n"
            "asyncio.run(main(), debug=True)\n"
            "fail()\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], input=TOKEN, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 1
        assert done.stderr.count(f"ValueError: bad {HIDDEN}") == 4, done.stderr
        assert SECRET not in done.stderr


class TestBotApi:
    """All libraries at DEBUG, through a Bot API that works and one that fails."""

    FAULTS = (
        None, too_many(1), refused(400, "Bad Request"), refused(403, "Forbidden"), refused(401, "Unauthorized"),
        refused(404, "Not Found"), refused(409, "Conflict"), refused(502, "Bad Gateway"), drop_before(), drop_after(),
        malformed(), None,
    )  # fmt: skip

    def test_sending(self, log: io.StringIO) -> None:
        with FakeBotApi(lambda method, chat, number: self._fault(chat, number)) as api:
            channel = TelegramChannel(Telegram(base_url=api.base_url), api.token, timeout_s=2)
            assert asyncio.run(self._send(channel)) == [fault is None for fault in self.FAULTS]
        assert f"/bot{HIDDEN}/sendMessage" in _clean(log)

    def test_a_server_that_is_not_there(self, log: io.StringIO) -> None:
        with FakeBotApi() as api:
            base_url = api.base_url
        channel = TelegramChannel(Telegram(base_url=base_url), TOKEN, timeout_s=2)
        logging.getLogger("httpcore.connection").setLevel(logging.DEBUG)  # which the channel does not silence
        with pytest.raises(SendError) as error:
            asyncio.run(self._send(channel))
        assert SECRET not in str(error.value)
        assert "connect" in _clean(log)

    def test_polling(self, log: io.StringIO) -> None:
        faults = {1: malformed(), 2: refused(409, "Conflict")}
        with FakeBotApi(lambda method, chat, n: faults.get(n) if method == "getUpdates" else None) as api:
            asyncio.run(self._poll(api), debug=True)
        assert f"/bot{HIDDEN}/getUpdates" in _clean(log)

    def _fault(self, chat: str, number: int) -> Fault | None:
        return self.FAULTS[number - 1] if chat == "1" else None

    async def _send(self, channel: TelegramChannel) -> list[bool]:
        """Which of so many messages as there are faults were taken."""
        went = []
        async with channel:
            _all_at_debug()
            for _ in self.FAULTS:
                try:
                    await channel.send("1", Outgoing("a"))
                    went.append(True)
                except SendError as error:
                    assert SECRET not in f"{error!r} {error.__cause__!r}"
                    went.append(False)
        return went

    async def _poll(self, api: FakeBotApi) -> None:
        from telegram.ext import ApplicationBuilder, MessageHandler

        heard = asyncio.Event()

        async def hear(update: object, context: object) -> None:
            heard.set()
            raise RuntimeError(f"a fault of ours that names {TOKEN}")

        application = ApplicationBuilder().token(api.token).base_url(api.base_url).build()
        application.add_handler(MessageHandler(None, hear))
        _all_at_debug()
        async with application:
            await application.start()
            assert application.updater is not None
            await application.updater.start_polling(poll_interval=0.0, timeout=1)
            await asyncio.to_thread(api.say, 5, "/start", user=5)
            await asyncio.wait_for(heard.wait(), 30)
            await application.updater.stop()
            await application.stop()


def _all_at_debug() -> None:
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.DEBUG)
