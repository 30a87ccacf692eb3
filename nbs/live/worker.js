// Python with our package in it, in a thread of its own. python.js starts it and talks to it; nobody else does.

/** @typedef {{ pyodide: string, wheel: string, archives: string[], modules: string[], sizes: Record<string, number>, version: string, missing?: string }} Files */

const at = (/** @type {string} */ name) => new URL(name, import.meta.url).href
const say = (/** @type {object} */ message) => self.postMessage(message)

// ---- what is loaded, counted as it arrives

let loaded = 0
let total = 0

/** @param {string} doing */
const report = doing => say({ loaded, total, doing })

const fetchPlainly = self.fetch
/** Told at once: Pyodide does not always pass on that its own file did not come. @param {any} error */
const lost = error => {
  say({ failed: String(error?.message || error) })
  return error
}

/** @type {typeof fetch} */
const fetchCounted = async (...request) => {
  try {
    const response = await fetchPlainly(...request)
    if (!response.ok || !response.body) throw new Error(`${response.status} ${response.url}`)
    const counter = new TransformStream({
      transform(chunk, out) {
        loaded += chunk.byteLength
        report('Loading Python')
        out.enqueue(chunk)
      },
    })
    response.body.pipeTo(counter.writable).catch(lost)
    return new Response(counter.readable, response)
  } catch (error) { throw lost(error) }
}

// ---- Python

async function start() {
  /** @type {Files} */
  const files = await (await fetchPlainly(at('files.json'), { cache: 'no-cache' })).json()
  if (files.missing) return say({ missing: files.missing })
  total = Object.values(files.sizes).reduce((sum, size) => sum + size, 0)
  self.fetch = fetchCounted
  const bytes = async (/** @type {string} */ name) => (await self.fetch(at(`${name}?${files.version}`))).arrayBuffer() // never those of an older site
  const [{ loadPyodide }, { instance }] = await Promise.all([import(at(`${files.pyodide}/pyodide.mjs`)), import(at('viz.js'))])
  const [python, graphviz, wheel, archives, modules] = await Promise.all([
    loadPyodide({ indexURL: at(files.pyodide), jsglobals: {} }),
    instance(),
    bytes(files.wheel),
    Promise.all(files.archives.map(bytes)),
    Promise.all(files.modules.map(bytes)),
  ])
  loaded = total
  report('Starting Python')
  python.unpackArchive(wheel, 'wheel')
  for (const archive of archives) python.unpackArchive(archive, 'zip', { extractDir: '/home/pyodide' })
  files.modules.forEach((name, i) => python.FS.writeFile(`/home/pyodide/${name}`, new Uint8Array(modules[i])))
  python.registerJsModule('page', { layout: (/** @type {string} */ dot) => graphviz.renderString(dot, { format: 'svg' }) })
  const run = python.runPython(`
import json, sys
from importlib import import_module
from page import layout
from micrograd import viz

viz.layout = layout # Graphviz as WebAssembly; there is no program to call here

def run(module, function, arguments):
    return json.dumps(getattr(import_module(module), function)(**json.loads(arguments)), allow_nan=False)

for module in ${JSON.stringify(files.modules.map(name => name.replace('.py', '')))}: import_module(module)
for name in [*sys.modules]: # what is typed into the page finds no way out
    if name.partition('.')[0] in ('js', 'page', 'pyodide', 'pyodide_js', '_pyodide', '_pyodide_core'): sys.modules[name] = None
run`)
  const { PythonError } = python.ffi
  shut()
  self.onmessage = ({ data: { id, module, name, args } }) => {
    try { say({ id, result: JSON.parse(run(module, name, JSON.stringify(args))) }) }
    catch (error) {
      const last = String(/** @type {Error} */ (error).message).trim().split('\n').pop()
      if (error instanceof PythonError) say({ id, error: last })
      else say({ id, error: 'That was too deep for Python in a page; it was started anew.', dead: last })
    }
  }
  say({ ready: true })
}

/**
 * A second wall behind Python's own: what reaches the network, or what the browser keeps for this site, is no more.
 * (Only `import()` stays, which no script can take away.)
 */
function shut() {
  const ways = ['fetch', 'XMLHttpRequest', 'WebSocket', 'WebSocketStream', 'EventSource', 'WebTransport', 'FontFace', 'fonts', 'BroadcastChannel', 'Worker', 'Notification',
    'indexedDB', 'caches', 'importScripts', 'webkitRequestFileSystem', 'webkitRequestFileSystemSync', 'webkitResolveLocalFileSystemURL', 'webkitResolveLocalFileSystemSyncURL']
  const kept = ['storage', 'locks', 'serviceWorker', 'storageBuckets']
  for (const [first, names] of /** @type {[object, string[]][]} */ ([[self, ways], [navigator, kept]])) {
    for (let owner = first; owner; owner = Object.getPrototypeOf(owner)) {
      for (const name of names) if (Object.hasOwn(owner, name)) Object.defineProperty(owner, name, { value: undefined, configurable: false })
    }
  }
}

start().catch(lost)
