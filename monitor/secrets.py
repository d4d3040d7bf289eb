"""Secrets of a deployment: where the bot's token comes from, and that it stands in no log."""

import logging
import os
import re
import stat
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlsplit

from monitor.config import TELEGRAM_TOKEN, Config
from parsers.strict_toml import ConfigError

HIDDEN = "***"

_LONGEST = 4096  # bytes of a file with a token
_SHORTEST_PART = 4  # characters; a shorter part of a secret is none, and stands in too many words
_BOT = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")  # a bot's number, which is no secret, and what is one


class SecretError(ConfigError):
    """A secret cannot be had. One sentence: what is wrong and what to do, never what the secret is."""

    def __init__(self, sentence: str) -> None:
        super().__init__([sentence])


def telegram_token(config: Config, environment: Mapping[str, str]) -> str | None:
    """The bot's token: of the environment, else of the file that the settings name; None where neither has one.

    Raises SecretError for a file that is not there, may be read by others, or has no token.
    """
    if token := environment.get(TELEGRAM_TOKEN, "").strip():
        return _one_word(token, TELEGRAM_TOKEN)
    return read_secret(config.token_file) if config.token_file is not None else None


def read_secret(path: Path) -> str:
    """The one line of a file that only its owner may read. Raises SecretError."""
    try:
        # Without waiting for whoever writes into a pipe.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise SecretError(f"{path}: telegram.token_file: there is no such file; put the token alone into it") from None
    except OSError as error:
        sentence = f"{path}: telegram.token_file: cannot be read ({error.strerror}); see whose it is"
        raise SecretError(sentence) from None
    try:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode):
            raise SecretError(f"{path}: telegram.token_file: is not a plain file; name a file with the token alone")
        if os.name == "posix" and found.st_mode & (0o037 if _is_of_systemd(path) else 0o077):
            raise SecretError(f"{path}: telegram.token_file: others than its owner may use it; run `chmod 600 {path}`")
        text = os.read(number, _LONGEST + 1).decode("ascii", errors="replace").strip()
    finally:
        os.close(number)
    if not text:
        raise SecretError(f"{path}: telegram.token_file: is empty; put the token alone into it")
    return _one_word(text, f"{path}: telegram.token_file")


def _is_of_systemd(path: Path) -> bool:
    """Whether systemd keeps it for this service alone (LoadCredential): by an access list, whose mask looks as if its
    group might read it."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return folder.startswith("/") and path.parent == Path(folder)


def keep_out_of_logs(*secrets: str | None) -> Callable[[], None]:
    """From now on these secrets, and what of them is secret by itself, stand as *** in whatever any logger of this
    process says (messages, arguments, tracebacks, stacks), and in tracebacks that nobody catches.

    Loggers that exist and those to come are meant, whatever their level. Again without harm. Returns what takes it
    back, for tests.
    """
    mine = frozenset(secret for secret in secrets if secret)
    _guard.secrets.append(mine)
    _guard.change()

    def undo() -> None:
        if mine in _guard.secrets:
            _guard.secrets.remove(mine)
            _guard.change()

    return undo


def _one_word(token: str, where: str) -> str:
    if len(token.split()) != 1 or len(token) > _LONGEST or not (token.isascii() and token.isprintable()):
        raise SecretError(f"{where}: is not a token in one line; put there what @BotFather gave, and nothing else")
    return token


def _forms(secret: str) -> set[str]:
    """The secret and its secret parts, each as it is written in addresses too."""
    parts = {secret}
    if _BOT.fullmatch(secret):
        parts.add(secret.partition(":")[2])
    elif "://" in secret:
        with suppress(ValueError):  # it is no address after all
            parts.add(urlsplit(secret).password or "")
    parts = {part for part in parts if part == secret or len(part) >= _SHORTEST_PART}
    return parts | {quote(part, safe="") for part in parts} | {quote(part) for part in parts}


def _pattern(form: str) -> str:
    """Of a bot's token, its beginning is enough: what shortens long texts leaves that."""
    number, colon, _ = form.partition(":")
    if _BOT.fullmatch(form):
        return rf"{number}(?:{colon}|%3[Aa])[A-Za-z0-9_-]+"
    return re.escape(form)


class _Guard:
    """Stands before the handlers of all loggers, and before what prints tracebacks, while there are secrets."""

    def __init__(self) -> None:
        self.secrets: list[frozenset[str]] = []
        self._hidden: re.Pattern[str] | None = None
        self._stands = False

    def change(self) -> None:
        """The secrets are others."""
        forms = {form for secrets in self.secrets for secret in secrets for form in _forms(secret)}
        patterns = sorted(map(_pattern, forms), key=lambda pattern: (-len(pattern), pattern))
        self._hidden = re.compile("|".join(patterns)) if patterns else None
        if self._hidden is not None and not self._stands:
            self._stands = True  # for good: without secrets it changes nothing
            self._stand()

    def clean(self, text: str) -> str:
        """The text without secrets."""
        return text if self._hidden is None else self._hidden.sub(HIDDEN, text)

    def _stand(self) -> None:
        make_record = logging.getLogRecordFactory()
        hook, thread_hook, unraisable_hook = sys.excepthook, threading.excepthook, sys.unraisablehook

        def discreet(*args: Any, **kwargs: Any) -> logging.LogRecord:
            record = make_record(*args, **kwargs)
            _clean_record(record, self.clean)
            return record

        def shown(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> bool:
            """Shows a traceback without the secrets; False, and nothing is done, where it has none."""
            said = "".join(traceback.format_exception(kind, error, trace))
            if (cleaned := self.clean(said)) == said:
                return False
            print(cleaned, file=sys.stderr, end="")
            return True

        def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            if not shown(kind, error, trace):
                hook(kind, error, trace)

        def uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
            if not shown(args.exc_type, args.exc_value, args.exc_traceback):
                thread_hook(args)

        def unraisable(args: Any) -> None:
            if not shown(args.exc_type, args.exc_value, args.exc_traceback):
                unraisable_hook(args)

        logging.setLogRecordFactory(discreet)
        sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, uncaught_in_thread, unraisable


_guard = _Guard()


def _clean_record(record: logging.LogRecord, clean: Callable[[str], str]) -> None:
    """Put the texts of a record in order before any handler sees it. What has nothing to hide stays as it is, since
    handlers may format messages and errors in ways of their own."""
    if isinstance(record.msg, dict):  # what structlog hands to its formatter
        record.msg = _clean_value(record.msg, clean)
        return
    try:
        said = record.getMessage()
    except (TypeError, ValueError, LookupError, AttributeError):
        # A message that does not fit its arguments: the handler would print both as they are.
        said = f"{record.msg} {record.args!r}"
        record.msg, record.args = clean(said), ()
    else:
        if (cleaned := clean(said)) != said:
            record.msg, record.args = cleaned, ()
    if record.exc_info and record.exc_info[0] is not None:
        trace = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        if (cleaned := clean(trace)) != trace:
            # Part of the message, since not every formatter looks for a text of the error.
            record.msg, record.args = f"{clean(said)}\n{cleaned}", ()
            record.exc_info = None
    if record.stack_info:
        record.stack_info = clean(record.stack_info)


def _clean_value(value: Any, clean: Callable[[str], str]) -> Any:
    """A value with all that is in it; what is no text becomes one where it has something to hide."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {_clean_value(key, clean): _clean_value(one, clean) for key, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_clean_value(one, clean) for one in value)
    shown = repr(value)
    return value if clean(shown) == shown else clean(shown)
