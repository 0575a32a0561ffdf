"""Durable alert ingest over HTTP: single alerts, new and repeated, at 16 connections, and batches of 100.

What counts is what was answered with 2xx, which is durable then. Some of it may wait for its turn; how long the rest
takes, and the rate with that, is printed beside it.

Compared in the same run with the disk's own rate of single durable commits and with Alertmanager, which keeps alerts
in memory.
"""

import time

from support import Alertmanager, Api, Folder, Server, disk_commits, databases, judge, say

SECONDS = 6
CONNECTIONS = 16
# What Alertmanager sends: a group of alerts, here of one or of a hundred.
GROUP = ('{"version":"4","status":"firing","receiver":"bench","groupKey":"g","groupLabels":{},"commonLabels":{},'
         '"commonAnnotations":{},"externalURL":"http://127.0.0.1/","alerts":@@}')
MEMBER = ('{"status":"firing","labels":{"alertname":"HighCPU","instance":"%s","severity":"warning"},'
          '"annotations":{"summary":"cpu is high on host, look at it"},"startsAt":"2026-11-22T09:00:00Z",'
          '"endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://127.0.0.1/g"}')


def run(wanted):
    with Folder() as folder:
        disk = disk_commits(folder)
        say(f"the disk makes {disk:,.0f} single durable commits per second (SQLite, WAL, synchronous=FULL)")
        with Alertmanager(folder) as peer:
            peer_new = peer.load(SECONDS, CONNECTIONS, "h{n}")["rate"]
            peer_repeated = peer.load(SECONDS, CONNECTIONS, "h{r1000}")["rate"]
        say(f"Alertmanager takes {peer_new:,.0f} new and {peer_repeated:,.0f} repeated alerts per second in memory")
    for name, database in databases(wanted):
        with Folder() as folder, Server(folder, database("ingest")) as server:
            token = server.administrator()
            key = server.integration(token, "alertmanager")
            sent = 0
            for batch, label, instance, peer in (
                    (1, "repeated", "h{r1000}", peer_repeated), (1, "new", "h{n}", peer_new),
                    (100, "repeated", "h{r1000}", None), (100, "new", "h{n}", None)):
                done = server.load(SECONDS, CONNECTIONS, key, method="POST", target="/in/v1/alertmanager", batch=batch,
                                   wrap=GROUP, body=MEMBER % instance)
                sent += done["requests"]
                rest = until_done(server, token, sent)
                say(f"{name}, {label}, {batch} at once: p50 {done['p50_ms']:.1f} ms, p99 {done['p99_ms']:.1f} ms; "
                    f"all done {rest:.1f} s later, {done['requests'] * batch / (done['seconds'] + rest):,.0f} alerts/s")
                rate = done["rate"] * batch
                if peer is None:
                    judge(f"{name}: {label} alerts in batches of 100", rate, "alerts/s", 15_000)
                else:
                    judge(f"{name}: {label} alerts against the disk", rate, "alerts/s", disk)
                    judge(f"{name}: {label} alerts against Alertmanager", rate, "alerts/s", peer / 4)


def until_done(server, token, sent):
    """Waits until so many payloads are done; gives the seconds that took."""
    api, begun = Api(server.port, token), time.perf_counter()
    while True:
        counts = api.get("/api/v1/integrations")["items"][0]["event_counts"]
        took = time.perf_counter() - begun
        # wrk leaves the last answers of each connection uncounted.
        if counts["waiting"] == 0 and counts["accepted"] >= sent:
            return took
        if took > 120:
            raise RuntimeError(f"{counts} of {sent} payloads after {took:.0f} s")
        time.sleep(0.05)
