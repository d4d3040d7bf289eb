"""A list that may be longer than memory: what does not fit lies in a temporary file, which nobody else sees."""

import pickle
import weakref
from array import array
from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Generic, TypeVar

Item = TypeVar("Item")

_IN_MEMORY = 1 << 23  # bytes up to which no file is made


class Spool(Generic[Item]):
    """Items in the order in which they came, to be gone through as often as wanted. Each is a copy of what was put."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115, it lives as long as the list
        weakref.finalize(self, self._file.close)
        self._starts = array("q")
        self._end = 0

    def append(self, item: Item) -> None:
        """Put one more at the end."""
        data = pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
        self._file.seek(self._end)
        self._file.write(data)
        self._starts.append(self._end)
        self._end += len(data)

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, number: int) -> Item:
        self._file.seek(self._starts[number])
        item: Item = pickle.load(self._file)  # written by this process
        return item

    def __iter__(self) -> Iterator[Item]:
        return map(self.__getitem__, range(len(self)))

    def ordered(self, key: Callable[[Item], tuple[object, ...]]) -> Iterator[Item]:
        """The items by a key; the keys alone are held in memory."""
        keys = [key(item) for item in self]
        return map(self.__getitem__, sorted(range(len(self)), key=keys.__getitem__))
