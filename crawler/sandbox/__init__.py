"""A pretend country: portals on loopback, annual reports in every format, and the faults that were put into them.

Nothing here is imported from the readers, and no official form file is read: layout, labels and names are written down
again, from the vocabulary alone. What a reader makes of these documents is therefore an independent check.

- sample, forms: one report, and the tables of the forms 2019 and 2021 as printed
- writers: that report as HTML, docx, xlsx, PDF or copied text
- names, figures, prose, faults, season, country: the country itself, from one seed, with its truth
- plot: what befalls its portals and reports in a season
- publications: what the column of a place shows, reports and what stands beside them
- portal_site, portals: what all portals have in common, and one module for each kind of portal software
- sites, portal_files, folder: the portals of a country, their files, and given files as a portal
- server, serving, failures: the portals on loopback at a virtual time, failing on command
- guards and its kin: portals that refuse, hide and mislead, each address with the outcome that is right
"""
