"""The mathematics of the loop: NumPy, SciPy and scikit-learn; no Django, no Keras."""
