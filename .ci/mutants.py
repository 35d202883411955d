#!/usr/bin/env python3
"""Tries a sample of mutants and says which ones no test notices. .ci/long calls this; see there."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

# For each package what is run until something fails, the quick and near tests first: packages, and which of their targets
# (none: all). What boots kernels is left out, and what only knows other packages.
TESTS = {
    "knockwright-verifier": [
        (["knockwright-verifier"], ["--lib", "--test=recorded", "--test=log_recordings", "--test=log_forms", "--test=any_bytes"]),
        (
            ["knockwright-verifier-cases", "knockwright-differential", "knockwright"],
            ["--test=userspace", "--test=programs"],
        ),
        (["knockwright-verifier"], []),
    ],
    "knockwright-explain": [
        (["knockwright-explain"], ["--lib", "--test=origins", "--test=unknown", "--test=told_apart", "--test=sarif", "--test=html"]),
        (
            ["knockwright-explain", "knockwright-lessons", "knockwright"],
            ["--lib", "--test=browser", "--test=guards", "--test=recorded_logs", "--test=explain"],
        ),
    ],
    "knockwright-codegen": [
        (["knockwright-codegen"], []),
        (
            ["knockwright-loader", "knockwright"],
            ["--test=verdicts", "--test=xdp", "--test=round_trip", "--test=loaders", "--test=command_line"],
        ),
    ],
    "knockwright-loader": [
        (["knockwright-loader"], []),
        (
            ["knockwright-firewall", "knockwright"],
            ["--test=client", "--test=batch", "--test=command_line", "--test=firewall", "--test=end_to_end"],
        ),
    ],
    "knockwright-firewall": [
        (["knockwright-firewall"], []),
        (["knockwright"], ["--test=firewall", "--test=command_line"]),
    ],
}

# Tests of numbers by the thousand take a tenth of the time with some optimisation, and links half of it without symbols.
PROFILE = {"CARGO_PROFILE_DEV_OPT_LEVEL": "1", "CARGO_PROFILE_DEV_DEBUG": "0"}

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
    command = ["cargo", "mutants", "--dir", copy, "--colors=never", *arguments]
    return subprocess.run(command, env={**os.environ, **PROFILE}, **options)


def drawn(copy, count, seed):
    """The mutants of the sample: those with the lowest digests of seed and name."""
    packages = [argument for package in TESTS for argument in ("--package", package)]
    listed = cargo_mutants(copy, ["--list", "--json", *packages], check=True, capture_output=True).stdout
    # A field that is left out of a struct gets another struct's value. cargo-mutants heeds no pattern for such mutants, so
    # that they can't be tried one by one; where it tries them beside others, nobody asks for what came of it.
    mutants = [mutant for mutant in json.loads(listed) if " delete field " not in mutant["name"]]
    digest = lambda mutant: hashlib.sha256(f"{seed} {mutant['name']}".encode()).digest()
    return len(mutants), sorted(mutants, key=digest)[:count]


def exactly(name):
    """A pattern of cargo-mutants for one mutant."""
    return "^" + "".join("\\" + c if c in r"\.+*?()|[]{}^$" else c for c in name) + "$"


def unchanged(copy, packages, targets):
    """Runs tests without a mutant, which has to go well, and says how many seconds they take."""
    command = ["cargo", "test", *[f"--package={package}" for package in packages], *targets]
    run = lambda command: subprocess.run(command, cwd=copy, env={**os.environ, **PROFILE}, capture_output=True, text=True)
    run([*command, "--no-run"])
    started = time.monotonic()
    ended = run(command)
    if ended.returncode != 0:
        sys.exit(f"{' '.join(command)} fails without any mutant:\n{ended.stdout}{ended.stderr}")
    return time.monotonic() - started


def tried(copy, out, mutants, packages, targets):
    """What the tests make of mutants: a kind for each name."""
    names = [mutant["name"] for mutant in mutants]
    # cargo-mutants itself would try the mutants' own package without a mutant, and not these.
    timeout = max(60, round(5 * unchanged(copy, packages, targets)))
    arguments = ["--in-place", "--no-shuffle", "--output", out, "--baseline=skip", f"--timeout={timeout}"]
    arguments += [f"--test-package={package}" for package in packages]
    arguments += [f"--cargo-arg={target}" for target in targets]
    arguments += [f"--re={exactly(name)}" for name in names]
    arguments += [f"--package={package}" for package in {mutant["package"] for mutant in mutants}]
    arguments += [f"--file={file}" for file in {mutant["file"] for mutant in mutants}]
    out.mkdir(parents=True, exist_ok=True)
    status = cargo_mutants(copy, arguments).returncode
    # 2: some are missed, 3: some ran out of time. Anything else is none of the mutants' doing.
    if status not in (0, 2, 3):
        sys.exit(f"cargo-mutants ended with {status}: see {out}/mutants.out/log")
    outcomes = json.loads((out / "mutants.out/outcomes.json").read_text())["outcomes"]
    found = {}
    for outcome in outcomes:
        name = None if outcome["scenario"] == "Baseline" else outcome["scenario"]["Mutant"]["name"]
        if name in names:
            found[name] = KINDS[outcome["summary"]]
    lost = [name for name in names if name not in found]
    if lost:
        sys.exit(f"cargo-mutants left out {len(lost)} mutants, the first of them {lost[0]}")
    return found


def main(long, count, seed, only):
    copy, out = long / "copy", long / "mutants"
    copy_checkout(copy)
    known, sample = drawn(copy, count, seed)
    print(f"{len(sample)} of {known} mutants, drawn by seed {seed}", flush=True)
    (long / "sample.txt").write_text("".join(f"{mutant['name']}\n" for mutant in sample))
    rows, kinds = [], {}
    # Where it stops early, what is known so far is told all the same.
    try:
        try_all(copy, out, sample, only, rows, kinds)
    finally:
        report(rows, kinds)


def try_all(copy, out, sample, only, rows, kinds):
    for package, stages in TESTS.items():
        if only and package not in only:
            continue
        mutants = [mutant for mutant in sample if mutant["package"] == package]
        unnoticed, by_stage = mutants, Counter()
        rows.append((package, [mutant["name"] for mutant in mutants], by_stage))
        for number, (packages, targets) in enumerate(stages, 1):
            if unnoticed:
                print(f"\n{package}: {len(unnoticed)} mutants past {', '.join(packages)}", flush=True)
                found = tried(copy, out / f"{package}-{number}", unnoticed, packages, targets)
                kinds.update(found)
                unnoticed = [mutant for mutant in unnoticed if found[mutant["name"]] == "missed"]
                by_stage[number] = sum(kind == "caught" for kind in found.values())


def report(rows, kinds):
    heads = ["mutants", "caught", "at once", "later", "missed", "timeout", "unviable"]
    print(f"\n{'package':24}" + "".join(f"{head:>10}" for head in heads))
    totals = Counter()
    for package, names, by_stage in rows:
        count = Counter(kinds[name] for name in names if name in kinds)
        figures = [len(names), count["caught"], by_stage[1], count["caught"] - by_stage[1]]
        figures += [count[kind] for kind in ("missed", "timeout", "unviable")]
        totals.update(dict(zip(heads, figures)))
        print(f"{package:24}" + "".join(f"{figure:>10}" for figure in figures))
    print(f"{'all':24}" + "".join(f"{totals[head]:>10}" for head in heads))
    for kind in ("missed", "timeout"):
        names = [name for name, its in kinds.items() if its == kind]
        print(f"\n{kind}:" + "".join(f"\n  {name}" for name in sorted(names)) if names else f"\n{kind}: none")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
