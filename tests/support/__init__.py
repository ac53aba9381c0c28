"""What tests use and no test module owns: real processes, waiting."""
