"""What can be wrong with a document, as one small tree of errors.

Each error says in one English sentence what is wrong and what to do; `kind` is the stable word that
`parse --json` prints.
"""


class UnreadableDocument(Exception):
    """The bytes hold no report that can be read here. `kind` names the reason, `str(error)` says it."""

    kind = "unreadable"


class EmptyDocument(UnreadableDocument):
    """No bytes at all, or only white space."""

    kind = "empty"


class TruncatedDocument(UnreadableDocument):
    """The file ends before its own format says it should, or is damaged inside."""

    kind = "truncated"


class EncryptedDocument(UnreadableDocument):
    """The file asks for a password."""

    kind = "encrypted"


class UnsupportedMedia(UnreadableDocument):
    """A known or unknown kind of file for which there is no reader."""

    kind = "unsupported"


class OversizedDocument(UnreadableDocument):
    """The file, or what it unpacks to, is larger than any report is."""

    kind = "too-large"


class ImageOnlyDocument(UnreadableDocument):
    """Pages without a text layer: a scan or a photograph. Published, but unread by us."""

    kind = "image-only"


class NotAReport(UnreadableDocument):
    """Readable, but neither the tables nor the sections of an annual report are in it."""

    kind = "not-a-report"


class NoTables(UnreadableDocument):
    """An annual report by its title or sections, but none of the form's tables can be found in it."""

    kind = "no-tables"
