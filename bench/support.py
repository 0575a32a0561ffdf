"""What the benchmarks share: the server as a child process, durable databases, load, and how a result is printed."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
HOST = "127.0.0.1"
RESULTS = []


def percentile(values, share):
    """The value below which `share` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def judge(name, value, unit, limit, at_least=True, note=""):
    """Prints a figure with its ratio to the limit (1 or more is good) and keeps it for the summary."""
    ratio = value / limit if at_least else limit / value if value else float("inf")
    sign = ">=" if at_least else "<="
    line = f"{name}: {value:,.1f} {unit} (wanted {sign} {limit:,.1f}) ratio {ratio:.2f}" + (f"; {note}" if note else "")
    print(line, flush=True)
    RESULTS.append((ratio >= 1, line))


def say(text):
    """Prints a figure that no limit belongs to."""
    print(f"  {text}", flush=True)


def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind((HOST, 0))
        return one.getsockname()[1]


def wait_for_port(port, process=None, seconds=120):
    """Waits until somebody listens."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as one:
            if one.connect_ex((HOST, port)) == 0:
                return
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
        time.sleep(0.002)
    raise RuntimeError(f"nobody listens on port {port}")


def memory_kib(pid, field):
    """A figure of /proc/PID/status, such as VmRSS."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return 0


class Folder:
    """A temporary folder on the disk whose durable commits are measured."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="bwbench.", dir=os.environ.get("BENCH_DIR")))

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


class Server:
    """The release binary on a data folder and a loopback port of its own."""

    def __init__(self, folder, database=None, smtp_port=None):
        self.binary = os.environ["BENCH_BINARY"]
        self.folder, self.database, self.port, self.process = folder, database, free_port(), None
        settings = f'listen = "{HOST}:{self.port}"\nbase_url = "http://{HOST}:{self.port}"\n'
        settings += '[log]\nfilter = "warn"\n'
        if smtp_port:
            settings += f'[smtp]\nhost = "{HOST}"\nport = {smtp_port}\ntls = "none"\n'
            settings += f'from = "Bridgewatch <watch@nordhaven.example>"\n[outgoing]\nallow = ["{HOST}/32"]\n'
        (folder / "bridgewatch.toml").write_text(settings)

    def command(self, *verb):
        command = [self.binary, *verb, "--data", str(self.folder), "--config", str(self.folder / "bridgewatch.toml")]
        return command + (["--database", self.database] if self.database else [])

    def start(self):
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(self.command("serve"), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_for_port(self.port, self.process)
        except RuntimeError:
            sys.stderr.write((self.folder / "log").read_text(errors="replace")[-3000:])
            raise
        return self

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def run(self, *verb):
        """Another command of the binary beside the server; gives what it printed."""
        return subprocess.run(self.command(*verb), check=True, capture_output=True, text=True).stdout.strip()

    def administrator(self):
        """An administrator's API token."""
        mail = "mara.osei@nordhaven.example"
        self.run("admin", "user", "create", "--email", mail, "--name", "Mara Osei", "--role", "admin")
        return self.run("admin", "token", "create", "--user", mail, "--name", "benchmark")

    def integration(self, token, kind):
        """An alert source without a rate limit that matters; gives its key."""
        made = json.loads(self.run("admin", "integration", "create", "--kind", kind, "--name", f"Bench {kind}"))
        api = Api(self.port, token)
        found = api.get(f"/api/v1/integrations/{made['id']}")
        settings = {**found["settings"], "rate_per_s": 1_000_000}
        api.call("PATCH", f"/api/v1/integrations/{made['id']}", {"settings": settings})
        return made["key"]

    def load(self, seconds, connections, token=None, **request):
        """Sends requests in a closed loop; see load.lua for the names in `request`."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return load(f"http://{HOST}:{self.port}", seconds, connections, headers, **request)


class Api:
    """One kept-alive connection."""

    def __init__(self, port, token):
        self.connection = http.client.HTTPConnection(HOST, port, timeout=120)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method, path, body=None):
        text = None if body is None else json.dumps(body)
        self.connection.request(method, path, text, self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:2000]!r}")
        return json.loads(content) if content else None

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body):
        return self.call("POST", path, body)

    def timed(self, path):
        """Milliseconds that a GET takes, with the answer."""
        begun = time.perf_counter()
        answer = self.get(path)
        return (time.perf_counter() - begun) * 1000, answer


def load(base, seconds, connections, headers=None, **request):
    """A closed loop of requests by wrk with one thread. Gives its figures and `rate` per second."""
    environment = {name.upper(): str(value) for name, value in request.items()}
    environment["HEADERS"] = "|".join(f"{name}: {value}" for name, value in (headers or {}).items())
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(HERE / "load.lua"), base]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    result = json.loads(line.removeprefix("RESULT "))
    if result["bad_status"] or result["broken"]:
        raise RuntimeError(f"{base}: {result['bad_status']} refused, {result['broken']} broken of {result['requests']}")
    result["rate"] = result["requests"] / result["seconds"]
    return result


def disk_commits(folder, seconds=3):
    """Durable commits of one row each per second: SQLite, WAL, synchronous=FULL, one connection."""
    path = folder / "disk.db"
    with sqlite3.connect(path, isolation_level=None) as one:
        one.execute("PRAGMA journal_mode=wal")
        one.execute("PRAGMA synchronous=full")
        one.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, state INT, at INT, text TEXT)")
        text, count, begun = "x" * 500, 0, time.perf_counter()
        while time.perf_counter() - begun < seconds:
            count += 1
            one.execute("INSERT INTO t VALUES (NULL, ?, ?, ?)", (count % 5, count, text))
        rate = count / (time.perf_counter() - begun)
    one.close()
    for end in ("", "-wal", "-shm"):
        (folder / f"disk.db{end}").unlink(missing_ok=True)
    return rate


class Alertmanager:
    """Prometheus Alertmanager as Debian packages it: keeps alerts in memory."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None

    def __enter__(self):
        settings = self.folder / "alertmanager.yml"
        settings.write_text("route: {receiver: nobody, group_by: [alertname]}\nreceivers: [{name: nobody}]\n")
        command = ["prometheus-alertmanager", f"--config.file={settings}", f"--storage.path={self.folder}/alertmanager",
                   f"--web.listen-address={HOST}:{self.port}", "--cluster.listen-address=", "--log.level=error"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.port, self.process)
        time.sleep(0.5)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def load(self, seconds, connections, instance):
        label = '{"labels":{"alertname":"HighCPU","cluster":"c1","instance":"%s","severity":"warning"},'
        body = (label % instance) + '"annotations":{"summary":"cpu is high on host, look at it"}}'
        return load(f"http://{HOST}:{self.port}", seconds, connections, method="POST", target="/api/v2/alerts",
                    body=body, batch=1)


