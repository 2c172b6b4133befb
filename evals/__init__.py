"""ElixirEval, the grading harness. It arrives with a later issue."""
