"""A pretend country: portals on loopback, annual reports in every format, and the faults that were put into them.

Nothing here is imported from the readers, and no official form file is read: layout, labels and names are written down
again, from the vocabulary alone. What a reader makes of these documents is therefore an independent check.

- sample, forms: one report, and the tables of the forms 2019 and 2021 as printed
- writers: that report as HTML, docx, xlsx, PDF or copied text
- names, figures, prose, faults, season, country: the country itself, from one seed, with its truth
- site, server: its portals, served on loopback at a virtual time
"""
