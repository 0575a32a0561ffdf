"""run.py [--database both|sqlite|postgres] [NAME ...]: runs the benchmarks, or those that are named.

`make bench` builds the binary and starts the PostgreSQL cluster first. docs/performance.md says how to read them.
"""

import argparse
import importlib
import sys

import support

NAMES = ["start", "alert_ingest", "ticket_create", "page_delivery", "queue_pages"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=["both", "sqlite", "postgres"], default="both")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    asked = parser.parse_args()
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark is named {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    for name in asked.names or NAMES:
        module = importlib.import_module(name)
        print(f"\n{name}: {module.__doc__.splitlines()[0]}", flush=True)
        module.run(asked.database)
    return support.closing()


if __name__ == "__main__":
    sys.exit(main())
