"What a page shows can be copied, in order, into Python: it needs no hidden cell (tools/nbdev_test.py runs it without), and no library but those of the extra `book`."
import ast, re, subprocess, sys
from configparser import ConfigParser
from pathlib import Path
import pytest

root = Path(__file__).parent.parent
sys.path.insert(0, str(root/'tools'))
from pages import cells, notebooks

pages = {p.relative_to(root/'nbs').with_suffix('').as_posix(): p for p in notebooks(root/'nbs')}


def shown(page):
    "The code that a reader sees, as one program."
    return '\n\n'.join(cell.source for cell in cells(pages[page]) if cell.kind == 'code' and not cell.hidden())


def test_no_page_uses_a_name_that_it_does_not_show(tmp_path):
    for page in pages: (tmp_path/f'{page.replace("/", "_")}.py').write_text(shown(page), encoding='utf-8')
    found = subprocess.run([sys.executable, '-m', 'ruff', 'check', '--isolated', '--select', 'F821', '--output-format', 'concise', '.'], cwd=tmp_path, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


def brought():
    "What can be imported where the extra `book` is installed."
    settings = ConfigParser()
    settings.read(root/'settings.ini', encoding='utf-8')
    asked = ' '.join(settings['DEFAULT'][key] for key in ('requirements', 'book_requirements')).split()
    names = {re.match(r'[\w-]+', one)[0] for one in asked} - {'nbdev', 'fastcore', 'execnb'} # these export the notebooks, and no lesson needs them
    return {*names, *sys.stdlib_module_names, 'micrograd', 'IPython', 'traitlets'} # the last two come with jupyterlab and anywidget


@pytest.mark.parametrize('page', pages)
def test_a_page_needs_only_what_the_book_extra_brings(page):
    imports = [node for node in ast.walk(ast.parse(shown(page))) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {name for node in imports for name in ([node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])}
    assert {name.partition('.')[0] for name in names} <= brought()
