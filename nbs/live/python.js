// Python in this page: loads its files, starts it in its frame, asks it, and stops it.

import { button, make, write } from './elements.js'
import { at, got, site } from './files.js'

/** @typedef {{ state: 'loading' | 'ready' | 'lost' | 'failed', doing: string, loaded: number, total: number }} Status */
/** @typedef {Record<string, Blob>} Files */

const rest = ['sources', 'library'] // which come when something of them is missed
/** What a page needs before its Python is ready: for numbers, for graphs, too, or for the cells of a notebook. */
const needed = { numbers: ['pyodide', 'python'], graphs: ['pyodide', 'python', 'graphs'], cells: ['pyodide', 'python', 'graphs', 'notebooks', ...rest] }

const ahead = 2**18 // bytes before the end of a pack, when the next one is asked for

/** One thread with Python in it. */
class Interpreter {
  /**
   * @param {HTMLIFrameElement} frame
   * @param {{ worker: Blob, start: { needs: string[], snapshot?: Blob } }} thread
   * @param {(interpreter: Interpreter, message: any) => void} hear
   */
  constructor(frame, thread, hear) {
    this.ready = false
    const [wire, leash] = [new MessageChannel(), new MessageChannel()]
    this.wire = wire.port1
    this.leash = leash.port1
    this.wire.onmessage = ({ data }) => hear(this, data)
    this.leash.onmessage = ({ data }) => hear(this, { failed: data })
    frame.contentWindow?.postMessage(thread, '*', [leash.port2, wire.port2]) // an origin of its own has no name
  }

  /** @param {Files} files */
  give(files) { this.wire.postMessage({ files }) }

  stop() {
    this.wire.onmessage = this.leash.onmessage = null
    this.leash.postMessage('stop')
  }
}

