// Python in this page: starts the worker, asks it, and stops it where it takes too long.

import { button, make, write } from './elements.js'

/** @typedef {{ state: 'loading' | 'ready' | 'lost' | 'failed', doing: string, loaded: number, total: number }} Status */

export class Python {
  /** @param {(status: Status) => void} onstatus called with each change */
  constructor(onstatus) {
    this.onstatus = onstatus
    /** @type {Status} */
    this.status = { state: 'loading', doing: '', loaded: 0, total: 0 }
    this.settle = { resolve: () => {}, reject: (/** @type {Error} */ _) => {} }
    /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void, timer: number }>} */
    this.asked = new Map()
    this.last = 0
    this.start()
  }

  /** Starts, or starts anew: nothing that Python knew before is left. */
  start() {
    this.status = { state: 'loading', doing: 'Loading Python', loaded: 0, total: 0 }
    this.ready = /** @type {Promise<void>} */ (new Promise((resolve, reject) => { this.settle = { resolve, reject } }))
    this.ready.catch(() => {}) // whoever asks is told; nobody need ask
    if (typeof WebAssembly === 'undefined') return this.fail('This browser has no WebAssembly, or it is switched off; Python cannot run here. Another browser can.')
    try { this.worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' }) }
    catch (error) { return this.fail(`This browser cannot start Python: ${/** @type {Error} */ (error).message}`) }
    const worker = this.worker
    worker.onmessage = ({ data }) => { if (worker === this.worker) this.heard(data) }
    worker.onerror = event => {
      event.preventDefault()
      if (worker !== this.worker) return
      if (this.status.state === 'ready') this.restart()
      else this.lost(event.message || 'the worker did not load')
    }
    this.tell({})
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

  /** @param {any} message */
  heard({ id, result, error, dead, ready, missing, failed, ...progress }) {
    if (missing) return this.fail(missing)
    if (failed) return this.lost(failed)
    if (ready) { this.settle.resolve(); return this.tell({ state: 'ready', doing: '' }) }
    if (id === undefined) return this.tell(progress)
    const asked = this.asked.get(id)
    if (!asked) return
    this.asked.delete(id)
    clearTimeout(asked.timer)
    if (error === undefined) asked.resolve(result)
    else asked.reject(new Error(error))
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
      const timer = setTimeout(() => {
        this.asked.delete(id)
        reject(new Error(`Stopped after ${limit / 1000} seconds: is there a loop that does not end?`))
        this.restart()
      }, limit)
      this.asked.set(id, { resolve, reject, timer })
      this.worker?.postMessage({ id, module, name, args })
    })
  }

  restart() {
    this.stop('Python was started anew.')
    this.start()
  }

  /** @param {string} why what those are told who wait for an answer */
  stop(why) {
    this.worker?.terminate()
    this.worker = undefined
    for (const { reject, timer } of this.asked.values()) { clearTimeout(timer); reject(new Error(why)) }
    this.asked.clear()
  }
}

/** @param {number} bytes */
const megabytes = bytes => `${(bytes / 1e6).toFixed(1)} MB`

/**
 * A line that shows how far Python is, and offers another try where it failed. Empty once it runs.
 * @param {HTMLElement} line where to show it
 * @param {(python: Python) => void} onready called each time Python has started
 * @returns {Python}
 */
export function startPython(line, onready) {
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
    const words = state === 'loading' && loaded < total ? `${doing}: ${megabytes(loaded)} of ${megabytes(total)}` : doing
    write(text, words)
    if (state === 'ready') onready(python)
  })
  return python
}
