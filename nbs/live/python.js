// Python in this page: loads its files, starts it in its frame, asks it, and stops it.

import { button, make, write } from './elements.js'

/** @typedef {{ state: 'loading' | 'ready' | 'lost' | 'failed', doing: string, loaded: number, total: number }} Status */
/** @typedef {{ name: string, url: string, size: number, graphs: boolean }} Listed */

/** One thread with Python in it. */
class Interpreter {
  /**
   * @param {HTMLIFrameElement} frame
   * @param {Files} files
   * @param {(interpreter: Interpreter, message: any) => void} hear
   */
  constructor(frame, files, hear) {
    this.ready = false
    const [wire, leash] = [new MessageChannel(), new MessageChannel()]
    this.wire = wire.port1
    this.leash = leash.port1
    this.wire.onmessage = ({ data }) => hear(this, data)
    this.leash.onmessage = ({ data }) => hear(this, { failed: data })
    frame.contentWindow?.postMessage(files, '*', [leash.port2, wire.port2]) // an origin of its own has no name
  }

  stop() {
    this.wire.onmessage = this.leash.onmessage = null
    this.leash.postMessage('stop')
  }
}

export class Python {
  /**
   * @param {(status: Status) => void} onstatus called with each change
   * @param {boolean} graphs whether Graphviz is needed, too
   */
  constructor(onstatus, graphs = false) {
    this.onstatus = onstatus
    this.graphs = graphs
    /** @type {Status} */
    this.status = { state: 'loading', doing: '', loaded: 0, total: 0 }
    this.settle = { resolve: () => {}, reject: (/** @type {Error} */ _) => {} }
    /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void, timer: number, printed: string }>} */
    this.asked = new Map()
    this.last = 0
    /** @type {Files | undefined} */
    this.files = undefined
    /** @type {HTMLIFrameElement | undefined} */
    this.frame = undefined
    /** @type {Interpreter | undefined} */
    this.current = undefined
    /** @type {Interpreter | undefined} */
    this.spare = undefined
    this.start()
  }

  /** Loads everything, and starts. */
  async start() {
    this.awaited('Loading Python')
    if (typeof WebAssembly === 'undefined') return this.fail('This browser has no WebAssembly, or it is switched off; Python cannot run here. Another browser can.')
    try {
      this.files = await this.load()
      if (!this.files) return
      this.frame ||= await frameOf('frame.html')
      this.begin()
    } catch (error) { this.lost(/** @type {Error} */ (error).message) }
  }

  /** @param {string} doing what those who ask wait for */
  awaited(doing) {
    this.ready = /** @type {Promise<void>} */ (new Promise((resolve, reject) => { this.settle = { resolve, reject } }))
    this.ready.catch(() => {}) // whoever asks is told; nobody need ask
    this.tell({ state: 'loading', doing, loaded: 0, total: 0 })
  }

  /** The files that the site lists, counted as they arrive. @returns {Promise<Files | undefined>} */
  async load() {
    const at = (/** @type {string} */ name) => new URL(name, import.meta.url)
    const { missing, version, files } = await (await got(fetch(at('files.json'), { cache: 'no-cache' }))).json()
    if (missing) { this.fail(missing); return }
    const wanted = /** @type {Listed[]} */ (files).filter(file => this.graphs || !file.graphs)
    const total = wanted.reduce((sum, { size }) => sum + size, 0)
    let loaded = 0
    this.tell({ loaded, total })
    const parts = wanted.map(async ({ name, url }) => {
      const response = await got(fetch(at(`${url}?${version}`))) // never those of an older site
      const counted = new TransformStream({
        transform: (chunk, out) => {
          this.tell({ loaded: loaded += chunk.byteLength })
          out.enqueue(chunk)
        },
      })
      const body = /** @type {ReadableStream} */ (response.body).pipeThrough(counted)
      return [name, await new Response(body, { headers: { 'Content-Type': typeOf(name) } }).blob()]
    })
    return Object.fromEntries(await Promise.all(parts))
  }

  /** Python in a thread: the one that waits, or a new one. */
  begin() {
    this.current = this.spare || this.interpreter()
    this.spare = undefined
    this.tell({ state: 'loading', doing: 'Starting Python', loaded: 0, total: 0 })
    if (this.current.ready) this.arrived()
  }

  interpreter() {
    return new Interpreter(/** @type {HTMLIFrameElement} */ (this.frame), /** @type {Files} */ (this.files), (one, message) => this.heard(one, message))
  }

  /** Another one, to be there when this one is stopped. */
  prepare() { this.spare ||= this.interpreter() }

  arrived() {
    this.settle.resolve()
    this.tell({ state: 'ready', doing: '' })
  }

  /** @param {Partial<Status>} news */
  tell(news) {
    this.status = { ...this.status, ...news }
    this.onstatus(this.status)
  }

  /** @param {string} why @param {'lost' | 'failed'} state lost is what another try may find */
  fail(why, state = 'failed') {
    this.settle.reject(new Error(why))
    this.stop(why)
    this.tell({ state, doing: why })
  }

  /** @param {string} why */
  lost(why) {
    const { loaded, total } = this.status
    const part = total ? ` after ${megabytes(loaded)} of ${megabytes(total)}` : ''
    this.fail(`Python could not be loaded: the connection was lost${part}. What you typed is still here. (${why})`, 'lost')
  }

  /** @param {Interpreter} one @param {any} message */
  heard(one, { id, result, error, dead, ready, failed, printed }) {
    if (ready) one.ready = true
    if (one !== this.current) return
    if (ready) return this.arrived()
    if (failed) return this.status.state === 'ready' ? this.restart() : this.fail(`Python did not start in this browser: ${failed}`, 'lost')
    if (printed) for (const asked of this.asked.values()) asked.printed += printed
    const asked = this.asked.get(id)
    if (!asked) return
    this.asked.delete(id)
    clearTimeout(asked.timer)
    if (error === undefined) asked.resolve(result)
    else asked.reject(new Stopped(error, asked.printed))
    if (dead) this.restart()
  }

  /**
   * What the Python function `module.name(**args)` returns.
   * @param {string} module
   * @param {string} name
   * @param {object} args
   * @param {number} limit milliseconds; after that Python is stopped and started anew
   * @returns {Promise<any>}
   */
  async call(module, name, args = {}, limit = 2000) {
    await this.ready
    return new Promise((resolve, reject) => {
      const id = ++this.last
      const timer = setTimeout(() => this.restart(`Stopped after ${limit / 1000} seconds: is there a loop that does not end?`), limit)
      this.asked.set(id, { resolve, reject, timer, printed: '' })
      this.current?.wire.postMessage({ id, module, name, args })
    })
  }

  /** Nothing that Python knew before is left. @param {string} why */
  restart(why = 'Python was started anew.') {
    this.stop(why)
    this.awaited('Starting Python')
    this.begin()
  }

  /** @param {string} why what those are told who wait for an answer */
  stop(why) {
    this.current?.stop()
    this.current = undefined
    for (const { reject, timer, printed } of this.asked.values()) { clearTimeout(timer); reject(new Stopped(why, printed)) }
    this.asked.clear()
  }
}

