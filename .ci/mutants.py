#!/usr/bin/env python3
"""Tries a sample of mutants and says which ones no test notices. .ci/long calls this; see there."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

# For each package the tests that run first, and those that run for what they don't notice: packages, and which of their
# targets (none: all). What boots kernels is left out, and what only knows other packages.
TESTS = {
    "knockwright-verifier": [
        (["knockwright-verifier"], []),
        (
            ["knockwright-verifier-cases", "knockwright-differential", "knockwright"],
            ["--test=userspace", "--test=programs"],
        ),
    ],
    "knockwright-explain": [
        (["knockwright-explain"], []),
        (["knockwright-lessons", "knockwright"], ["--lib", "--test=guards", "--test=explain"]),
    ],
    "knockwright-codegen": [
        (["knockwright-codegen"], []),
        (
            ["knockwright-loader", "knockwright"],
            ["--lib", "--test=verdicts", "--test=xdp", "--test=round_trip", "--test=loaders", "--test=command_line"],
        ),
    ],
    "knockwright-loader": [
        (["knockwright-loader"], []),
        (
            ["knockwright-firewall", "knockwright"],
            ["--lib", "--test=client", "--test=batch", "--test=command_line", "--test=firewall", "--test=end_to_end"],
        ),
    ],
    "knockwright-firewall": [
        (["knockwright-firewall"], []),
        (["knockwright"], ["--test=firewall", "--test=command_line"]),
    ],
}

KINDS = {"CaughtMutant": "caught", "MissedMutant": "missed", "Timeout": "timeout", "Unviable": "unviable"}


def copy_checkout(copy):
    """Brings the copy up to date. Files that are the same keep their times, so that only what changed is built again."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True, capture_output=True
    ).stdout
    wanted = {Path(name) for name in listed.decode().split("\0") if name and Path(name).is_file()}
    for name in wanted:
        here, there = Path(name), copy / name
        if not there.is_file() or there.read_bytes() != here.read_bytes():
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(here.read_bytes())
            there.chmod(here.stat().st_mode)
    for there in copy.rglob("*"):
        name = there.relative_to(copy)
        if there.is_file() and name.parts[0] != "target" and name not in wanted:
            there.unlink()


def cargo_mutants(copy, arguments, **options):
    return subprocess.run(["cargo", "mutants", "--dir", copy, "--colors=never", *arguments], **options)


def drawn(copy, count, seed):
    """The mutants of the sample: those with the lowest digests of seed and name."""
    packages = [argument for package in TESTS for argument in ("--package", package)]
    listed = cargo_mutants(copy, ["--list", "--json", *packages], check=True, capture_output=True).stdout
    mutants = json.loads(listed)
    digest = lambda mutant: hashlib.sha256(f"{seed} {mutant['name']}".encode()).digest()
    return len(mutants), sorted(mutants, key=digest)[:count]


def exactly(name):
    """A pattern of cargo-mutants for one mutant."""
    return "^" + "".join(c if c.isalnum() or c in " _:/" else "\\" + c if c.isascii() else "." for c in name) + "$"


def tried(copy, out, names, packages, targets):
    """What the tests make of mutants: a kind for each name."""
    arguments = ["--in-place", "--no-shuffle", "--output", out, "--minimum-test-timeout=60"]
    arguments += [f"--test-package={package}" for package in packages]
    arguments += [f"--cargo-arg={target}" for target in targets]
    arguments += [f"--re={exactly(name)}" for name in names]
    out.mkdir(parents=True, exist_ok=True)
    status = cargo_mutants(copy, arguments).returncode
    # 2: some are missed, 3: some ran out of time. Anything else is none of the mutants' doing.
    if status not in (0, 2, 3):
        sys.exit(f"cargo-mutants ended with {status}: see {out}/mutants.out/log")
    outcomes = json.loads((out / "mutants.out/outcomes.json").read_text())["outcomes"]
    found = {}
    for outcome in outcomes:
        if outcome["scenario"] != "Baseline":
            found[outcome["scenario"]["Mutant"]["name"]] = KINDS[outcome["summary"]]
    lost = [name for name in names if name not in found]
    if lost:
        sys.exit(f"cargo-mutants left out {len(lost)} mutants, the first of them {lost[0]}")
    return found


def main(long, count, seed):
    copy, out = long / "copy", long / "mutants"
    copy_checkout(copy)
    known, sample = drawn(copy, count, seed)
    print(f"{len(sample)} of {known} mutants, drawn by seed {seed}", flush=True)
    (long / "sample.txt").write_text("".join(f"{mutant['name']}\n" for mutant in sample))
    rows, kinds = [], {}
    for package, stages in TESTS.items():
        names = [mutant["name"] for mutant in sample if mutant["package"] == package]
        open_names, by_stage = names, Counter()
        for number, (packages, targets) in enumerate(stages, 1):
            if open_names:
                print(f"\n{package}: {len(open_names)} mutants past {', '.join(packages)}", flush=True)
                found = tried(copy, out / f"{package}-{number}", open_names, packages, targets)
                kinds.update(found)
                open_names = [name for name in open_names if found[name] == "missed"]
                by_stage[number] = sum(kind == "caught" for kind in found.values())
        rows.append((package, names, by_stage))
    report(rows, kinds)


def report(rows, kinds):
    heads = ["mutants", "caught", "by own", "by others", "missed", "timeout", "unviable"]
    print(f"\n{'package':24}" + "".join(f"{head:>10}" for head in heads))
    totals = Counter()
    for package, names, by_stage in rows:
        count = Counter(kinds[name] for name in names)
        figures = [len(names), count["caught"], by_stage[1], by_stage[2]]
        figures += [count[kind] for kind in ("missed", "timeout", "unviable")]
        totals.update(dict(zip(heads, figures)))
        print(f"{package:24}" + "".join(f"{figure:>10}" for figure in figures))
    print(f"{'all':24}" + "".join(f"{totals[head]:>10}" for head in heads))
    for kind in ("missed", "timeout"):
        names = [name for name, its in kinds.items() if its == kind]
        print(f"\n{kind}:" + "".join(f"\n  {name}" for name in sorted(names)) if names else f"\n{kind}: none")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
