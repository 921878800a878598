"""Figures of speed, each against a physical limit measured in the same run: `make bench`, `ONLY=name`."""
