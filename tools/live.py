"""What the live pages need beside their HTML, put into a built site: Python as WebAssembly with our own wheel in it,
Graphviz as WebAssembly, our scripts, and the policy that shuts it all in. Nothing is loaded from anywhere but the site.

A telephone waits for its line, and then for its processor. So Python comes packed with xz, a quarter smaller than what a
server does on its way (frame.js unpacks it), and what it imports at its start comes compiled, so that nothing has to be.
"""
import fcntl, io, json, lzma, os, re, shutil, subprocess, sys, tempfile, zipfile
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html import unescape
from importlib.metadata import files
from collections.abc import Callable
from pathlib import Path
from typing import Any
from bs4 import BeautifulSoup

root = Path(__file__).resolve().parent.parent
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


def wheel(project: Path) -> dict[str, bytes]:
    "The files of our wheel, built from a copy of the sources."
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary)
        for name in ('settings.ini', 'setup.py', 'pyproject.toml', 'README.md', 'LICENSE'): shutil.copy(project/name, copy)
        shutil.copytree(project/'micrograd', copy/'micrograd', ignore=shutil.ignore_patterns('__pycache__'))
        subprocess.run([sys.executable, '-m', 'build', '--wheel', '--no-isolation', '--outdir', str(copy)], cwd=copy, check=True, capture_output=True, env={**os.environ, 'SOURCE_DATE_EPOCH': '315532800'})
        return unpacked(next(copy.glob('literate_micrograd-*.whl')))


def archive(files: dict[str, bytes]) -> bytes:
    "One file of many, the same bytes each time; nothing in it is packed yet."
    with zipfile.ZipFile(to := io.BytesIO(), 'w') as packed:
        for name, content in files.items(): packed.writestr(zipfile.ZipInfo(name), content)
    return to.getvalue()


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed: return {name: packed.read(name) for name in packed.namelist() if not name.endswith('/')}


def of_packages(*packages: str) -> dict[str, bytes]:
    "Pure Python packages of this environment: `graphviz` whole, of `fastcore: test imports` some modules."
    found: dict[str, bytes] = {}
    for package in packages:
        name, _, modules = package.partition(':')
        for file in sorted(files(name) or []):
            wanted = file.suffix == '.py' and (not modules or file.stem in modules.split())
            if wanted or 'licenses' in file.parts: found[str(file)] = file.read_binary()
    return found


def once(project: Path, key: bytes, make: Callable[[], bytes]) -> bytes:
    "What takes seconds to make, and follows from `key` alone."
    kept = project/'.venv'/'npm'/'made'/sha256(key).hexdigest()
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as made: made.write(make())
        os.replace(made.name, kept)
    return kept.read_bytes()


def compiled(project: Path, modules: Path, sources: bytes) -> tuple[bytes, bytes]:
    "What Python imports at its start, compiled: of its library, and of ours."
    script = root/'tools'/'compiled.mjs'
    def make() -> bytes:
        with tempfile.TemporaryDirectory() as temporary:
            given, *made = (Path(temporary)/name for name in ('sources.zip', 'library.zip', 'ours.zip'))
            given.write_bytes(sources)
            subprocess.run(['node', script, modules/'pyodide', given, *made], check=True, stdout=subprocess.DEVNULL)
            return archive({path.name: path.read_bytes() for path in made})
    key = b'\0'.join([sources, script.read_bytes(), (modules/'pyodide'/'package.json').read_bytes()])
    with zipfile.ZipFile(io.BytesIO(once(project, key, make))) as both: return both.read('library.zip'), both.read('ours.zip')


def slim(script: str) -> str:
    "Pyodide's script without the names for C functions that nothing in it calls, a third of it; packages would, and none is loaded."
    uses = Counter(re.findall(r'\w+', script))
    named = r'(\w+)=Module\["\1"\]=wasmExports\["\w+"\];'
    idle = {match[1] for match in re.finditer(named, script) if uses[match[1]] == 3} # declared, named, and as a property
    def declared(match: re.Match[str]) -> str: return f'var {",".join(name for name in match[1].split(",") if name not in idle)};'
    return re.sub(r'\bvar ((?:\w+,){99,}\w+);', declared, re.sub(named, lambda match: '' if match[1] in idle else match[0], script))


