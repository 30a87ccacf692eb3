// Python with our package in it, in a thread of its own. It gets its files, and a wire to the page; it has nothing else.

const most = 512 * 2**20 // bytes of memory
const home = '/home/pyodide'

/** @type {Map<string, { blob: Promise<Blob>, came: (blob: Blob) => void }>} */
const files = new Map()

/** One that has come, or will. @param {string} name */
function file(name) {
  let known = files.get(name)
  if (!known) {
    let came = (/** @type {Blob} */ _) => {}
    known = { blob: new Promise(resolve => { came = resolve }), came }
    files.set(name, known)
  }
  return known
}

/** @param {Record<string, Blob>} given */
const take = given => { for (const [name, blob] of Object.entries(given)) file(name).came(blob) }

self.onmessage = ({ data: { needs, snapshot }, ports: [wire] }) => {
  const say = (/** @type {object} */ message) => wire.postMessage(message)
  wire.onmessage = ({ data }) => take(data.files)
  start(needs, snapshot, wire, say).catch(error => say({ failed: String(error?.message || error) }))
}

/**
 * @param {string[]} needs the files without which it is not ready
 * @param {Blob | undefined} snapshot of the memory, from an earlier start
 * @param {MessagePort} wire
 * @param {(message: object) => void} say
 */
async function start(needs, snapshot, wire, say) {
  const load = async (/** @type {string} */ name) => import(URL.createObjectURL(await file(name).blob))
  const bytes = async (/** @type {string} */ name) => new Uint8Array(await (await file(name).blob).arrayBuffer())
  self.fetch = async address => new Response(await file(String(address).split('/').at(-1) || '').blob) // of those that Pyodide asks for
  ;/** @type {any} */ (self).importScripts = undefined // Pyodide would try it to see where it is, and be refused
  limitMemory()
  const { loadPyodide } = await load('pyodide.mjs')
  const { default: createPyodideModule } = await load('pyodide.asm.mjs')
  const lockFileContents = await (await file('pyodide-lock.json').blob).text()
  const memory = snapshot ? { _loadSnapshot: snapshot.arrayBuffer() } : { _makeSnapshot: true }
  const python = await loadPyodide({ indexURL: 'https://here/', createPyodideModule, lockFileContents, jsglobals: {}, ...memory })
  const unpack = async (/** @type {string} */ name) => python.unpackArchive(await bytes(name), 'zip', { extractDir: home })
  await unpack('micrograd.zip')
  if (!snapshot) {
    python.runPython(`
import importlib, json, os, sys

sys.path.append('${home}')
from micrograd import drawing
import playground, training
`)
    say({ snapshot: new Blob([python.makeMemorySnapshot()]) })
  }
  for (const name of ['graphviz.zip', 'notebooks.zip']) if (needs.includes(name)) await unpack(name)
  const graphviz = needs.includes('viz.js') && await (await load('viz.js')).instance()
  let missed = false
  python.registerJsModule('page', {
    layout: (/** @type {string} */ dot) => graphviz.renderString(dot, { format: 'svg' }),
    printed: (/** @type {string} */ text) => say({ printed: text }),
    missed: () => { missed = true },
  })
  const run = python.runPython(`
import page

drawing.layout = page.layout # Graphviz as WebAssembly; there is no program to call here
playground.heard = page.printed

class Later:
    "Asked last: what is not here yet."
    def find_spec(name, path=None, target=None): page.missed()

def complete():
    "The whole library is here."
    os.replace('library.zip', next(path for path in sys.path if path.endswith('.zip')))
    importlib.invalidate_caches()
    sys.meta_path.remove(Later)

def run(module, function, arguments):
    return json.dumps(getattr(importlib.import_module(module), function)(**json.loads(arguments)), allow_nan=False)

sys.meta_path.append(Later)
run`)
  const whole = async () => {
    await unpack('sources.zip')
    python.FS.writeFile(`${home}/library.zip`, await bytes('library.zip'))
    python.runPython('complete()')
  }
  const completed = whole()
  let arriving = needs.includes('library.zip') ? completed : undefined
  file('library.zip').blob.then(() => { arriving = completed }) // to an interpreter that waits, too
  await arriving
  const { PythonError } = python.ffi
  wire.onmessage = async ({ data: { files, id, module, name, args } }) => {
    if (files) return take(files)
    await arriving
    missed = false
    try {
      const result = JSON.parse(run(module, name, JSON.stringify(args)))
      say(missed ? { id, missed } : { id, result })
    } catch (error) {
      const last = String(/** @type {Error} */ (error).message).trim().split('\n').pop()
      if (error instanceof PythonError) say({ id, error: last, missed })
      else say({ id, error: 'That was too deep for Python in a page; it was started anew.', dead: last })
    }
  }
  say({ ready: true })
}

/** More is refused, and Python says so with a MemoryError. */
function limitMemory() {
  const grow = WebAssembly.Memory.prototype.grow
  WebAssembly.Memory.prototype.grow = function (/** @type {number} */ pages) {
    if (this.buffer.byteLength + 2**16 * pages > most) throw new RangeError('more memory than a page may have')
    return grow.call(this, pages)
  }
}
