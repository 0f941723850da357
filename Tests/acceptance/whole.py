"""The whole story, for the harnesses that break it everywhere: nothing that the door does is left out.

Two chapters. `Setup` makes a pipeline as an installation does: init, drafts signed by a root key, trust install, the first run.
`Whole` begins with `init --demo` and goes through a refused package, a forged approval, a rejection, two people's approvals,
activation, a reissue, a new policy, a second version, a rollback and the order that lifts its hold. Each has a home of its own.
"""

import glob
import hashlib
import os
import re
import secrets
import shutil
import stat
import subprocess
import tarfile

import story as tale

OTHER, OTHER_VERSION = "faq-helper", "1.0.3"


def nothing():
    """What people do before a step that follows from the one before."""


def normal(path):
    """A path without the numbers that depend on how often something was tried."""
    path = re.sub(r"(^|/)\d{9}-", r"\1#-", path)
    path = re.sub(r"/notices/\d+\.json", "/notices/#.json", path)
    path = re.sub(r"/\d+\.tlog-proof", "/#.tlog-proof", path)
    path = re.sub(r"\br(\d+)\b", "r#", path)
    return re.sub(r"(approve|reject)\.\d+(\.|$)", r"\1.#\2", path)


class Chapter(tale.Story):
    """A story whose end state is every name with its kind and mode, and the entries."""

    def story_ends_with(self):
        """The version that is live at the end."""

    def end_state(self):
        places, left = {}, []
        for folder, folders, files in os.walk(self.spool):
            if folder == self.spool:
                folders[:] = [name for name in folders if name not in (".state", "ledger")]
            # What lies in the door is told by `left`.
            for name in folders + (files if not folder.startswith(os.path.join(self.spool, "incoming")) else []):
                path = os.path.join(folder, name)
                status = os.lstat(path)
                kind = f"{stat.filemode(status.st_mode)} {normal(os.path.relpath(path, self.spool))}"
                if stat.S_ISLNK(status.st_mode):
                    kind += " -> " + normal(os.readlink(path))
                places[kind] = places.get(kind, 0) + 1
        for pattern in (".state/staged/*", ".state/scratch/*", ".state/init/*", "incoming/.taken/*", "incoming/*/*",
                        "incoming/packages/*/*"):
            for path in glob.glob(os.path.join(self.spool, pattern)) + glob.glob(os.path.join(self.spool, pattern[:-1] + ".*")):
                # A hidden name is one that a writer had not finished; where the runner looks there is none.
                if stat.S_ISREG(os.lstat(path).st_mode) and not (pattern.startswith("incoming/") and path.endswith(".part")):
                    left.append(normal(os.path.relpath(path, self.spool)))
                elif stat.S_ISDIR(os.lstat(path).st_mode) and pattern.startswith(".state"):
                    left.append(normal(os.path.relpath(path, self.spool)))
        locks = set(os.listdir(os.path.join(self.spool, ".state", "locks"))) - {"ledger", "publish"}
        left += [f".state/locks/{name}" for name in locks]
        # Caches come and go; nothing else does.
        state = set(os.listdir(os.path.join(self.spool, ".state"))) - {"open", "looks", "alive"}
        counts = {}
        for entry in self.entries():
            if entry["type"] not in tale.OF_A_CRASH:
                kind = " ".join([entry["type"], *([entry["data"]["code"]] if "code" in entry.get("data", {}) else [])])
                counts[kind] = counts.get(kind, 0) + 1
        return {"live": self.live(), "places": places, "left": sorted(left), "state": state, "entries": counts}

    def verify(self):
        # verify reads the ledger too, with everything that `ledger verify` checks.
        self.run("verify")

    def put(self, area, name, content):
        """A drop as everybody makes it: under a name that is not looked at, then renamed."""
        folder = os.path.join(self.spool, "incoming", area)
        part = os.path.join(folder, f".{name}.part")
        with open(part, "wb") as file:
            file.write(content)
        os.chmod(part, 0o644)
        os.rename(part, os.path.join(folder, name))

    def signed(self, key, namespace, text):
        """Text and signature as one file, by ssh-keygen itself."""
        done = subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", f"{namespace}.v1@sallyport", "-f", self.key(key)],
                              input=text, capture_output=True, check=True)
        return text + done.stdout

    def installed(self, kind):
        with open(os.path.join(self.spool, "trust", kind), "rb") as file:
            return file.read()

    def successor(self, kind, change):
        """The next version of what is installed, signed by root, into the door."""
        old = self.installed(kind)
        text = re.sub(rb"\nversion: (\d+)\n", lambda m: b"\nversion: %d\n" % (int(m[1]) + 1), old)
        text = re.sub(rb"\nprevious: .*\n", b"\nprevious: sha256:%s\n" % hashlib.sha256(old).hexdigest().encode(), text)
        self.put("trust", f"{kind}.next", self.signed("root", kind, change(text)))


