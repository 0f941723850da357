#!/usr/bin/env python3
"""Verify a Sallyport ledger with python3 and openssl alone.

usage: verify_ledger.py LEDGER-DIRECTORY VKEY-FILE [OLDER-CHECKPOINT ...]

The key must come from somebody you trust, never from the directory. Exit status 0: it holds.
"""
import base64, glob, hashlib, json, os, subprocess, sys, tempfile

def sha(data): return hashlib.sha256(data).digest()

def root(hashes):  # RFC 6962, 2.1
    if len(hashes) == 1: return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return sha(b"\1" + root(hashes[:half]) + root(hashes[half:]))

def checkpoint(path):  # C2SP signed note: text, empty line, signatures
    text, _, signatures = open(path, "rb").read().rpartition(b"\n\n")
    text += b"\n"
    origin, size, value = text.decode().split("\n")[:3]
    for line in signatures.decode().splitlines():
        dash, signer, blob = line.split(" ")
        blob = base64.b64decode(blob, validate=True)
        if signer == name and blob[:4] == keyid: break
    else: sys.exit(f"{path}: no signature by {name}")
    with tempfile.TemporaryDirectory() as work:
        pem = base64.b64encode(bytes.fromhex("302a300506032b6570032100") + public).decode()
        files = {"key": f"-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----\n".encode(), "text": text, "sig": blob[4:]}
        for file, data in files.items(): open(f"{work}/{file}", "wb").write(data)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin"]
        command += ["-inkey", f"{work}/key", "-in", f"{work}/text", "-sigfile", f"{work}/sig"]
        if subprocess.run(command, capture_output=True).returncode: sys.exit(f"{path}: bad signature")
    if origin != name: sys.exit(f"{path}: origin {origin}")
    return path, int(size), base64.b64decode(value, validate=True)

directory, vkey, older = sys.argv[1], open(sys.argv[2]).readline().strip(), sys.argv[3:]
name, keyid, key = vkey.split("+", 2)
keyid, public = bytes.fromhex(keyid), base64.b64decode(key)[1:]
if sha(name.encode() + b"\n\1" + public)[:4] != keyid: sys.exit("the vkey's own hash is wrong")
current = checkpoint(f"{directory}/checkpoint")

prev, stamp, hashes, evidence = "0" * 64, "", [], set()
for file in sorted(glob.glob(f"{directory}/lines/**/*.jsonl", recursive=True), key=lambda f: (f.count("/"), f)):
    for line in open(file, "rb"):
        if len(hashes) == current[1]: break  # lines behind the checkpoint are not signed yet
        entry, where = json.loads(line), f"{file}: line {len(hashes)}"
        if not line.endswith(b"\n") or entry["seq"] != len(hashes) or entry["prev"] != prev: sys.exit(f"{where}: the chain breaks")
        if entry["ts"] < stamp: sys.exit(f"{where}: time runs backwards")
        hashes.append(sha(b"\0" + line[:-1]))
        prev, stamp = hashes[-1].hex(), entry["ts"]
        evidence |= {digest.split(":")[1] for digest in entry.get("evidence", [])}
for path, size, value in [current] + [checkpoint(p) for p in glob.glob(f"{directory}/checkpoints/*") + older]:
    if size > len(hashes) and path.startswith(f"{directory}/checkpoints/"): continue  # published while this ran
    if not 0 < size <= len(hashes) or root(hashes[:size]) != value: sys.exit(f"{path}: not a prefix of these lines")
listing = "".join(f"{d}  {directory}/evidence/sha256/{d[:2]}/{d[2:]}\n" for d in sorted(evidence))
if evidence and subprocess.run(["sha256sum", "--check", "--strict", "--quiet"], input=listing.encode()).returncode: sys.exit("evidence differs")
print(f"holds: {current[1]} lines, root {current[2].hex()}, {len(evidence)} evidence files")
