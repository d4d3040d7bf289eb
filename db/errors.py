"""What can go wrong with the archive; each error is one sentence: what, where, what to do."""


class ArchiveError(Exception):
    """The archive cannot do what was asked."""


class ArchiveBusyError(ArchiveError):
    """Another process is writing, and did not finish within the wait."""


class ArchiveChangedError(ArchiveError):
    """Somebody has written an archive while it was read without SQLite's care for that."""


class DocumentMissingError(ArchiveError):
    """The bytes of a document are not in the archive, or no longer what they were."""


class DocumentGivenUpError(DocumentMissingError):
    """The bytes of a document were given up by the rules of retention; its row and its hash are kept. day: when."""

    def __init__(self, sentence: str, day: str = "") -> None:
        super().__init__(sentence)
        self.day = day


class BackupError(ArchiveError):
    """A backup could not be made, or cannot be used."""
