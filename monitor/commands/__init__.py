"""The commands of `nianbao`, one module each; what they share is in common.py."""
