#!/usr/bin/env python3
"""Compares `styk mock` with the real MockServer: generated exchanges, and the official clients' methods.

Run it through `conformance/run mockserver`; README.md beside this file tells what it does.
"""

import argparse
import sys

from clients import run as clients
from differential import run as differential


def main():
    parser = argparse.ArgumentParser(prog="conformance/run mockserver", description=__doc__.split("\n")[0])
    parser.add_argument("part", nargs="?", choices=["differential", "clients", "all"], default="all")
    differential.add_arguments(parser)
    parser.add_argument("--client", metavar="WORD",
        help="only the clients with this word in their name: Rust, Node.js, Python")
    options = parser.parse_args()
    good = True
    if options.part in ("differential", "all"):
        good &= differential.run(options)
    if options.part in ("clients", "all"):
        good &= clients.run(options)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
