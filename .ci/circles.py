#!/usr/bin/env python3
"""Finds circles between the modules of packages: which folders and files below src/ import each other.

A module is a folder or a file right below src/. It imports another where its code, but for its tests, names it by a path
from the crate's root. `.ci/circles.py PACKAGE...` prints each circle with one place for each of its arrows, and fails.
"""

import re
import sys
from pathlib import Path

# What else names modules: the list of the crate's modules itself.
ROOTS = {"lib.rs", "main.rs"}


def code_of(path):
    """A file without comments, strings and tests, its lines in their places."""
    text = path.read_text(encoding="utf-8")
    text = re.split(r"\n#\[cfg\(test\)\]\s*mod \w+ \{", text)[0]
    keep_lines = lambda match: "\n" * match.group().count("\n")
    text = re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"', keep_lines, text, flags=re.S)
    return text


def names_after(code, at):
    """The first names of a path, or of all paths of a group, from a place on: `a::b` or `{a::b, c}`."""
    if not code.startswith("{", at):
        name = re.compile(r"\w+").match(code, at)
        return [(name.group(), at)] if name else []
    names, depth, start = [], 0, None
    for index in range(at, len(code)):
        c = code[index]
        if c == "{":
            depth += 1
            start = index + 1 if depth == 1 else start
        elif c in ",}" and depth == 1:
            name = re.compile(r"\s*(\w+)").match(code, start)
            if name:
                names.append((name.group(1), start))
            start = index + 1
        if c == "}":
            depth -= 1
            if depth == 0:
                break
    return names


def imports(source, path):
    """The modules that a file names, each with its line."""
    inside = len(path.relative_to(source).parts)
    # `super::` leads to the root from a file right below it, `super::super::` from one in a folder, and mod.rs is its folder.
    ups = inside - (path.name == "mod.rs")
    code = code_of(path)
    for match in re.finditer(r"\bcrate::|(?<!::)\b(?:super::)+", code):
        up = match.group().count("super")
        if up and up != ups:
            continue
        for name, at in names_after(code, match.end()):
            yield name, code.count("\n", 0, at) + 1


def graph_of(package):
    source = package / "src"
    modules = {entry.stem for entry in source.iterdir() if entry.name not in ROOTS}
    arrows = {module: {} for module in modules}
    for path in sorted(source.rglob("*.rs")):
        if path.parent == source and path.name in ROOTS or path.stem == "tests":
            continue
        module = Path(path.relative_to(source).parts[0]).stem
        for name, line in imports(source, path):
            if name in modules and name != module:
                arrows[module].setdefault(name, f"{path}:{line}")
    return arrows


def circle_through(arrows, start):
    """The shortest way from a module back to it."""
    ways, seen = [[start]], set()
    while ways:
        way = ways.pop(0)
        for to in sorted(arrows[way[-1]]):
            if to == start:
                return way
            if to not in seen:
                seen.add(to)
                ways.append(way + [to])
    return None


def main(packages):
    found = set()
    for package in map(Path, packages):
        arrows = graph_of(package)
        for module in sorted(arrows):
            circle = circle_through(arrows, module)
            if circle is None or frozenset(circle) in found:
                continue
            found.add(frozenset(circle))
            print(f"{package}: {' -> '.join(circle + [module])}")
            for one, other in zip(circle, circle[1:] + [module]):
                print(f"    {one} -> {other}: {arrows[one][other]}")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("name packages: .ci/circles.py verifier explain")
    sys.exit(main(sys.argv[1:]))
