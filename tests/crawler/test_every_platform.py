"""Every platform collects from the sample country exactly the reports that its truth lists: all, no other, none twice.

One county's publications are served in every shape of every platform that can be read without a browser, and crawled by
the portal file that its pretend portal calls right. Of the ordinary shape of each platform all reports are fetched and
read, of the others a sample: their lists differ, not their pages. `make soak` does all, for many countries.
"""

from pathlib import Path

import pytest

from crawler.sandbox.country import Country
from crawler.sandbox.portals import Shape
from tests.crawler.collected import REFUSED, SHAPES, faults_of

ORDINARY = {next(shape for shape in SHAPES if shape.name == name) for name in {shape.name for shape in SHAPES}}


# Two tests rather than one for each shape: crawls of many portals share a process, and tests run in two.
@pytest.mark.parametrize("shapes", [SHAPES[::2], SHAPES[1::2]], ids=["one half", "the other"])
def test_exactly_the_truth_is_collected(shapes: list[Shape], tmp_path: Path) -> None:
    country = Country.build(1, agencies=16, years=(2022, 2023), portals=1, faults=0)
    faults = faults_of(country, shapes, tmp_path, whole=ORDINARY | REFUSED, sample=5)
    assert not faults, "\n".join(faults)
