"""What a crawl imports as it goes, for the fork server of killing.py. Nothing here may install Twisted's reactor."""

from importlib import import_module

from parsers.form import load_forms

for name in (
    "crawler.child",
    "crawler.platforms.static_list",
    "crawler.walk.spider",
    "psutil",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.engine",
    "scrapy.crawler",
    "scrapy.downloadermiddlewares.cookies",
    "scrapy.extensions.feedexport",
    "scrapy.spidermiddlewares.referer",
    "sqlite_utils",
    "twisted.internet.asyncioreactor",
    "twisted.web.client",
):
    import_module(name)
load_forms()