class Setup(Chapter):
    """From nothing to installed trust, by hand."""

    def begin(self):
        os.makedirs(self.people)
        for person in ("root", "alice", "carol", "dave"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", person, "-f", self.key(person)], check=True)
        subprocess.run(["minisign", "-G", "-W", "-p", self.key("bob.pub"), "-s", self.key("bob.key")],
                       check=True, capture_output=True, stdin=subprocess.DEVNULL)

    def sign_drafts(self):
        for kind in ("keyring", "policy"):
            draft = os.path.join(self.home, "keys", f"{kind}.draft")
            with open(draft, encoding="ascii") as file:
                text = file.read()
            for person in ("root", "alice", "carol", "dave", "bob"):
                with open(self.key(person) + ".pub", encoding="ascii") as file:
                    lines = file.read().splitlines()
                text = text.replace(f"PUBLIC-KEY-OF-{person.upper()}", lines[1] if person == "bob" else lines[0].split()[1])
            with open(draft, "w", encoding="ascii") as file:
                file.write(text)
            subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", f"{kind}.v1@sallyport", "-f", self.key("root"), draft],
                           check=True, capture_output=True)

    def steps(self):
        return [
            (nothing, lambda: tale.Step("init", ["init", self.home],
                                        again=lambda: not self.made("keys/keyring.draft", "spool/ledger"))),
            (self.sign_drafts, lambda: tale.Step("trust install", ["trust", "install"], again=lambda: True)),
            (nothing, lambda: tale.Step("first run", ["run"])),
        ]

    def made(self, *names):
        return all(os.path.exists(os.path.join(self.home, name)) for name in names)

    def recover(self, step):
        # A run between init and trust install has nothing to do, and says so.
        if step.again and step.again():
            self.run(*step.words)
        # Before trust is installed a run says so (78) and tidies up.
        self.run("run", check=step.name != "init")
        self.run("run", check=step.name != "init")

    def settle(self, step):
        self.run("run", check=step.name != "init")

    def verify(self):
        if os.path.exists(os.path.join(self.spool, "trust", "policy")):
            super().verify()
        else:
            self.run("ledger", "verify")


