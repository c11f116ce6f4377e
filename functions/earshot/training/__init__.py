"""The trainer: from rows or synthetic audio to a model folder that the tagger serves.

The only package that imports keras, torch and hydra. It needs no cloud to train.
"""