export class Python {
  /**
   * @param {(status: Status) => void} onstatus called with each change
   * @param {keyof needed} use
   */
  constructor(onstatus, use = 'numbers') {
    this.onstatus = onstatus
    this.use = use
    /** @type {Status} */
    this.status = { state: 'loading', doing: '', loaded: 0, total: 0 }
    this.settle = { resolve: () => {}, reject: (/** @type {Error} */ _) => {} }
    /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void, message: object, limit: number, timer: number, printed: string }>} */
    this.asked = new Map()
    this.last = 0
    this.loaded = Promise.resolve() // once what was asked for has come
    /** @type {Files} */
    this.files = {} // all that have come
    /** @type {import('./files.js').Site | undefined} */
    this.site = undefined
    /** @type {HTMLIFrameElement | undefined} */
    this.frame = undefined
    /** @type {Blob | undefined} */
    this.worker = undefined
    /** @type {Blob | undefined} */
    this.snapshot = undefined
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
      const [{ list }, frame] = await Promise.all([site().then(site => this.site = site), this.frame || frameOf('frame.html')])
      if (list.missing) return this.fail(list.missing)
      this.frame = frame
      this.worker = await (await got(at(list.worker))).blob()
      this.snapshot = await (await this.site?.held(list.snapshot))?.blob()
      this.current ||= this.interpreter()
      await this.load(needed[this.use])
      this.starting()
    } catch (error) { this.lost(/** @type {Error} */ (error).message) }
  }

  /** @param {string} doing what those who ask wait for */
  awaited(doing) {
    this.ready = /** @type {Promise<void>} */ (new Promise((resolve, reject) => { this.settle = { resolve, reject } }))
    this.ready.catch(() => {}) // whoever asks is told; nobody need ask
    this.tell({ state: 'loading', doing, loaded: 0, total: 0 })
  }

  /**
   * Packs of the site, after those that are on their way.
   * @param {string[]} names
   */
  load(names) {
    const loaded = this.loaded.then(() => this.fetch(names))
    this.loaded = loaded.catch(() => {}) // who asked is told
    return loaded
  }

  /**
   * One pack after the other, so that Python can begin with the first; counted as they arrive. Unpacked, they stay in this
   * browser.
   * @param {string[]} names
   */
  async fetch(names) {
    const { site, frame } = this
    if (!site || !frame) return
    const wanted = site.list.packs.filter(({ name, files }) => names.includes(name) && Object.keys(files).some(file => !this.files[file]))
    const held = await Promise.all(wanted.map(({ url }) => site.held(url)))
    const total = wanted.reduce((sum, { size }, i) => held[i] ? sum : sum + size, 0)
    let loaded = 0
    const tell = () => { if (this.status.state === 'loading') this.tell({ loaded, total }) }
    tell()
    for (const [i, pack] of wanted.entries()) {
      const end = loaded + pack.size
      const { held, response } = await site.ask(pack)
      const count = new TransformStream({
        transform: (chunk, out) => {
          out.enqueue(chunk)
          loaded += chunk.byteLength
          if (end - loaded < ahead && wanted[i + 1]) site.ask(wanted[i + 1])
          tell()
        },
      })
      const blob = await (held ? response : new Response(/** @type {ReadableStream} */ (response.body).pipeThrough(count))).blob()
      const files = held ? blob : new Blob([await unpacked(frame, blob)])
      if (!held) site.keep(pack.url, files)
      const given = split(files, pack.files)
      Object.assign(this.files, given)
      for (const one of [this.current, this.spare]) one?.give(given)
    }
  }

  /** Python in a thread: the one that waits, or a new one. */
  begin() {
    if (!this.worker) return // it is on its way, and start() goes on then
    this.current = this.spare || this.interpreter()
    this.spare = undefined
    this.starting()
  }

  starting() {
    if (this.current?.ready) this.arrived()
    else this.tell({ state: 'loading', doing: 'Starting Python', loaded: 0, total: 0 })
  }

  interpreter() {
    const names = needed[this.use]
    const needs = this.site?.list.packs.filter(({ name }) => names.includes(name)).flatMap(({ files }) => Object.keys(files)) || []
    const thread = { worker: /** @type {Blob} */ (this.worker), start: { needs, snapshot: this.snapshot } }
    const one = new Interpreter(/** @type {HTMLIFrameElement} */ (this.frame), thread, (one, message) => this.heard(one, message))
    one.give(this.files)
    return one
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
  heard(one, { id, result, error, missed, dead, ready, failed, printed, snapshot }) {
    if (snapshot && !one.ready) this.keep(snapshot) // nothing but our own has run there yet
    if (ready) one.ready = true
    if (failed && one === this.spare) this.spare = undefined
    if (one !== this.current) return
    if (ready) return this.arrived()
    if (failed && this.snapshot) return this.forget()
    if (failed) return this.status.state === 'ready' ? this.restart() : this.fail(`Python did not start in this browser: ${failed}`, 'lost')
    if (printed) for (const asked of this.asked.values()) asked.printed += printed
    const asked = this.asked.get(id)
    if (!asked) return
    clearTimeout(asked.timer)
    if (missed) return this.load(rest).then(() => this.ask(id), error => this.lost(error.message))
    this.asked.delete(id)
    if (error === undefined) asked.resolve(result)
    else asked.reject(new Stopped(error, asked.printed))
    if (dead) this.restart()
  }

  /** The memory of Python as it has just started, from which another start is quick. @param {Blob} snapshot */
  keep(snapshot) {
    this.snapshot = snapshot
    if (this.site) this.site.keep(this.site.list.snapshot, snapshot)
  }

  /** What cannot be started from is made anew. */
  forget() {
    this.snapshot = undefined
    if (this.site) this.site.cache?.delete(at(this.site.list.snapshot))
    if (this.status.state === 'ready') return this.restart()
    this.stop('')
    this.begin()
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
    do await this.ready
    while (this.status.state !== 'ready') // it may have been stopped again meanwhile
    return new Promise((resolve, reject) => {
      const id = ++this.last
      this.asked.set(id, { resolve, reject, message: { id, module, name, args }, limit, timer: 0, printed: '' })
      this.ask(id)
    })
  }

  /** @param {number} id */
  ask(id) {
    const asked = this.asked.get(id)
    if (!asked) return
    asked.printed = ''
    asked.timer = setTimeout(() => this.restart(`Stopped after ${asked.limit / 1000} seconds: is there a loop that does not end?`), asked.limit)
    this.current?.wire.postMessage(asked.message)
  }

  /** Nothing that Python knew before is left. @param {string} why */
  restart(why = 'Python was started anew.') {
    this.settle.reject(new Error(why)) // who waits for it
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

/** A frame that nobody sees, once it is there. @param {string} name @returns {Promise<HTMLIFrameElement>} */
async function frameOf(name) {
  await got(at(name), { method: 'HEAD' }) // a frame does not tell whether it was found
  const frame = make('iframe', { sandbox: 'allow-scripts', src: at(name), title: 'Python', hidden: true, 'aria-hidden': 'true' })
  await new Promise(loaded => { frame.onload = loaded; document.body.append(frame) })
  return frame
}

/** @param {HTMLIFrameElement} frame @param {Blob} packed @returns {Promise<ArrayBuffer>} */
function unpacked(frame, packed) {
  const { port1, port2 } = new MessageChannel()
  frame.contentWindow?.postMessage({ packed }, '*', [port2])
  return new Promise((resolve, reject) => {
    port1.onmessage = ({ data }) => data.error ? reject(new Error(data.error)) : resolve(data.unpacked)
  })
}

/** @param {Blob} blob @param {Record<string, number>} sizes @returns {Files} */
function split(blob, sizes) {
  let end = 0
  return Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, blob.slice(end, end += size, typeOf(name))]))
}

const typeOf = (/** @type {string} */ name) => name.endsWith('js') ? 'text/javascript' : name.endsWith('.wasm') ? 'application/wasm' : ''

/** @param {number} bytes */
const megabytes = bytes => `${(bytes / 1e6).toFixed(1)} MB`

/**
 * A line that shows how far Python is, and offers another try where it failed. Empty once it runs.
 * @param {HTMLElement} line where to show it
 * @param {(python: Python) => void} onready called each time Python has started
 * @param {keyof needed} use
 * @returns {Python}
 */
export function startPython(line, onready, use = 'numbers') {
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
  }, use)
  return python
}
