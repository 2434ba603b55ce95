"""Finds every pattern of the packages: compiled ones wherever a module keeps them, and those given to `re` in place."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import bot
import handlers

_CALLS = {"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer", "compile"}
_DEEPEST = 6


@dataclass(frozen=True)
class Found:
    """A pattern and one place where it is kept, as module.name or module:line.

    is_anchored: it is tried at one place of a text only, by a leading ^ or because it is never searched for.
    """

    place: str
    pattern: re.Pattern[str]
    is_anchored: bool


def list_patterns() -> list[Found]:
    """Return the text patterns of every module, each once; importing a module must have no effect."""
    found: dict[tuple[str, int], Found] = {}
    modules = list(_modules())
    uses: dict[str, set[str]] = defaultdict(set)
    for name, method in re.findall(r"\b(\w+)\.(\w+)\(", "\n".join(map(_source, modules))):
        uses[name].add(method)
    for module in modules:
        for one in (*_kept(module, uses), *_in_place(module)):
            found.setdefault((one.pattern.pattern, one.pattern.flags), one)
    return list(found.values())


def _source(module: ModuleType) -> str:
    return Path(module.__file__ or "").read_text(encoding="utf-8")


def _is_anchored(pattern: re.Pattern[str], uses: Set[str]) -> bool:
    begins = pattern.pattern.startswith(("^", r"\A")) and not pattern.flags & re.MULTILINE
    return begins or (bool(uses) and uses <= {"match", "fullmatch"})


def _modules() -> Iterator[ModuleType]:
    for package in (bot, handlers):
        yield package
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(info.name)


def _kept(module: ModuleType, uses: Mapping[str, Set[str]]) -> Iterator[Found]:
    for name, value in vars(module).items():
        for pattern in _inside(value, module.__name__, _DEEPEST):
            yield Found(f"{module.__name__}.{name}", pattern, _is_anchored(pattern, uses.get(name, frozenset())))


def _inside(value: object, module: str, depth: int) -> Iterator[re.Pattern[str]]:
    """Yield the patterns in a value: itself, in containers, in classes of the module and their instances."""
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
        return
    if depth == 0 or isinstance(value, str | bytes):
        return
    parts: list[object] = []
    if isinstance(value, Mapping):
        parts += [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | Set):
        parts += value
    elif getattr(type(value), "__module__", None) == module or (isinstance(value, type) and value.__module__ == module):
        parts += getattr(value, "__dict__", {}).values()
    for part in parts:
        yield from _inside(part, module, depth - 1)


def _in_place(module: ModuleType) -> Iterator[Found]:
    """Yield the patterns that the source writes down in a call of `re`, as far as they are plain strings."""
    for node in ast.walk(ast.parse(_source(module))):
        if not (isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute)):
            continue
        first, owner = node.args[0], node.func.value
        called = isinstance(owner, ast.Name) and owner.id == "re" and node.func.attr in _CALLS
        if called and isinstance(first, ast.Constant) and isinstance(first.value, str):
            pattern = re.compile(first.value)
            yield Found(f"{module.__name__}:{node.lineno}", pattern, _is_anchored(pattern, {node.func.attr}))
