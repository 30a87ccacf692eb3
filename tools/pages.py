"What is wrong in the notebooks as pages: each problem with its notebook and cell. `python tools/pages.py` lists them."
import builtins, configparser, importlib, json, keyword, pkgutil, re, sys
from functools import cache
from inspect import isclass, isroutine
from pathlib import Path
from typing import Any, NamedTuple
from collections.abc import Iterator

root = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root)) # our own package, and no other of its name
modules = [found.name for found in pkgutil.walk_packages([str(root/'micrograd')], 'micrograd.') if '._' not in found.name]
# Names from other libraries that the prose compares with, and that no code of ours holds.
elsewhere = set('''torch optim lr_scheduler F mse_loss detach load
                   MSELoss BCEWithLogitsLoss CrossEntropyLoss DataLoader
                   jax vmap check_grads build_topo pyplot'''.split())


class Cell(NamedTuple):
    page: Path
    number: int # the first is 1
    kind: str
    source: str
    outputs: list[dict[str, Any]]

    def shown(self, mime: str) -> list[str]: return [''.join(o['data'][mime]) for o in self.outputs if mime in o.get('data', {})]

    def markdown(self) -> str:
        "What the cell says in Markdown, by itself or by its outputs."
        return self.source if self.kind == 'markdown' else '\n\n'.join(self.shown('text/markdown'))


Problems = Iterator[tuple[Cell, str]]


def notebooks(nbs: Path) -> list[Path]:
    "All notebooks under `nbs`, those of editors and builders left out."
    return sorted(p for p in nbs.rglob('*.ipynb') if not any(part.startswith(('.', '_')) for part in p.relative_to(nbs).parts))


def cells(page: Path) -> list[Cell]:
    "The cells of a notebook; a page that is Markdown has one."
    if page.suffix == '.qmd': return [Cell(page, 1, 'markdown', page.read_text(encoding='utf-8'), [])]
    return [Cell(page, i, c['cell_type'], ''.join(c['source']), c.get('outputs', []))
            for i, c in enumerate(json.loads(page.read_text(encoding='utf-8'))['cells'], 1)]


# A block of code in Markdown, to be used with re.M | re.S.
fence = r'^ {0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*?^ {0,3}(?P=fence)[`~]*[ \t]*$|.*\Z)'


def prose(text: str) -> str:
    "Markdown without its blocks of code."
    return re.sub(fence, '', text, flags=re.M | re.S)


# ---- what a page may name in backticks

@cache
def package() -> dict[str, Any]:
    "Each public name of ours, bare and with its module: `Value`, `engine.Value`, `micrograd.engine.Value`."
    names: dict[str, Any] = {}
    for full in modules:
        module, name = importlib.import_module(full), full.removeprefix('micrograd.')
        names |= {full: module, name: module}
        for public in module.__all__:
            for prefix in ('', f'{name}.', f'{full}.'): names[prefix + public] = getattr(module, public)
    return names


def place(name: str) -> str | None:
    "Where on the page *reference* a name of ours is told, or None: `Value.backward` is at `value.backward`, `Value.tanh` at `tanh`."
    found = package().get(name)
    if isroutine(found) or isclass(found) and not hasattr(found, '__origin__'): return name.rpartition('.')[2].lower()
    head, _, method = name.rpartition('.')
    owner = package().get(head)
    if not isclass(owner) or method.startswith('_') or not callable(getattr(owner, method, None)): return None
    return method.lower() if method in package() else f'{owner.__name__}.{method}'.lower()


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


def unknown_names(page: list[Cell]) -> Problems:
    "Backticked names that are nowhere: not in the page's code, not in the package, not in Python."
    here = set().union(*(words(c.source) for c in page if c.kind == 'code'),
                       *(words(block[0]) for c in page for block in re.finditer(fence, c.markdown(), re.M | re.S)))
    for cell in page:
        for name in re.findall(r'(?<!`)`([^\W\d](?:[\w.]*\w)?)(?:\(.*?\))?`(?!`)', prose(cell.markdown())):
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
        for line in prose(cell.markdown()).splitlines():
            if re.match(r'\s*:::+(?!:)\s*\S', line): opened.append((cell, line.strip()))
            elif re.match(r'\s*:::+\s*$', line):
                if opened: opened.pop()
                else: yield cell, '`:::` closes what was never opened'
    for cell, line in opened: yield cell, f'{line!r} is never closed with `:::`'


def undescribed(page: list[Cell]) -> Problems:
    "Pictures without a text for those who cannot see them."
    for cell in page:
        pictures = [re.match(r'[^<]*(?:<[?!][^>]*>\s*)*<svg\b[^>]*aria-label="', svg) is not None for svg in cell.shown('image/svg+xml')]
        pictures += [False for _ in cell.shown('image/png')]
        if not all(pictures) and '#| fig-alt:' not in cell.source:
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
