"""The networks: the only package that imports Keras. Backend-neutral but for `devices`."""
