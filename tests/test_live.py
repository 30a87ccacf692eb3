"What the live pages are made of: their scripts' types, and what is put into the site. tests/site opens the pages."
import io, json, lzma, os, shutil, subprocess, sys, zipfile
from pathlib import Path
import pytest

root = Path(__file__).parent.parent
sys.path.insert(0, str(root/'tools'))
import live

pytestmark = pytest.mark.slow

source = root/'nbs'/'live'
needs_npm = pytest.mark.skipif(bool(live.missing()) and not os.environ.get('NOTHING_LEFT_OUT'), reason=live.missing() or 'npm is here')


@pytest.fixture(scope='module')
def added(tmp_path_factory):
    site = tmp_path_factory.mktemp('site')
    (site/'live').mkdir()
    live.add(site)
    return site/'live'


@needs_npm
def test_the_scripts_keep_their_types():
    checked = subprocess.run([live.packages(root)/'.bin'/'tsc', '-p', source/'jsconfig.json'], capture_output=True, text=True)
    assert checked.stdout == '' and checked.returncode == 0


def packs(live):
    return {pack['name']: pack for pack in json.loads((live/'files.json').read_text())['packs']}


@needs_npm
def test_what_is_listed_is_there_and_as_large_as_it_says(added):
    for name, pack in packs(added).items():
        packed = (added/f'{name}.xz').read_bytes()
        assert pack['size'] == len(packed) and pack['url'].startswith(f'{name}.xz?')
        assert sum(pack['files'].values()) == len(lzma.decompress(packed))
    assert not [path for path in added.iterdir() if path.suffix in ('.wasm', '.zip', '.whl', '.py')]


@needs_npm
def test_a_slow_line_has_no_more_to_carry(added):
    "What a page fetches until its Python is ready, in bytes: at 1.44 Mbit/s a second is 180,000."
    size = {name: pack['size'] for name, pack in packs(added).items()}
    assert size['pyodide'] + size['python'] < 3_500_000
    assert size['graphs'] < 420_000 and size['notebooks'] < 60_000 and size['sources'] + size['library'] < 1_900_000


@needs_npm
def test_what_starts_python_is_compiled_and_the_rest_is_in_the_library(added):
    def names(pack, file):
        content, at = lzma.decompress((added/f'{pack}.xz').read_bytes()), 0
        for name, size in packs(added)[pack]['files'].items():
            if name == file: return set(zipfile.ZipFile(io.BytesIO(content[at:at + size])).namelist())
            at += size
    assert {'asyncio/events.pyc', 'typing.pyc', 'random.pyc'} <= names('python', 'python_stdlib.zip')
    assert {'training.pyc', 'playground.pyc', 'micrograd/engine.pyc'} <= names('python', 'micrograd.zip')
    assert {'asyncio/events.py', 'email/message.py'} <= names('library', 'library.zip')
    assert {'training.py', 'cells.py', 'micrograd/engine.py', 'micrograd/jit/tape.py'} <= names('sources', 'sources.zip')


@needs_npm
def test_the_addresses_change_with_the_package_and_with_nothing_else(added, tmp_path, monkeypatch):
    "The changed package is neither compiled nor packed well: an address follows from what a file is made of."
    for name in ('settings.ini', 'setup.py', 'pyproject.toml', 'README.md', 'LICENSE', 'package.json', 'package-lock.json'): shutil.copy(root/name, tmp_path)
    for name in ('micrograd', 'nbs/live', 'examples', 'bench'): shutil.copytree(root/name, tmp_path/name, ignore=shutil.ignore_patterns('.*', '__pycache__'))
    (tmp_path/'.venv'/'npm').mkdir(parents=True)
    npm = live.packages(root).parent
    for name in ('node_modules', 'installed'): (tmp_path/'.venv'/'npm'/name).symlink_to(npm/name)
    shutil.copytree(npm/'made', tmp_path/'.venv'/'npm'/'made', copy_function=os.symlink)
    run, compress = subprocess.run, lzma.compress
    def quick(command, **options):
        if command[0] != 'node': return run(command, **options)
        *_, given, library, ours = command
        library.write_bytes(b'')
        shutil.copy(given, ours)
    monkeypatch.setattr(subprocess, 'run', quick)
    monkeypatch.setattr(lzma, 'compress', lambda content, **options: compress(content, preset=0))
    def listed(live): return {name: pack['url'] for name, pack in packs(live).items()}
    versions = [listed(added)]
    for site, change in (('same', ''), ('other', 'changed = True\n')):
        with open(tmp_path/'micrograd'/'nn.py', 'a') as module: module.write(change)
        (tmp_path/site/'live').mkdir(parents=True)
        live.add(tmp_path/site, tmp_path)
        versions.append(listed(tmp_path/site/'live'))
    assert versions[0] == versions[1]
    assert {name for name in versions[0] if versions[0][name] != versions[2][name]} == {'python', 'sources'}


def test_without_npm_the_page_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, 'which', lambda name: None)
    (tmp_path/'live').mkdir()
    live.add(tmp_path)
    assert 'without npm' in json.loads((tmp_path/'live'/'files.json').read_text())['missing']
    assert not list((tmp_path/'live').glob('*.xz'))


def test_every_program_that_is_served_has_its_licence():
    text = (source/'licences.txt').read_text()
    packages = json.loads((root/'package.json').read_text())['dependencies']
    assert {name.partition('/')[0] for name in packages} == {'pyodide', '@viz-js', '@codemirror', '@lezer', 'xz-decompress'} # a new one needs its licence here
    for licence in ('MIT License', 'Mozilla Public License Version 2.0', 'Eclipse Public License - v 2.0', 'PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2'):
        assert licence in text


def test_no_registry_is_named():
    assert 'resolved' not in (root/'package-lock.json').read_text()
