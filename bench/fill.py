"""Many tickets in a database, faster than any API: rows that the server made, copied with other texts, people and times.

Every kind of row is taken from tickets that went through the server (open and resolved ones of each priority), so that
the shape is the product's own; only what differs from ticket to ticket is set here.
"""

import csv
import io
import random
import sqlite3
import subprocess
import uuid

from support import psql, socket_folder

DAY = 86_400_000_000
# How often each of the common words stands in a text, in percent; beside them, 20,000 words that are rare.
COMMON = {"server": 30, "error": 25, "printer": 20, "network": 15, "login": 12, "slow": 10, "mail": 10, "backup": 5}
# The word that stands in one of 20,000 texts.
RARE = "quasar"
OPEN_SHARE = 0.05
LABELS = [f"label{number}" for number in range(40)]


class Sqlite:
    """The file of a server that is stopped."""

    def __init__(self, path):
        self.one = sqlite3.connect(path, isolation_level=None)
        self.one.row_factory = sqlite3.Row
        self.one.execute("PRAGMA synchronous=off")
        self.one.execute("PRAGMA cache_size=-400000")

    def rows(self, text):
        return [dict(row) for row in self.one.execute(text)]

    def id(self, number):
        return number.to_bytes(16, "big")

    def insert(self, table, columns, rows):
        marks = ",".join("?" * len(columns))
        self.one.execute("BEGIN")
        self.one.executemany(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})", rows)
        self.one.execute("COMMIT")

    def run(self, text):
        self.one.execute(text)

    def close(self):
        self.one.close()


class Postgres:
    """A database of the throw-away cluster."""

    def __init__(self, name):
        self.name = name

    def rows(self, text):
        return list(csv.DictReader(io.StringIO(psql(self.name, f"COPY ({text}) TO STDOUT (FORMAT csv, HEADER, NULL '\\N')"))))

    def id(self, number):
        return str(uuid.UUID(int=number))

    def insert(self, table, columns, rows):
        text = io.StringIO()
        csv.writer(text).writerows(["\\N" if value is None else value for value in row] for row in rows)
        copy = f"COPY {table} ({','.join(columns)}) FROM STDIN (FORMAT csv, NULL '\\N')"
        subprocess.run(["psql", "-h", socket_folder(), "-U", "postgres", "-d", self.name, "-v", "ON_ERROR_STOP=1", "-qc", copy],
                       input=text.getvalue(), text=True, check=True)

    def run(self, text):
        psql(self.name, text)

    def close(self):
        pass


def words(chance):
    """A text of about 20 words."""
    found = [word for word, percent in COMMON.items() if chance.random() * 100 < percent]
    found += [f"w{int(20_000 * chance.random() ** 2)}" for _ in range(14)]
    if chance.random() < 1 / 20_000:
        found.append(RARE)
    chance.shuffle(found)
    return found


def tickets(store, count, now, people, teams, services, templates):
    """Adds tickets. `templates` are ids of tickets that the server made, by (open, priority)."""
    chance = random.Random(7)
    kinds = {key: Template(store, id) for key, id in templates.items()}
    first = int(number_of(store, "SELECT MAX(seq) AS n FROM tickets")) + 1
    project = store.rows("SELECT last_number FROM projects")[0]
    last = int(project["last_number"])
    base = (now // 1000 - 400 * 86_400_000) << 80 | 0x7 << 76 | 0x8 << 60
    for start in range(0, count, 20_000):
        batch = {}
        for number in range(start, min(start + 20_000, count)):
            is_open = chance.random() < OPEN_SHARE
            kind = kinds[is_open, chance.choice((1, 2, 3, 3, 3, 4, 4, 4, 4, 5))]
            # Open tickets are young, the rest spread over two years, in order of their numbers.
            age = 730 * DAY * (count - number) // count
            created = now - (min(age, int(20 * DAY * chance.random())) if is_open else age)
            kind.copy(batch, Copy(
                seq=first + number, id=store.id(base + number), key=f"INC-{last + 1 + number}", shift=created - kind.created,
                words=words(chance), assignee=chance.choice(people) if chance.random() < 0.7 else None,
                reporter=chance.choice(people), team=chance.choice(teams), service=chance.choice(services),
                labels=chance.sample(LABELS, 2)))
        for table, (columns, rows) in batch.items():
            store.insert(table, columns, rows)
    store.run(f"UPDATE projects SET last_number = {last + count}")


def number_of(store, text):
    return store.rows(text)[0]["n"]


class Copy:
    """What is new in a copy."""

    def __init__(self, **values):
        self.__dict__.update(values)


class Template:
    """The rows of one ticket that the server made."""

    TABLES = ("tickets", "ticket_words", "sla_clocks", "sla_cycles", "ticket_past")
    TIMES = ("created_at", "updated_at", "first_response_at", "resolved_at", "started_at", "as_of", "breach_at", "zero_at",
             "next_at", "breached_at", "ended_at", "due_at", "sla_due_at", "held_since", "held_until")

    def __init__(self, store, id):
        ticket = store.rows(f"SELECT * FROM tickets WHERE key = '{id}'")[0]
        mark = ticket["id"].hex() if isinstance(ticket["id"], bytes) else ticket["id"]
        literal = f"X'{mark}'" if isinstance(ticket["id"], bytes) else f"'{mark}'"
        self.created = int(ticket["created_at"])
        self.rows = {"tickets": [ticket]}
        for table in self.TABLES[1:]:
            key = f"ticket_seq = {ticket['seq']}" if table == "ticket_words" else f"ticket_id = {literal}"
            self.rows[table] = store.rows(f"SELECT * FROM {table} WHERE {key}")
        for row in self.rows["ticket_words"]:
            row.pop("search", None)

    def copy(self, batch, new):
        summary, description = " ".join(new.words[:6]), " ".join(new.words[6:])
        for table, rows in self.rows.items():
            for row in rows:
                changed = {**row, **{
                    name: int(row[name]) + new.shift for name in self.TIMES if row.get(name) not in (None, "", "\\N")}}
                if table == "tickets":
                    labels = "[" + ",".join(f'"{label}"' for label in new.labels) + "]"
                    changed.update(seq=new.seq, id=new.id, key=new.key, summary=summary, description=description,
                                   assignee_id=new.assignee, reporter_id=new.reporter, team_id=new.team,
                                   service_id=new.service, labels=labels)
                elif table == "ticket_words":
                    changed.update(ticket_seq=new.seq, summary=summary, description=description)
                else:
                    changed["ticket_id"] = new.id
                columns = tuple(changed)
                batch.setdefault(table, (columns, []))[1].append(
                    tuple(None if value == "\\N" else value for value in changed.values()))
        batch.setdefault("ticket_labels", (("label", "ticket_id"), []))[1].extend((label, new.id) for label in new.labels)
