"""Pages of 50 tickets with their clocks, of a million tickets: queues, sorts, other filters, full text."""

import os
import time
from urllib.parse import quote

import fill
from support import Api, Folder, Server, databases, judge, percentile, say

TICKETS = int(os.environ.get("BENCH_TICKETS", "1000000"))
TIMES = 60
# Pages before those that count: the first reader of a page waits for the disk.
WARM = 3
SORTS = {"created": "ORDER BY created DESC", "updated": "ORDER BY updated DESC", "priority": "ORDER BY priority, created DESC",
         "open by priority": "statusCategory != done ORDER BY priority, created DESC"}
OTHERS = {
    "label and service": "labels = label7 AND service = 'Service 3' ORDER BY updated DESC",
    "resolved in a month, by priority": "resolved >= -30d ORDER BY priority",
    "team and priority, by summary": "team = 'Team 2' AND priority = P1 AND statusCategory != done ORDER BY summary",
    "reporter": "reporter = currentUser() ORDER BY created",
    "not this or that": "statusCategory != done AND NOT (priority = P3 OR labels = label1) ORDER BY updated",
}
TEXTS = {
    "rare word": (f"text ~ '{fill.RARE}' ORDER BY created DESC", 50),
    "two common words": ("text ~ 'server error' ORDER BY created DESC", 150),
    "two common words with a narrow filter": (
        "text ~ 'server error' AND labels = label7 AND priority = P1 AND service = 'Service 3' ORDER BY created DESC", 500),
}


def run(wanted):
    for name, database in databases(wanted):
        with Folder() as folder:
            server = Server(folder, database("queues"))
            with server:
                token, parts = prepare(server)
            begun = time.monotonic()
            store = fill.Postgres("queues") if server.database else fill.Sqlite(folder / "bridgewatch.db")
            fill.tickets(store, TICKETS, parts.pop("now"), **{
                kind: [item if server.database else bytes.fromhex(item.replace("-", "")) for item in items]
                if isinstance(items, list) else items for kind, items in parts.items()})
            if server.database:
                store.run("VACUUM ANALYZE")
            store.close()
            say(f"{name}: {TICKETS:,} tickets, a twentieth of them open, filled in {time.monotonic() - begun:.0f} s")
            with server:
                measure(name, Api(server.port, token))


def prepare(server):
    """People, teams, services, and one ticket of each priority, open and resolved."""
    token = server.administrator()
    api = Api(server.port, token)
    for number in range(8):
        server.run("admin", "user", "create", "--email", f"agent{number}@nordhaven.example", "--name", f"Agent {number}",
                   "--role", "agent")
    people = [person["id"] for person in api.get("/api/v1/people?limit=50")["items"]]
    teams = [api.post("/api/v1/teams", {"name": f"Team {number}"})["id"] for number in range(5)]
    services = [api.post("/api/v1/services", {"name": f"Service {number}", "description": "", "tier": 3})["id"]
                for number in range(10)]
    projects = api.get("/api/v1/projects")["items"]
    project = projects[0] if projects else api.post("/api/v1/projects", {"key": "INC", "name": "Incidents"})
    templates = {}
    for is_open in (True, False):
        for priority in range(1, 6):
            ticket = api.post("/api/v1/tickets", {
                "project_id": project["id"], "kind": "incident", "summary": "one to copy", "description": "text"})
            ticket = api.post(f"/api/v1/tickets/{ticket['id']}/priority", {"priority": f"P{priority}", "reason": "bench"})
            if not is_open:
                ticket = resolve(api, ticket)
            templates[is_open, priority] = ticket["key"]
    return token, {"now": time.time_ns() // 1000, "people": people, "teams": teams, "services": services,
                   "templates": templates}


def resolve(api, ticket):
    for _ in range(4):
        steps = ticket["transitions"]
        step = next((step for step in steps if step["requires_resolution"]), steps[0])
        body = {"to": step["to"]}
        if step["requires_resolution"]:
            body["resolution"] = step["resolutions"][0]
        ticket = api.post(f"/api/v1/tickets/{ticket['id']}/transition", body)
        if ticket["status"]["category"] == "done":
            return ticket
    raise RuntimeError("no way to a resolved ticket")


def measure(name, api):
    queues = {queue["name"]: queue["query"] for queue in api.get("/api/v1/queues")["items"]}
    for group, queries, limit in (("queue", queues, 25), ("sort", SORTS, 25), ("filter", OTHERS, 250)):
        for label, query in queries.items():
            page(name, api, f"{group} {label}", query, limit)
    for label, (query, limit) in TEXTS.items():
        page(name, api, f"text: {label}", query, limit)


def page(name, api, label, query, limit):
    path = f"/api/v1/tickets?limit=50&query={quote(query)}"
    taken, found = [], 0
    for _ in range(WARM):
        api.timed(path)
    for _ in range(TIMES):
        spent, answer = api.timed(path)
        taken.append(spent)
        found = len(answer["items"])
        if sum(taken) > 20_000:
            break
    if found == 0:
        raise RuntimeError(f"{label}: no ticket was found by {query}")
    judge(f"{name}: {label}, p99", percentile(taken, 0.99), "ms", limit, at_least=False,
          note=f"p50 {percentile(taken, 0.5):.1f} ms, {found} tickets")