/** Why there is no answer, and what was printed until then. */
export class Stopped extends Error {
  /** @param {string} why @param {string} printed */
  constructor(why, printed) {
    super(why)
    this.printed = printed
  }
}

/** @param {Promise<Response>} request */
async function got(request) {
  const response = await request
  if (!response.ok || !response.body) throw new Error(`${response.status} ${response.url}`)
  return response
}

/** A frame that nobody sees, once it is there. @param {string} name @returns {Promise<HTMLIFrameElement>} */
async function frameOf(name) {
  const url = String(new URL(name, import.meta.url))
  await got(fetch(url)) // a frame does not tell whether it was found
  const frame = make('iframe', { sandbox: 'allow-scripts', src: url, title: 'Python', hidden: true, 'aria-hidden': 'true' })
  await new Promise(loaded => { frame.onload = loaded; document.body.append(frame) })
  return frame
}

const typeOf = (/** @type {string} */ name) => name.endsWith('js') ? 'text/javascript' : name.endsWith('.wasm') ? 'application/wasm' : ''

/** @param {number} bytes */
const megabytes = bytes => `${(bytes / 1e6).toFixed(1)} MB`

/**
 * A line that shows how far Python is, and offers another try where it failed. Empty once it runs.
 * @param {HTMLElement} line where to show it
 * @param {(python: Python) => void} onready called each time Python has started
 * @param {boolean} graphs whether Graphviz is needed, too
 * @returns {Python}
 */
export function startPython(line, onready, graphs = false) {
  const text = make('span')
  const bar = make('progress', { 'aria-label': 'Loading Python' })
  const again = button('Try again', () => python.start())
  line.setAttribute('role', 'status')
  line.replaceChildren(text, bar, again)
  const python = new Python(({ state, doing, loaded, total }) => {
    line.hidden = state === 'ready'
    bar.hidden = state !== 'loading'
    again.hidden = state !== 'lost'
    if (total) { bar.max = total; bar.value = loaded }
    else bar.removeAttribute('value')
    write(text, total && state === 'loading' ? `${doing}: ${megabytes(loaded)} of ${megabytes(total)}` : doing)
    if (state === 'ready') onready(python)
  }, graphs)
  return python
}
