"""Learners that compare with examples: Prototypical, Matching and Siamese networks, and one with a memory."""
