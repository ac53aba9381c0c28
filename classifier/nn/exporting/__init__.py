"""An ensemble as one graph, in the formats that other programs read."""
