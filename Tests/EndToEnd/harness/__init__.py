"""What the end-to-end tests have in common: processes, calls, raw frames, model folders."""
