"""Checks the examples: manifests against the files beside them, and every smoke test against its expected output.

    python3 examples/check.py [SCHEMA]

With the path of the manifest schema and the `jsonschema` module it also validates every manifest.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
AGENTS = ["faq-helper", "invoice-triage", "invoice-triage-1.5.0", "crm-mcp"]
# Reviewers of the demo: the authors of a package cannot approve it.
REVIEWERS = {"alice", "bob"}


def check(folder, schema):
    with open(os.path.join(folder, "agent.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    name = f"{manifest['name']} {manifest['version']}"
    if schema:
        import jsonschema
        jsonschema.Draft202012Validator(schema).validate(manifest)
    for tool in manifest["tools"]:
        with open(os.path.join(folder, tool["contract"]), encoding="utf-8") as file:
            assert json.load(file)["title"] == tool["name"], f"{name}: contract of {tool['name']} has another title"
    assert not REVIEWERS & set(manifest["authors"]), f"{name}: a reviewer of the demo is its author"
    for test in manifest["smokeTests"]:
        given = open(os.path.join(folder, test["input"]), "rb") if "input" in test else subprocess.DEVNULL
        environment = {**os.environ, "CRM_DATABASE": ":memory:", "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("MODEL_URL", None)
        done = subprocess.run(
            test["command"], cwd=folder, stdin=given, stdout=subprocess.PIPE, env=environment,
            timeout=test["timeoutSeconds"], check=True)
        with open(os.path.join(folder, "tests", "smoke.expected.jsonl"), "rb") as file:
            assert done.stdout == file.read(), f"{name}: smoke test '{test['name']}' printed\n{done.stdout.decode()}"
    return name


def main():
    schema = None
    if len(sys.argv) > 1:
        with open(sys.argv[1], encoding="utf-8") as file:
            schema = json.load(file)
    for agent in AGENTS:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(os.path.join(HERE, agent), folder, dirs_exist_ok=True)
            print(f"{check(folder, schema)}: manifest, contracts, smoke test")


if __name__ == "__main__":
    main()
