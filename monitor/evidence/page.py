"""index.html of a bundle: everything in it in the order in which a reader asks. No script, nothing from outside."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from db.collected.visit_text import visit_text
from monitor.catalogue import say, word
from monitor.catalogue.figures import figure_words
from monitor.evidence.case import Case, Kept, Look
from monitor.evidence.figures import figures_section
from monitor.evidence.instructions import commands, limits
from monitor.evidence.reads import cell, reads_section
from monitor.evidence.words import Words, address, beijing, both, label, sentence, shown, utc, without_folders
from parsers.form import load_forms

_STYLE = Path(__file__).with_name("page.css")
# Of which rules what was observed is nothing that was printed.
_OBSERVED = {"late": "shown-from", "withdrawn": "seen-on", "inaccessible": "seen-on"}


def index_html(case: Case, *, has_ca: bool) -> str:
    """The page. has_ca: the certificates of the time stamp service are enclosed as ca.pem."""
    sections = (
        ("facts", _facts(case)),
        ("figures", figures_section(case)),
        ("reads", reads_section(case)),
        ("documents", "".join(_document(case, sha256, kept) for sha256, kept in case.documents.items())),
        ("looks", _looks(case)),
        ("limits", _limits(case)),
        ("manifests", _manifests(case)),
        ("check", _check(case, has_ca)),
    )
    title_zh, title_en = headline(case)
    body = "".join(f"<h2>{label(key)}</h2>{text}" for key, text in sections if text)
    made = both(say("bundle-made-with", version=version("nianbao")))
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{shown(say('bundle-title')[0])}：{shown(title_zh)}</title><style>\n{_STYLE.read_text('utf-8')}</style>"
        f"</head><body>\n<p class=kicker>{label('title')}</p><h1>{both((title_zh, title_en))}</h1>"
        f"{_claim(case)}{body}<footer>{made}</footer></body></html>\n"
    )


def headline(case: Case) -> Words:
    """What the bundle is about, in a line."""
    if case.finding is None and not case.reports:
        return say("bundle-of-document", agency=case.agency)
    return say("bundle-of-report", agency=case.agency, year=case.year)


def lead(case: Case) -> Words:
    """What the bundle is, in a sentence."""
    if case.finding is not None:
        return say("bundle-lead")
    if case.reports:
        return say("bundle-report-lead", agency=case.agency, year=case.year)
    return say("bundle-document-lead")


def reservation(case: Case) -> list[Words]:
    """What must be said right beside the finding's sentence where it does not simply stand; nothing where it does."""
    if case.standing is None or case.standing.is_plain:
        return []
    zh, en = case.standing.words()
    return [say("bundle-standing", state_zh=zh, state_en=en)]


def _claim(case: Case) -> str:
    text = both(lead(case), "p")
    if case.rendered:
        text = f"<div class=banner>{sentence('rendered', count=case.rendered, total=len(case.looks))}</div>{text}"
    if case.pretended:
        banner = sentence("pretended", count=case.pretended, total=len(case.looks))
        text = f"<div class=banner>{banner}</div>{text}"
    if case.finding is None:
        return text
    claim = both((case.finding["sentence_zh"], case.finding["sentence_en"]), "p")
    reserved = "".join(f"<div class=banner>{both(words, 'p')}</div>" for words in reservation(case))
    return f"{reserved}<div class=claim>{claim}</div>{text}"


def _facts(case: Case) -> str:
    f = case.finding
    facts: list[tuple[str, str]] = [("agency", shown(case.agency)), ("year", str(case.year))]
    if f is None:
        facts = facts if case.reports else []
    else:
        found = [at for event, at in case.events if event == "found"]
        facts += [(key, both(word(key, f[key]))) for key in ("kind", "severity", "certainty", "basis")]
        facts.append(("rule", f"<code>{shown(f['rule'])}</code>"))
        if f["figure"]:
            facts.append(("figure", f"{both(_figure_words(case, f['figure']))}<br><code>{shown(f['figure'])}</code>"))
        if f["observed"] is not None:
            facts.append((_OBSERVED.get(f["rule"], "observed"), shown(f["observed"])))
        if f["expected"] is not None:
            facts.append(("due" if f["kind"] == "time" else "expected", shown(f["expected"])))
        if found:
            facts.append(("found", beijing(found[0])))
        if case.standing is not None:
            facts.append(("state", both(case.standing.words())))
            if case.standing.checked:
                facts.append(("checked", both(say("bundle-checked-by", count=case.standing.checked))))
        facts.append(("number", f"<code>{f['fingerprint']}</code>"))
    facts += [("portal", shown(name)) for name in sorted({read.portal for read in case.reads})]
    return f"<dl class=facts>{''.join(f'<dt>{label(key)}</dt><dd>{value}</dd>' for key, value in facts)}</dl>"


def _figure_words(case: Case, figure: str) -> Words:
    forms = [stored.report.form for _, stored in case.reports if figure in stored.report.figures]
    return figure_words(figure, load_forms()[forms[0] or ""]) if forms else (figure, figure)


