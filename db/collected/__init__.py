"""What was collected: documents, visits, lists, crawls, and the pace of collecting."""
