"""The methods of the Bot API that the fake has, with the checks that the real one makes."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.bot_api.http import Request
from tests.bot_api.markup import ParseError, length, read_html
from tests.bot_api.state import Sent, chat_object, standing, user_object

if TYPE_CHECKING:
    from tests.bot_api.fake import FakeBotApi

BOT = {"id": 1234567, "is_bot": True, "first_name": "test", "username": "test_bot"}

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_DATA = 64  # bytes
LONGEST_FILE_NAME = 255

Method = Callable[["FakeBotApi", Request], Any]
METHODS: dict[str, Method] = {}


class Refusal(Exception):
    """400; the text follows "Bad Request: "."""


def method(name: str) -> Callable[[Method], Method]:
    def put(function: Method) -> Method:
        METHODS[name] = function
        return function

    return put


@method("getMe")
def get_me(api: "FakeBotApi", request: Request) -> Any:
    more = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return {**BOT, **more}


@method("sendMessage")
def send_message(api: "FakeBotApi", request: Request) -> Any:
    source = request.fields.get("text", "")
    text = _shown(source, request.fields.get("parse_mode"))
    if not text.strip():
        raise Refusal("message text is empty")
    if length(text) > LONGEST_TEXT:
        raise Refusal("message is too long")
    return _keep(api, request, text, source, None)


@method("sendDocument")
def send_document(api: "FakeBotApi", request: Request) -> Any:
    source = request.fields.get("caption", "")
    text = _shown(source, request.fields.get("parse_mode"))
    if length(text) > LONGEST_CAPTION:
        raise Refusal("message caption is too long")
    asked = request.fields.get("document", "attach://document")
    document = request.files.get(asked.removeprefix("attach://"))
    if document is None:
        raise Refusal("there is no document in the request")
    if not document[1]:
        raise Refusal("file must be non-empty")
    if len(document[0]) > LONGEST_FILE_NAME:
        raise Refusal("FILE_NAME_TOO_LONG")
    return _keep(api, request, text, source, document)


@method("editMessageReplyMarkup")
def edit_buttons(api: "FakeBotApi", request: Request) -> Any:
    sent = _find(api, request)
    buttons = _buttons(request)
    if buttons == sent.buttons:
        raise Refusal("message is not modified: specified new message content and reply markup are exactly the same")
    sent.buttons = buttons
    api.edits.append(request.fields)
    return _message(sent)


@method("editMessageText")
def edit_text(api: "FakeBotApi", request: Request) -> Any:
    sent = _find(api, request)
    sent.source = request.fields.get("text", "")
    sent.text = _shown(sent.source, request.fields.get("parse_mode"))
    if length(sent.text) > LONGEST_TEXT:
        raise Refusal("message is too long")
    sent.buttons = _buttons(request)
    api.edits.append(request.fields)
    return _message(sent)


@method("answerCallbackQuery")
def answer_query(api: "FakeBotApi", request: Request) -> Any:
    if length(request.fields.get("text", "")) > 200:
        raise Refusal("MESSAGE_TOO_LONG")
    api.answers.append(request.fields)
    return True


@method("getChat")
def get_chat(api: "FakeBotApi", request: Request) -> Any:
    gifts = {
        "unlimited_gifts": False,
        "limited_gifts": False,
        "unique_gifts": False,
        "premium_subscription": False,
        "gifts_from_channels": False,
    }
    more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
    return {**chat_object(_chat(request)), **more}


@method("getChatMember")
def get_member(api: "FakeBotApi", request: Request) -> Any:
    user = int(request.fields["user_id"])
    status = api.members.get((_chat(request), user), "member")
    owner = {"is_anonymous": False} if status == "creator" else {}
    return {**standing(status), **owner, "user": user_object(user)}


@method("setMyCommands")
def set_commands(api: "FakeBotApi", request: Request) -> Any:
    for command in json.loads(request.fields["commands"]):
        if not 1 <= len(command["command"]) <= 32 or not 1 <= len(command["description"]) <= 256:
            raise Refusal("BOT_COMMAND_INVALID")
    api.commands.append(request.fields)
    return True


@method("deleteMyCommands")
@method("deleteWebhook")
@method("sendChatAction")
@method("leaveChat")
def do_nothing(api: "FakeBotApi", request: Request) -> Any:
    return True


def _chat(request: Request) -> str:
    chat = request.fields.get("chat_id", "")
    if not chat:
        raise Refusal("chat_id is empty")
    if not chat.startswith("@") and not chat.removeprefix("-").isdecimal():
        raise Refusal("chat not found")
    return chat


def _shown(source: str, mode: str | None) -> str:
    if mode is None:
        return source.strip()
    if mode != "HTML":
        raise Refusal("unsupported parse_mode")
    try:
        return read_html(source).strip()
    except ParseError as error:
        raise Refusal(str(error)) from None


def _buttons(request: Request) -> list[list[dict[str, Any]]]:
    rows: list[list[dict[str, Any]]] = json.loads(request.fields.get("reply_markup", "{}")).get("inline_keyboard", [])
    for button in (button for row in rows for button in row):
        if not button.get("text"):
            raise Refusal("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        data, url = button.get("callback_data"), button.get("url")
        if (data is None) == (url is None):
            raise Refusal("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        if data is not None and not 1 <= len(data.encode()) <= LONGEST_DATA:
            raise Refusal("BUTTON_DATA_INVALID")
        if url is not None:
            _check_url(url)
    return rows


def _check_url(url: str) -> None:
    try:
        address = urlsplit(url)
        host = address.hostname or ""
    except ValueError:
        address, host = urlsplit(""), ""
    if address.scheme not in ("http", "https", "tg"):
        raise Refusal(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    if any(letter.isspace() for letter in url) or (address.scheme != "tg" and "." not in host):
        raise Refusal(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _reply(api: "FakeBotApi", request: Request, chat: str) -> int | None:
    wanted = json.loads(request.fields.get("reply_parameters", "{}"))
    if "message_id" not in wanted:
        return None
    number = int(wanted["message_id"])
    if any(sent.chat == chat and sent.message_id == number for sent in api.sent):
        return number
    if number <= api.last_message and not any(sent.message_id == number for sent in api.sent):
        return number  # what somebody said there
    if not wanted.get("allow_sending_without_reply"):
        raise Refusal("message to be replied not found")
    return None


def _keep(
    api: "FakeBotApi", request: Request, text: str, source: str, document: tuple[str, bytes] | None
) -> dict[str, Any]:
    chat = _chat(request)
    buttons, reply_to = _buttons(request), _reply(api, request, chat)
    api.last_message += 1
    name = "sendMessage" if document is None else "sendDocument"
    sent = Sent(chat, api.last_message, name, text, source, document, buttons, reply_to, request.fields)
    api.sent.append(sent)
    return _message(sent)


def _find(api: "FakeBotApi", request: Request) -> Sent:
    chat, number = _chat(request), int(request.fields.get("message_id", 0))
    for sent in api.sent:
        if (sent.chat, sent.message_id) == (chat, number):
            return sent
    raise Refusal("message to edit not found")


def _message(sent: Sent) -> dict[str, Any]:
    chat = chat_object(sent.chat)
    message: dict[str, Any] = {"message_id": sent.message_id, "date": 1, "chat": chat}
    if chat["type"] == "channel":
        message["sender_chat"] = chat
    else:
        message["from"] = BOT
    if sent.document is None:
        message["text"] = sent.text
    else:
        name, data = sent.document
        number = f"file{sent.message_id}"
        message["document"] = {"file_id": number, "file_unique_id": number, "file_name": name, "file_size": len(data)}
        if sent.text:
            message["caption"] = sent.text
    if sent.buttons:
        message["reply_markup"] = {"inline_keyboard": sent.buttons}
    return message
