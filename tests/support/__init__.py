"""Helpers for the tests: manifests, histories, faults and other parsers."""
