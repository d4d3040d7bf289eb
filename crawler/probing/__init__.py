"""A look at a site that has no portal file yet: which software it is, where its annual reports are listed, what a crawl
would collect, and the portal file that a maintainer can begin with.

    run        starts a look in a process of its own (crawler/probing/child.py), and gets what it found
    look       one look from beginning to end
    asking     its requests; search: the way to the columns; reading: their lists
    page       what one page says of itself, and where it leads
    way        which links may lead to a column of annual reports
    recognise  which platform made a page
    doubts     what a maintainer should look at before trusting the draft; ending: how the look ended, in a sentence
    draft      the portal file; site_name: what the site is called; template: a portal file without a look
    result     what a look came to
"""
