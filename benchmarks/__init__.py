"""Measurements, each a command; ratios of one run, never a test."""
