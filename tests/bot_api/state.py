"""What the fake Bot API knows: chats, people, messages."""

import zlib
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Sent:
    """A message that a chat received. text: what is shown, of a document the caption; source: the same with its markup,
    as it was sent. document: (file name, bytes). buttons: rows of {"text", "url" or "callback_data"}."""

    chat: str
    message_id: int
    method: str
    text: str
    source: str
    document: tuple[str, bytes] | None = None
    buttons: list[list[dict[str, Any]]] = field(default_factory=list)
    reply_to: int | None = None
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def headline(self) -> str:
        """The first line."""
        return self.text.partition("\n")[0]

    def button(self, text: str) -> dict[str, Any]:
        """The button whose label has this text."""
        return next(button for row in self.buttons for button in row if text in button["text"])


def chat_object(chat: str, kind: str | None = None, title: str | None = None) -> dict[str, Any]:
    """A chat as the Bot API shows it; "@name" gets a number of its own."""
    number = -1_000_000_000_000 - zlib.crc32(chat.encode()) if chat.startswith("@") else int(chat)
    kind = kind or ("channel" if chat.startswith("@") else "private" if number > 0 else "supergroup")
    shown: dict[str, Any] = {"id": number, "type": kind}
    if kind == "private":
        shown["first_name"] = title or "Somebody"
    else:
        shown["title"] = title or f"Chat {chat}"
    if chat.startswith("@"):
        shown["username"] = chat[1:]
    return shown


def user_object(user: int | dict[str, Any]) -> dict[str, Any]:
    """A person as the Bot API shows them."""
    known = user if isinstance(user, dict) else {"id": user}
    return {"is_bot": False, "first_name": "Somebody", **known}


def standing(status: str) -> dict[str, Any]:
    """A bot's standing in a chat, with the fields that go with it."""
    if status == "kicked":
        return {"status": status, "until_date": 0}
    if status == "administrator":
        rights = (
            "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members"
            " can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories"
        )
        return {"status": status, **dict.fromkeys(rights.split(), False), "can_post_messages": True}
    return {"status": status}
