"""Papers: PDF, QR codes, workbooks and CSV, and amounts in words (大写). Knows no slice; every slice may import it.

Templates lie with the slice that owns the paper (``backend/<slice>/papers/*.typ``) and start from ``house.typ`` here.
"""
