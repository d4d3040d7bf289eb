"""`python -m tests.bench.bare_spider URL CONCURRENCY`: Scrapy as it comes, fetching a column and storing nothing.

Prints the number of report pages that came and the seconds from the first request to the last answer.
"""

import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response


class BareSpider(scrapy.Spider):
    """Follows the pages of the list and the links of each."""

    name = "bare"
    first = ""
    reports = 0
    begun = 0.0
    ended = 0.0

    async def start(self) -> AsyncIterator[Any]:
        BareSpider.begun = time.perf_counter()
        yield scrapy.Request(self.first, callback=self.read_list)

    def read_list(self, response: Response) -> Iterator[scrapy.Request]:
        for link in response.css("ul.list a::attr(href)").getall():  # type: ignore[attr-defined]
            yield response.follow(link, callback=self.count)
        for link in response.css("div.pages a::attr(href)").getall():  # type: ignore[attr-defined]
            yield response.follow(link, callback=self.read_list)

    def count(self, response: Response) -> None:
        BareSpider.reports += response.status == 200 and bool(response.body)
        BareSpider.ended = time.perf_counter()


def main(url: str, concurrency: int) -> None:
    BareSpider.first = url
    process = AsyncCrawlerProcess(
        {
            "CONCURRENT_REQUESTS": concurrency,
            "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
            "DOWNLOAD_DELAY": 0,
            "ROBOTSTXT_OBEY": False,
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "LOG_LEVEL": "ERROR",
        }
    )
    process.crawl(BareSpider)
    process.start()
    print(BareSpider.reports, BareSpider.ended - BareSpider.begun)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
