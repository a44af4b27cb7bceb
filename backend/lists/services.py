"""What the house may ask of the lists of other offices, and how they come in. Views and findings only; nothing commits."""

from backend.lists.asking import findings_for_enterprise, findings_for_people, has_list, rows_of_people
from backend.lists.importing import (
    MAY_IMPORT,
    ListView,
    all_lists,
    forget_superseded,
    import_list,
    lists_in_force,
    withdraw_list,
)
from backend.lists.reading import COMMAND_LIMITS, ListTable, read_list
from backend.lists.rules import KIND_WORDS, Asked, Finding, ListRow, ListValues, Source
from backend.lists.template import template

__all__ = [
    "COMMAND_LIMITS",
    "KIND_WORDS",
    "MAY_IMPORT",
    "Asked",
    "Finding",
    "ListRow",
    "ListTable",
    "ListValues",
    "ListView",
    "Source",
    "all_lists",
    "findings_for_enterprise",
    "findings_for_people",
    "forget_superseded",
    "has_list",
    "import_list",
    "lists_in_force",
    "read_list",
    "rows_of_people",
    "template",
    "withdraw_list",
]
