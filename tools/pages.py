"What is wrong in the notebooks as pages: each problem with its notebook and cell. `python tools/pages.py` lists them."
import ast, builtins, importlib, json, keyword, re, sys
from functools import cache
from inspect import isclass, isroutine
from pathlib import Path
from typing import Any, Iterator, NamedTuple

root = Path(__file__).parent.parent
modules = ('engine', 'nn', 'train', 'viz')
# Names from other libraries that the prose compares with, and that no code of ours holds.
elsewhere = set('''torch optim lr_scheduler F mse_loss binary_cross_entropy_with_logits detach load
                   MSELoss BCEWithLogitsLoss CrossEntropyLoss DataLoader
                   jax vmap check_grads build_topo pyplot'''.split())


class Cell(NamedTuple):
    notebook: Path
    number: int # the first is 1
    kind: str
    source: str
    outputs: list[dict[str, Any]]


Problems = Iterator[tuple[Cell, str]]


def notebooks(nbs: Path) -> list[Path]:
    "All notebooks under `nbs`, those of editors and builders left out."
    return sorted(p for p in nbs.rglob('*.ipynb') if not any(part.startswith(('.', '_')) for part in p.relative_to(nbs).parts))


def cells(notebook: Path) -> list[Cell]:
    return [Cell(notebook, i, c['cell_type'], ''.join(c['source']), c.get('outputs', []))
            for i, c in enumerate(json.loads(notebook.read_text(encoding='utf-8'))['cells'], 1)]


# ---- what a page may name in backticks

@cache
def package() -> dict[str, Any]:
    "Each public name of ours, bare and with its module: `Value`, `engine.Value`, `micrograd.engine.Value`."
    names: dict[str, Any] = {}
    for name in modules:
        module = importlib.import_module(f'micrograd.{name}')
        names |= {f'micrograd.{name}': module, name: module}
        for public in module.__all__:
            for prefix in ('', f'{name}.', f'micrograd.{name}.'): names[prefix + public] = getattr(module, public)
    return names


def place(name: str) -> str | None:
    "Where on the page *reference* a name of ours is told, or None: `Value.backward` is at `value.backward`, `Value.tanh` at `tanh`."
    found = package().get(name)
    if isclass(found) or isroutine(found): return name.rpartition('.')[2].lower()
    head, _, method = name.rpartition('.')
    owner = package().get(head)
    if not isclass(owner) or method.startswith('_') or not callable(getattr(owner, method, None)): return None
    return method.lower() if method in package() else f'{owner.__name__}.{method}'.lower()


def words(code: str) -> set[str]:
    "Every identifier in a piece of code, those inside its strings included."
    return set(re.findall(r'[^\W\d]\w*', code))


@cache
def everywhere() -> set[str]:
    "Identifiers that any page may name: Python's, and those in our modules and settings."
    known = {*dir(builtins), *keyword.kwlist, *sys.stdlib_module_names, *elsewhere}
    for kind in (int, float, str, list, dict, set, tuple): known |= set(dir(kind))
    for path in [*(root/'micrograd').glob('*.py'), root/'settings.ini', root/'Makefile']: known |= words(path.read_text(encoding='utf-8'))
    return known


def unknown_names(page: list[Cell]) -> Problems:
    "Backticked names that are nowhere: not in the page's code, not in the package, not in Python."
    here = set().union(*(words(c.source) for c in page if c.kind == 'code'),
                       *(words(block) for c in page if c.kind == 'markdown' for block in re.findall(r'```.*?```', c.source, re.S)))
    for cell in page:
        if cell.kind != 'markdown': continue
        for name in re.findall(r'(?<!`)`([^\W\d][\w.]*?)(?:\(\))?`(?!`)', re.sub(r'```.*?```', '', cell.source, flags=re.S)):
            first, *rest = name.split('.')
            thing, known = package().get(first), here | everywhere()
            if thing is not None and rest: # a name of ours: what comes after the dot has to be there
                if not hasattr(thing, rest[0]) and rest[0] not in here: yield cell, f'`{name}`: {first} has no {rest[0]}'
            elif rest and first in sys.stdlib_module_names:
                if not hasattr(importlib.import_module(first), rest[0]): yield cell, f'`{name}`: {first} has no {rest[0]}'
            elif not (root/name).exists() and not set(name.split('.')) <= known:
                yield cell, f'`{name}` is a name neither in this notebook, nor in the package, nor in Python'


# ---- Markdown

def unclosed(page: list[Cell]) -> Problems:
    "A div (callout, tabset) that is not closed, or closed twice, in the notebook."
    opened: list[Cell] = []
    for cell in page:
        if cell.kind != 'markdown': continue
        for line in re.sub(r'```.*?```', '', cell.source, flags=re.S).splitlines():
            if re.match(r':::+\s*\S', line): opened.append(cell)
            elif re.match(r':::+\s*$', line):
                if opened: opened.pop()
                else: yield cell, '`:::` closes what was never opened'
    for cell in opened: yield cell, f'{re.search(r"^:::+.*", cell.source, re.M)[0]!r} is never closed with `:::`'


def missing_files(page: list[Cell]) -> Problems:
    "Links to pages, and pictures, that are not there. Anchors are looked up in the built site."
    for cell in page:
        if cell.kind != 'markdown': continue
        for bang, target in re.findall(r'(!?)\[[^\]]*\]\(([^)\s]+)[^)]*\)', re.sub(r'```.*?```|`[^`]*`', '', cell.source, flags=re.S)):
            path = target.partition('#')[0]
            if path and not re.match(r'\w+:', path) and not (cell.notebook.parent/path).exists():
                yield cell, f'{"picture" if bang else "link to"} {path}: there is no such file'


def undescribed(page: list[Cell]) -> Problems:
    "Pictures without a text for those who cannot see them."
    for cell in page:
        for output in cell.outputs:
            svg = ''.join(output.get('data', {}).get('image/svg+xml', ''))
            if svg and 'aria-label="' not in svg and '#| fig-alt:' not in cell.source:
                yield cell, 'a picture without a description: begin the cell with `#| fig-alt: "..."`'
        if re.search(r'!\[\s*\]\(', cell.source): yield cell, 'a picture without a description'


def problems(nbs: Path) -> list[str]:
    "Everything found, in reading order."
    found = []
    for notebook in notebooks(nbs):
        page = cells(notebook)
        here = [problem for check in (unclosed, missing_files, undescribed, unknown_names) for problem in check(page)]
        found += [f'{notebook.relative_to(nbs.parent)}, cell {cell.number}: {text}' for cell, text in sorted(here, key=lambda p: p[0].number)]
    return found


if __name__ == '__main__':
    found = problems(root/'nbs')
    print('\n'.join(found))
    sys.exit(bool(found))
