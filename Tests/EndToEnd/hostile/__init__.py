"""Malicious models by kind; each must be refused."""
