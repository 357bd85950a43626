"""Writes the first half of a resource type's file from the official schema, CloudFormation's and AWS's service models.

A person owns the rest: docs/add-a-resource-type.md. README.md beside this says what follows from which source, and how often it is right.
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

# beside this file, where -I does not look
import compare  # noqa: E402
import render  # noqa: E402
from cloudformation import Schemas  # noqa: E402
from decide import draft  # noqa: E402
from models import Models  # noqa: E402
from official import Package  # noqa: E402
from problem import Problem  # noqa: E402
from sources import ROOT  # noqa: E402


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="tools/scaffold", description=__doc__.splitlines()[0])
    parser.add_argument("token", nargs="?", help="the type's token, such as aws:dynamodb/table:Table")
    parser.add_argument(
        "--write",
        action="store_true",
        help="write the file below crates/aws/src, which must not exist, instead of printing it",
    )
    parser.add_argument(
        "--compare",
        action="store_true",
        help="compare with the types that exist, and print how often each claim is right",
    )
    parser.add_argument("--verbose", action="store_true", help="with --compare: also print each difference")
    return parser.parse_args(arguments), parser


def main(arguments):
    asked, parser = parsed(arguments)
    package, schemas, models = Package(), Schemas(), Models()
    if asked.compare:
        print(compare.table(package, schemas, models, asked.token, asked.verbose), end="")
        return
    if not asked.token:
        parser.error("a token is missing, such as aws:dynamodb/table:Table")
    made = draft(package, schemas, models, package.token(asked.token))
    if asked.write:
        print(f"written: {render.write(ROOT, made)}", file=sys.stderr)
    else:
        print(render.rust(made), end="")
    if entry := render.entry(made):
        print(f"for TYPES in tools/limits/mapping.py:\n{entry}", file=sys.stderr)
    sources = [f"official: {made.resource.token}"]
    sources.append(f"CloudFormation: {made.schema.name}" if made.schema else "CloudFormation: none")
    if made.service:
        calls = [
            f"{part} {made.operations[part]}"
            for part in ("create", "read", "update", "delete")
            if part in made.operations
        ]
        sources.append(f"botocore: {made.service.name} ({', '.join(calls)})")
    print("\n".join(sources), file=sys.stderr)
    print("undecided:" if made.undecided else "undecided: nothing", file=sys.stderr)
    for line in made.undecided:
        print(f"  - {line}", file=sys.stderr)


try:
    main(sys.argv[1:])
except Problem as problem:
    sys.exit(str(problem))
