"""Imported by the fork server alone: what every process needs is loaded before the first is forked."""

from tests.processes import segmenter

segmenter()
