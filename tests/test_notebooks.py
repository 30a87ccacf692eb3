"The notebooks as files: executing them again changes no byte, and each is as the house wants it."
import json, re, shutil, subprocess, sys
from pathlib import Path
import pytest, yaml

root = Path(__file__).parent.parent
sys.path.insert(0, str(root/'tools'))
import pages

notebooks = sorted(p.relative_to(root) for p in (root/'nbs').rglob('*.ipynb') if not {'.ipynb_checkpoints', '_proc'} & set(p.parts))
everywhere = pytest.mark.parametrize('path', notebooks, ids=str)


def cells(path): return json.loads((root/path).read_text())['cells']


@pytest.mark.slow
def test_a_cell_that_shows_something_else_or_uses_what_only_a_hidden_cell_defines_is_named(tmp_path):
    "tools/nbdev_test.py is run by `make test` with another seed for hashes; here it is seen to notice."
    import nbformat # which takes long
    for name in ('settings.ini', '_quarto.yml'): shutil.copy(root/name, tmp_path)
    (tmp_path/'nbs').mkdir()
    for name, stored in (('right', '3'), ('wrong', '4')):
        shows = lambda kind, source, **output: nbformat.v4.new_code_cell(source, outputs=[nbformat.v4.new_output(kind, **output)])
        page = nbformat.v4.new_notebook(cells=[
            shows('stream', 'for i in range(2): print(i)', name='stdout', text='0\n1\n'),
            shows('display_data', 'from IPython.display import HTML, display\ndisplay(HTML("<b>1</b>\\n"))', data={'text/html': '<b>1</b>\n', 'text/plain': '<IPython.core.display.HTML object>'}),
            shows('execute_result', '1 + 2', data={'text/plain': stored})])
        for cell in page.cells: cell.id = f'{name}-{page.cells.index(cell)}'
        nbformat.write(page, tmp_path/'nbs'/f'{name}.ipynb')
    sources = ['b = 1', '#| hide\na, b = 2, 3', '#| echo: false\nassert (a, b) == (2, 3)', 'assert b == 1', 'a']
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id=f'c{i}') for i, source in enumerate(sources)])
    nbformat.write(page, tmp_path/'nbs'/'hidden.ipynb')
    run = lambda *options: subprocess.run([sys.executable, root/'tools'/'nbdev_test.py', *options], cwd=tmp_path, capture_output=True, text=True)
    assert run('--path', 'nbs/right.ipynb', '--timing').stdout.startswith('Success.\nright.ipynb: ')
    result = run()
    assert result.returncode == 1 and result.stdout == ''
    assert re.findall(r'the cell (\S+) shows something else', result.stderr) == ['wrong-2']
    assert '\n-  "text/plain": "4"\n+  "text/plain": "3"\n' in result.stderr and result.stderr.endswith('\twrong.ipynb\n\thidden.ipynb\n')
    assert "NameError: name 'a' is not defined" in result.stderr


@everywhere
def test_sources_are_lists_of_lines(path):
    assert all(isinstance(cell['source'], list) for cell in cells(path))


@everywhere
def test_one_title_then_one_line(path):
    first = ''.join(next(cell for cell in cells(path) if cell['cell_type'] == 'markdown')['source'])
    assert re.fullmatch(r'# [^\n]+\n\n> [^\n]+', first)


lessons = pytest.mark.parametrize('path', [path for path in notebooks if path.stem not in ('index', 'contributing')], ids=str)


def minutes_of(page):
    "At 180 words and 7 lines of code a minute; what is folded is not counted."
    prose = ' '.join(cell.source for cell in page if cell.kind == 'markdown')
    code = [line for cell in page if cell.kind == 'code' and not cell.hidden() and '#| code-fold:' not in cell.source for line in cell.source.splitlines() if line.strip() and not line.startswith('#|')]
    return len(re.findall(r'\]\(.*?\)|\b[\w’-]+', prose))/180 + len(code)/7.5


