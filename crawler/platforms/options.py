"""[options] of a portal file: what one platform alone needs to be told, where its pages do not say it.

One strict model for each platform; the keys are those of the platform's own addresses and scripts where it has names.
"""

import json
from typing import Annotated, Any, Literal, Self
from urllib.parse import urljoin, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Options(BaseModel):
    """Of a platform that needs none."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LongxunOptions(Options):
    """What the script of a column sends to /site/label/8888, where the column's page does not show it.

    siteId, organId, catId, type, file: as the address of that request has them (the browser's network view shows it).
    """

    siteId: str | None = Field(default=None, min_length=1)
    organId: str | None = Field(default=None, min_length=1)
    catId: str | None = Field(default=None, min_length=1)
    type: str | None = Field(default=None, min_length=1)
    file: str | None = Field(default=None, min_length=1)


class JsonListOptions(Options):
    """Where a list comes from that an endpoint sends as JSON. See crawler/platforms/json_list.py.

    endpoint: address, absolute or relative to the column, as in "loadData?page={page}"; {page} and {size} are put in.
    send: "get"; "form" or "json": POST of `fields`, whose values may hold {page} and {size} too. first: the number of
    the first page. size: entries on a page. rows, title, url, date, total, pages: where they stand in the answer, as
    names with dots ("data.list", "data.0.rows", "" for the answer itself); title, url and date inside a row. url may be
    made of a row's values instead: "/art/{MANUSCRIPT_ID}.html". JSON in a text of the JSON is opened on the way.
    """

    endpoint: str = Field(min_length=1)
    send: Literal["get", "form", "json"] = "get"
    fields: dict[str, Any] = {}
    first: int = Field(default=1, ge=0, le=1)
    size: int = Field(default=15, ge=1, le=1000)
    rows: str
    title: str = Field(min_length=1)
    url: str = Field(min_length=1)
    date: str | None = Field(default=None, min_length=1)
    total: str | None = Field(default=None, min_length=1)
    pages: str | None = Field(default=None, min_length=1)

    @field_validator("endpoint")
    @classmethod
    def _is_address(cls, value: str) -> str:
        try:
            scheme = urlsplit(urljoin("http://h/", value.replace("{page}", "1").replace("{size}", "1"))).scheme
        except ValueError:
            scheme = ""
        if scheme not in ("http", "https"):
            raise ValueError(
                f'must be an address, absolute or relative to the column, as in "list?page={{page}}" (found {value!r})'
            )
        return value

    @model_validator(mode="after")
    def _names_pages(self) -> Self:
        if self.send == "get" and self.fields:
            raise ValueError('`fields` are sent by POST only; set send = "form" or "json", or put them into `endpoint`')
        if self.total is None and "{page}" not in self.endpoint + json.dumps(self.fields, ensure_ascii=False):
            raise ValueError(
                "neither `endpoint` nor `fields` holds {page}: without it `total` must tell what is missing"
            )
        return self


class TrsOptions(Options):
    """counts_from: the number that page names give to the first page, where no page says it: 0 where index_1.html is
    the second page, 1 where index_2.html is. The rest is of lists that come from a search: endpoint: its path, as in
    "/fjdzapp/search" or "/smartSearch/interface/search.do"; channelid: the search's channel; chnlid: the column;
    prepage: rows of one answer; siteId: of smartSearch alone."""

    counts_from: Literal[0, 1] | None = None
    endpoint: str | None = Field(default=None, pattern=r"^/[\w./-]+$")
    channelid: str | None = Field(default=None, pattern=r"^\d+$")
    chnlid: str | None = Field(default=None, pattern=r"^\d+$")
    prepage: int | None = Field(default=None, ge=1, le=100)
    siteId: str | None = None


class UcapOptions(Options):
    """Of lists that come as JSON, where the column's page does not name them. endpoint: its path up to the channel's
    id, as in "/common/search/", "/searchList/"; channelid: the channel; codeId: of the tax authorities'
    getFileListByCodeId; size: rows asked for at a time."""

    endpoint: str | None = Field(default=None, pattern=r"^/[\w./-]+$")
    channelid: str | None = Field(default=None, pattern=r"^\w+$")
    codeId: str | None = Field(default=None, pattern=r"^\w+$")
    size: int | None = Field(default=None, ge=1, le=100)


class JpageOptions(Options):
    """Where the call of jpage does not stand in the column's page. proxyUrl: the path of its dataproxy.jsp; perPage:
    rows of a page; ajaxParam: what it sends (col, appid, webid, path, columnid, unitid, webname, ...). request: how
    further groups are asked for, "startrecord" (POST) or "page" (GET with a number), where both may be; unitid: the
    unit that is the list, where a page has several."""

    proxyUrl: str | None = Field(default=None, min_length=1)
    perPage: int | None = Field(default=None, ge=1, le=1000)
    ajaxParam: dict[str, str | int] = {}
    request: Literal["startrecord", "page"] | None = None
    unitid: str | None = Field(default=None, min_length=1)


class JpaasOptions(Options):
    """tagId: the unit that is the list, where a page has several that may be. Of columns addressed by ?number=, what
    their script sends beside it: className, xxgkType. pageSize: rows asked for at a time there."""

    tagId: str | None = Field(default=None, min_length=1)
    className: str | None = None
    xxgkType: str | None = None
    pageSize: int | None = Field(default=None, ge=1, le=100)


class XxgkOptions(Options):
    """Of /module/xxgk/, where the column's page does not say them. area: the organisation's code; infotypeId: the class
    of annual reports; jdid: the website's number; divid: the place on the page; years: of xxgkAnnualReport.jsp, the
    reporting years to ask for, where the page offers no choice of years."""

    area: str | None = Field(default=None, pattern=r"^\w+$")
    infotypeId: str | None = Field(default=None, pattern=r"^[\w.-]+$")
    jdid: str | None = Field(default=None, pattern=r"^\d+$")
    divid: str | None = Field(default=None, pattern=r"^\w+$")
    years: list[Annotated[int, Field(ge=2008, le=2100)]] = []


OPTIONS: dict[str, type[Options]] = {
    "jpaas": JpaasOptions,
    "jpage": JpageOptions,
    "json_list": JsonListOptions,
    "longxun": LongxunOptions,
    "trs": TrsOptions,
    "ucap": UcapOptions,
    "xxgk": XxgkOptions,
}
"""By platform; one that is not here takes `Options`, that is no key at all."""
