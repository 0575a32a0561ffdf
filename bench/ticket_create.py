"""Tickets through the whole path over HTTP: event, clocks of service levels, notification intent; 16 connections."""

import json

from support import Api, Folder, Server, databases, judge, say


def run(wanted):
    for name, database in databases(wanted):
        with Folder() as folder, Server(folder, database("tickets")) as server:
            token = server.administrator()
            api = Api(server.port, token)
            projects = api.get("/api/v1/projects")["items"]
            project = projects[0] if projects else api.post("/api/v1/projects", {"key": "INC", "name": "Incidents"})
            me = api.get("/api/v1/me")
            body = {"project_id": project["id"], "kind": "incident", "summary": "printer {n} does not print",
                    "description": "It stands in the hall and blinks.", "assignee_id": me["id"]}
            made = api.post("/api/v1/tickets", {**body, "summary": "a first one"})
            if not made["slas"]:
                raise RuntimeError("no service level was attached")
            done = server.load(10, 16, token, method="POST", target="/api/v1/tickets", body=json.dumps(body))
            say(f"{name}: p50 {done['p50_ms']:.1f} ms, p99 {done['p99_ms']:.1f} ms")
            judge(f"{name}: tickets created", done["rate"], "tickets/s", 1_000)
