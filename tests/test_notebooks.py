"The notebooks as files: executing them again changes no byte, and each is as the house wants it."
import json, os, re, shutil, subprocess, sys
from pathlib import Path
import pytest

root = Path(__file__).parent.parent
notebooks = sorted(p.relative_to(root) for p in (root/'nbs').rglob('*.ipynb') if not {'.ipynb_checkpoints', '_proc'} & set(p.parts))
everywhere = pytest.mark.parametrize('path', notebooks, ids=str)


def cells(path): return json.loads((root/path).read_text())['cells']


def test_executing_again_changes_no_byte(tmp_path):
    "With a seed for hashes that the committed outputs were not made with."
    for name in ('nbs', 'examples', 'bench', 'settings.ini', '_quarto.yml'):
        if (root/name).is_dir(): shutil.copytree(root/name, tmp_path/name, symlinks=True, ignore=shutil.ignore_patterns('.peers', '__pycache__'))
        else: shutil.copy(root/name, tmp_path)
    programs = Path(sys.executable).parent # those of this environment, whether it is activated or not
    environment = {**os.environ, 'PYTHONHASHSEED': '12345', 'JUPYTER_PREFER_ENV_PATH': '1', 'PATH': f'{programs}{os.pathsep}{os.environ["PATH"]}'}
    for command in (['jupyter', 'execute', '--inplace', *map(str, notebooks)], ['nbdev_clean']):
        result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
    assert [str(p) for p in notebooks if (tmp_path/p).read_bytes() != (root/p).read_bytes()] == []


@everywhere
def test_sources_are_lists_of_lines(path):
    assert all(isinstance(cell['source'], list) for cell in cells(path))


@everywhere
def test_one_title_then_one_line(path):
    first = ''.join(next(cell for cell in cells(path) if cell['cell_type'] == 'markdown')['source'])
    assert re.fullmatch(r'# [^\n]+\n\n> [^\n]+', first)


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


def test_what_is_out_of_date_is_named(tmp_path):
    "tools/unchanged.py is run by `make test`; here it is seen to notice."
    for name in ('nbs', 'micrograd', 'tools', 'README.md', 'CONTRIBUTING.md', 'settings.ini', '_quarto.yml', 'pyproject.toml'):
        if (root/name).is_dir(): shutil.copytree(root/name, tmp_path/name, symlinks=True)
        else: shutil.copy(root/name, tmp_path)
    for name in ('README.md', 'micrograd/nn.py'):
        with open(tmp_path/name, 'a') as file: file.write('changed\n')
    result = subprocess.run([sys.executable, tmp_path/'tools'/'unchanged.py'], capture_output=True, text=True)
    assert result.returncode == 1 and result.stderr.endswith('run `make prepare`: README.md, micrograd/nn.py\n')
