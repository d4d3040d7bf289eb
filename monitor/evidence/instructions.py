"""How to check a bundle with standard tools: the commands, and README.txt around them."""

from importlib.metadata import version

from monitor.catalogue import say
from monitor.evidence.case import Case
from monitor.evidence.words import Words

SUMS = "SHA256SUMS"
_POWERSHELL = (
    f"Get-Content {SUMS} | ForEach-Object {{ $h, $f = $_ -split '  ', 2; "
    'if ((Get-FileHash $f -Algorithm SHA256).Hash -ne $h) { "FAILED: $f" } }'
)


def commands(case: Case, *, has_ca: bool) -> list[tuple[str, list[str]]]:
    """(key of the sentence in front, command lines) for each way of checking."""
    ways = [
        ("check-unix", [f"sha256sum --check --strict {SUMS}"]),
        ("check-mac", [f"shasum -a 256 -c {SUMS}"]),
        ("check-windows", ["certutil -hashfile index.html SHA256"]),
        ("check-powershell", [_POWERSHELL]),
    ]
    stamped = [manifest.day for manifest in case.manifests if manifest.token]
    if case.manifests:
        ways.append(("check-manifest", []))
    if stamped:
        ca = "manifests/ca.pem" if has_ca else "ca.pem"
        verify = "openssl ts -verify -in manifests/{day}.tsr -data manifests/{day}.txt -CAfile {ca}"
        ways.append(("check-stamp", [verify.format(day=day, ca=ca) for day in stamped]))
    return ways


def limits(case: Case) -> list[str]:
    """What a bundle does and does not show: keys of sentences."""
    keys = ["bytes", "own", "personal", "open"]
    if case.names_paths:
        keys.append("paths")
    if case.columns:
        keys.insert(0, "elsewhere")
    if case.finding is not None and case.finding["kind"] == "identity":
        keys.insert(0, "disagree")
    return [f"limit-{key}" for key in keys]


def readme(case: Case, title: Words, lead: Words, reserved: list[Words], *, has_ca: bool) -> str:
    """README.txt: what this is, what it does not show, how to check it; first in Chinese, then in English. reserved:
    what must be said beside the finding's sentence."""
    parts = []
    for language in (0, 1):
        lines = [title[language], ""]
        if case.pretended:
            lines += [say("bundle-pretended", count=case.pretended, total=len(case.looks))[language], ""]
        if case.rendered:
            lines += [say("bundle-rendered", count=case.rendered, total=len(case.looks))[language], ""]
        lines.append(lead[language])
        for sha256, kept in case.documents.items():
            if kept.is_withheld:
                lines += ["", say("bundle-withheld", hash=sha256)[language]]
        if case.finding is not None:
            lines += ["", case.finding["sentence_zh" if language == 0 else "sentence_en"]]
            lines += ["", *(words[language] for words in reserved)] if reserved else []
        lines += ["", say("bundle-check")[language], "", say("bundle-check-lead")[language]]
        for key, typed in commands(case, has_ca=has_ca):
            lines += ["", say(f"bundle-{key}")[language], *(f"    {line}" for line in typed)]
        lines += ["", say("bundle-limits")[language], ""]
        lines += [f"- {say(f'bundle-{key}')[language]}" for key in limits(case)]
        parts.append("\n".join(lines))
    made = say("bundle-made-with", version=version("nianbao"))[1]
    return f"\n\n{'-' * 72}\n\n".join(parts) + f"\n\n{made}\n"
