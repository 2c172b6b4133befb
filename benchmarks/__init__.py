"""What is measured, on real source, each table beside a named baseline taken in the same run."""
