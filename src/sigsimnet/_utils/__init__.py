"""Helpers that know nothing of signals: files, JSON, progress, registries, memory maps, runs, text."""