@lessons
def test_the_head_says_what_a_page_needs_and_how_long_it_takes(path):
    "What is looked up or played with is not counted."
    page = pages.cells(root/path)
    prose = [cell.source for cell in page if cell.kind == 'markdown']
    said = re.search(r'^\*Needs .+\. (?:Takes .*\b(\d+) minutes( an \w+)?.*|To be looked up.*)\.\*$', prose[1], re.M)
    assert said, prose[1]
    if said[1] and not said[2] and path.parent.name != 'live':
        minutes = minutes_of(page)
        assert abs(minutes - int(said[1])) < max(8, 0.4*minutes), f'{minutes:.0f} minutes'


def test_the_first_part_takes_ninety_minutes_and_no_page_more_than_thirty():
    "The engine to its good place to stop, which its head gives first."
    parts = yaml.safe_load((root/'nbs'/'_quarto.yml').read_text(encoding='utf-8'))['website']['sidebar']['contents']
    first = next(part['contents'] for part in parts if part.get('section') == 'Understand')
    minutes = [int(re.search(r'^\*Needs .*?(\d+) minutes', '\n'.join(''.join(cell['source']) for cell in cells(Path('nbs')/page)), re.M)[1]) for page in first]
    assert sum(minutes) <= 90 and max(minutes) <= 30


def test_backpropagation_by_hand_takes_forty_minutes():
    "The sections that the page for teachers names, in four thirds of the time of reading: numbers are written down on the way."
    said, = [cell.source for cell in pages.cells(root/'nbs/tutorials/teaching.ipynb') if cell.source.startswith('Forty minutes')]
    for sentence, stated in re.findall(r'^\d\. (.*): (\d+) minutes', said, re.M):
        sections, minutes = {}, 0.0
        for path in {Path('nbs/tutorials', name).resolve().relative_to(root.resolve()) for name in re.findall(r'\(([\w./]+)#', sentence)}:
            for cell in pages.cells(root/path):
                if cell.source.startswith('## '): part = re.sub(r'[^\w -]', '', cell.source[3:].split('\n')[0].lower()).replace(' ', '-')
                elif cell.source.startswith('# '): part = 'head'
                sections.setdefault(part, []).append(cell)
        for everything, section in re.findall(r'(everything to )?\[[^]]+\]\([\w./]+#([\w-]+)\)', sentence):
            names = list(sections)
            minutes += sum(minutes_of(sections[name]) for name in (names[:names.index(section) + 1] if everything else [section]))
        assert minutes*4/3 <= int(stated) + 1, sentence
    assert sum(map(int, re.findall(r': (\d+) minutes', said))) == 40


@everywhere
def test_modules_are_exported_by_the_last_cell(path):
    source = [''.join(cell['source']) for cell in cells(path)]
    if '#| default_exp' in source[0]: assert source[-1].startswith('#| hide') and 'nbdev_export()' in source[-1]


@everywhere
def test_outputs_hold_no_error_count_or_path_of_this_machine(path):
    for cell in cells(path):
        if cell['cell_type'] != 'code': continue
        assert cell['execution_count'] is None
        for output in cell['outputs']:
            assert output['output_type'] != 'error'
            text = json.dumps(output)
            assert str(Path.home()) not in text and str(root) not in text and 'site-packages' not in text


@pytest.mark.slow
def test_what_is_out_of_date_is_named(tmp_path):
    "tools/unchanged.py is run by `make test`; here it is seen to notice."
    for name in ('micrograd', 'tools', 'nbs/images'): shutil.copytree(root/name, tmp_path/name, ignore=shutil.ignore_patterns('__pycache__'))
    few = [f'nbs/{name}.ipynb' for name in ('index', 'contributing', 'nn')]
    for name in (*few, 'nbs/_quarto.yml', 'README.md', 'CONTRIBUTING.md', 'settings.ini', 'pyproject.toml'): shutil.copy(root/name, tmp_path/name)
    for name in ('README.md', 'micrograd/nn.py'):
        with open(tmp_path/name, 'a') as file: file.write('changed\n')
    result = subprocess.run([sys.executable, tmp_path/'tools'/'unchanged.py'], capture_output=True, text=True)
    assert result.returncode == 1 and result.stderr.endswith('run `make prepare`: README.md, micrograd/nn.py\n')
