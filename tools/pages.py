"What is wrong in the notebooks as pages: each problem with its notebook and cell. `python tools/pages.py` lists them."
from __future__ import annotations
import ast, builtins, configparser, importlib, inspect, json, keyword, pkgutil, re, sys
from functools import cache
from inspect import isclass
from pathlib import Path
from types import ModuleType
from collections.abc import Iterator
from typing import Any, NamedTuple
from markdown_it import MarkdownIt
from markdown_it.token import Token

root = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root)) # our own package, and no other of its name
# Names from other libraries that the prose compares with, and that no code of ours holds.
elsewhere = set('''torch optim lr_scheduler F mse_loss detach load
                   MSELoss BCEWithLogitsLoss CrossEntropyLoss DataLoader
                   jax vmap check_grads build_topo pyplot float32'''.split())
reader = MarkdownIt('commonmark').enable('table')


@cache
def parsed(text: str) -> list[Token]: return reader.parse(text)


class Cell(NamedTuple):
    page: Path
    number: int # the first is 1
    id: str
    kind: str
    source: str
    outputs: list[dict[str, Any]]

    def hidden(self) -> bool:
        "Whether a page does not show the code: of a cell for whoever changes the book, or for what it shows."
        return bool(re.search(r'^#\| *(hide|export|default_exp|(echo|include): *false)\b', self.source, re.M))

    def printed(self) -> str: return '\n'.join([*self.shown('text/plain'), *(''.join(o.get('text', '')) for o in self.outputs)])

    def shown(self, mime: str) -> list[str]: return [''.join(o['data'][mime]) for o in self.outputs if mime in o.get('data', {})]

    def markdown(self) -> list[Token]:
        "What the cell says in Markdown, by itself or by its outputs."
        return parsed(self.source if self.kind == 'markdown' else '\n\n'.join(self.shown('text/markdown')))

    def lines(self) -> list[Token]: return [part for part in self.markdown() if part.type == 'inline']


Problems = Iterator[tuple[Cell, str]]


def notebooks(nbs: Path) -> list[Path]:
    "All notebooks under `nbs`, those of editors and builders left out."
    return sorted(p for p in nbs.rglob('*.ipynb') if not any(part.startswith(('.', '_')) for part in p.relative_to(nbs).parts))


def cells(page: Path) -> list[Cell]:
    "The cells of a notebook; a page that is Markdown has one."
    if page.suffix == '.qmd': return [Cell(page, 1, '', 'markdown', page.read_text(encoding='utf-8'), [])]
    return [Cell(page, i, c['id'], c['cell_type'], ''.join(c['source']), c.get('outputs', []))
            for i, c in enumerate(json.loads(page.read_text(encoding='utf-8'))['cells'], 1)]


# ---- what a page may name in backticks

@cache
def modules() -> list[ModuleType]:
    "Those of the package, as the reference has them: a subpackage's after all others."
    found = [m.name for m in pkgutil.walk_packages([str(root/'micrograd')], 'micrograd.') if '._' not in m.name]
    return [importlib.import_module(name) for name in sorted(found, key=lambda name: (name.count('.'), name))]


