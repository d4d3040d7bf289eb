"""The fake Bot API itself: what people say to it goes out as updates, what the bot sends is checked and kept."""

import asyncio
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Self

from tests.bot_api.faults import Fault, Script
from tests.bot_api.http import Answer, LoopbackServer, Request
from tests.bot_api.markup import command_entities
from tests.bot_api.methods import BOT, METHODS, Refusal
from tests.bot_api.state import Sent, chat_object, standing, user_object

TOKEN = "1234567:TEST-token-that-must-not-leak"

_ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}


class FakeBotApi:
    """A Bot API for one bot, while it is open. May be used from any thread.

    script: says what goes wrong; may be set at any time. paths: what was asked for. calls: (method, chat, number) in
    order. lost: messages that were taken while the bot got no good answer. answers: what answerCallbackQuery said.
    commands: what setMyCommands said. members: status of (chat, user), "member" for who is not there.
    """

    def __init__(self, script: Script | None = None, *, token: str = TOKEN) -> None:
        self.token = token
        self._server = LoopbackServer(self._handle)
        self._changed = threading.Condition()
        self._polling: asyncio.Future[None] | None = None
        self.members: dict[tuple[str, int], str] = {}
        self.reset(script)

    def reset(self, script: Script | None = None) -> None:
        """Forget all, as a new one; what was told to nobody yet as well."""
        with self._changed:
            self.script: Script = script or (lambda method, chat, number: None)
            self.paths: list[str] = []
            self.calls: list[tuple[str, str, int]] = []
            self.sent: list[Sent] = []
            self.lost: list[Sent] = []
            self.edits: list[dict[str, str]] = []
            self.answers: list[dict[str, str]] = []
            self.commands: list[dict[str, str]] = []
            self.updates: list[dict[str, Any]] = []
            self.members.clear()
            self._counts: defaultdict[tuple[str, str], int] = defaultdict(int)
            self._numbers = 0
            self.last_message = 0

    def __enter__(self) -> Self:
        self._server.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    @property
    def address(self) -> str:
        """http://127.0.0.1:port, for use as a proxy too."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def base_url(self) -> str:
        """As telegram.base_url of the configuration."""
        return f"{self.address}/bot"

    # What chats received

    def received(self, chat: str | int) -> list[Sent]:
        """What a chat received, in order."""
        with self._changed:
            return [each for each in self.sent if each.chat == str(chat)]

    def wait_for(self, condition: Callable[[], object], timeout_s: float = 10.0) -> None:
        """Come back when the condition holds, as `lambda: api.received(11)`. TimeoutError when it does not in time."""
        with self._changed:
            if not self._changed.wait_for(condition, timeout_s):
                raise TimeoutError("the bot did not do it in time")

    async def until(self, condition: Callable[[], object], timeout_s: float = 10.0) -> None:
        """The same on a loop that the bot shares."""
        end = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("the bot did not do it in time")
            await asyncio.sleep(0.005)

    # What people do

    def say(
        self,
        chat: str | int,
        text: str,
        *,
        user: int | dict[str, Any] | None = None,
        chat_kind: str | None = None,
        title: str | None = None,
        anonymous: bool = False,
        reply_to: int | None = None,
    ) -> int:
        """Somebody says something; the number of the message. user: else the chat's own in private, and 1001.
        anonymous: an administrator of a group who speaks in its name."""
        shown = chat_object(str(chat), chat_kind, title)
        message: dict[str, Any] = {"date": int(time.time()), "chat": shown, "text": text}
        if entities := command_entities(text):
            message["entities"] = entities
        if shown["type"] == "channel":
            message["sender_chat"] = shown
        elif anonymous:
            message |= {"from": _ANONYMOUS, "sender_chat": shown}
        else:
            message["from"] = self._user(user, shown)
        with self._changed:
            if reply_to is not None:
                message["reply_to_message"] = {"message_id": reply_to, "date": 0, "chat": shown}
            self.last_message += 1
            number = message["message_id"] = self.last_message
            self.push("channel_post" if shown["type"] == "channel" else "message", message)
        return number

    def press(
        self,
        chat: str | int,
        data: str,
        *,
        user: int | dict[str, Any] | None = None,
        message_id: int | None = None,
        chat_kind: str | None = None,
    ) -> str:
        """Somebody presses a button of the last message that has one with this data, or of this message; the number of
        the query, under which the answer stands in `answers`. LookupError where there is no such button."""
        with self._changed:
            found = [
                sent
                for sent in self.received(chat)
                if message_id in (None, sent.message_id)
                and any(button.get("callback_data") == data for row in sent.buttons for button in row)
            ]
            if not found:
                raise LookupError(f"no message of {chat} has a button with {data!r}")
            shown = chat_object(str(chat), chat_kind)
            message = {"message_id": found[-1].message_id, "date": 1, "chat": shown, "text": found[-1].text}
            if found[-1].buttons:
                message["reply_markup"] = {"inline_keyboard": found[-1].buttons}
            self._numbers += 1
            query = str(self._numbers)
            self.push(
                "callback_query",
                {
                    "id": query,
                    "from": self._user(user, shown),
                    "chat_instance": "1",
                    "message": message,
                    "data": data,
                },
            )
        return query

    def member(
        self, chat: str | int, old: str, new: str, *, user: int | None = None, chat_kind: str | None = None
    ) -> None:
        """The bot's own standing in a chat changes, as from "left" to "member", or from "member" to "kicked"."""
        shown = chat_object(str(chat), chat_kind)
        change = {
            "chat": shown,
            "from": self._user(user, shown),
            "date": int(time.time()),
            "old_chat_member": {"user": BOT, **standing(old)},
            "new_chat_member": {"user": BOT, **standing(new)},
        }
        self.push("my_chat_member", change)

    def push(self, kind: str, content: dict[str, Any]) -> int:
        """Any other update; its number."""
        with self._changed:
            self._numbers += 1
            number = self._numbers
            self.updates.append({"update_id": number, kind: content})
        self._server.loop.call_soon_threadsafe(self._wake)
        return number

    def _user(self, user: int | dict[str, Any] | None, chat: dict[str, Any]) -> dict[str, Any]:
        return user_object(user if user is not None else chat["id"] if chat["type"] == "private" else 1001)

    # What the bot asks for: on the server's loop

    async def _handle(self, request: Request) -> Answer:
        token, _, method = request.path.removeprefix("/bot").partition("/")
        chat = request.fields.get("chat_id", "")
        with self._changed:
            self.paths.append(request.target)
            if token != self.token or not request.path.startswith("/bot"):
                return _failed(401, "Unauthorized")
            if method not in METHODS and method != "getUpdates":
                return _failed(404, "Not Found")
            self._counts[method, chat] += 1
            number = self._counts[method, chat]
            self.calls.append((method, chat, number))
            script = self.script
        fault = script(method, chat, number)
        if method == "getUpdates":
            return _faulty(fault) if fault else await self._get_updates(request.fields)
        if fault is not None and not fault.accepts:
            return _faulty(fault)
        with self._changed:
            before = len(self.sent)
            try:
                result = METHODS[method](self, request)
            except Refusal as refusal:
                return _failed(400, f"Bad Request: {refusal}")
            finally:
                self._changed.notify_all()
            if fault is not None:
                self.lost += self.sent[before:]
                return _faulty(fault)
        return Answer(200, json.dumps({"ok": True, "result": result}).encode())

    async def _get_updates(self, fields: dict[str, str]) -> Answer:
        """Long polling: what is not confirmed by the offset, as soon as there is anything."""
        if self._polling is not None and not self._polling.done():
            self._polling.set_exception(Conflict())
        offset, limit = int(fields.get("offset", 0)), int(fields.get("limit", 100))
        kinds = json.loads(fields.get("allowed_updates", "[]"))
        end = self._server.loop.time() + int(float(fields.get("timeout", 0)))
        while True:
            with self._changed:
                self.updates = [each for each in self.updates if each["update_id"] >= offset]
                shown = [each for each in self.updates if not kinds or set(each) & {*kinds}][:limit]
            waits = end - self._server.loop.time()
            if shown or waits <= 0:
                return Answer(200, json.dumps({"ok": True, "result": shown}).encode())
            self._polling = self._server.loop.create_future()
            try:
                await asyncio.wait_for(self._polling, waits)
            except TimeoutError:
                continue
            except Conflict:
                return _failed(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )

    def _wake(self) -> None:
        if self._polling is not None and not self._polling.done():
            self._polling.set_result(None)


class Conflict(Exception):
    """Another asks for the updates of the same bot."""


def _failed(status: int, description: str) -> Answer:
    return Answer(status, json.dumps({"ok": False, "error_code": status, "description": description}).encode())


def _faulty(fault: Fault) -> Answer:
    return Answer(fault.status, fault.body if fault.ends == "answer" else None, fault.ends == "hang")
