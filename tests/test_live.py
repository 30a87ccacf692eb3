"What the live pages are made of: their scripts' types, and what is put into the site. tests/site opens the pages."
import json, os, shutil, subprocess, sys
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


@needs_npm
def test_what_is_listed_is_there_and_as_large_as_it_says(added):
    files = {file['url']: file for file in json.loads((added/'files.json').read_text())['files']}
    assert {url: (added/url).stat().st_size for url in files} == {url: file['size'] for url, file in files.items()}
    assert all(file['name'] == url.rpartition('/')[2] for url, file in files.items())
    assert {path.name for path in [*added.glob('*.whl'), *added.glob('pyodide-*/*'), *source.glob('*.py')]} | {'worker.js', 'viz.js'} <= {file['name'] for file in files.values()}
    assert {url for url, file in files.items() if file['graphs']} == {'viz.js', 'graphviz.ours.zip', 'notebooks.ours.zip'}


@needs_npm
def test_the_version_changes_with_the_package_and_with_nothing_else(added, tmp_path):
    for name in ('settings.ini', 'setup.py', 'pyproject.toml', 'README.md', 'LICENSE', 'package.json', 'package-lock.json'): shutil.copy(root/name, tmp_path)
    for name in ('micrograd', 'nbs/live', 'examples', 'bench'): shutil.copytree(root/name, tmp_path/name, ignore=shutil.ignore_patterns('.*'))
    (tmp_path/'.venv'/'npm').mkdir(parents=True)
    for name in ('node_modules', 'installed'): (tmp_path/'.venv'/'npm'/name).symlink_to(live.packages(root).parent/name)
    versions = [json.loads((added/'files.json').read_text())['version']]
    for site, change in (('same', ''), ('other', 'changed = True\n')):
        with open(tmp_path/'micrograd'/'nn.py', 'a') as module: module.write(change)
        (tmp_path/site/'live').mkdir(parents=True)
        live.add(tmp_path/site, tmp_path)
        versions.append(json.loads((tmp_path/site/'live'/'files.json').read_text())['version'])
    assert versions[0] == versions[1] != versions[2]


def test_without_npm_the_page_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, 'which', lambda name: None)
    (tmp_path/'live').mkdir()
    live.add(tmp_path)
    assert 'without npm' in json.loads((tmp_path/'live'/'files.json').read_text())['missing']
    assert not list((tmp_path/'live').glob('pyodide*'))


def test_every_program_that_is_served_has_its_licence():
    text = (source/'licences.txt').read_text()
    packages = json.loads((root/'package.json').read_text())['dependencies']
    assert {name.partition('/')[0] for name in packages} == {'pyodide', '@viz-js', '@codemirror', '@lezer'} # a new one needs its licence here
    for licence in ('MIT License', 'Mozilla Public License Version 2.0', 'Eclipse Public License - v 2.0', 'PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2'):
        assert licence in text


def test_no_registry_is_named():
    assert 'resolved' not in (root/'package-lock.json').read_text()
