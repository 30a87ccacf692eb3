// Cells that run where they are read. Each has its buttons in the page already; Python is loaded with the first click.
// What a cell shows depends on the texts above it alone, and not on which buttons were pressed before.

import { button, make, write } from './elements.js'

/** @typedef {Record<string, string>} Output what is shown, by its kind, or as `text` what was printed */
/** @typedef {{ outputs: Output[], error: string }} Answer */
/** @typedef {{ id: string, source: string, outputs: Output[] }} Cell */

const limit = 300_000 // milliseconds that a cell may take; there is a button to stop it
const joined = (/** @type {string | string[]} */ lines) => Array.isArray(lines) ? lines.join('') : lines

/** The code cells of a notebook, and how far Python is in them. */
export class Notebook {
  /** @param {string} folder where it lies @param {Cell[]} cells @param {import('./python.js').Python} python */
  constructor(folder, cells, python) {
    this.folder = folder
    this.cells = cells
    this.python = python
    /** @type {string[] | undefined} */
    this.ran = undefined // the texts that this Python has run, from the first on
    /** @type {Set<string>} */
    this.left = new Set() // the cells that cannot run here
  }

  /** @param {string} url @param {import('./python.js').Python} python */
  static async at(url, python) {
    const { cells } = await (await fetch(url)).json()
    const place = decodeURIComponent(url).replace(decodeURIComponent(String(new URL('..', import.meta.url))), 'nbs/')
    const code = cells.filter((/** @type {any} */ cell) => cell.cell_type === 'code').map((/** @type {any} */ cell) => ({
      id: cell.id,
      source: joined(cell.source),
      outputs: cell.outputs.map((/** @type {any} */ output) => output.data
        ? Object.fromEntries(Object.entries(output.data).map(([kind, text]) => [kind, joined(text)]))
        : { text: joined(output.text) }),
    }))
    return new Notebook(place.slice(0, place.lastIndexOf('/')), code, python)
  }

  /**
   * Runs the cells up to one of them; those that have run already, as they are now, are not run again.
   * @param {number} last
   * @param {(cell: Cell) => string} text what is in a cell now
   * @param {(cell: Cell, answer?: Answer) => void} told called for each cell before it runs, and after
   */
  async run(last, text, told) {
    let ran = this.ran
    this.ran = undefined // until it is known that Python was not stopped meanwhile
    if (!ran || ran.length > last || ran.some((source, i) => source !== text(this.cells[i]))) {
      await this.python.call('cells', 'fresh', { folder: this.folder }, limit)
      ran = []
    }
    for (const cell of this.cells.slice(ran.length, last + 1)) {
      const source = text(cell)
      ran.push(source)
      if (this.left.has(cell.id)) continue
      told(cell)
      const answer = await this.python.call('cells', 'run', { source }, limit)
      told(cell, answer)
    }
    this.ran = ran
  }
}

/** Whether a cell shows what the book shows. @param {Output[]} outputs @param {Output[]} stored */
export function same(outputs, stored) {
  const whole = (/** @type {Output[]} */ all) => JSON.stringify([
    all.map(({ text = '' }) => text).join(''),
    all.filter(output => output.text === undefined).map(output => Object.entries(output).sort())])
  return whole(outputs) === whole(stored)
}

// ---- the cells of this page

const address = /** @type {HTMLAnchorElement | null} */ (document.querySelector('.page-tools a[download]'))?.href || ''
/** @type {Promise<Notebook> | undefined} */
let opened
/** @type {Map<string, Row>} */
const rows = new Map()
let running = false
const line = make('span', { class: 'loading' })

/** Python and the notebook of this page, from the first time on that it is asked for. */
async function open() {
  const { startPython } = await import('./python.js')
  const notebook = await Notebook.at(address, startPython(line, () => {}, 'cells'))
  notebook.left = new Set([...document.querySelectorAll('.run[data-lacks]')].map(place => /** @type {HTMLElement} */ (place).dataset.lacks || ''))
  return notebook
}