def defined(module: ModuleType) -> list[str]:
    "The public names that are made in `module` itself, and not in another that it imports them from."
    made: set[str] = set()
    for line in ast.parse(inspect.getsource(module)).body:
        if isinstance(line, (ast.FunctionDef, ast.ClassDef)): made.add(line.name)
        targets = line.targets if isinstance(line, ast.Assign) else [line.target] if isinstance(line, ast.AnnAssign) else []
        made |= {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    return [name for name in module.__all__ if name in made]


@cache
def package() -> dict[str, Any]:
    "Each public name of ours, bare and with its module: `Value`, `engine.Value`, `micrograd.engine.Value`."
    names: dict[str, Any] = {}
    for module in modules():
        name = module.__name__.removeprefix('micrograd.')
        names |= {f'micrograd.{name}': module, name: module}
        for public in module.__all__:
            for full in (f'{name}.{public}', f'micrograd.{name}.{public}'): names[full] = getattr(module, public)
    for module in reversed(modules()): names |= {public: getattr(module, public) for public in defined(module)}
    return names


@cache
def places() -> dict[str, str]:
    "Where on the page *reference* each name is told: its own in small letters, with its module before it where an earlier one has it. A subpackage's are known with their module only: `at` on another page is a variable of its own."
    found: dict[str, str] = {}
    for module in modules():
        for name in defined(module):
            short = module.__name__.removeprefix('micrograd.')
            anchor = name.lower() if name.lower() not in found.values() else f'{short}.{name}'.lower()
            found |= {f'{short}.{name}': anchor} | ({name: anchor} if name not in found and '.' not in short else {})
    whole = importlib.import_module('micrograd')
    for name in whole.__all__: found[name] = found[f'{getattr(whole, name).__module__}.{name}'.removeprefix('micrograd.')] # `exp` is the one of a Value, not the one of `floats`
    for module in modules(): # those that only hand a name on
        short = module.__name__.removeprefix('micrograd.')
        found |= {f'{short}.{name}': found.get(f'{home}.{name}') or found[name] for name in module.__all__ if f'{short}.{name}' not in found for home in [getattr(getattr(module, name), '__module__', '').removeprefix('micrograd.')] if f'{home}.{name}' in found or name in found}
    return found


def place(name: str) -> str | None:
    "The place of a name of ours, or None: `Value.backward` is at `value.backward`, `Value.tanh` at `tanh`."
    if inspect.ismodule(package().get(name)): return None
    name = name.removeprefix('micrograd.')
    if name in places(): return places()[name]
    head, _, method = name.rpartition('.')
    owner = package().get(head)
    if not isclass(owner) or method.startswith('_') or not callable(getattr(owner, method, None)): return None
    return places().get(method) or f'{places()[head]}.{method}'.lower()


def words(code: str) -> set[str]:
    "Every identifier in a piece of code, those inside its strings included."
    return set(re.findall(r'[^\W\d]\w*', code))


@cache
def everywhere() -> set[str]:
    "Identifiers that any page may name: Python's, those in our modules, and the keys of the settings."
    known = {*dir(builtins), *keyword.kwlist, *sys.stdlib_module_names, *elsewhere}
    for kind in (int, float, str, list, dict, set, tuple): known |= set(dir(kind))
    for path in (root/'micrograd').rglob('*.py'): known |= words(path.read_text(encoding='utf-8'))
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(root/'settings.ini', encoding='utf-8')
    return known | set(settings['DEFAULT']) | words(settings['DEFAULT']['requirements']) | words(settings['DEFAULT']['dev_requirements'])


def named(cell: Cell) -> Iterator[str]:
    "What is a name, or the call of one, in single backticks: `a.grad`, `fit()`."
    for code in (part for line in cell.lines() for part in line.children or () if part.type == 'code_inline' and part.markup == '`'):
        name, bracket, rest = code.content.partition('(')
        if (not bracket or rest.endswith(')')) and all(name.split('.')) and name.replace('.', '_').isidentifier(): yield name


def unknown_names(page: list[Cell]) -> Problems:
    "Backticked names that are nowhere: not in the page's code or what it shows, not in the package, not in Python."
    here = set().union(*(words(f'{c.source} {c.printed()}') for c in page if c.kind == 'code'),
                       *(words(f'{part.info} {part.content}') for c in page for part in c.markdown() if part.type == 'fence'))
    for cell in page:
        for name in named(cell):
            first, *rest = name.split('.')
            thing, known = package().get(first), here | everywhere()
            if thing is not None and rest: # a name of ours: what comes after the dot has to be there
                if not hasattr(thing, rest[0]) and rest[0] not in here: yield cell, f'`{name}`: {first} has no {rest[0]}'
            elif rest and first in sys.stdlib_module_names:
                if not hasattr(importlib.import_module(first), rest[0]): yield cell, f'`{name}`: {first} has no {rest[0]}'
            elif not (root/name).exists() and not all(part in known or part.isdigit() for part in name.split('.')):
                yield cell, f'`{name}` is a name neither in this notebook, nor in the package, nor in Python'


# ---- Markdown

def unclosed(page: list[Cell]) -> Problems:
    "A div (callout, tabset) that is not closed, or closed twice, in the notebook."
    opened: list[tuple[Cell, str]] = []
    for cell in page:
        for line in (line.strip() for part in cell.lines() for line in part.content.splitlines()):
            if not line.startswith(':::'): continue
            if line.strip(':'): opened.append((cell, line))
            elif opened: opened.pop()
            else: yield cell, '`:::` closes what was never opened'
    for cell, line in opened: yield cell, f'{line!r} is never closed with `:::`'


def undescribed(page: list[Cell]) -> Problems:
    "Pictures without a text for those who cannot see them."
    for cell in page:
        described = all(re.search(r'<svg\b[^>]*\saria-label=', svg) for svg in cell.shown('image/svg+xml')) and not cell.shown('image/png')
        if not described and '#| fig-alt:' not in cell.source:
            yield cell, 'a picture without a description: begin the cell with `#| fig-alt: "..."`'


def problems(nbs: Path) -> list[str]:
    "Everything found, in reading order."
    found = []
    for path in [*notebooks(nbs), *sorted(nbs.glob('*.qmd'))]:
        where = path.relative_to(nbs.parent)
        try: page = cells(path)
        except (ValueError, KeyError, TypeError) as error:
            found.append(f'{where}: not a notebook: {error}')
            continue
        here = [problem for check in (unclosed, undescribed, unknown_names) for problem in check(page)]
        found += [f'{where}, cell {cell.number}: {text}' for cell, text in sorted(here, key=lambda p: p[0].number)]
    return found


if __name__ == '__main__':
    found = problems(root/'nbs')
    print('\n'.join(found))
    sys.exit(bool(found))
