"""[options] of a portal file: what one platform alone needs to be told, where its pages do not say it.

One strict model for each platform; the keys are those of the platform's own addresses and scripts where it has names.
"""

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """Of a platform that needs none."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


OPTIONS: dict[str, type[Options]] = {}
"""By platform; one that is not here takes `Options`, that is no key at all."""
