"""The Python of the cells on a page: runs one after the other as Jupyter does, and gives what each of them shows.

What a page was before its first cell is what it is again after `fresh`: nothing that a cell did is left.
"""
from __future__ import annotations
import __future__
import ast, io, linecache, os, sys, traceback, types
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any
from IPython.lib.pretty import pretty

Shown = dict[str, str] # what one output shows, by its kind, as a notebook has it

flags_of_futures = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)


class Absent:
    "Stands for what could not be imported."
    def __init__(self, why: str) -> None: self.why = why
    def __getattr__(self, name: str) -> Any: raise ImportError(self.why)
    def __call__(self, *args: Any, **kwargs: Any) -> Any: raise ImportError(self.why)
    __getitem__ = __contains__ = __iter__ = __call__


class Page:
    "The namespace that the cells of a page share, and what the one that runs has shown."
    def __init__(self) -> None:
        self.module = types.ModuleType('__main__')
        self.flags = 0 # of `from __future__ import`, which hold for all cells after it
        self.count = 0
        self.shown: list[Shown] = []
        self.printed = io.StringIO()
        sys.modules['__main__'] = self.module
        vars(self.module)['display'] = self.display

    def compiled(self, tree: ast.Module | ast.Expression, name: str, mode: str) -> Any:
        code = compile(tree, name, mode, self.flags, dont_inherit=True)
        self.flags |= code.co_flags & flags_of_futures
        return code

    def run(self, source: str) -> None:
        "Runs a cell; its last expression is shown."
        self.count += 1
        name = f'<cell {self.count}>'
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        tree = ast.parse(source, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(';') else None
        if last is None and all(isinstance(line, ast.Import | ast.ImportFrom) for line in tree.body): return self.imports(tree, name)
        exec(self.compiled(tree, name, 'exec'), vars(self.module))
        if not isinstance(last, ast.Expr): return
        result = eval(self.compiled(ast.Expression(last.value), name, 'eval'), vars(self.module))
        if result is not None: self.display(result)

    def imports(self, tree: ast.Module, name: str) -> None:
        "Imports what is there; whatever else is missed when it is used."
        failed: list[ImportError] = []
        for line in tree.body:
            assert isinstance(line, ast.Import | ast.ImportFrom)
            try: exec(self.compiled(ast.Module([line], []), name, 'exec'), vars(self.module))
            except ImportError as error:
                failed.append(error)
                for alias in line.names: vars(self.module).setdefault((alias.asname or alias.name).partition('.')[0], Absent(str(error)))
        if len(failed) == len(tree.body) > 0: raise failed[0]

    def display(self, *things: Any) -> None:
        "Shows things as a notebook does: as a picture or as Markdown, if they can be that, and as text."
        self.flush()
        for thing in things:
            rich = {kind: getattr(thing, method)() for kind, method in kinds.items() if hasattr(type(thing), method)}
            if hasattr(type(thing), '_repr_mimebundle_'): rich |= thing._repr_mimebundle_()
            self.shown.append({'text/plain': pretty(thing)} | {kind: text for kind, text in rich.items() if text is not None})

    def flush(self) -> None:
        text = self.printed.getvalue()
        if text: self.shown.append({'text': text})
        self.printed.seek(0)
        self.printed.truncate()


def notebooks_own() -> None:
    "What notebooks import from IPython to show things."
    def showing(name: str, method: str) -> type:
        def init(self: Any, data: str) -> None: self.data = data
        return type(name, (), {'__init__': init, method: lambda self: self.data,
                               '__repr__': lambda self: f'<IPython.core.display.{name} object>'})
    module = types.ModuleType('IPython.display')
    vars(module).update(Markdown=showing('Markdown', '_repr_markdown_'), display=lambda *things: page.display(*things))
    sys.modules['IPython.display'] = module


kinds = {'image/svg+xml': '_repr_svg_', 'text/html': '_repr_html_', 'text/markdown': '_repr_markdown_'}
page = Page()
notebooks_own()
before = set(sys.modules)
home = Path.cwd()


def fresh(folder: str = '.') -> None:
    "Forgets every cell, and what they changed in our modules; the next ones run in the notebook's folder."
    global page
    layout = sys.modules['micrograd.drawing'].layout
    for name in sys.modules.keys() - before | {name for name in sys.modules if name.partition('.')[0] == 'micrograd'}: del sys.modules[name]
    setattr(import_module('micrograd.drawing'), 'layout', layout)
    linecache.clearcache()
    (home/folder).mkdir(parents=True, exist_ok=True)
    os.chdir(home/folder)
    page = Page()


def run(source: str) -> dict[str, Any]: # `outputs`, and `error` as a sentence, or ''
    "What a cell shows."
    error = ''
    page.shown = []
    with redirect_stdout(page.printed), redirect_stderr(page.printed):
        try: page.run(source)
        except BaseException as raised: error = told(raised)
    page.flush()
    return {'outputs': page.shown, 'error': error}


def told(error: BaseException) -> str:
    "What went wrong, with the lines of the cells that led there."
    lines = traceback.TracebackException.from_exception(error)
    ours = [frame for frame in lines.stack if frame.filename.startswith('<cell')]
    where = ''.join(f'line {frame.lineno}: {frame.line}\n' for frame in ours[-3:])
    return where + ''.join(lines.format_exception_only()).strip()
