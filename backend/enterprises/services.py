"""What the house may ask of enterprises and rosters. Every function takes and gives views; none commits.

Personal values of a roster leave in masks, save through ``roster_identity``, ``roster_identities``, ``find_on_roster`` and in
the report to the one who sent the file.
"""

from backend.enterprises.bank_accounts import (
    BankAccountView,
    bank_account,
    bank_account_of,
    bank_accounts_of,
    confirm_account,
    count_sealed_accounts,
    named_account_of,
    propose_account,
    proposed_accounts,
    refuse_account,
    reveal_account,
    sealed_accounts,
)
from backend.enterprises.cells import Cell, day_of, id_number_of, moment_of, plain, text_of
from backend.enterprises.employments import Employment, employments, employments_on_roster
from backend.enterprises.erasing import erase_roster_entries, erase_roster_phones
from backend.enterprises.headings import HEADER_WITHIN_ROWS, columns_of, heading_of, is_record
from backend.enterprises.registration import (
    EnterpriseView,
    add_agent,
    declare_affected,
    enterprise_by_id,
    enterprise_of_agent,
    enterprises_of_agent,
    get_enterprise,
    register_enterprise,
)
from backend.enterprises.roster_entries import (
    RosterEntryView,
    RosterIdentity,
    RosterReport,
    annotated_workbook,
    bind_worker,
    check_roster,
    import_roster,
    roster,
    roster_entries,
    roster_entry_of,
    roster_identities,
    roster_identity,
    roster_template,
)
from backend.enterprises.roster_lookup import RosterMatch, find_on_roster
from backend.enterprises.rosters import RowVerdict
from backend.enterprises.uscc import Uscc, check_uscc
from backend.enterprises.vouching import identity_claim_of_code, vouch_for_identity
from backend.enterprises.workbooks import Limits, Sheet, inspect, read_sheets, stream_rows

__all__ = [
    "HEADER_WITHIN_ROWS",
    "BankAccountView",
    "Cell",
    "Employment",
    "EnterpriseView",
    "Limits",
    "RosterEntryView",
    "RosterIdentity",
    "RosterMatch",
    "RosterReport",
    "RowVerdict",
    "Sheet",
    "Uscc",
    "add_agent",
    "annotated_workbook",
    "bank_account",
    "bank_account_of",
    "bank_accounts_of",
    "bind_worker",
    "check_roster",
    "check_uscc",
    "columns_of",
    "confirm_account",
    "count_sealed_accounts",
    "day_of",
    "declare_affected",
    "employments",
    "employments_on_roster",
    "enterprise_by_id",
    "enterprise_of_agent",
    "enterprises_of_agent",
    "erase_roster_entries",
    "erase_roster_phones",
    "find_on_roster",
    "get_enterprise",
    "heading_of",
    "id_number_of",
    "identity_claim_of_code",
    "import_roster",
    "inspect",
    "is_record",
    "moment_of",
    "named_account_of",
    "plain",
    "propose_account",
    "proposed_accounts",
    "read_sheets",
    "refuse_account",
    "register_enterprise",
    "reveal_account",
    "roster",
    "roster_entries",
    "roster_entry_of",
    "roster_identities",
    "roster_identity",
    "roster_template",
    "sealed_accounts",
    "stream_rows",
    "text_of",
    "vouch_for_identity",
]
