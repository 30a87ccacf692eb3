"""What the live pages need beside their HTML, put into a built site: Python as WebAssembly with our own wheel in it,
Graphviz as WebAssembly, and our scripts. Nothing of it is loaded from anywhere but the site.
"""
import fcntl, json, os, shutil, subprocess, sys, tempfile, zipfile
from hashlib import sha256
from importlib.metadata import files
from pathlib import Path
from typing import Any

root = Path(__file__).resolve().parent.parent
pyodide = ('pyodide.mjs', 'pyodide.asm.mjs', 'pyodide.asm.wasm', 'python_stdlib.zip', 'pyodide-lock.json')
uncounted = ('pyodide.mjs', 'pyodide.asm.mjs') # scripts: the browser does not tell how far they are


def missing() -> str:
    "Why the pages cannot be live here, or ''."
    return '' if shutil.which('npm') else 'no npm here (https://nodejs.org), so the live pages have no Python in them'


def packages(project: Path) -> Path:
    "The folder with the packages of package-lock.json, installed where they are not yet."
    home = project/'.venv'/'npm'
    locked = (project/'package-lock.json').read_text(encoding='utf-8')
    done = home/'installed'
    home.mkdir(parents=True, exist_ok=True)
    with open(home/'lock', 'w') as lock: # two may ask at the same time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists() and done.read_text(encoding='utf-8') == locked: return home/'node_modules'
        for name in ('package.json', 'package-lock.json'): shutil.copy(project/name, home)
        subprocess.run([shutil.which('npm') or 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], cwd=home, check=True)
        done.write_text(locked, encoding='utf-8')
    return home/'node_modules'


def wheel(project: Path, folder: Path) -> str:
    "Builds our wheel into `folder` from a copy of the sources, the same bytes each time; returns its name."
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary)
        for name in ('settings.ini', 'setup.py', 'pyproject.toml', 'README.md', 'LICENSE'): shutil.copy(project/name, copy)
        shutil.copytree(project/'micrograd', copy/'micrograd', ignore=shutil.ignore_patterns('__pycache__'))
        subprocess.run([sys.executable, '-m', 'build', '--wheel', '--no-isolation', '--outdir', str(folder)], cwd=copy, check=True, capture_output=True, env={**os.environ, 'SOURCE_DATE_EPOCH': '315532800'})
    return next(folder.glob('literate_micrograd-*.whl')).name


def archive(package: str, to: Path) -> str:
    "A pure Python package of this environment as one file."
    with zipfile.ZipFile(to, 'w') as packed:
        for file in sorted(files(package) or []):
            if file.suffix == '.py' or 'licenses' in file.parts: packed.writestr(zipfile.ZipInfo(str(file)), file.read_binary(), zipfile.ZIP_DEFLATED)
    return to.name


def add(site: Path, project: Path = root) -> None:
    "Puts it all into the folder `live` of a built site."
    live, source = site/'live', project/'nbs'/'live'
    for path in [project/'micrograd'/'explore.js', *source.glob('*.js'), *source.glob('*.css'), *source.glob('*.txt')]: shutil.copyfile(path, live/path.name)
    ours = [path.name for path in sorted(source.glob('*.py'))]
    if missing(): contents: dict[str, Any] = {'missing': 'This site was built without npm, so there is no Python in it.'}
    else:
        modules = packages(project)
        home = f"pyodide-{json.loads((modules/'pyodide'/'package.json').read_text(encoding='utf-8'))['version']}"
        (live/home).mkdir()
        for name in pyodide: shutil.copyfile(modules/'pyodide'/name, live/home/name)
        shutil.copyfile(modules/'@viz-js'/'viz'/'dist'/'viz.js', live/'viz.js')
        for name in ours: shutil.copyfile(source/name, live/name)
        contents = dict(pyodide=home, wheel=wheel(project, live), archives=[archive('graphviz', live/'graphviz.zip')], modules=ours)
        counted = [*(f'{home}/{name}' for name in pyodide if name not in uncounted), contents['wheel'], *contents['archives'], *ours]
        contents['sizes'] = {name: (live/name).stat().st_size for name in counted}
        contents['version'] = sha256(b''.join((live/name).read_bytes() for name in counted)).hexdigest()[:12]
    (live/'files.json').write_text(json.dumps(contents), encoding='utf-8')
