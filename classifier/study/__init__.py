"""The study "Resultados": what each of four levers adds to a plain network, measured on the same photos."""
