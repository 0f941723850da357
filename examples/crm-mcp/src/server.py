"""A Model Context Protocol server on standard input and output: one JSON-RPC 2.0 message a line."""

import json
import os
import sqlite3
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROTOCOL = "2025-06-18"
TOOLS = ("crm.find_account", "crm.add_note")
MAX_LINE = 1 << 20

PARSE_ERROR, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602


class ProtocolError(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def read(*names):
    with open(os.path.join(HERE, *names), encoding="utf-8") as file:
        return file.read()


def check(schema, arguments):
    """The part of JSON Schema that our contracts use; what it does not know it refuses to ignore."""
    if not isinstance(arguments, dict):
        raise ProtocolError(INVALID_PARAMS, "arguments is no object")
    for name in schema["required"]:
        if name not in arguments:
            raise ProtocolError(INVALID_PARAMS, f"{name} is missing")
    for name, value in arguments.items():
        rule = schema["properties"].get(name)
        if rule is None:
            raise ProtocolError(INVALID_PARAMS, f"{name} is unknown")
        if rule["type"] == "string":
            good = isinstance(value, str) and rule["minLength"] <= len(value) <= rule["maxLength"]
        elif rule["type"] == "integer":
            good = isinstance(value, int) and not isinstance(value, bool) and value >= rule["minimum"]
        else:
            raise AssertionError(f"contract uses type {rule['type']}")
        if not good:
            raise ProtocolError(INVALID_PARAMS, f"{name} is not what the contract asks for")


class Store:
    def __init__(self, path):
        self.database = sqlite3.connect(path)
        with self.database:
            self.database.execute("CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
            self.database.execute(
                "CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account,"
                " text TEXT NOT NULL)")
            if self.database.execute("SELECT count(*) FROM account").fetchone()[0] == 0:
                self.database.executemany("INSERT INTO account(name) VALUES (?)", [("Northwind",), ("Contoso",)])

    def find_account(self, name):
        pattern = "%" + name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        rows = self.database.execute(
            "SELECT id, name FROM account WHERE name LIKE ? ESCAPE '\\' ORDER BY name LIMIT 20", (pattern,))
        return [{"account": row[0], "name": row[1]} for row in rows]

    def add_note(self, account, text):
        if self.database.execute("SELECT 1 FROM account WHERE id = ?", (account,)).fetchone() is None:
            raise LookupError(f"there is no account {account}")
        with self.database:
            return {"note": self.database.execute(
                "INSERT INTO note(account, text) VALUES (?, ?)", (account, text)).lastrowid}


class Server:
    def __init__(self, store):
        self.store = store
        self.contracts = {name: json.loads(read("tools", name + ".json")) for name in TOOLS}
        self.version = json.loads(read("agent.json"))["version"]

    def initialize(self, _):
        return {
            "protocolVersion": PROTOCOL,
            "capabilities": {"tools": {"listChanged": False}},
            "serverInfo": {"name": "crm-mcp", "version": self.version},
            "instructions": read("prompts", "instructions.md"),
        }

    def ping(self, _):
        return {}

    def list_tools(self, _):
        return {"tools": [
            {"name": name, "description": contract["description"], "inputSchema": contract}
            for name, contract in self.contracts.items()]}

    def call_tool(self, params):
        name, arguments = params.get("name"), params.get("arguments", {})
        if name not in self.contracts:
            raise ProtocolError(INVALID_PARAMS, f"there is no tool {name!r}")
        check(self.contracts[name], arguments)
        try:
            result = getattr(self.store, name.split(".", 1)[1])(**arguments)
        except (LookupError, sqlite3.Error) as error:
            return {"content": [{"type": "text", "text": str(error)}], "isError": True}
        return {"content": [{"type": "text", "text": json.dumps(result)}], "isError": False}

    METHODS = {"initialize": initialize, "ping": ping, "tools/list": list_tools, "tools/call": call_tool}

    def answer(self, line):
        """The reply to one line, or None for a notification."""
        number = None
        try:
            try:
                message = json.loads(line)
            except ValueError:
                raise ProtocolError(PARSE_ERROR, "not JSON") from None
            if not isinstance(message, dict) or message.get("jsonrpc") != "2.0" or not isinstance(message.get("method"), str):
                raise ProtocolError(INVALID_REQUEST, "not a JSON-RPC 2.0 request")
            number = message.get("id")
            if "id" not in message:
                return None
            method = self.METHODS.get(message["method"])
            if method is None:
                raise ProtocolError(NO_METHOD, f"there is no method {message['method']!r}")
            params = message.get("params", {})
            if not isinstance(params, dict):
                raise ProtocolError(INVALID_PARAMS, "params is no object")
            return {"jsonrpc": "2.0", "id": number, "result": method(self, params)}
        except ProtocolError as error:
            return {"jsonrpc": "2.0", "id": number, "error": {"code": error.code, "message": str(error)}}


def main():
    server = Server(Store(os.environ.get("CRM_DATABASE", "crm.sqlite3")))
    while line := sys.stdin.readline(MAX_LINE):
        if not line.strip():
            continue
        reply = server.answer(line)
        if reply is not None:
            print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
