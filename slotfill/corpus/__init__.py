"""Labelled text: utterances, tags, words, file formats, known corpora. Imports neither torch nor numpy."""
