"""Looks at many sites in one process, for tests of many sites: each look of `nianbao` has a process of its own, and
beginning it costs more than the look at a pretend portal. What each look does is the same.

As a script: a JSON list of orders (crawler.probing.order) on stdin, a JSON list of probes on stdout.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict

from crawler.probing.order import ProbeOrder
from crawler.probing.result import Probe

LONGEST_S = 240


def look_all(orders: Sequence[ProbeOrder]) -> list[Probe]:
    """What each look came to, in the same order."""
    done = subprocess.run(
        [sys.executable, "-P", __file__],
        input=json.dumps([order.model_dump(mode="json") for order in orders]),
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return [Probe.from_json(probe) for probe in json.loads(done.stdout.splitlines()[-1])]


def main() -> None:
    import logging

    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.clock import clock_from
    from crawler.probing.child import ProbeSpider
    from crawler.settings import scrapy_settings, user_agent
    from db.archive import Archive

    logging.basicConfig(level=logging.ERROR)
    orders = [ProbeOrder.model_validate(order) for order in json.load(sys.stdin)]
    process = AsyncCrawlerProcess(scrapy_settings(orders[0].portal, user_agent(orders[0].contact, orders[0].portal)))
    crawlers = []
    archives = [Archive.open(order.archive) for order in orders]
    for order, archive in zip(orders, archives, strict=True):
        crawlers.append(process.create_crawler(ProbeSpider))
        process.crawl(
            crawlers[-1],
            order=order,
            archive=archive,
            clock=clock_from(order.now, order.portal),
            agent=user_agent(order.contact, order.portal),
            progress=lambda requests, url: None,
        )
    process.start(install_signal_handlers=False)
    for archive in archives:
        archive.close()
    spiders = [crawler.spider for crawler in crawlers]
    probes = [spider.probe for spider in spiders if isinstance(spider, ProbeSpider) and spider.probe is not None]
    if len(probes) < len(orders):
        sys.exit("a look broke off")
    print(json.dumps([asdict(probe) for probe in probes]))


if __name__ == "__main__":
    main()
