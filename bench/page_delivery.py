"""From the POST of an alert to the hand-over of its page to an SMTP server, at 100 alerts per second."""

import http.client
import json
import queue
import re
import socketserver
import threading
import time

from support import HOST, Api, Folder, Server, databases, free_port, judge, percentile, say

RATE = 100
SECONDS = 20
SENDERS = 8


class Mailbox(socketserver.ThreadingTCPServer):
    """An SMTP server that notes when a message about `bench-N` was handed over."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        self.handed = {}
        super().__init__((HOST, free_port()), Talk)


class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 bench ESMTP")
        for line in self.rfile:
            verb = line.strip().upper()
            if verb.startswith(b"EHLO"):
                self.say("250-bench\r\n250-8BITMIME\r\n250 SMTPUTF8")
            elif verb == b"DATA":
                self.say("354 go on")
                text = b""
                for part in self.rfile:
                    if part == b".\r\n":
                        break
                    text += part
                at = time.perf_counter()
                found = re.search(rb"bench-(\d+)-", text)
                if found:
                    self.server.handed.setdefault(int(found[1]), at)
                self.say("250 taken")
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


def run(wanted):
    for name, database in databases(wanted):
        mailbox = Mailbox()
        threading.Thread(target=mailbox.serve_forever, daemon=True).start()
        with Folder() as folder, Server(folder, database("pages"), mailbox.server_address[1]) as server:
            measure(name, server, mailbox)
        mailbox.shutdown()
        mailbox.server_close()


def measure(name, server, mailbox):
    token = server.administrator()
    server.run("admin", "user", "create", "--email", "ana.petrescu@nordhaven.example", "--name", "Ana Petrescu",
               "--role", "agent")
    api = Api(server.port, token)
    people = api.get("/api/v1/people?limit=50")["items"]
    ana = next(person for person in people if person["name"] == "Ana Petrescu")
    step = {"delay_min": 0, "condition": "if_not_acked", "notify": {"kind": "person", "id": ana["id"]}}
    policy = api.post("/api/v1/escalation-policies", {
        "name": "Bench", "description": "", "repeat": None, "ack_timeout_min": None, "steps": [step]})
    rule = {"by_priority": {f"P{number}": "ignore" for number in range(1, 6)}}
    service = api.post("/api/v1/services", {
        "name": "Bench", "description": "", "tier": 3, "escalation_policy_id": policy["id"], "incident_rule": rule})
    jobs, sent = queue.Queue(), {}
    senders = [threading.Thread(target=send, args=(server.port, token, service["id"], jobs, sent)) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    # An open loop: alert N leaves at its time, however the ones before it fare.
    begun = time.perf_counter()
    for number in range(RATE * SECONDS):
        time.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
        jobs.put((number, begun + number / RATE))
    for _ in senders:
        jobs.put(None)
    for sender in senders:
        sender.join()
    end = time.perf_counter() + 60
    while len(mailbox.handed) < len(sent) and time.perf_counter() < end:
        time.sleep(0.05)
    if len(sent) != RATE * SECONDS or len(mailbox.handed) < len(sent):
        raise RuntimeError(f"{len(sent)} alerts were taken and {len(mailbox.handed)} paged of {RATE * SECONDS}")
    waits = [(mailbox.handed[number] - at) * 1000 for number, at in sent.items()]
    say(f"{name}: p50 {percentile(waits, 0.5):.0f} ms, most {max(waits):.0f} ms of {len(waits)} pages")
    judge(f"{name}: alert to SMTP hand-over at {RATE}/s, p99", percentile(waits, 0.99), "ms", 500, at_least=False)


def send(port, token, service, jobs, sent):
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    while (job := jobs.get()) is not None:
        number, at = job
        body = {"message": f"bench-{number}- disk full", "alias": f"bench-{number}-", "priority": "P3", "service_id": service}
        connection.request("POST", "/api/v1/alerts", json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{answer.status} {text[:500]!r}")
        sent[number] = at
