"""Checks of the repository's own texts: forbidden words, links, indexes, lengths, examples.

    python3 Tests/lint/words.py FILE…

Prints one line for each problem and ends with 1, or prints the figures and ends with 0. Long files are a warning.
"""

import json
import os
import re
import sys

# Written with brackets so that this file does not find itself.
FORBIDDEN = [
    (re.compile(r"/[w]ork/|/[h]ome/[a-z]"), "a path of somebody's machine"),
    (re.compile(r"[C]o-[Aa]uthored-[Bb]y|[C]laude|[A]nthropic|[C]hatGPT|[a]s an AI language"), "the project speaks of itself alone"),
    (re.compile(r"-----[B]EGIN (OPENSSH )?PRIVATE KEY-----\n[A-Za-z0-9+/]|[m]inisign encrypted secret key"), "a private key"),
    (re.compile(r"^(<{7}|>{7}) ", re.M), "a conflict marker"),
]
LONG_LINES = 400


def main(files):
    problems, warnings, texts = [], [], {}
    for path in files:
        try:
            texts[path] = open(path, encoding="utf-8").read()
        except UnicodeDecodeError:
            continue  # binary: a test vector
    for path, text in texts.items():
        for pattern, why in FORBIDDEN:
            for hit in pattern.finditer(text):
                problems.append(f"{path}:{text.count(chr(10), 0, hit.start()) + 1}: '{hit.group()}': {why}")
        if text and not text.endswith("\n"):
            problems.append(f"{path}: no newline at the end")
        if path.endswith((".swift", ".py", ".c", ".h")) and text.count("\n") > LONG_LINES:
            warnings.append(f"{path}: {text.count(chr(10))} lines, more than {LONG_LINES}")
        if re.search(r"[ \t]+$", text, re.M) and not path.startswith(("Tests/Vectors/", "LICENSE")):
            problems.append(f"{path}: space at the end of a line")

    links = 0
    for path, text in texts.items():
        if not path.endswith(".md"):
            continue
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.S)):
            if re.match(r"[a-z]+:", target) or target.startswith("#"):
                continue
            links += 1
            if not os.path.exists(os.path.join(os.path.dirname(path), target.split("#")[0])):
                problems.append(f"{path}: link to '{target}', which is not there")

    for folder in ("docs", "docs/decisions"):
        index = texts.get(f"{folder}/README.md", "")
        for path in texts:
            name = os.path.basename(path)
            if os.path.dirname(path) == folder and name.endswith(".md") and name != "README.md" and f"({name})" not in index:
                problems.append(f"{path}: not in {folder}/README.md")

    for path, text in texts.items():
        if path.endswith(".json"):
            try:
                json.loads(text, object_pairs_hook=unique)
            except ValueError as error:
                problems.append(f"{path}: {error}")

    for line in warnings:
        print(f"warning: {line}", file=sys.stderr)
    print("\n".join(problems) if problems else f"{len(texts)} texts, {links} links")
    return 1 if problems else 0


def unique(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key twice: {sorted(k for k in keys if keys.count(k) > 1)}")
    return dict(pairs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
