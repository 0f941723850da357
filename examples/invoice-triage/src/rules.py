"""The rules of triage: pure functions from an invoice and its order to a decision. Amounts are integers, in cents."""

import re

# Above it a person looks, whatever the papers say: the limit of the accounting manual, 10,000.00.
CLERK_ABOVE = 1_000_000
# Rounding of the supplier's tax lines: at most one cent for each of them, and never more than ten.
ROUNDING = 10

ORDER = re.compile(r"^PO-[0-9]{6}$")


def check_extraction(value):
    """The model's form, or the reason why it is none. What the model says is input like any other."""
    if not isinstance(value, dict) or set(value) != {"purchaseOrder", "mentionsCredit", "language"}:
        raise ValueError("not the form that was asked for")
    order = value["purchaseOrder"]
    if order is not None and not (isinstance(order, str) and ORDER.match(order)):
        raise ValueError("purchaseOrder is no order number")
    if not isinstance(value["mentionsCredit"], bool):
        raise ValueError("mentionsCredit is neither true nor false")
    return value


def decide(invoice, order, seen):
    """``(queue, reasons)`` for one invoice. ``order`` is None where none was found; ``seen`` are numbers paid before."""
    reasons = []
    if invoice["number"] in seen:
        reasons.append("seen-before")
    if order is None:
        reasons.append("no-order")
    else:
        if invoice["supplier"] != order["supplier"]:
            reasons.append("supplier-differs")
        if invoice["currency"] != order["currency"]:
            reasons.append("currency-differs")
        elif abs(invoice["cents"] - order["cents"]) > ROUNDING:
            reasons.append("amount-differs")
    if invoice["cents"] > CLERK_ABOVE:
        reasons.append("above-limit")
    return ("clerk" if reasons else "payment"), reasons
