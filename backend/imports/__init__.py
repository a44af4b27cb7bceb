"""Records of other platforms (一(二), 四.2): taken in row by row, each with a verdict, sealed and banked once.

A batch comes from the platform itself (JSON, its key) or from an enterprise's agent (XLSX or CSV, with the platform's stamped
paper). Knows platforms, enterprises, plans and study; knows no claim. Imported by the doors through ``services``.
"""