/** A cell with its buttons. */
class Row {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place
    this.id = place.dataset.cell || ''
    const cell = /** @type {HTMLElement} */ (place.closest('.cell'))
    this.code = /** @type {HTMLElement} */ (place.previousElementSibling)
    this.book = (this.code.querySelector('code')?.textContent || '').replace(/\n$/, '')
    this.stored = [...cell.querySelectorAll('.cell-output')]
    this.shown = this.stored
    this.after = place.closest('details') || place
    const [run, edit] = /** @type {HTMLButtonElement[]} */ ([...place.querySelectorAll('button')])
    run.onclick = () => this.run()
    edit.onclick = () => this.edit()
    this.runs = run
    this.edits = edit
    run.disabled = edit.disabled = false // before that, a click would be lost
    this.back = button('Put back', () => this.putBack())
    this.status = make('span', { role: 'status' })
    this.text = this.book
    this.mine = make('pre', { class: 'editor' }, make('code', { class: 'sourceCode' }))
    const kept = read(this.key)
    if (kept !== null && kept !== this.book) this.take(kept)
  }

  get key() { return `cell ${new URL(address).pathname} ${this.id}` }

  /** The reader's own text, in the place of the book's. @param {string} text */
  take(text) {
    this.text = text
    write(this.mine.children[0], text)
    this.code.hidden = true
    this.code.after(this.mine)
    this.edits.after(this.back)
  }

  async edit() {
    this.place.append(this.status)
    write(this.status, 'Loading the editor …')
    try {
      const { editorIn } = await import('./editor.js')
      if (!this.mine.isConnected) this.take(this.text)
      editorIn(this.mine.children[0], this.text, text => {
        this.text = text
        keep(this.key, text === this.book ? null : text)
      }, event => {
        this.run()
        if (event.shiftKey) this.next()?.runs.focus()
      }).focus()
      this.edits.remove()
      write(this.status, '')
    } catch { write(this.status, 'The editor could not be loaded: the connection was lost.') }
  }

  next() {
    const all = [...rows.values()]
    return all[all.indexOf(this) + 1]
  }

  putBack() {
    keep(this.key, null)
    this.text = this.book
    this.mine.remove()
    this.code.hidden = false
    this.back.replaceWith(this.edits)
    this.edits.focus()
    this.replace(this.stored)
    write(this.status, '')
  }

  /** This cell, after those above it that have not run, or are not as they were. */
  async run() {
    if (running) return
    running = true
    this.place.append(line, this.status)
    const stop = button('Stop', () => notebook?.python.restart('Stopped.'))
    this.runs.replaceWith(stop)
    write(this.status, '')
    let notebook = /** @type {Notebook | undefined} */ (undefined)
    let slow = 0
    try {
      notebook = await (opened ||= open())
      const { python } = notebook
      await python.ready
      slow = setTimeout(() => python.prepare(), 3000) // not before: it would take from the first one's start
      const last = notebook.cells.findIndex(({ id }) => id === this.id)
      await notebook.run(last, cell => rows.get(cell.id)?.text ?? cell.source, (cell, answer) => {
        const row = rows.get(cell.id)
        if (answer) row?.show(answer, cell)
        else write(this.status, row === this ? 'Running …' : 'Running the cells above …')
      })
    } catch (error) {
      if (!notebook) opened = undefined // the notebook did not come: another click tries again
      write(this.status, /** @type {Error} */ (error).message)
    } finally {
      clearTimeout(slow)
      const focused = document.activeElement === stop
      stop.replaceWith(this.runs)
      if (focused) this.runs.focus()
      running = false
    }
  }

  /** @param {Answer} answer @param {Cell} cell */
  show({ outputs, error }, cell) {
    const alike = !error && same(outputs, cell.outputs)
    if (alike) this.replace(this.stored)
    else this.replace([...outputs.map(element), ...error ? [element({ text: error })] : []])
    this.place.append(this.status)
    write(this.status, error ? 'It ended with an error.' : !alike ? 'Run: not as in the book.' : outputs.length ? 'Run: as in the book.' : 'Run.')
  }

  /** @param {Element[]} outputs */
  replace(outputs) {
    for (const old of this.shown) old.remove()
    this.after.after(...outputs)
    this.shown = outputs
  }
}

/** @param {Output} output @returns {Element} */
function element(output) {
  const shown = make('div', { class: 'cell-output cell-output-display' })
  const svg = output['image/svg+xml']
  if (svg) {
    const picture = make('div', { class: 'picture', tabindex: '0' })
    import('./svg.js').then(({ cleaned }) => { picture.innerHTML = cleaned(svg) })
    shown.append(picture)
  } else shown.append(make('pre', { tabindex: '0' }, make('code', {}, output.text ?? output['text/plain'])))
  return shown
}

// What a reader wrote stays in this browser, where that is allowed.

/** @param {string} key */
function read(key) {
  try { return localStorage.getItem(key) }
  catch { return null }
}

/** @param {string} key @param {string | null} text */
function keep(key, text) {
  try {
    if (text === null) localStorage.removeItem(key)
    else localStorage.setItem(key, text)
  } catch { /* it is lost with the page */ }
}

for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.run[data-cell]'))) {
  const row = new Row(place)
  rows.set(row.id, row)
}
