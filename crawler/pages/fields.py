"""The fields of an address, wherever it has them: in the query of a GET, in the form of a POST."""

from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler.address import bare, by_script, is_posted, posted, posting

_MOST_FIELDS = 100


def fields_of(address: str) -> dict[str, str]:
    """The fields that an address sends, decoded; of several with one name the last. {} of one that cannot be read."""
    return dict(_fields(address))


@lru_cache(maxsize=64)
def _fields(address: str) -> tuple[tuple[str, str], ...]:
    """As they stand there. The address of one page is asked several times."""
    try:
        text = posted(address) if is_posted(address) else urlsplit(bare(address)).query
        return tuple(parse_qsl(text or "", keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return ()


def number_of(address: str, name: str) -> int | None:
    """A field that is a whole number of at most seven digits, else None."""
    value = fields_of(address).get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 8 else None


def with_field(address: str, name: str, value: object) -> str:
    """The same question with another value of one field: a further page. It is asked in the same way."""
    fields = fields_of(address) | {name: str(value)}
    url, fragment = bare(address), address[len(bare(address)) :]
    if is_posted(address):
        return posting(url, fields)
    changed = urlunsplit(urlsplit(url)._replace(query=urlencode(fields)))
    return by_script(changed) if fragment == "#xhr" else changed