class Whole(Chapter):
    """The demo's people, every kind of decision."""

    def begin(self):
        os.makedirs(self.home)

    def story_ends_with(self):
        return tale.OLD

    def pack(self):
        source = os.path.join(self.home, "source")
        shutil.copytree(os.path.join(tale.TOP, "examples", tale.AGENT), source)
        self.run("package", "pack", source, "-o", self.package(tale.OLD))
        shutil.copytree(os.path.join(tale.TOP, "examples", f"{tale.AGENT}-{tale.NEW}"), source, dirs_exist_ok=True)
        self.run("package", "pack", source, "-o", self.package(tale.NEW))
        self.run("package", "pack", os.path.join(tale.TOP, "examples", OTHER), "-o", os.path.join(self.home, "other.tar.gz"))
        with open(os.path.join(self.home, "cause.md"), "w", encoding="ascii") as file:
            file.write("# Root cause\n\nThe new prompt.\n")

    def only(self, pattern):
        found = glob.glob(os.path.join(self.spool, pattern))
        assert len(found) == 1, f"{len(found)} of {pattern}"
        return found[0]

    def hostile(self):
        """A package that climbs out, with an honest ticket, so that it is judged at once."""
        path = os.path.join(self.home, "hostile.tar.gz")
        with tarfile.open(path, "w:gz") as archive:
            entry = tarfile.TarInfo("../../etc/cron.d/x")
            archive.addfile(entry)
        with open(path, "rb") as file:
            content = file.read()
        keyring = self.installed("keyring").decode("ascii")
        pipeline = re.search(r"^pipeline: (.*)$", keyring, re.M)[1]
        expires = subprocess.run(["date", "-u", "-d", "+6 hours", "+%Y-%m-%dT%H:%M:%SZ"], capture_output=True, check=True).stdout.decode().strip()
        ticket = "\n".join([
            "sallyport-ticket v1", f"pipeline: {pipeline}", f"environment: {tale.ENVIRONMENT}", "tenant: shared", "submitter: dave",
            f"SHA256 (hostile.tar.gz) = {hashlib.sha256(content).hexdigest()}", f"size: {len(content)}",
            f"nonce: {secrets.token_hex(16)}", f"expires: {expires}", "end", ""])
        area = f"packages/{tale.ENVIRONMENT}"
        self.put(area, f"hostile.tar.gz.{secrets.token_hex(8)}.ticket", self.signed("dave", "ticket", ticket.encode()))
        self.put(area, "hostile.tar.gz", content)

    def forge(self):
        """Alice's approval, signed by dave."""
        path = self.only(f"review/r*-{tale.AGENT}-{tale.OLD}/r*.alice.approve")
        with open(path, "rb") as file:
            text = file.read().replace(b"\nreason: -\n", b"\nreason: looks good\n")
        self.put("approvals", os.path.basename(path), self.signed("dave", "approval", text))

    def request(self, agent, version):
        return os.path.basename(self.only(f"review/r*-{agent}-{version}")).split("-")[0]

    def entered(self, *kinds):
        return sum(entry["type"] in kinds for entry in self.entries())

    def dropped(self, pattern):
        return bool(glob.glob(os.path.join(self.spool, "incoming", pattern)))

    def steps(self):
        dave, alice, carol = self.key("dave"), self.key("alice"), self.key("carol")
        other = os.path.join(self.home, "other.tar.gz")
        to = ["--env", tale.ENVIRONMENT, "--key", dave]

        def submit(path, agent, version):
            return tale.Step(f"submit {agent} {version}", ["submit", path, *to], again=lambda: not self.known(agent, version))

        def decide(verb, agent, version, *words):
            request = self.request(agent, version)
            return tale.Step(f"{verb} {agent} {version}", [verb, request, "--key", alice, "--reason", "read it", *words, "--drop"],
                             again=lambda: not self.decided(verb, request))

        def run(name):
            return lambda: tale.Step(name, ["run"])

        def both():
            self.sign("alice", tale.NEW)
            self.sign("bob", tale.NEW)

        order = [tale.AGENT, "--env", tale.ENVIRONMENT, "--key", carol]
        finding = ["--finding", "error:agent.json:it says too much", "--remedy", "let it say less"]
        return [
            (nothing, lambda: tale.Step("init --demo", ["init", self.home, "--demo"], again=lambda: self.live_trust() is None)),
            (self.pack, lambda: submit(self.package(tale.OLD), tale.AGENT, tale.OLD)),
            (nothing, run("receive")),
            (self.hostile, run("refuse a hostile package")),
            (self.forge, run("refuse a forged approval")),
            (nothing, lambda: submit(other, OTHER, OTHER_VERSION)),
            (lambda: self.run("run"), lambda: decide("reject", OTHER, OTHER_VERSION, *finding)),
            (nothing, run("reject")),
            (lambda: self.run("submit", self.package(tale.NEW), *to), run("receive the second version")),
            (lambda: self.successor("policy", lambda text: text.replace(b"settle: 2s", b"settle: 3s")), run("enter a policy")),
            (lambda: self.successor("keyring", lambda text: text), run("enter a keyring")),
            (nothing, lambda: decide("approve", tale.AGENT, tale.OLD)),
            (nothing, run("first approval")),
            (lambda: self.sign("bob", tale.OLD), run("second approval, activation, the other issued again")),
            (both, run("second version goes live")),
            (nothing, lambda: tale.Step("rollback", ["rollback", *order, "--reason", "acceptance"],
                                        again=lambda: self.live() != tale.OLD)),
            (nothing, lambda: tale.Step(
                "lift-hold", ["order", "lift-hold", *order, "--reason", "understood", "--cause", os.path.join(self.home, "cause.md")],
                again=lambda: not self.entered("slot.released"))),
            (nothing, run("nothing to do")),
        ]

    def known(self, agent, version):
        return bool(glob.glob(os.path.join(self.spool, "incoming", "packages", "*", f"{agent}*.tar.gz"))
                    or glob.glob(os.path.join(self.spool, "*", f"r*-{agent}-{version}"))
                    or glob.glob(os.path.join(self.spool, "archive", "*", "*", f"r*-{agent}-{version}")))

    def decided(self, verb, request):
        kinds = {"approve": ("approval.accepted",), "reject": ("approval.accepted", "request.rejected")}[verb]
        return self.dropped(f"approvals/{request}.*.{verb}") or any(
            entry["type"] in kinds and (entry.get("subject") == request) for entry in self.entries())

    def live_trust(self):
        try:
            return self.installed("policy")
        except OSError:
            return None

    def recover(self, step):
        if step.name == "init --demo":
            # Before its end there is no pipeline that a run could look at: a person gives the same command.
            if step.again():
                self.run(*step.words)
        self.run("run")
        if step.name != "init --demo" and step.again and step.again():
            self.run(*step.words)
        self.run("run")

    def settle(self, step):
        self.run("run")


CHAPTERS = [Setup, Whole]
