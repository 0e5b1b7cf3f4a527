"""Attacks, each a test: none succeeds, and each fails where its guard is taken away.

docs/security.md lists which guards were taken away to see that.
"""
