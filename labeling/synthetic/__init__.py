"""Generated photos of an apple blossom through seven stages, with the truth known.

Pure NumPy and Pillow, seeded: the same :class:`~labeling.synthetic.traits.PhotoSpec` gives the same bytes. Used by the
demo, by whole-season simulations and by tests; never by the product on real photos.
"""
