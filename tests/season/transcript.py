"""What every chat of a season received, as it reads there: one file for each chat."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from tests.season.cast import MAINTAINERS, Cast
from tests.season.heard import Heard


def write_transcript(folder: Path, cast: Cast, heard: dict[str, list[Heard]]) -> list[Path]:
    """Write <chat>.txt for every chat into a folder that is there; the paths."""
    names = {chat.id: f"{chat.what}, {chat.audience}, {chat.language}" for chat in cast.chats}
    names |= {chat.moved[1]: f"{chat.what}, since then" for chat in cast.chats if chat.moved}
    names[MAINTAINERS] = "the maintainers"
    written = []
    for chat, some in sorted(heard.items()):
        path = folder / f"{chat.removeprefix('@')}.txt"
        head = f"Chat {chat}: {names.get(chat, 'nobody of the cast')}; {len(some)} messages\n"
        path.write_text("\n".join([head, *_said(some)]), "utf-8")
        written.append(path)
    return written


def _said(some: Iterable[Heard]) -> Iterable[str]:
    for one in some:
        sent = one.sent
        said = f"re {sent.reply_to}" if sent.reply_to else ""
        event = f"{one.event} {one.number}" if one.event else one.kind
        yield f"======== {one.at + timedelta(hours=8):%m-%d %H:%M} #{sent.message_id} {event} {said}".rstrip()
        yield sent.text
        if sent.document is not None:
            name, data = sent.document
            yield f"-------- {name} ({len(data)} bytes)"
            yield data.decode("utf-8", "replace")
        for row in sent.buttons:
            yield "  ".join(f"[{button['text']}]" for button in row)
        yield ""
