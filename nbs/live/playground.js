// The playground: the reader's text, what Python makes of it, and the address that holds it all.

import explore from './explore.js'
import { button, make, set, write } from './elements.js'
import { isOwn, keep, keepNow } from './address.js'
import { startPython } from './python.js'
import { cleaned } from './svg.js'

/** @typedef {import('./explore.js').Graph} Graph */
/** @typedef {import('./explore.js').Numbers} Numbers */
/** @typedef {import('./explore.js').Leaf & { place: number }} Leaf */
/** @typedef {{ says: string, rows: string[][] }} Large */
/** @typedef {{ text: string, trouble: string, add?: string, added?: string, printed?: string, notes: string[], results: string[], result: string, large: Large | null, graph?: Graph | null, numbers: Numbers, leaves: Leaf[] }} Answer */
/** @typedef {{ text: string, at: number, of: string, trouble: string }} State */

const limit = 60_000 // milliseconds that a program may take: the first one waits for Graphviz, too
const patience = 300 // and those after which it is said that it runs
const end = Infinity // the last place to stand at, however many there are

const place = /** @type {HTMLElement} */ (document.getElementById('playground'))
/** @type {{ examples: [string, string][], shown: Answer }} */
const page = JSON.parse(place.querySelector('script[type="application/json"]')?.textContent || '')
const first = page.examples[0][1]

// ---- the address

/**
 * What an address asks for; with a sentence, and the first example, where it cannot be read.
 * @param {string} hash
 * @returns {State}
 */
function stateIn(hash) {
  const asked = new URLSearchParams(hash.slice(1))
  const text = asked.get('text')
  const at = asked.get('at')
  const state = { text: first, at: at && /^\d{1,4}$/.test(at) ? Number(at) : end, of: asked.get('of') || '', trouble: '' }
  if (text === null && !asked.size) return state
  if (!text?.trim() || /[\uFFFD\0]/.test(text)) return { ...state, at: end, trouble: 'The address is damaged: it holds no text that can be read. Here is the first example instead.' }
  return { ...state, text: text.replace(/\r\n?/g, '\n') }
}

/** @param {State} state */
function addressOf({ text, at, of }) {
  const asked = new URLSearchParams({ text })
  if (at !== end) asked.set('at', String(at))
  if (of) asked.set('of', of)
  return `#${asked}`
}

// ---- the page

