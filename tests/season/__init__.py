"""A season of the sample country as subscribers live through it.

- cast: who listens, since when and to what, and what people do on which day
- truth: what each of them must have heard, from the country, its plot and the calendar alone
- heard: what each of them did hear, by the fake Bot API; compare: the one held against the other
- stage: country, portals, configuration and the watch; play: the season itself
"""
