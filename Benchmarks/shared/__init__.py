"""Common parts of the benchmarks: peers, papers, the machine, and the output of results."""
