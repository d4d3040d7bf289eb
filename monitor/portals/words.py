"""What each key of a portal file means, in one sentence: for the JSON Schema, and so for editors.

A key without its sentence here is an error of the schema; the tables of docs/portals.md say more.
"""

FILE = {
    "name": "The site's name, as it is printed in messages.",
    "platform": "The kind of portal software; `nianbao portal probe` recognises it.",
    "allowed_hosts": '"host" (any port) or "host:port"; nothing else is ever contacted, redirects included.',
    "columns": "The lists of annual reports, one [[columns]] for each.",
    "delay_s": "Seconds from an answer of a host to the next request, at least 0.5; 3.0 is the polite default.",
    "connections": "Requests to a host that are under way at once; more than 1 only where the site's keepers agreed.",
    "daily_budget": "Requests on a day in Beijing at most, robots.txt and retries included.",
    "hours": 'Beijing time, as in "22:00-06:00": a crawl does not begin outside it, and ends with it.',
    "verify_tls": "false reads a site whose certificate is broken; each visit says so.",
    "fetch": '"browser": Chromium shows the lists (see [browser]); slower, only where scripts make the list.',
    "proxy": "The NAME of an environment variable that holds the proxy's address, never the address itself.",
    "expect": "How many reports all columns together list: fewer is a failure, more a warning.",
    "default_agency": "Whose reports these are where no title says it: for the site of one agency.",
    "place": "The place of the agencies, which completes short names: 财政局 becomes 柳溪县财政局.",
    "notes": "What was observed of the site, with its date; read by people only.",
    "browser": 'What the browser does with a page; only with fetch = "browser".',
    "selectors": "CSS selectors, only where the list or the text is not found by itself.",
    "pages": "Names of further list pages, only where no page links or counts them.",
    "options": "What this platform alone needs to be told; docs/portals.md has them for each platform.",
    "max_pages": "Pages of one column at most; a longer one is not read to its end.",
}

COLUMN = {
    "url": "The address of the list's first page, as the browser shows it.",
    "year": "The reporting year, where the whole list belongs to one.",
    "agency": "The agency, where the whole list belongs to one.",
}

EXPECT = {
    "min": "Fewer listed reports are a failure.",
    "max": "More listed reports are warned of; raise it if that is right.",
}

SELECTORS = {
    "row": "One entry of a list; link, title and date are looked for inside it.",
    "link": "The link of an entry, inside its row.",
    "title": "The title of an entry, inside its row.",
    "date": "The date of an entry, inside its row.",
    "next": "Links to further pages of the list.",
    "lists": "Links or frames that lead to further lists of the column: years, agencies.",
    "body": "The text of a report's page.",
}

BROWSER = {
    "pages": '"lists": only lists are opened in the browser; "all": the pages of reports too.',
    "wait_for": "CSS of an element that is there once the list is.",
    "more": "CSS of a button (加载更多) that is clicked until it is gone or brings no news.",
    "most_clicks": "Clicks on it at most.",
    "timeout_s": "Seconds for one page, with all that it loads and all clicks.",
}

PAGES = {
    "pattern": 'The name of a further page with {n} for its number, as in "index_{n}.html".',
    "first": "The number of the second page.",
}

OPTIONS: dict[str, dict[str, str]] = {
    "jpaas": {
        "tagId": "The unit that is the list, where a page has several that may be.",
        "className": "Of columns with ?number=: what their script sends as className.",
        "xxgkType": "Of columns with ?number=: what their script sends as xxgkType.",
        "pageSize": "Rows asked for at a time.",
    },
    "jpage": {
        "proxyUrl": "The path of dataproxy.jsp, where the page does not say it.",
        "perPage": "Rows of a page.",
        "ajaxParam": "What jpage sends: col, appid, webid, path, columnid, unitid, webname, …",
        "request": '"startrecord" (POST) or "page" (GET): how further groups are asked for.',
        "unitid": "The unit that is the list, where a page has several.",
    },
    "json_list": {
        "endpoint": 'Address, absolute or relative to the column, as in "loadData?page={page}".',
        "send": '"get"; "form" or "json": POST of fields.',
        "fields": "What is posted; values may hold {page} and {size}.",
        "first": "The number of the first page.",
        "size": "Entries on a page.",
        "rows": 'Where the entries stand in the answer, names with dots: "data.list"; "" for the answer itself.',
        "title": "Where the title stands inside an entry.",
        "url": 'Where the address stands inside an entry, or how it is made: "/art/{ID}.html".',
        "date": "Where the date stands inside an entry.",
        "total": "Where the number of all entries stands in the answer.",
        "pages": "Where the number of pages stands in the answer.",
    },
    "longxun": {
        "siteId": "As the request of the list to /site/label/8888 has it.",
        "organId": "As the request of the list to /site/label/8888 has it.",
        "catId": "As the request of the list to /site/label/8888 has it.",
        "type": "As the request of the list to /site/label/8888 has it.",
        "file": "As the request of the list to /site/label/8888 has it.",
    },
    "trs": {
        "counts_from": "0 where index_1.html is the second page, 1 where index_2.html is; where no page says it.",
        "endpoint": 'Of lists that come from a search: its path, as in "/fjdzapp/search".',
        "channelid": "Of such lists: the search's channel.",
        "chnlid": "Of such lists: the column.",
        "prepage": "Of such lists: rows of one answer.",
        "siteId": "Of smartSearch alone.",
    },
    "ucap": {
        "endpoint": 'Of lists that come as JSON: the path up to the channel\'s id, as in "/common/search/".',
        "channelid": "The channel, where the page does not name it.",
        "codeId": "Of the tax authorities' getFileListByCodeId.",
        "size": "Rows asked for at a time.",
    },
    "xxgk": {
        "area": "The organisation's code.",
        "infotypeId": "The class of annual reports.",
        "jdid": "The website's number.",
        "divid": "The place on the page, as in div51.",
        "years": "Of xxgkAnnualReport.jsp: the reporting years to ask for, where the page offers no choice.",
    },
}
"""By platform; one that is not here takes no options."""