def pack(live: Path, project: Path, name: str, files: dict[str, bytes]) -> dict[str, Any]:
    "Writes some files, one after the other, packed; returns what python.js has to know of them."
    content = b''.join(files.values())
    filters = [dict(id=lzma.FILTER_LZMA2, preset=9 | lzma.PRESET_EXTREME, pb=0)] # of WebAssembly, a byte's place says nothing
    packed = once(project, b'xz' + content, lambda: lzma.compress(content, check=lzma.CHECK_CRC32, filters=filters))
    (live/f'{name}.xz').write_bytes(packed)
    return dict(name=name, url=f'{name}.xz?{sha256(content).hexdigest()[:12]}', size=len(packed), files={file: len(content) for file, content in files.items()})


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


def frame(*scripts: str) -> str:
    return guarded(f'''<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Python</title></head>
<body><main><h1>Python</h1><p>Python runs here for the live pages. There is nothing to see.</p></main>{''.join(f'<script>{script}</script>' for script in scripts)}</body></html>
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
    scripts = [path for path in source.glob('*.js') if path.name not in ('frame.js', 'editor.js')]
    framed = [(source/'frame.js').read_text(encoding='utf-8')]
    for path in [project/'micrograd'/'explore.js', *scripts, *source.glob('*.css'), *source.glob('*.txt')]: shutil.copyfile(path, live/path.name)
    if missing(): contents: dict[str, Any] = {'missing': 'This site was built without npm, so there is no Python in it.'}
    else:
        modules = packages(project)
        bundle(source/'editor.js', modules, live/'editor.js')
        npm = {path.name: path.read_bytes() for path in [*(modules/'pyodide').glob('p*.*'), modules/'@viz-js'/'viz'/'dist'/'viz.js']}
        framed.insert(0, (modules/'xz-decompress'/'dist'/'package'/'xz-decompress.min.js').read_text(encoding='utf-8'))
        npm['pyodide.asm.mjs'] = slim(npm['pyodide.asm.mjs'].decode()).encode()
        npm['pyodide-lock.json'] = json.dumps({**json.loads(npm['pyodide-lock.json']), 'packages': {}}).encode() # it loads none
        sources = archive({**wheel(project), **{path.name: path.read_bytes() for path in sorted(source.glob('*.py'))}})
        library, ours = compiled(project, modules, sources)
        notebooks = of_packages('ipython: pretty', 'fastcore: __init__ imports test', 'tqdm: __init__ _tqdm_pandas cli gui std utils version')
        packs = [pack(live, project, name, files) for name, files in {
            'pyodide': {name: npm[name] for name in ('pyodide.asm.wasm', 'pyodide.asm.mjs', 'pyodide.mjs', 'pyodide-lock.json')},
            'python': {'python_stdlib.zip': library, 'micrograd.zip': ours},
            'graphs': {'viz.js': npm['viz.js'], 'graphviz.zip': archive(of_packages('graphviz'))},
            'notebooks': {'notebooks.zip': archive({**notebooks, 'tqdm/_monitor.py': no_threads, **of_notebooks(project)})},
            'sources': {'sources.zip': sources},
            'library': {'library.zip': archive(unpacked(modules/'pyodide'/'python_stdlib.zip'))}}.items()]
        def versioned(name: str, *what: Any) -> str: return f'{name}?{sha256(repr(what).encode()).hexdigest()[:12]}'
        worker = (live/'worker.js').read_text(encoding='utf-8')
        contents = dict(worker=versioned('worker.js', worker), snapshot=versioned('snapshot', worker, packs[:2]), packs=packs)
    (live/'files.json').write_text(json.dumps(contents), encoding='utf-8')
    for page in site.rglob('*.html'):
        text = page.read_text(encoding='utf-8')
        page.write_text(guarded(preloaded(text, live) if page.parent == live else text, of_pages), encoding='utf-8')
    (live/'frame.html').write_text(frame(*framed), encoding='utf-8')


def preloaded(page: str, live: Path) -> str:
    "The page of a script that asks at once for the list of files, and names which others the script imports, and they again."
    wanted = re.findall(r'<script[^>]* src="(\w+\.js)"', page)
    for name in wanted: wanted += [other for other in re.findall(r"from '\./(\w+\.js)'", (live/name).read_text(encoding='utf-8')) if other not in wanted]
    first = "<script>(files = fetch('files.json', { cache: 'no-cache' })).catch(() => {})</script><script type='module' async src='files.js'></script>" if 'files.js' in wanted else ''
    return page.replace('<meta charset', f'{first}<meta charset', 1).replace('</head>', ''.join(f'<link rel="modulepreload" href="{name}">' for name in wanted if name != 'files.js') + '</head>', 1)
