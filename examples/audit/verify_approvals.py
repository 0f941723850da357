"""Checks who signed what, with a published ledger, one pinned digest and stock tools: ssh-keygen and minisign.

    python3 verify_approvals.py LEDGER --pin FILE-OR-DIGEST

LEDGER is the published folder (lines/, evidence/). Standard library only; it shares nothing with sallyport. It proves:

1. the first keyring is the pinned one, and each later one was signed by the root people of the one before and its own;
2. every accepted approval and obeyed order is the text that the entry names by digest, signed by a key that the keyring
   then in force gives to that person, neither expired nor revoked;
3. each approval names the arrival entry of its request by its leaf hash;
4. nothing was activated without an approval by somebody who is not the submitter.

That the lines themselves are the ones that were published is verify_ledger.py's part. Gates and roles of a policy are
sallyport's part (`sallyport verify`). Ends with 0 when all holds, 65 when not, 66 when there was nothing to check.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

SSH, MINISIGN = b"-----BEGIN SSH SIGNATURE-----", b"untrusted comment:"
problems = []


def problem(where, what):
    problems.append(f"{where}: {what}")
    print(f"  WRONG  {where}: {what}")


# --- the ledger -------------------------------------------------------------------------------------------------------
def lines(ledger):
    """All lines in order, without their LF. Names: 000.jsonl, …, x001/000.jsonl (three digits a folder, C2SP's way)."""
    found = []
    for folder, _, names in os.walk(os.path.join(ledger, "lines")):
        for name in names:
            if name.endswith(".jsonl"):
                path = os.path.join(folder, name)
                digits = os.path.relpath(path, os.path.join(ledger, "lines"))[: -len(".jsonl")].replace("x", "").split("/")
                found.append((int("".join(digits)), path))
    for _, path in sorted(found):
        with open(path, "rb") as file:
            data = file.read()
        yield from data.split(b"\n")[:-1]


def digests(value):
    """Every SHA-256 digest that stands in an entry's evidence, whatever its shape."""
    if isinstance(value, str):
        return re.findall(r"\b[0-9a-f]{64}\b", value)
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, (list, tuple)) or hasattr(value, "__iter__"):
        return [digest for item in value for digest in digests(item)]
    return []


def evidence(ledger, entry):
    """(texts, signatures) of an entry, each compared with the digest that is its name."""
    texts, signatures = [], []
    for digest in digests(entry.get("evidence", [])):
        path = os.path.join(ledger, "evidence", "sha256", digest[:2], digest[2:])
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            problem(f"entry {entry['seq']}", f"evidence {digest}: {error.strerror}")
            continue
        if hashlib.sha256(data).hexdigest() != digest:
            problem(f"entry {entry['seq']}", f"evidence {digest} has other bytes")
            continue
        text, end, rest = data.partition(b"\nend\n")
        if data.startswith(b"sallyport-") and end:
            texts.append(text + end)
            data = rest
        if data.startswith((SSH, MINISIGN)):
            signatures.append(data)
    return texts, signatures


def fields(text):
    """The lines of a signed text as (name, value) pairs."""
    return [tuple(line.split(": ", 1)) for line in text.decode("ascii").splitlines() if ": " in line]


def field(text, name):
    return next((value for key, value in fields(text) if key == name), None)


# --- keys and signatures ----------------------------------------------------------------------------------------------
class Keyring:
    def __init__(self, text):
        self.text, self.digest = text, hashlib.sha256(text).hexdigest()
        self.previous = (field(text, "previous") or "none").removeprefix("sha256:")
        self.version = int(field(text, "version"))
        self.threshold = int(field(text, "root-threshold") or "1")
        self.roots, self.keys, self.revoked = [], [], {}
        for name, value in fields(text):
            words = value.split()
            if name == "root":
                self.roots.append((words[0], words[1], words[2:]))
            elif name == "key":
                options = dict(word.split("=", 1) for word in words[2:] if re.match(r"(roles|env|tenant|agent|from|until)=", word))
                # A key is named for its person and a number: alice/1.
                self.keys.append((words[0].split("/")[0], words[0], words[1], words[2:], options))
            elif name == "revoked":
                # A compromised key is void from `since`, or from its beginning; others from the time of the revocation.
                since = next((word[6:] for word in words if word.startswith("since=")), "")
                self.revoked[words[0]] = since if words[2] == "compromised" else words[1]

    def of(self, person, instant):
        """The person's keys that are good at an instant (RFC 3339, seconds; compared as text)."""
        for owner, identity, scheme, material, options in self.keys:
            if owner != person or identity in self.revoked and self.revoked[identity] <= instant:
                continue
            if options.get("from", instant) <= instant < options.get("until", "9"):
                yield identity, scheme, material, options


def good(text, signature, namespace, scheme, material):
    """True when ssh-keygen or minisign says so."""
    with tempfile.TemporaryDirectory() as folder:
        signed, mark = os.path.join(folder, "text"), os.path.join(folder, "signature")
        for path, data in ((signed, text), (mark, signature)):
            with open(path, "wb") as file:
                file.write(data)
        if scheme == "sshsig" and signature.startswith(SSH):
            allowed = os.path.join(folder, "allowed_signers")
            with open(allowed, "w", encoding="ascii") as file:
                file.write(f'person namespaces="{namespace}" {material[0]} {material[1]}\n')
            command = ["ssh-keygen", "-q", "-Y", "verify", "-f", allowed, "-I", "person", "-n", namespace, "-s", mark]
            return subprocess.run(command, input=text, capture_output=True, check=False).returncode == 0
        if scheme == "minisign" and signature.startswith(MINISIGN):
            # -H: prehashed signatures only; the older kind says nothing about which it is.
            command = ["minisign", "-V", "-H", "-q", "-P", material[0], "-x", mark, "-m", signed]
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


