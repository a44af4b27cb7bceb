"""Papers for every slice: PDF, QR codes, workbooks, CSV, amounts in words."""

from backend.papers.amounts import capital_yuan, yuan
from backend.papers.printing import pdf, qr_svg
from backend.papers.signing import Place, with_signature_field
from backend.papers.tables import Cell, Column, Sheet, csv_text, harmless, workbook

__all__ = [
    "Cell",
    "Column",
    "Place",
    "Sheet",
    "capital_yuan",
    "csv_text",
    "harmless",
    "pdf",
    "qr_svg",
    "with_signature_field",
    "workbook",
    "yuan",
]
