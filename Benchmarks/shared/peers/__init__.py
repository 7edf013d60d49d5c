"""Alternatives to scimult's engine, each in its best form."""