def signers(text, signatures, namespace, keys):
    """Names of the (name, scheme, material) keys that signed the text."""
    return {name for name, scheme, material in keys for mark in signatures if good(text, mark, namespace, scheme, material)}


# --- the checks -------------------------------------------------------------------------------------------------------
def check_keyring(entry, texts, signatures, before, pin):
    where = f"entry {entry['seq']}"
    candidates = [text for text in texts if text.startswith(b"sallyport-keyring v1\n")]
    if len(candidates) != 1:
        problem(where, f"{len(candidates)} keyrings in its evidence")
        return before
    keyring = Keyring(candidates[0])
    if before is None:
        if keyring.digest != pin:
            problem(where, f"first keyring is {keyring.digest}, pinned is {pin}")
            return None
    elif keyring.previous != before.digest:
        problem(where, f"keyring {keyring.version} follows {keyring.previous}, not {before.digest}")
    for ring in filter(None, (before, keyring)):
        names = signers(keyring.text, signatures, "keyring.v1@sallyport", ring.roots)
        if len(names) < ring.threshold:
            problem(where, f"keyring {keyring.version}: {len(names)} of {ring.threshold} root signatures of {ring.version}")
        else:
            print(f"  good   {where}: keyring {keyring.version}, signed by root {', '.join(sorted(names))}")
    return keyring


def check_signed(entry, texts, signatures, keyring, kind, namespace, role_line):
    """The one text of a kind, when a key of the person it names signed it; None otherwise."""
    where = f"entry {entry['seq']}"
    candidates = [text for text in texts if text.startswith(f"sallyport-{kind} v1\n".encode())]
    if len(candidates) != 1 or keyring is None:
        problem(where, f"{len(candidates)} texts of kind {kind} in its evidence, keyring {'known' if keyring else 'unknown'}")
        return None
    text = candidates[0]
    person, instant = field(text, role_line), entry["ts"][:19] + "Z"
    keys = [(identity, scheme, material) for identity, scheme, material, _ in keyring.of(person, instant)]
    names = signers(text, signatures, namespace, keys)
    if not names:
        problem(where, f"no good signature by {person} on the {kind}")
        return None
    print(f"  good   {where}: {field(text, 'decision') or field(text, 'order')} by {person} ({', '.join(sorted(names))}),"
          f" {field(text, 'agent')} {field(text, 'environment')}: {field(text, 'reason')}")
    return text


def main():
    parser = argparse.ArgumentParser(description="who signed what, by ssh-keygen and minisign")
    parser.add_argument("ledger")
    parser.add_argument("--pin", required=True, help="digest of the first keyring, or a file that holds it")
    options = parser.parse_args()
    pin = options.pin
    if os.path.exists(pin):
        with open(pin, encoding="ascii") as file:
            pin = file.read()
    found = re.search(r"\b[0-9a-f]{64}\b", pin)
    if not found:
        sys.exit("verify_approvals: error: no digest in --pin")

    keyring, leaves, approvals, checked = None, [], {}, 0
    for line in lines(options.ledger):
        entry = json.loads(line)
        leaves.append(hashlib.sha256(b"\0" + line).hexdigest())
        kind, data = entry["type"], entry.get("data", {})
        texts, signatures = evidence(options.ledger, entry)
        if kind == "keyring.installed":
            keyring = check_keyring(entry, texts, signatures, keyring, found.group())
            checked += 1
        elif kind == "approval.accepted":
            checked += 1
            text = check_signed(entry, texts, signatures, keyring, "approval", "approval.v1@sallyport", "reviewer")
            if text is None:
                continue
            request, _, leaf = field(text, "request").partition(" sha256:")
            number = int(request.removeprefix("r"))
            if number >= len(leaves) or leaves[number] != leaf:
                problem(f"entry {entry['seq']}", f"the text names another arrival than entry {number}")
            elif field(text, "decision") == "approve":
                approvals.setdefault(request, {})[field(text, "reviewer")] = field(text, "submitter")
        elif kind == "release.rolled-back" and texts:
            checked += 1
            check_signed(entry, texts, signatures, keyring, "order", "order.v1@sallyport", "operator")
        elif kind == "release.activated":
            checked += 1
            subject = re.search(r"-(r[0-9]+)$", str(data.get("to", "")))
            request = subject.group(1) if subject else str(entry.get("subject"))
            others = sorted(person for person, submitter in approvals.get(request, {}).items() if person != submitter)
            if others:
                print(f"  good   entry {entry['seq']}: {data.get('slot', '')} {data.get('to', request)} was approved by {', '.join(others)}")
            else:
                problem(f"entry {entry['seq']}", f"{request} went live without an approval by anybody but its submitter")

    print(f"{len(leaves)} entries, {checked} checked with ssh-keygen and minisign, {len(problems)} wrong")
    return 65 if problems else 0 if checked else 66


if __name__ == "__main__":
    sys.exit(main())
