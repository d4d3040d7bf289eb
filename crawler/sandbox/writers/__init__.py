"""One module per file format, each with `write(report, **variant) -> bytes`.

html and text need no package; docx, xlsx and pdf import theirs when called and raise PackageAbsent without it.
"""