const editor = make('textarea', { id: 'playground-text', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', autocorrect: 'off', wrap: 'off', 'aria-describedby': 'playground-trouble' })
const menu = make('select', { id: 'playground-examples' })
const copy = button('Copy link', copyLink)
const copied = make('span', { role: 'status', class: 'copied' })
const line = make('div', { class: 'loading' })
const trouble = make('span', { id: 'playground-trouble' })
const add = button('', () => {})
const before = make('p', { class: 'before' }, 'Below is still the graph of the text before.')
const wrong = make('div', { role: 'alert', class: 'wrong' })
const runs = button('Run', run)
const asks = make('div', { role: 'status', class: 'asks' }, 'This program came with the link. Nothing of it has run yet: read it first.', runs)
const busy = make('div', { role: 'status', class: 'busy' }, 'Running …', button('Stop', () => python?.restart('Stopped.')))
const says = make('div', { class: 'says' })
const notes = make('div', { role: 'status', class: 'notes' })
const choice = make('select', { id: 'playground-result' })
const choices = make('div', { class: 'bar' })
const graph = make('div', { class: 'graph' })
const empty = make('p', { class: 'empty' })
const large = make('div', { class: 'large', tabindex: '0', role: 'group', 'aria-label': 'Result and leaves' })
const printed = make('div', { class: 'printed' })
const output = make('div', { class: 'output', tabindex: '0', role: 'group', 'aria-label': 'Printed' })

function build() {
  const bar = make('div', { class: 'bar' }, labelled('Example', menu), copy, copied)
  menu.append(new Option('your own', ''), ...page.examples.map(([name, text]) => new Option(name, text)))
  wrong.append(trouble, add, before)
  says.append(asks, busy, wrong, line)
  choices.append(labelled('Show the graph of', choice))
  printed.append(make('p', {}, 'Printed:'), output)
  set(place, { role: 'group', 'aria-label': 'Playground', tabindex: -1 })
  place.replaceChildren(bar, make('label', { for: editor.id }, 'Your program'), editor, says, choices, empty, graph, large, notes, printed)
}

/**
 * @param {string} text
 * @param {HTMLElement} field
 */
function labelled(text, field) {
  return make('span', { class: 'field' }, make('label', { for: field.id }, text), field)
}

// ---- what the component is told, in the form that it knows from notebooks

class Model {
  constructor() {
    /** @type {Record<string, any>} */
    this.values = {}
    /** @type {Map<string, Set<() => void>>} */
    this.listeners = new Map()
    /** @type {Set<string>} */
    this.changed = new Set()
  }

  /** @param {string} key */
  get(key) { return this.values[key] }

  /**
   * @param {string} key
   * @param {any} value
   */
  set(key, value) {
    this.values[key] = value
    this.changed.add(`change:${key}`)
  }

  /** Those who listen are told when everything is in its place. */
  save_changes() {
    const listeners = new Set([...this.changed].flatMap(event => [...this.listeners.get(event) || []]))
    this.changed.clear()
    for (const listener of listeners) listener()
  }

  /** @param {Record<string, any>} values */
  update(values) {
    for (const [key, value] of Object.entries(values)) this.set(key, value)
    this.save_changes()
  }

  /**
   * @param {string} event
   * @param {() => void} listener
   */
  on(event, listener) {
    if (!this.listeners.has(event)) this.listeners.set(event, new Set())
    this.listeners.get(event)?.add(listener)
  }

  /**
   * @param {string} event
   * @param {() => void} listener
   */
  off(event, listener) { this.listeners.get(event)?.delete(listener) }
}

const model = new Model()
const lastPlace = (/** @type {Numbers} */ { forward, steps }) => forward.length + steps.length - 1

// ---- the state: the text is in the editor, the rest is here

let at = end
let of = ''
/** @type {import('./python.js').Python | undefined} */
let python
let running = false
let begun = 0 // when
let foreign = false // a program that came with a link waits for a click
let wanted = false // whether something has changed since Python was asked
let edits = 0 // how often the text became another one
let asking = 0 // and which of them is running
let damaged = '' // what is wrong with the address, until the text is another one
let stuck = /** @type {string | undefined} */ (undefined) // the text that Python did not come back from: it is not run again by itself
/** @type {Map<number, number>} */
let moves = new Map()
/** @type {number | undefined} */
let typing

/** @returns {State} */
const state = () => ({ text: editor.value, at, of, trouble: '' })

const save = () => keep(addressOf(state()), !foreign)
const saveNow = () => keepNow(addressOf(state()), !foreign)

/**
 * Another text in the editor; it is run at once.
 * @param {string} text
 */
function enter(text) {
  editor.value = text
  edited()
  ask()
}

// A browser's own undo knows nothing of what a slider or the menu wrote, and would mix it up.
/** @type {string[]} */
const past = []
/** @type {string[]} */
const future = []
let known = '' // the text that was remembered last
let since = 0 // and when

/** Changes that follow each other quickly are one. */
function remember() {
  if (editor.value === known) return
  if (known && performance.now() - since > 600) past.push(known)
  future.length = 0
  known = editor.value
  since = performance.now()
}

/** @param {string[]} from @param {string[]} to */
function goBack(from, to) {
  const text = from.pop()
  if (text === undefined) return
  to.push(editor.value)
  known = text
  enter(text)
}

function edited() {
  remember()
  edits += 1
  damaged = ''
  moves.clear()
  if (page.examples.some(([, text]) => text === editor.value)) foreign = false
  asks.hidden = !foreign
  editor.rows = Math.min(Math.max(editor.value.split('\n').length, 5), 12)
  menu.value = page.examples.some(([, text]) => text === editor.value) ? editor.value : ''
  save()
}

/** @param {State} asked @param {boolean} ours whether the reader, or this page, has written it */
function load(asked, ours) {
  ({ at, of } = asked)
  foreign = !ours
  enter(asked.text)
  keepNow(location.hash) // it is as it was asked for
  damaged = asked.trouble
  if (editor.value === first && !of) show(page.shown)
}

/** Whether a link of this page leads there. @param {string} hash */
const isLinked = hash => [...document.querySelectorAll('main a')].some(link => /** @type {HTMLAnchorElement} */ (link).hash === hash)

/** What came with the link is the reader's from here on. */
function run() {
  clearTimeout(typing)
  foreign = false
  stuck = undefined
  asks.hidden = true
  ask()
}

// ---- asking Python: one question at a time, and the last one always

async function ask() {
  wanted = true
  if (running && asking !== edits && performance.now() - begun > 3 * patience) {
    begun = end // once: the one that waits may be there at once, and ask
    python?.restart('Another program was typed.')
  }
  if (foreign || running || !python || python.status.state !== 'ready') return waiting()
  running = true
  set(place, { 'aria-busy': 'true' })
  while (wanted && python.status.state === 'ready' && editor.value !== stuck) {
    wanted = false
    await askOnce(python)
  }
  running = false
  set(place, { 'aria-busy': 'false' })
  waiting()
}

/** @param {import('./python.js').Python} python */
async function askOnce(python) {
  const text = editor.value
  const moved = Object.fromEntries(moves)
  const mine = asking = edits
  moves.clear()
  begun = performance.now()
  const slow = setTimeout(() => {
    busy.hidden = false
    wrong.hidden = true
    python.prepare()
  }, patience)
  try {
    const answer = await python.call('playground', 'run', { text, moves: moved, of, drawn: model.get('graph')?.key || '' }, limit)
    if (mine !== edits) return // the reader has typed on
    if (answer.text !== text) {
      editor.value = answer.text
      remember()
      menu.value = ''
    }
    show(answer)
  } catch (error) {
    if (mine !== edits) return
    stuck = text
    const { message, printed } = /** @type {import('./python.js').Stopped} */ (error)
    write(output, printed)
    complain(`${message} Your text is still here; it is run again when it is another one.`)
  } finally {
    clearTimeout(slow)
    busy.hidden = true
    printed.hidden = !output.textContent
  }
}

function waiting() {
  const ready = python?.status.state === 'ready'
  const says = !ready ? 'The sliders wait for Python. The steps do not.' : before.hidden ? '' : 'The sliders wait until the text is right again.'
  if (model.get('waiting') !== says) model.update({ waiting: says })
  empty.hidden = Boolean(model.get('graph')) || !large.hidden || ready
}

// ---- what came back

/** @param {Answer} answer */
function show(answer) {
  complain(answer.trouble || damaged, answer.add, answer.added)
  write(output, answer.printed || '')
  if (answer.trouble) return
  write(notes, answer.notes.join(' '))
  listResults(answer.results, answer.result)
  list(answer.large)
  graph.hidden = Boolean(answer.large)
  if (answer.large) return
  model.update({
    ...answer.graph && { graph: { ...answer.graph, svg: cleaned(answer.graph.svg) } },
    numbers: answer.numbers,
    leaves: answer.leaves,
    at: Math.min(at, lastPlace(answer.numbers)),
  })
  empty.hidden = true
}

/**
 * @param {string} says
 * @param {string} what what a click would add
 * @param {string} added the text after that click
 */
function complain(says, what = '', added = '') {
  write(trouble, says)
  wrong.hidden = !says
  add.hidden = !what
  write(add, what && `Add ${what}`)
  add.onclick = () => { enter(added); editor.focus() }
  before.hidden = !says || says === damaged || !model.get('graph')
  editor.setAttribute('aria-invalid', String(Boolean(says) && says !== damaged))
  waiting()
  graph.classList.toggle('old', !before.hidden)
  large.classList.toggle('old', !before.hidden)
}

/**
 * @param {string[]} names
 * @param {string} name
 */
function listResults(names, name) {
  choices.hidden = names.length < 2
  if (names.join('\n') !== [...choice.options].map(option => option.value).join('\n')) choice.replaceChildren(...names.map(name => new Option(name)))
  choice.value = name
}

/** @param {Large | null} ends */
function list(ends) {
  large.hidden = !ends
  if (!ends) return
  const table = make('table')
  table.append(make('tr', {}, ...['Name', 'Data', 'Gradient'].map(title => make('th', { scope: 'col' }, title))))
  for (const [name, ...numbers] of ends.rows) table.append(make('tr', {}, make('th', { scope: 'row' }, name), ...numbers.map(number => make('td', {}, number))))
  large.replaceChildren(make('p', {}, ends.says), table)
}

// ---- what the reader does

editor.oninput = () => {
  edited()
  clearTimeout(typing)
  typing = setTimeout(ask, 250)
}

editor.onkeydown = (/** @type {KeyboardEvent} */ event) => {
  if (event.key === 'Enter' && (event.shiftKey || event.ctrlKey || event.metaKey)) {
    event.preventDefault()
    run()
  }
  const key = event.key.toLowerCase()
  if (!(event.ctrlKey || event.metaKey) || event.altKey || !['z', 'y'].includes(key)) return
  event.preventDefault()
  if (key === 'y' || event.shiftKey) goBack(future, past)
  else goBack(past, future)
}

editor.onbeforeinput = (/** @type {InputEvent} */ event) => {
  if (!['historyUndo', 'historyRedo'].includes(event.inputType)) return
  event.preventDefault()
  if (event.inputType === 'historyUndo') goBack(past, future)
  else goBack(future, past)
}

menu.onchange = () => {
  const chosen = menu.value
  if (!chosen) return
  saveNow()
  at = end
  of = ''
  keepNow(addressOf({ text: chosen, at, of, trouble: '' }), true, 'pushState')
  enter(chosen)
}

choice.onchange = () => {
  of = choice.value
  save()
  ask()
}

async function copyLink() {
  saveNow()
  try {
    await navigator.clipboard.writeText(location.href)
    write(copied, 'Copied.')
  } catch { write(copied, 'The link is in the address bar.') }
  setTimeout(() => write(copied, ''), 4000)
}

model.on('change:at', () => {
  const stands = model.get('at')
  at = stands === lastPlace(model.get('numbers')) ? end : stands
  save()
})

model.on('change:moved', () => {
  const { node, value } = model.get('moved')
  const leaf = model.get('leaves').find((/** @type {Leaf} */ leaf) => leaf.node === node)
  if (!leaf) return
  moves.set(leaf.place, value)
  stuck = undefined
  ask()
})

addEventListener('hashchange', () => {
  if (location.hash && !location.hash.includes('=')) return // a heading of this page
  load(stateIn(location.hash), isOwn() || isLinked(location.hash))
  place.focus({ preventScroll: true })
  place.scrollIntoView({ behavior: 'instant' }) // a glide would end where a new graph moves the page
})

addEventListener('pagehide', saveNow)
document.addEventListener('click', event => { if (/** @type {Element} */ (event.target).closest('a')) saveNow() }, true)

build()
asks.hidden = busy.hidden = wrong.hidden = printed.hidden = choices.hidden = large.hidden = true
empty.textContent = 'The graph is drawn as soon as Python has loaded.'
const hash = location.hash.includes('=') ? location.hash : ''
load(stateIn(hash), !hash || isOwn() || isLinked(hash))
explore.render({ model, el: graph })
python = startPython(line, () => { wanted = true; ask() }, 'graphs')
waiting()
