"""One pass over the invoices that wait: read, compare, assign. Cron or a supervisor starts it again."""

import json
import re
import sys

import erp
import rules


def offline(path):
    """Invoices and orders from a file; prints what would be assigned. Used by the smoke test."""
    seen = set()
    with open(path, encoding="utf-8") as file:
        for line in file:
            case = json.loads(line)
            queue, reasons = rules.decide(case["invoice"], case["order"], seen)
            seen.add(case["invoice"]["number"])
            print(json.dumps({"invoice": case["invoice"]["number"], "queue": queue, "reasons": reasons}))


def online():
    system = erp.ERP()
    seen, failures = set(), 0
    for invoice in system.waiting():
        try:
            order = find_order(system, invoice)
            queue, reasons = rules.decide(invoice, order, seen)
            system.assign(invoice["number"], queue, reasons)
            seen.add(invoice["number"])
        except (OSError, ValueError, KeyError) as error:
            # It stays where it is and the next pass takes it again.
            failures += 1
            print(f"invoice-triage: {invoice.get('number', '?')}: {error}", file=sys.stderr)
    return 75 if failures else 0


def find_order(system, invoice):
    number = invoice.get("purchaseOrder")
    if not (isinstance(number, str) and re.fullmatch(r"PO-[0-9]{6}", number)):
        number = rules.check_extraction(erp.extract(invoice.get("text", "")))["purchaseOrder"]
    return system.order(number) if number else None


if __name__ == "__main__":
    if sys.argv[1:2] == ["--offline"] and len(sys.argv) == 3:
        offline(sys.argv[2])
    elif len(sys.argv) == 1:
        sys.exit(online())
    else:
        sys.exit("usage: main.py [--offline FILE]")
