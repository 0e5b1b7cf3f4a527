"""Milvus as a library's engine: one collection that any number of processes search together.

It is derived from the store, as FAISS is; see `index.passage_search`. Nothing here is imported
unless the settings name Milvus: `pymilvus` is an extra.
"""
