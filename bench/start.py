"""From the command to the first answer on an existing database, and memory when idle."""

import http.client
import subprocess
import time

from support import HOST, Folder, Server, databases, judge, memory_kib, percentile

TIMES = 7


def run(wanted):
    for name, database in databases(wanted):
        with Folder() as folder:
            server = Server(folder, database("start"))
            with server:
                server.administrator()
            taken, memory = [], 0
            for _ in range(TIMES):
                begun = time.perf_counter()
                process = server.process = subprocess.Popen(
                    server.command("serve"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                while not answers(server.port):
                    if process.poll() is not None:
                        raise RuntimeError("the server ended")
                    time.sleep(0.001)
                taken.append((time.perf_counter() - begun) * 1000)
                if len(taken) == TIMES:
                    time.sleep(10)
                    memory = memory_kib(process.pid, "VmRSS") / 1024
                server.stop()
            judge(f"{name}: start to first answer (median of {TIMES})", percentile(taken, 0.5), "ms", 300, at_least=False)
            judge(f"{name}: idle memory after 10 s", memory, "MiB", 80, at_least=False)


def answers(port):
    try:
        one = http.client.HTTPConnection(HOST, port, timeout=5)
        one.request("GET", "/readyz")
        return one.getresponse().status == 200
    except OSError:
        return False
