"""What several benchmarks use: peers, papers, the machine, and how results are shown."""
