"""The ERP system and the model gateway, over HTTPS with the standard library."""

import json
import os
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def call(url, body=None, token=None):
    headers = {"Accept": "application/json"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=20) as reply:
        return json.load(reply)


class ERP:
    def __init__(self):
        self.base = os.environ["ERP_URL"].rstrip("/")
        with open(os.environ["ERP_TOKEN_FILE"], encoding="ascii") as file:
            self.token = file.read().strip()

    def waiting(self):
        return call(f"{self.base}/invoices?state=arrived", token=self.token)["invoices"]

    def order(self, number):
        return call(f"{self.base}/orders/{urllib.parse.quote(number, safe='')}", token=self.token)

    def assign(self, invoice, queue, reasons):
        body = {"invoice": invoice, "queue": queue, "reasons": reasons}
        return call(f"{self.base}/invoices/{urllib.parse.quote(invoice, safe='')}/assignment", body, self.token)

    def confirmed(self):
        """Credit notes that a clerk confirmed: invoice number to cents."""
        found = call(f"{self.base}/credit-notes?state=confirmed", token=self.token)["creditNotes"]
        return {note["invoice"]: note["cents"] for note in found}

    def post_credit_note(self, note):
        number = urllib.parse.quote(note["invoice"], safe="")
        return call(f"{self.base}/invoices/{number}/credit-note", note, self.token)


def extract(text):
    """What the model reads in an invoice's free text; not checked yet."""
    with open(os.path.join(HERE, "prompts", "extract.md"), encoding="utf-8") as file:
        system = file.read()
    body = {
        "model": "medium-instruct",
        "temperature": 0,
        "max_tokens": 600,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": text[:20_000]}],
    }
    return json.loads(call(os.environ["MODEL_URL"], body)["choices"][0]["message"]["content"])
