"""The story that the acceptance harnesses break in every place: two versions of an agent go live, and one comes back.

A Story lives in one folder (SALLYPORT_HOME). Its steps are commands of the real binary, each with what a person would do
after a failure; between steps, reviewers sign with ssh-keygen and minisign. Everything here is the standard library.
"""

import glob
import json
import os
import re
import shutil
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.path.abspath(os.environ.get("SALLYPORT", os.path.join(TOP, ".build", "release", "sallyport")))
AGENT, OLD, NEW = "invoice-triage", "1.4.2", "1.5.0"
ENVIRONMENT = "production"
# Longer than any command of the story takes, even under strace on a busy machine.
LIMIT_SECONDS = 120
# Entries that a crash may add, and that therefore do not count when two ends are compared.
OF_A_CRASH = {"ledger.recovered"}


class Step:
    """One command; `again` tells from the disk whether a person would have to give it once more after a crash."""

    def __init__(self, name, words, again=None):
        self.name, self.words, self.again = name, words, again


class Story:
    def __init__(self, home):
        self.home = home
        self.spool = os.path.join(home, "spool")
        self.people = os.path.join(home, "keys", "demo")
        self.environment = {"PATH": os.environ["PATH"], "SALLYPORT_HOME": home, "LC_ALL": "C.UTF-8", "HOME": home}

    # --- commands ---------------------------------------------------------------------------------------------------
    def run(self, *words, prefix=(), check=True):
        done = subprocess.run(
            [*prefix, BINARY, *words], env=self.environment, cwd=self.home, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_SECONDS, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"sallyport {' '.join(words)}: exit {done.returncode}\n{done.stdout.decode('utf-8', 'replace')}")
        return done

    def key(self, person):
        return os.path.join(self.people, person)

    def package(self, version):
        return os.path.join(self.home, f"{AGENT}-{version}.tar.gz")

    def begin(self):
        """Pipeline, people, and both packages."""
        os.makedirs(self.home)
        self.run("init", self.home, "--demo")
        source = os.path.join(self.home, "source")
        shutil.copytree(os.path.join(TOP, "examples", AGENT), source)
        self.run("package", "pack", source, "-o", self.package(OLD))
        shutil.copytree(os.path.join(TOP, "examples", f"{AGENT}-{NEW}"), source, dirs_exist_ok=True)
        self.run("package", "pack", source, "-o", self.package(NEW))
        # Whatever init left to do (entering keyring and policy) is done before the story begins.
        self.run("run")

    def sign(self, person, version):
        """The person's approval, signed by the person's own tool, into the door."""
        texts = glob.glob(os.path.join(self.spool, "review", f"r*-{AGENT}-{version}", f"r*.{person}.approve"))
        assert len(texts) == 1, f"{person} has {len(texts)} texts for {version}"
        with open(texts[0], encoding="ascii") as file:
            text = file.read().replace("\nreason: -\n", "\nreason: read it\n")
        mine = os.path.join(self.home, os.path.basename(texts[0]))
        with open(mine, "w", encoding="ascii") as file:
            file.write(text)
        if os.path.exists(self.key(person) + ".key"):
            command = ["minisign", "-S", "-W", "-s", self.key(person) + ".key", "-m", mine]
        else:
            command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "approval.v1@sallyport", "-f", self.key(person), mine]
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        for path in sorted(glob.glob(mine + "*"), reverse=True):
            os.replace(path, os.path.join(self.spool, "incoming", "approvals", os.path.basename(path)))

    def steps(self):
        """(what people do before it, the step) in order."""
        def submit(version):
            return Step(f"submit {version}", ["submit", self.package(version), "--env", ENVIRONMENT, "--key", self.key("dave")],
                        again=lambda: not self.known(version))
        nothing = lambda: None  # noqa: E731
        for version in (OLD, NEW):
            yield nothing, submit(version)
            yield nothing, Step(f"receive {version}", ["run"])
            yield (lambda v=version: self.sign("alice", v)), Step(f"first approval of {version}", ["run"])
            yield (lambda v=version: self.sign("bob", v)), Step(f"second approval of {version}, activation", ["run"])
        yield nothing, Step(
            "rollback", ["rollback", AGENT, "--env", ENVIRONMENT, "--reason", "acceptance", "--key", self.key("carol")],
            again=lambda: self.live() != OLD)

    # --- what is on the disk ----------------------------------------------------------------------------------------
    def known(self, version):
        """True when a drop or a request of that version lies anywhere."""
        return bool(glob.glob(os.path.join(self.spool, "incoming", "packages", "*", "[!.]*.tar.gz"))
                    or glob.glob(os.path.join(self.spool, "*", "**", f"r*-{AGENT}-{version}"), recursive=True))

    def live(self):
        try:
            link = os.readlink(os.path.join(self.spool, "deployed", ENVIRONMENT, "shared", AGENT, "current"))
        except OSError:
            return None
        return os.path.basename(link).rsplit("-r", 1)[0]

    def entries(self):
        for path in sorted(glob.glob(os.path.join(self.spool, "ledger", "lines", "**", "*.jsonl"), recursive=True)):
            with open(path, "rb") as file:
                for line in file.read().split(b"\n")[:-1]:
                    yield json.loads(line)

    def end_state(self):
        """What must be the same however the story came about: numbers of entries and requests are not part of it."""
        places = {}
        for stage in ("review", "approved", "archive", "deployed"):
            for folder, folders, _ in os.walk(os.path.join(self.spool, stage)):
                for name in folders:
                    if re.match(r"r\d+-|.*-r\d+$", name):
                        place = re.sub(r"\br\d+\b", "r#", os.path.relpath(os.path.join(folder, name), self.spool))
                        places[place] = places.get(place, 0) + 1
        left = [
            os.path.relpath(path, self.spool)
            for pattern in (".state/staged/*", ".state/scratch/*", "incoming/.taken/*", "incoming/packages/*/*", "incoming/approvals/*",
                            "incoming/orders/*", "incoming/trust/*")
            for path in glob.glob(os.path.join(self.spool, pattern))]
        counts = {}
        for entry in self.entries():
            if entry["type"] not in OF_A_CRASH:
                counts[entry["type"]] = counts.get(entry["type"], 0) + 1
        return {"live": self.live(), "places": places, "left": sorted(left), "entries": counts}

    def recover(self, step):
        """What happens after a crash: cron's next run, and the person's command again where it had no effect."""
        self.run("run")
        if step.again and step.again():
            self.run(*step.words)
        self.run("run")

    def verify(self):
        self.run("verify")
        self.run("ledger", "verify")


def copy(source, target):
    """A folder with everything in it, as it is; both lie at the same path for the binary only by SALLYPORT_HOME."""
    subprocess.run(["cp", "-a", "--reflink=auto", source, target], check=True)


def remove(folder):
    if os.path.isdir(folder):
        subprocess.run(["chmod", "-R", "u+w", folder], check=False)
        shutil.rmtree(folder)


def differences(wanted, found):
    return [f"{key}: wanted {wanted[key]}, found {found[key]}" for key in wanted if wanted[key] != found[key]]
