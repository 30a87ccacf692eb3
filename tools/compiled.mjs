// What Python as WebAssembly imports until it answers, compiled: of its library (without sentences and checks, which
// would be a third), and of ours. Called by live.py: node compiled.mjs PYODIDE SOURCES LIBRARY OURS
import { readFileSync, writeFileSync } from 'node:fs'

const [pyodide, sources, library, ours] = process.argv.slice(2)
const { loadPyodide } = await import(`${pyodide}/pyodide.mjs`)
const python = await loadPyodide({ env: { PYTHONNODEBUGRANGES: '1' } })
python.FS.writeFile('/sources.zip', readFileSync(sources))
python.runPython(`
import importlib.util, marshal, sys, zipfile

def bytecode(source, file, optimize):
    "Without a look at the time of the source, which is not there."
    code = compile(source, file, 'exec', dont_inherit=True, optimize=optimize)
    return importlib.util.MAGIC_NUMBER + (1).to_bytes(4, 'little') + bytes(8) + marshal.dumps(code)

home = '/home/pyodide/'
zipfile.ZipFile('/sources.zip').extractall(home)
sys.path.append(home)
from micrograd import drawing
import playground, training

loaded = sorted({module.__spec__.origin for module in sys.modules.values() if getattr(module, '__spec__', None) and module.__spec__.has_location})
standard = '/lib/python314.zip/'
sources = zipfile.ZipFile(standard[:-1])
with zipfile.ZipFile('/library.zip', 'w') as library, zipfile.ZipFile('/ours.zip', 'w') as ours:
    for file in loaded:
        name = file.removeprefix(standard).removeprefix(home)
        if file.startswith(standard): library.writestr(zipfile.ZipInfo(f'{name}c'), bytecode(sources.read(name), file, 2))
        if file.startswith(home): ours.writestr(zipfile.ZipInfo(f'{name}c'), bytecode(open(file).read(), file, 0))
`)
writeFileSync(library, python.FS.readFile('/library.zip'))
writeFileSync(ours, python.FS.readFile('/ours.zip'))
