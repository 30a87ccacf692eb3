"What is built and installed: a clean environment with no extra, its size, its start, its types and its metadata."
import os, pkgutil, shutil, subprocess, sys, sysconfig, tarfile, zipfile
from pathlib import Path
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent/'tools'))
import live

pytestmark = pytest.mark.slow

root = Path(__file__).parent.parent
modules = [found.name for found in pkgutil.walk_packages([str(root/'micrograd')], 'micrograd.') if '._' not in found.name]
shipped = ('settings.ini', 'setup.py', 'pyproject.toml', 'MANIFEST.in', 'README.md', 'LICENSE', 'CHANGELOG.md', 'package.json', 'package-lock.json', '.npmrc', 'micrograd')


def run(*command, **options):
    environment = {k: v for k, v in os.environ.items() if k not in ('PYTHONPATH', 'PYTHONHOME')}
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=environment, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def copied(folder):
    for name in shipped:
        if (root/name).is_dir(): shutil.copytree(root/name, folder/name, ignore=shutil.ignore_patterns('__pycache__'))
        else: shutil.copy(root/name, folder)
    return folder


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    "A folder with the wheel and the source distribution."
    out = tmp_path_factory.mktemp('dist')
    source = copied(tmp_path_factory.mktemp('source'))
    run(sys.executable, '-m', 'build', '--wheel', '--outdir', out, source) # with nothing but what it says that it needs
    run(sys.executable, '-m', 'build', '--sdist', '--no-isolation', '--outdir', out, source)
    return out


@pytest.fixture(scope='module')
def clean(built, tmp_path_factory):
    "The Python of an environment that has the wheel and no extra."
    folder = tmp_path_factory.mktemp('clean')
    run(sys.executable, '-m', 'venv', '--without-pip', folder/'env')
    python = folder/'env'/'bin'/'python'
    run(sys.executable, '-m', 'pip', '--python', python, 'install', '--quiet', *built.glob('*.whl'))
    return python


def test_at_most_four_distributions(clean):
    names = set(run(clean, '-c', 'import importlib.metadata as m; print(*(d.name for d in m.distributions()))').split())
    assert 'literate-micrograd' in names and len(names) <= 4, names


def test_it_trains_without_any_extra(clean, tmp_path):
    code = '''
from micrograd import MLP, Value
from micrograd.train import Adam, fit, make_xor, binary_cross_entropy_with_logits
xs, ys = make_xor(40)
model = MLP(2, [8, 1], act='tanh')
history = fit(model, xs, ys, binary_cross_entropy_with_logits, Adam(model.parameters(), lr=0.1), steps=60, progress=False)
print(history.accuracy[-1] > 0.9, type(model([0.0, 0.0])) is Value)
'''
    assert run(clean, '-c', code, cwd=tmp_path).split() == ['True', 'True']


def test_the_command_is_there_and_says_what_the_pictures_need(clean, tmp_path):
    assert 'train' in run(clean.parent/'micrograd', '--help')
    result = subprocess.run([clean.parent/'micrograd', 'demo', '--steps', '3', '--quiet'], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 1 and 'literate-micrograd[viz]' in result.stderr and 'accuracy' in result.stdout


def test_import_is_quick_and_pulls_in_nothing_foreign(clean, tmp_path):
    code = '''
import sys, time
before, start = set(sys.modules), time.process_time() # which other programs disturb least
import micrograd
seconds = time.process_time() - start
foreign = {name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names) - {'micrograd'}
print(seconds * 1000, *foreign)
'''
    results = [run(clean, '-c', code, cwd=tmp_path).split() for _ in range(7)]
    assert all(len(result) == 1 for result in results), results
    assert min(float(result[0]) for result in results) < 50


def test_its_types_are_known_from_outside(clean, tmp_path):
    "By what is installed, and without the sources in sight."
    program = shutil.copy(root/'tests'/'user_program.py', tmp_path)
    run(sys.executable, '-m', 'mypy', '--strict', '--config-file=', '--python-executable', clean, program, cwd=tmp_path)
    if live.missing() and not os.environ.get('NOTHING_LEFT_OUT'): pytest.skip('no npm here, so pyright was not asked')
    run(live.packages(root)/'.bin'/'pyright', '--pythonpath', clean, program, cwd=tmp_path)


def test_each_module_can_be_imported(clean, tmp_path):
    "From what is installed; what an extra would bring comes from here."
    code = f"""
import sys
sys.path.append({sysconfig.get_paths()['purelib']!r})
for name in {modules}:
    assert __import__(name, fromlist=['']).__file__.startswith({str(clean.parent.parent)!r})
"""
    run(clean, '-I', '-c', code, cwd=tmp_path)


def test_what_the_files_hold(built):
    wheel, = built.glob('*.whl')
    names = set(zipfile.ZipFile(wheel).namelist())
    assert names >= {str(file.relative_to(root)) for kind in ('*.py', '*.js', 'py.typed') for file in (root/'micrograd').rglob(kind)}
    source, = built.glob('*.tar.gz')
    names = {name.split('/', 1)[-1] for name in tarfile.open(source).getnames()}
    assert {'settings.ini', 'README.md', 'LICENSE', 'CHANGELOG.md', 'setup.py', 'package-lock.json'} <= names


def metadata(folder):
    run(sys.executable, 'setup.py', '--quiet', 'egg_info', cwd=folder)
    info, = folder.glob('*.egg-info')
    return (info/'PKG-INFO').read_text()


def test_addresses_follow_from_git_url_and_are_left_out_while_it_is_empty(tmp_path):
    folder = copied(tmp_path)
    settings = folder/'settings.ini'
    assert '\ngit_url =\n' in settings.read_text()
    found = metadata(folder)
    assert 'URL' not in found.split('\n\n')[0] and 'Home-page' not in found and '](nbs/' not in found
    settings.write_text(settings.read_text().replace('git_url =', 'git_url = https://code.example/us/it/'))
    found = metadata(folder)
    assert 'Home-page: https://code.example/us/it\n' in found
    assert 'Project-URL: Issues, https://code.example/us/it/issues\n' in found
    assert '](https://code.example/us/it/raw/main/nbs/engine.ipynb)' in found and '](nbs/' not in found


def test_the_version_is_written_once():
    import micrograd
    assert f'version = {micrograd.__version__}\n' in (root/'settings.ini').read_text()
