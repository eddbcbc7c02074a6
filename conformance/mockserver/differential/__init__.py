"""Plays the same generated exchanges against several servers and compares what came back."""
