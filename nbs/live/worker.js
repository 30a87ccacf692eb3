// Python with our package in it, in a thread of its own. It gets its files, and a wire to the page; it has nothing else.

const most = 512 * 2**20 // bytes of memory

self.onmessage = ({ data: files, ports: [wire] }) => {
  const say = (/** @type {object} */ message) => wire.postMessage(message)
  start(files, wire, say).catch(error => say({ failed: String(error?.message || error) }))
}

/**
 * @param {Files} files
 * @param {MessagePort} wire
 * @param {(message: object) => void} say
 */
async function start(files, wire, say) {
  const load = (/** @type {string} */ name) => import(URL.createObjectURL(files[name]))
  const bytes = async (/** @type {string} */ name) => new Uint8Array(await files[name].arrayBuffer())
  const ends = (/** @type {string} */ end) => Object.keys(files).filter(name => name.endsWith(end))
  self.fetch = async address => new Response(files[String(address).split('/').at(-1) || '']) // of those that Pyodide asks for
  ;/** @type {any} */ (self).importScripts = undefined // Pyodide would try it to see where it is, and be refused
  limitMemory()
  const graphviz = files['viz.js'] && await (await load('viz.js')).instance()
  const { loadPyodide } = await load('pyodide.mjs')
  const { default: createPyodideModule } = await load('pyodide.asm.mjs')
  const python = await loadPyodide({ indexURL: 'https://here/', createPyodideModule, lockFileContents: await files['pyodide-lock.json'].text(), jsglobals: {} })
  for (const name of ends('.whl')) python.unpackArchive(await bytes(name), 'wheel')
  for (const name of ends('.ours.zip')) python.unpackArchive(await bytes(name), 'zip', { extractDir: '/home/pyodide' })
  for (const name of ends('.py')) python.FS.writeFile(`/home/pyodide/${name}`, await bytes(name))
  python.registerJsModule('page', {
    layout: (/** @type {string} */ dot) => graphviz.renderString(dot, { format: 'svg' }),
    printed: (/** @type {string} */ text) => say({ printed: text }),
  })
  const run = python.runPython(`
import json, sys
from importlib import import_module
import page

sys.path.append('/home/pyodide')
from micrograd import drawing

drawing.layout = page.layout # Graphviz as WebAssembly; there is no program to call here
import_module('playground').heard = page.printed

def run(module, function, arguments):
    return json.dumps(getattr(import_module(module), function)(**json.loads(arguments)), allow_nan=False)

run`)
  const { PythonError } = python.ffi
  wire.onmessage = ({ data: { id, module, name, args } }) => {
    try { say({ id, result: JSON.parse(run(module, name, JSON.stringify(args))) }) }
    catch (error) {
      const last = String(/** @type {Error} */ (error).message).trim().split('\n').pop()
      if (error instanceof PythonError) say({ id, error: last })
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
