"""What the jobs of the watch import as they go, for the fork server of tests/crawler/forked.py."""

from importlib import import_module

from monitor.rules import rules
from parsers.gazetteer import gazetteer
from parsers.titles import simplified

for name in (
    "chinese_calendar",
    "crawler.platforms.gkmlpt",
    "crawler.platforms.jpage",
    "crawler.platforms.trs",
    "crawler.platforms.ucap",
    "crawler.platforms.xxgk",
    "crawler.register.table",
    "lxml.html",
    "monitor.evidence.daily",
    "monitor.job",
    "monitor.judging.archive",
    "monitor.rules",
    "monitor.telling.digest",
    "monitor.telling.teller",
    "monitor.watch.child",
    "opencc",
    "parsers.readers.html",
    "parsers.readers.text",
):
    import_module(name)
rules()
gazetteer()
simplified("政府信息公開工作年度報告")
