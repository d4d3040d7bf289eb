"""Who is told what, and what became of it: subscribers, subscriptions, the outbox."""
