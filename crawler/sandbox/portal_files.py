"""The portal file of a pretend portal, as a maintainer would have to write it."""

from crawler.sandbox.portal_site import PortalSite


def portal_toml(site: PortalSite, host: str) -> str:
    """The whole file as TOML. host: 127.0.0.1:<port> under which the site is served."""
    import tomlkit

    said = dict(site.portal_file(f"http://{host}"))
    text = tomlkit.document()
    text.add("name", tomlkit.item(site.name))
    text.add("platform", tomlkit.item(said.pop("platform")))
    text.add("allowed_hosts", tomlkit.item(said.pop("allowed_hosts", [host])))
    text.add("delay_s", tomlkit.item(0.0))
    expect = tomlkit.inline_table()
    expect.update({"min": 1, "max": len(site.publications)})
    text.add("expect", expect)
    if site.place:
        text.add("place", tomlkit.item(site.place))
    columns = tomlkit.aot()
    for column in said.pop("columns"):
        columns.append(tomlkit.item(column))
    # In TOML whatever belongs to no table stands before the first one.
    tables = {key: value for key, value in said.items() if isinstance(value, dict)}
    for key, value in said.items():
        if key not in tables:
            text.add(key, tomlkit.item(value))
    text.add("columns", columns)
    for key, value in tables.items():
        text.add(key, tomlkit.item(value))
    return tomlkit.dumps(text)
