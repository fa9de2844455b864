"""Compares versions of data: the changes between two, the merge of three, the history of many."""