def _document(case: Case, sha256: str, kept: Kept) -> str:
    row = kept.row
    file = f'<a href="{kept.file}">{kept.file}</a>' if kept.file else f"<s>{sha256}</s>"
    listed = {(s.title, s.listed_on) for s in case.sightings if s.sha256 == sha256 and s.title}
    facts = [
        ("SHA-256", f"<code>{sha256}</code>"),
        (label("size"), both(say("bundle-bytes", count=f"{row.size:,}"))),
        (label("media"), shown(row.media or "—")),
        (label("first-seen"), f"{beijing(row.first_seen_at)} <small>({utc(row.first_seen_at)})</small>"),
        (label("address"), "<br>".join(map(address, kept.addresses)) or "—"),
        *((label("listed-as"), f"{shown(title)} {shown(on or '')}") for title, on in sorted(listed, key=str)),
    ]
    listing = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    lost = sentence("lost", hash=sha256, why=kept.lost) if kept.lost else ""
    lost += sentence("given-up", hash=sha256, day=kept.given_up) if kept.given_up else ""
    if kept.is_withheld:
        lost = sentence("withheld", hash=sha256)
    came = next((look for look in case.looks if look.visit.sha256 == sha256), None)
    headers = ""
    if came is not None and came.visit.kind == "added":
        headers = f'<p>{label("record")} <a href="{came.file}">{came.number}</a></p>'
    elif came is not None:
        summary = f"<summary>{label('headers')} {beijing(came.visit.at)}</summary>"
        headers = f"<details>{summary}<pre>{shown(visit_text(came.visit))}</pre></details>"
    return f"<section class=doc><h3>{file}</h3><dl class=facts>{listing}</dl>{lost}{headers}</section>"


def _looks(case: Case) -> str:
    visited = {look.visit.url for look in case.looks}
    lacking = dict.fromkeys(u for s in case.sightings for u in (s.page_url, s.url) if u not in visited)
    missing = "".join(sentence("no-look", address=without_folders(url)) for url in lacking)
    if not case.looks:
        return missing
    keys = ("time", "address", "answer", "document", "record")
    heads = "".join(f"<th>{label(key)}</th>" for key in keys)
    rows = "".join(_look(case, look) for look in case.looks)
    return f'{sentence("looks-lead")}<table class="cards looks"><tr>{heads}</tr>{rows}</table>{missing}'


def _look(case: Case, look: Look) -> str:
    visit = look.visit
    outcome = both(word("outcome", visit.outcome))
    answer = f"{visit.status} {outcome}" if visit.status is not None else outcome
    notes = [f"<small>{shown(visit.evidence)}</small>"] if visit.evidence else []
    if visit.final_url:
        hops = "<br>".join(f"{status} {address(url)}" for status, url in visit.redirects)
        notes.append(f"<small>{label('redirects')} {hops} → {address(visit.final_url)}</small>")
    if look.is_pretended:
        notes.append(f"<small>{both(say('bundle-is-pretended'))}</small>")
    if look.is_rendered:
        notes.append(f"<small>{both(say('bundle-is-rendered'))}</small>")
    if visit.network:
        said = ", ".join(shown(value) for key, value in visit.network.items() if value and key != "clock")
        notes.append(f"<small>{label('network')} {said}</small>" if said and visit.kind != "added" else "")
    kept = case.documents.get(visit.sha256 or "")
    document = "—"
    if kept is not None and kept.file:
        document = f'<a href="{kept.file}"><code>{kept.row.sha256[:12]}</code></a>'
    document += _how_it_came(look)
    record = f'<a href="{look.file}">{look.number}</a>' + (f" <small>{look.manifest}</small>" if look.manifest else "")
    cells = {
        "time": f"{beijing(visit.at)}<br><small>{utc(visit.at)}</small>",
        "address": f"{address(visit.url)}<br><small>{both(word('look', visit.kind))}</small>",
        "answer": "<br>".join([answer, *filter(None, notes)]),
        "document": document,
        "record": record,
    }
    return f"<tr>{''.join(cell(key, value) for key, value in cells.items())}</tr>"


def _how_it_came(look: Look) -> str:
    """What must be said where the document's bytes did not come with this visit itself."""
    visit = look.visit
    if visit.kind == "added":
        return sentence("added", **added_by(look))
    if look.origin is None:
        return ""
    if look.is_same_entries:
        return sentence("same-entries", hash=f"{(visit.body_sha256 or '')[:12]}…", when=beijing(look.origin))
    return sentence("not-modified", when=beijing(look.origin))


def added_by(look: Look) -> dict[str, Any]:
    """Who added a file by hand and when, as far as that was written down."""
    network, (zh, _) = look.visit.network or {}, say("bundle-not-recorded")
    unknown = f"{zh} / {say('bundle-not-recorded')[1]}"
    return {"who": network.get("by") or unknown, "added": network.get("added_at") or unknown}


def _limits(case: Case) -> str:
    items = (f"<li>{sentence(key)}</li>" for key in limits(case))
    return f"<ul class=limits>{''.join(items)}</ul>"


def _manifests(case: Case) -> str:
    unlisted = sum(look.manifest is None for look in case.looks)
    rows = []
    for manifest in case.manifests:
        file = f"manifests/{manifest.day}.txt"
        stamp = f'<br><a href="manifests/{manifest.day}.tsr">{manifest.day}.tsr</a>' if manifest.token else ""
        said = (
            both(say("bundle-stamped", service=manifest.service or "?", when=utc(manifest.stamped_at)), "p")
            if manifest.stamped_at
            else both(say("bundle-not-stamped"))
        )
        rows.append(
            f"<tr>{cell('file', f'<a href={file!r}>{file}</a>{stamp}')}{cell('stamp', said)}"
            f"<td data-label='SHA-256'><code>{manifest.sha256}</code></td></tr>"
        )
    table = ""
    if rows:
        heads = f"<th>{label('file')}</th><th>{label('stamp')}</th><th>SHA-256</th>"
        table = f'{sentence("manifests-lead")}<table class="cards"><tr>{heads}</tr>{"".join(rows)}</table>'
    return table + (sentence("no-manifest", count=unlisted) if unlisted else "")


def _check(case: Case, has_ca: bool) -> str:
    parts = [sentence("check-lead")]
    for key, lines in commands(case, has_ca=has_ca):
        parts.append(sentence(key))
        parts += [f"<pre>{shown(line)}</pre>" for line in lines]
    return "".join(parts)
