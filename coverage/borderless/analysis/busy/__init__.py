"""Units that are sometimes busy: expected coverage, workloads, and the hypercube model behind them."""
