"""nbdev_test, with all its options; and a cell that shows something else than its notebook has stored fails like one that
raises. What a hidden cell defines is there for other hidden cells only: a reader who copies what a page shows has no more.
So each notebook is executed once: `python tools/nbdev_test.py --path nbs/engine.ipynb`.
"""
import difflib, json
from pathlib import Path
from typing import Any
import execnb.shell, nbdev.test
from nbdev.clean import clean_nb
from pages import cells


def shown(outputs: list[Any]) -> list[str]:
    "The lines of what a cell shows, alike from Jupyter and from nbdev's shell, which gives first what was printed."
    streams = {name: ''.join(text for o in outputs if o.get('name') == name for text in o['text']) for name in ('stdout', 'stderr')}
    printed = [{'name': name, 'text': text} for name, text in streams.items() if text]
    drawn = [{'data': {mime: ''.join(data) if isinstance(data, (list, tuple)) else data for mime, data in sorted(o['data'].items())}} for o in outputs if 'data' in o]
    cell = {'source': [], 'metadata': {}, 'outputs': printed + drawn}
    clean_nb({'cells': [cell], 'metadata': {}})
    return [line for output in cell['outputs'] for line in json.dumps(output, indent=1, ensure_ascii=False).replace('\\n', '\n').splitlines()]


class Once(execnb.shell.CaptureShell.displayhook_class): # type: ignore[misc]
    "nbdev's shell draws each result a second time, after this."
    def compute_format_data(self, result: Any) -> tuple[dict[str, Any], dict[str, Any]]: return {}, {}


class Comparing(execnb.shell.CaptureShell): # type: ignore[misc]
    displayhook_class = Once
    exc: BaseException | None

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.hidden = {cell.id for cell in cells(path) if cell.hidden()}
        self.behind: dict[str, Any] = {} # what hidden cells have defined

    def cell(self, cell: Any, *args: Any, **options: Any) -> None:
        stored, cell.outputs = cell.get('outputs', []), []
        if cell.id in self.hidden:
            names, seen = self.user_ns, dict(self.user_ns)
            names.update(self.behind)
            super().cell(cell, *args, **options)
            new = {name for name in names if name[0] != '_' and names[name] is not seen.get(name)}
            self.behind = {name: names.pop(name) for name in new}
            names.update((name, seen[name]) for name in new & set(seen))
        else: super().cell(cell, *args, **options)
        if cell.cell_type != 'code' or self.exc: return
        found = [line[:200] for line in difflib.unified_diff(shown(stored), shown(cell.outputs), 'stored', 'shown now', n=0, lineterm='')]
        if found: self.exc = AssertionError('\n'.join((f'the cell {cell.id} shows something else; `make prepare` stores it', *found[:12])))


# Here, where each process that nbdev starts comes by.
execnb.shell.set_matplotlib_formats = None # nbdev's shell would show each of our plots as PNG too, as Jupyter does not
nbdev.test.CaptureShell = Comparing
# The longest notebook, two_moons, begins first, and no process waits for its end; times are sorted as nbdev does it.
nbdev.test.sorted = lambda things, **how: sorted(things, **how or {'reverse': True})
if __name__ == '__main__': nbdev.test.nbdev_test()
