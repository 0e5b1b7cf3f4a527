"""The parts of `benchmarks.crash`."""
