"""What the live pages need beside their HTML, put into a built site: Python as WebAssembly with our own wheel in it,
Graphviz as WebAssembly, our scripts, and the policy that shuts it all in. Nothing is loaded from anywhere but the site.
"""
import fcntl, json, os, re, shutil, subprocess, sys, tempfile, zipfile
from base64 import b64encode
from hashlib import sha256
from html import unescape
from importlib.metadata import files
from pathlib import Path
from typing import Any
from bs4 import BeautifulSoup

root = Path(__file__).resolve().parent.parent
pyodide = ('pyodide.mjs', 'pyodide.asm.mjs', 'pyodide.asm.wasm', 'python_stdlib.zip', 'pyodide-lock.json')

# In the place of tqdm's thread that watches its bars: a page has no threads.
no_threads = b"""class TqdmSynchronisationWarning(RuntimeWarning): pass

class TMonitor:
    def __init__(self, *args): pass
    def report(self): return True
    def exit(self): pass
"""

# What a page may load and run: what lies beside it, and the scripts that it was built with.
of_pages = ("default-src 'none'; script-src 'self' 'unsafe-hashes' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            "font-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'")
# What the frame may do in which Python runs: compute.
of_frame = "default-src 'none'; script-src {hashes} blob: 'wasm-unsafe-eval' 'unsafe-eval'; worker-src blob:"


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


def archive(to: Path, *packages: str, **beside: bytes) -> str:
    """Pure Python packages of this environment as one file: `graphviz` whole, of `fastcore: test imports` some modules.
    And what else is to lie beside them."""
    with zipfile.ZipFile(to, 'w') as packed:
        def put(name: str, content: bytes) -> None: packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        for package in packages:
            name, _, modules = package.partition(':')
            for file in sorted(files(name) or []):
                wanted = file.suffix == '.py' and (not modules or file.stem in modules.split())
                if (wanted or 'licenses' in file.parts) and str(file) not in beside: put(str(file), file.read_binary())
        for name in sorted(beside): put(name, beside[name])
    return to.name


def of_notebooks(project: Path) -> dict[str, bytes]:
    "The files that cells read."
    return {str(path.relative_to(project)): path.read_bytes() for path in [*project.glob('examples/*.csv'), *project.glob('bench/*.md')]}


def bundle(script: Path, modules: Path, to: Path) -> None:
    "A script with the packages that it imports, as one file."
    subprocess.run([modules/'.bin'/'esbuild', script, '--bundle', '--minify', '--format=esm', '--target=es2022', '--log-level=warning', f'--outfile={to}'], env={**os.environ, 'NODE_PATH': str(modules)}, check=True)


def guarded(page: str, policy: str) -> str:
    "The page with its policy, in which the scripts that stand in it have their hashes."
    scripts = re.findall(r'<script\b(?![^>]*\ssrc=)[^>]*>(.*?)</script>', page, re.S) + [unescape(text) for text in re.findall(r'\son\w+="([^"]*)"', page)]
    hashes = ' '.join(sorted({f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts}))
    return page.replace('<head>', f'<head>\n<meta http-equiv="Content-Security-Policy" content="{policy.format(hashes=hashes)}">', 1)


def frame(script: str) -> str:
    return guarded(f'''<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Python</title></head>
<body><main><h1>Python</h1><p>Python runs here for the live pages. There is nothing to see.</p></main><script>{script}</script></body></html>
''', of_frame)


def offer(page: BeautifulSoup, nbs: Path, notebook: Path) -> None:
    "Puts under each code cell on the page of a notebook the buttons to run it here, or what it lacks for that."
    listed, name = nbs/'live'/'lacking.json', notebook.relative_to(nbs)
    if missing() or not listed.exists(): return
    lacking = json.loads(listed.read_text(encoding='utf-8')).get(name.as_posix(), {})
    def plain(code: str) -> str: return re.sub(r'^#\|.*\n', '', code, flags=re.M).strip()
    left = [(cell['id'], plain(''.join(cell['source']))) for cell in json.loads(notebook.read_text(encoding='utf-8'))['cells'] if cell['cell_type'] == 'code']
    found = False
    for code in page.select('main .cell pre.sourceCode'):
        if code.find_parent(class_='cell-output'): continue
        here = next(i for i, (_, source) in enumerate(left) if source == plain(code.text))
        cell, left = left[here][0], left[here + 1:]
        while code.parent and not {'cell', 'details'} & {code.parent.name, *code.parent.get_attribute_list('class')}: code = code.parent
        if cell in lacking: code.insert_after(tag(f'<div class="run" data-lacks="{cell}">Does not run here: {lacking[cell]}</div>'))
        else: code.insert_after(tag(f'<div class="run" data-cell="{cell}"><button class="btn" type="button" disabled>Run</button><button class="btn" type="button" disabled>Edit</button></div>'))
        found |= cell not in lacking
    up = '../'*(len(name.parts) - 1)
    if found and page.head: page.head.append(tag(f'<script type="module" src="{up}live/run.js"></script>'))


def tag(text: str) -> BeautifulSoup: return BeautifulSoup(text, 'html.parser')


def add(site: Path, project: Path = root) -> None:
    "Puts it all into the folder `live` of a built site, and the policy into every page."
    live, source = site/'live', project/'nbs'/'live'
    for page in site.rglob('*.html'): page.write_text(guarded(page.read_text(encoding='utf-8'), of_pages), encoding='utf-8')
    (live/'frame.html').write_text(frame((source/'frame.js').read_text(encoding='utf-8')), encoding='utf-8')
    scripts = [path for path in source.glob('*.js') if path.name not in ('frame.js', 'editor.js')]
    for path in [project/'micrograd'/'explore.js', *scripts, *source.glob('*.css'), *source.glob('*.txt')]: shutil.copyfile(path, live/path.name)
    if missing(): contents: dict[str, Any] = {'missing': 'This site was built without npm, so there is no Python in it.'}
    else:
        modules = packages(project)
        home = f"pyodide-{json.loads((modules/'pyodide'/'package.json').read_text(encoding='utf-8'))['version']}"
        (live/home).mkdir()
        for name in pyodide: shutil.copyfile(modules/'pyodide'/name, live/home/name)
        bundle(source/'editor.js', modules, live/'editor.js')
        shutil.copyfile(modules/'@viz-js'/'viz'/'dist'/'viz.js', live/'viz.js')
        ours = [path.name for path in sorted(source.glob('*.py'))]
        for name in ours: shutil.copyfile(source/name, live/name)
        needed = ['worker.js', *(f'{home}/{name}' for name in pyodide), wheel(project, live), *ours]
        for_graphs = ['viz.js', archive(live/'graphviz.ours.zip', 'graphviz'),
                      archive(live/'notebooks.ours.zip', 'ipython: pretty', 'fastcore: __init__ imports test', 'tqdm: __init__ _tqdm_pandas cli gui std utils version', **{'tqdm/_monitor.py': no_threads}, **of_notebooks(project))]
        listed: list[dict[str, Any]] = [dict(name=url.rpartition('/')[2], url=url, size=(live/url).stat().st_size, graphs=url in for_graphs) for url in needed + for_graphs]
        version = sha256(b''.join((live/file['url']).read_bytes() for file in listed)).hexdigest()[:12]
        contents = dict(version=version, files=listed)
    (live/'files.json').write_text(json.dumps(contents), encoding='utf-8')