def databases(wanted):
    """The databases to measure on: (name, function of a name that gives a URL or None)."""
    found = []
    if wanted in ("both", "sqlite"):
        found.append(("SQLite", lambda _: None))
    if wanted in ("both", "postgres"):
        found.append(("PostgreSQL", fresh_postgres))
    return found


def psql(database, text, **options):
    """Runs SQL in the throw-away cluster that scripts/with-postgres.sh started."""
    folder = socket_folder()
    command = ["psql", "-h", folder, "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-qAt", "-c", text]
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def socket_folder():
    """Where the cluster's socket is."""
    return os.environ["BRIDGEWATCH_TEST_PG_URL"].split("host=")[1].replace("%2F", "/")


def fresh_postgres(name):
    """A new database; gives its URL."""
    psql("postgres", f"DROP DATABASE IF EXISTS {name}")
    psql("postgres", f"CREATE DATABASE {name}")
    return os.environ["BRIDGEWATCH_TEST_PG_URL"].replace("/postgres?", f"/{name}?")


def closing():
    """Prints the summary; gives the exit status: 1 when a limit was missed."""
    missed = [line for reached, line in RESULTS if not reached]
    print(f"\n{len(RESULTS) - len(missed)} of {len(RESULTS)} limits reached")
    for line in missed:
        print(f"missed: {line}")
    sys.stdout.flush()
    return 1 if missed else 0
