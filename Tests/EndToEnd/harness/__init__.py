"""Common parts of the end-to-end tests: processes, calls, raw frames, model folders."""
