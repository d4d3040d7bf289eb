"""What can go wrong with the archive; each error is one sentence: what, where, what to do."""


class ArchiveError(Exception):
    """The archive cannot do what was asked."""


class ArchiveBusyError(ArchiveError):
    """Another process is writing, and did not finish within the wait."""


class DocumentMissingError(ArchiveError):
    """The bytes of a document are not in the archive, or no longer what they were."""
