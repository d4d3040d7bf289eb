"""The Telegram bot: what people ask of it, and what it answers."""
