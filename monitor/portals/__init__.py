"""Looking after the portals of a deployment: checking their files, trying them, keeping trials as test cases.

- checking: what is wrong with a portal file, and what is worth a look
- words, schema: what each key means, and the JSON Schema of portal files
- dry_run, trial: one crawl into an archive of its own that is thrown away, and what it came to
- recorded: such a crawl kept as a test case, and compared with a replay
- status: what the archive knows of each portal
- starters: the files that come with the package to begin with
- shown: trials and status on the terminal
"""
