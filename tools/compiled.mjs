// What Python as WebAssembly imports until it answers, compiled: of its library, what it needs before ours can be unpacked,
// without sentences, checks and numbers of lines, which would be half; then ours, and what that needs of the library.
// Called by live.py: node compiled.mjs PYODIDE SOURCES LIBRARY OURS
import { readFileSync, writeFileSync } from 'node:fs'

const [pyodide, sources, library, ours] = process.argv.slice(2)
const { loadPyodide } = await import(`${pyodide}/pyodide.mjs`)
const python = await loadPyodide({ env: { PYTHONNODEBUGRANGES: '1' } })
python.unpackArchive(new Uint8Array(readFileSync(sources)), 'zip', { extractDir: '/home/pyodide' })
python.runPython(`
import sys

def loaded():
    specs = (getattr(module, '__spec__', None) for module in sys.modules.values())
    return {spec.origin for spec in specs if spec and spec.has_location}

at_start, home = loaded(), '/home/pyodide/'
import importlib.util, marshal, types, zipfile
sys.path.append(home)
from micrograd import drawing
import playground, training

def one_line(code):
    "All of a function is in its first line."
    units = len(code.co_code)//2 # of which an entry of this table holds eight: Objects/locations.md in CPython
    table = b''.join(bytes((0xe8 + min(8, units - k) - 1, 0)) for k in range(0, units, 8))
    return code.replace(co_linetable=table, co_consts=tuple(one_line(c) if isinstance(c, types.CodeType) else c for c in code.co_consts))

def bytecode(code):
    "Without a look at the time of the source, which is not there."
    return importlib.util.MAGIC_NUMBER + (1).to_bytes(4, 'little') + bytes(8) + marshal.dumps(code)

standard = next(path for path in sys.path if path.endswith('.zip')) + '/'
sources = zipfile.ZipFile(standard[:-1])
with zipfile.ZipFile('/library.zip', 'w') as library, zipfile.ZipFile('/ours.zip', 'w') as ours:
    for file in sorted(loaded()):
        name = zipfile.ZipInfo(file.removeprefix(standard).removeprefix(home) + 'c')
        if file.startswith(home): ours.writestr(name, bytecode(compile(open(file).read(), file, 'exec', dont_inherit=True)))
        elif file.startswith(standard):
            code = compile(sources.read(name.filename[:-1]), file, 'exec', dont_inherit=True, optimize=2)
            first = file in at_start or '/' in name.filename # a package is in one place, where the rest of it will be found
            (library if first else ours).writestr(name, bytecode(one_line(code)))
`)
writeFileSync(library, python.FS.readFile('/library.zip'))
writeFileSync(ours, python.FS.readFile('/ours.zip'))
