"""Reading the archive beside the loop: in one thread, with an archive of its own, which is opened once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from db.archive import Archive
from db.errors import ArchiveError

T = TypeVar("T")


class Reader:
    """Asks one archive, one question after the other, while the loop goes on."""

    def __init__(self, archive: Archive) -> None:
        """archive: that of the loop; another is opened of the same file."""
        self._path, self._forms = archive.path, archive.forms
        self._thread: ThreadPoolExecutor | None = None
        self._archive: Archive | None = None  # of that thread alone

    async def ask(self, question: Callable[[Archive], T]) -> T:
        """What a question to the archive comes to. Raises ArchiveError."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="bot")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._asked, question)

    async def close(self) -> None:
        """Wait for the question that is under way, and let go of the archive; the next question opens it again."""
        if (thread := self._thread) is None:
            return
        self._thread = None
        await asyncio.get_running_loop().run_in_executor(thread, self._let_go)
        thread.shutdown(wait=False)

    def _asked(self, question: Callable[[Archive], T]) -> T:
        if self._archive is None:
            self._archive = Archive.open(self._path, forms=self._forms, backup=False, must_exist=True)
        try:
            return question(self._archive)
        except ArchiveError:
            self._let_go()  # the file may be another one by now
            raise

    def _let_go(self) -> None:
        archive, self._archive = self._archive, None
        if archive is not None:
            archive.close()
