"""Compares versions of data: changes between two, the merge of three, the history of many."""
