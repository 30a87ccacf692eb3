// The training page: what its reader chooses goes to Python as text, and what Python answers is drawn here.

import { button, make, set, write } from './elements.js'
import { keep, keepNow } from './address.js'
import { startPython } from './python.js'

/** @typedef {{ name: string, weight: string, before: string, grad: string, new: string }} Row */
/** @typedef {{ place: string, name: string, act: string, rows: Row[], rule: string, says: string }} Neuron */
/** @typedef {{ step: number, stage: number, says: string, since: number, losses: number[], loss: string, right: string, held_out: string, length: string, weights: number[][][], neuron: Neuron, chosen: string, marks: [number, string][], lr: string, zero: boolean, address: string }} Picture */
/** @typedef {{ points: [number, number, number][], view: [number, number, number, number], own: number, choices: Record<string, string>, act: string, names: string[][], note: string, count: [number, number], until?: number }} Scene */
/** @typedef {Partial<Picture & Scene> & { trouble?: string, stopped?: boolean }} Answer */

const patience = 20000 // milliseconds for one answer: a telephone takes its time
const frame = 25 // milliseconds of steps for each picture
const coarse = 48, fine = 96, small = 24 // places along each side where the network is asked: while it plays, at rest, for one neuron

const place = /** @type {HTMLElement} */ (document.getElementById('training'))

// ---- elements

/**
 * @param {keyof SVGElementTagNameMap} tag
 * @param {Record<string, string | number | boolean>} attributes
 * @param {(Node | string)[]} children
 */
function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  set(element, attributes)
  element.append(...children)
  return element
}

/** @param {string} text @param {HTMLElement} input @param {string} kind */
const labelled = (text, input, kind = 'field') =>
  make('label', { class: kind }, ...(kind === 'check' ? [input, make('span', {}, text)] : [make('span', {}, text), input]))

/** @param {string} name @param {Record<string, string>} options */
const select = (name, options) => make('select', { name }, ...Object.entries(options).map(([value, text]) => make('option', { value: value.trim() }, text)))

/** @param {string} name @param {Record<string, string | number>} limits */
const number = (name, limits) => make('input', { type: 'number', name, required: true, autocomplete: 'off', ...limits })

// ---- the controls

/** @type {Record<string, HTMLSelectElement | HTMLInputElement>} */
const inputs = {
  data: select('data', { moons: 'two moons', circles: 'circles', spirals: 'spirals', xor: 'xor', none: 'only mine' }),
  n: number('n', { min: 2, max: 300, step: 2, value: 100 }),
  noise: number('noise', { min: 0, max: 1, step: 0.05, value: 0.1 }),
  seed: number('seed', { min: 0, max: 999999, value: 1 }),
  act: select('act', { tanh: 'tanh', relu: 'relu', sigmoid: 'sigmoid', softplus: 'softplus', linear: 'linear' }),
  loss: select('loss', { entropy: 'cross-entropy', margin: 'max margin', squares: 'mean squares' }),
  opt: select('opt', { sgd: 'SGD', momentum: 'SGD, momentum', adam: 'Adam' }),
  lr: number('lr', { min: 0, max: 1000, step: 'any', value: 0.5 }),
  batch: select('batch', { all: 'all points', ' 1': '1 point', ' 4': '4 points', ' 10': '10 points', ' 32': '32 points' }),
  penalty: select('penalty', { none: 'none', 'l1:0.001': 'L1, 0.001', 'l1:0.01': 'L1, 0.01', 'l2:0.001': 'L2, 0.001', 'l2:0.01': 'L2, 0.01' }),
}
const zero = make('input', { type: 'checkbox', name: 'zero', checked: true })
const log = make('input', { type: 'checkbox' })
const widths = make('span', { class: 'widths' })
const more = button('+', () => changeLayers(1), { 'aria-label': 'Add a hidden layer' })
const fewer = button('−', () => changeLayers(-1), { 'aria-label': 'Remove the last hidden layer' })

const form = make('form', { class: 'choices', 'aria-label': 'Settings' },
  make('fieldset', {}, make('legend', {}, 'Points'), labelled('Shape', inputs.data), labelled('How many', inputs.n), labelled('Noise', inputs.noise), labelled('Seed', inputs.seed)),
  make('fieldset', {}, make('legend', {}, 'Network'),
    make('div', { class: 'field', role: 'group', 'aria-label': 'Hidden layers' }, make('span', {}, 'Hidden layers'), widths, make('span', { class: 'pair' }, fewer, more)),
    labelled('Activation', inputs.act)),
  make('fieldset', {}, make('legend', {}, 'Learning'), labelled('Loss', inputs.loss), labelled('Optimizer', inputs.opt), labelled('Learning rate', inputs.lr), labelled('Batch', inputs.batch), labelled('Penalty', inputs.penalty), labelled('Zero the gradients', zero, 'check')))

const playing = button('Play', () => { if (run) run = 0; else play() }, { class: 'btn btn-sm btn-primary play' })
const one = button('One step', () => act('advance', { count: 1 }))
const reset = button('Reset', () => begin('choose', {}))
const copy = button('Copy link', copyLink)
const facts = Object.fromEntries(['Step', 'Loss', 'Held out', 'Right', 'Length of the gradient'].map(name => [name, make('b', {}, '–')]))
const numbers = make('p', { class: 'facts' }, ...Object.entries(facts).map(([name, value]) => make('span', {}, `${name} `, value)))
const heard = make('p', { class: 'visually-hidden', role: 'status' })
const line = make('div', { class: 'loading' })
const trouble = make('div', { role: 'alert', class: 'trouble' })
const all = make('fieldset', { class: 'all', disabled: true }, form)
const controls = make('fieldset', { class: 'bar controls', disabled: true, 'aria-label': 'Steps' }, playing, one, reset, copy, numbers)

// ---- the plane

const canvas = make('canvas', { role: 'img', 'aria-label': 'The plane' })
const plane = make('div', { class: 'plane', tabindex: 0, role: 'application', 'aria-label': 'The plane. Arrow keys move a cross, Enter puts a point down there' }, canvas)
const levels = 'Lines: score 0 (thick), ±1, ±2, ±4'
const readout = make('p', { class: 'readout', role: 'status' }, levels)
const colours = ['blue', 'orange']
const kinds = colours.map((_, i) => make('input', { type: 'radio', name: 'kind', value: i, checked: i === 0 }))
const undo = button('Delete last', () => begin('remove', {}))
const clear = button('Clear', () => begin('remove', { all: true }), { 'aria-label': 'Clear my points' })
const putting = make('fieldset', { class: 'bar putting', disabled: true }, make('legend', {}, 'A click on the plane puts down'),
  ...kinds.map((input, i) => labelled(['a blue circle', 'an orange square'][i], input, 'check')), undo, clear)

// ---- the network, and the curve of the losses

const lines = draw('svg', { 'aria-hidden': 'true' })
const neurons = make('div', { class: 'neurons', role: 'tablist', 'aria-label': 'Neurons', 'aria-orientation': 'vertical' })
const key = 'A line is a weight, a square what a neuron says about the plane; point at one to see it there. Blue and dashed is negative, orange positive; a thick line is a large weight.'
const legend = make('p', { class: 'legend' }, key)
const network = make('div', { class: 'network' }, lines, neurons)
const curve = draw('svg', { role: 'img', 'aria-label': 'The loss' })

// ---- one step, walked, and the numbers of one neuron

const stages = ['Forward', 'Zero the gradients', 'Backward', 'Update'].map((name, i) => button(`${i + 1} ${name}`, () => walk(i)))
const says = make('p', { class: 'says', role: 'status' })
const title = make('caption')
const rows = make('tbody')
const heads = ['Parameter', 'Weight', 'Gradient before', 'Gradient', 'New weight'].map(name => make('th', { scope: 'col' }, name))
const table = make('table', {}, title, make('thead', {}, make('tr', {}, ...heads)), rows)
const example = make('p', { class: 'example' })
const walking = make('fieldset', { class: 'walk', disabled: true }, make('legend', {}, 'One step, walked'), make('div', { class: 'bar' }, ...stages), says)
const panel = make('div', { class: 'numbers', role: 'tabpanel', id: 'training-neuron', tabindex: 0, 'aria-label': 'The chosen neuron' }, table, example)

// ---- what is known

/** @type {Picture & Scene} */
let now
/** @type {number[]} */
let losses = []
let run = 0 // counts the times that Play was pressed; 0 while it rests
let runs = 0
let address = location.hash.slice(1)
let hovered = ''
let busy = 0
let cross = /** @type {[number, number] | null} */ (null)

showWidths(['8', '8'])
place.prepend(line, all, controls, trouble)
const python = startPython(line, () => begin('restore', { address }))
const below = make('div', { class: 'walked' }, walking, panel)
const live = [
  make('div', { class: 'panel' }, plane, readout, putting),
  make('div', { class: 'panel' }, network, legend),
  make('div', { class: 'panel' }, make('div', { class: 'curve' }, curve), labelled('Logarithmic', log, 'check')),
]

/**
 * Asks Python, and shows the answer or what went wrong.
 * @param {string} name
 * @param {object} args
 * @returns {Promise<boolean>} whether it went well
 */
async function act(name, args = {}) {
  try {
    const answer = /** @type {Answer} */ (await python.call('training', name, args, patience))
    take(answer)
    const goesOn = name === 'pick' || name === 'set_log' || 'until' in args && args.until
    if (answer.trouble || !goesOn) complain(answer.trouble || (answer.choices ? now.note : ''), answer.stopped)
    return !answer.trouble
  } catch (error) {
    run = 0
    complain(/** @type {Error} */ (error).message)
    return false
  }
}

/** @param {Answer} answer */
function take(answer) {
  const fresh = answer.weights && (!now || answer.names && String(answer.names) !== String(now.names) || answer.act && answer.act !== now.act)
  if (answer.trouble) run = 0
  if (answer.weights) {
    now = { ...now, ...answer }
    losses.length = now.since
    losses.push(...now.losses)
    if (answer.choices) showChoices(answer.choices)
    if (document.activeElement !== inputs.lr && !inputs.lr.matches('[aria-invalid]')) inputs.lr.value = now.lr
    zero.checked = now.zero
    if (fresh) layNetwork()
    show()
    rest()
  }
}

/** Something that begins a new run, or changes its points. @param {string} name @param {object} args */
async function begin(name, args) {
  run = 0
  set(place, { 'aria-busy': String(++busy > 0) })
  const well = await act(name, args)
  set(place, { 'aria-busy': String(--busy > 0) })
  if (!now || !well && name !== 'restore') return
  if (!below.isConnected) {
    place.querySelector('.panels')?.replaceChildren(...live)
    place.append(below, heard)
    for (const fieldset of [all, controls, putting, walking]) fieldset.disabled = false
    show()
  }
  const until = now.until || 0
  now.until = 0
  if (name === 'restore' && until) play(until)
}

/** @param {string} text @param {boolean} stopped whether a new start would help */
function complain(text, stopped = false) {
  trouble.replaceChildren(...text ? [make('span', {}, text)] : [])
  if (stopped) trouble.append(button('Reset', () => { begin('choose', {}); playing.focus() }))
}

// ---- what is chosen

/** @param {Record<string, string>} choices */
function showChoices(choices) {
  for (const [name, input] of Object.entries(inputs)) if (name in choices) input.value = choices[name]
  for (const [name, text] of Object.entries({ batch: `${choices.batch} points`, penalty: choices.penalty })) {
    if (inputs[name].value) continue
    inputs[name].append(make('option', { value: choices[name] }, text))
    inputs[name].value = choices[name]
  }
  log.checked = choices.log === '1'
  showWidths(choices.layers ? choices.layers.split(',') : [])
  for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid')
}

/** @param {string[]} values */
function showWidths(values) {
  const there = [...widths.children].map(input => /** @type {HTMLInputElement} */ (input))
  while (there.length > values.length) there.pop()?.remove()
  values.forEach((value, i) => {
    if (!there[i]) widths.append(there[i] = make('input', { type: 'number', min: 1, max: 12, required: true, 'aria-label': `Width of layer ${i + 1}` }))
    there[i].value = value
  })
  if (!values.length) write(widths, '')
  more.disabled = values.length === 3
  fewer.disabled = !values.length
}

const widthsChosen = () => [...widths.children].map(input => /** @type {HTMLInputElement} */ (input).value || '0')

/** @param {number} by */
function changeLayers(by) {
  const values = widthsChosen()
  showWidths(by > 0 ? [...values, values.at(-1) || '8'] : values.slice(0, -1))
  if ([more, fewer].every(button => button !== document.activeElement || button.disabled)) (more.disabled ? fewer : more).focus()
  choose()
}

async function choose() {
  const texts = Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== 'lr').map(([name, input]) => [name, input.value]))
  await begin('choose', { choices: String(new URLSearchParams({ ...texts, layers: String(widthsChosen()) })) })
}

form.addEventListener('submit', event => event.preventDefault())
form.addEventListener('change', async ({ target }) => {
  const input = /** @type {HTMLInputElement} */ (target)
  if (input === zero) await act('change', { name: 'zero', text: zero.checked ? '1' : '0' })
  else if (input === inputs.lr) await act('change', { name: 'lr', text: input.value })
  else await choose()
  set(input, { 'aria-invalid': Boolean(trouble.textContent) && !input.checkValidity() && 'true' })
})
log.onchange = () => act('set_log', { on: log.checked })

// ---- steps

/** @param {number} until */
async function play(until = 0) {
  const mine = run = ++runs
  let saved = performance.now()
  show()
  while (run === mine) {
    if (!await act('advance', { milliseconds: frame, until, shown: hovered })) break
    if (run === mine && until && now.step >= until) run = 0
    if (performance.now() - saved > 1000) { save(); saved = performance.now() }
    await new Promise(requestAnimationFrame)
  }
  if (run) return
  show()
  rest()
}

/** @param {number} stage */
async function walk(stage) {
  run = 0
  if (!await act('walk')) return
  if (document.activeElement === document.body || document.activeElement === stages[stage]) stages[(stage + 1) % 4].focus()
}

async function copyLink() {
  save()
  try {
    await navigator.clipboard.writeText(location.href)
    write(copy, 'Copied')
  } catch { write(copy, 'Copy it from the address bar') }
  setTimeout(() => write(copy, 'Copy link'), 2000)
}

/** @param {string} hash */
function open(hash) {
  address = hash.slice(1)
  place.scrollIntoView({ behavior: 'instant' })
  playing.focus({ preventScroll: true })
  begin('restore', { address })
}

addEventListener('hashchange', ({ newURL }) => {
  const { hash } = new URL(newURL)
  if (hash.slice(1) !== address && (!hash || hash.includes('='))) open(hash)
})
document.addEventListener('click', event => {
  const link = /** @type {Element} */ (event.target).closest('a')
  if (!link || !link.hash.includes('=') || link.pathname !== location.pathname || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  keepNow(link.hash, true, 'pushState')
  open(link.hash)
})

// ---- showing

function show() {
  if (!now) return
  write(playing, run ? 'Pause' : 'Play')
  write(facts.Step, String(now.step))
  write(facts.Loss, now.loss || '–')
  write(facts['Held out'], now.held_out || '–')
  write(facts.Right, now.right)
  write(facts['Length of the gradient'], now.length)
  if (!now.own && [undo, clear].some(button => button === document.activeElement)) plane.focus({ preventScroll: true }) // a disabled button would lose the focus
  undo.disabled = clear.disabled = !now.own
  stages.forEach((button, i) => {
    button.disabled = i !== now.stage
    set(button, { 'aria-current': i === now.stage && 'step', class: `btn btn-sm ${i === now.stage ? 'btn-primary' : 'btn-outline-primary'}` })
  })
  write(stages[1], now.zero ? '2 Zero the gradients' : '2 Zero the gradients: left out')
  write(says, now.says || 'A step has four stages. Forward is the first.')
  drawPictures()
  drawCurve()
  showNeuron(now.neuron)
}

const hashOf = (/** @type {string} */ address) => address && `#${address}`

/** At once, as the page may be left. */
function save() {
  if (now) address = now.address
  keepNow(hashOf(address))
}

addEventListener('pagehide', save)

/** What is told and kept only while nothing moves. */
function rest() {
  if (run) return
  address = now.address
  keep(hashOf(address))
  write(heard, now.step ? `Step ${now.step}: loss ${now.loss}, ${now.right} points right.` : '')
  const [blue, orange] = now.count
  set(canvas, { 'aria-label': `The plane at step ${now.step}: ${blue} blue circles, ${orange} orange squares. The network is right about ${now.right}.` })
  set(curve, { 'aria-label': losses.length ? `The loss over ${losses.length} steps, now ${now.loss}` : 'The loss: no step was made yet' })
}

/** What is pointed at, in short. @param {Neuron} neuron */
function inShort(neuron) {
  const tell = (/** @type {Row} */ row) => `${row.weight} (${row.grad || row.before})`
  const row = neuron.rows[hoveredRow]
  if (row) return `${neuron.name}, ${row.name}: weight ${row.weight}, gradient ${row.grad || row.before}.`
  const weights = neuron.rows.slice(0, -1).map(tell)
  return `${neuron.name}: weights (gradients) ${weights.slice(0, 4).join(', ')}${weights.length > 4 ? ', … as below' : ''}; bias ${tell(neuron.rows[weights.length])}.`
}

/** A weight can be set, but not while a step is walked. @param {number} row */
function weightRow(row) {
  const weight = make('input', { type: 'number', step: 'any', autocomplete: 'off' })
  let place = ''
  weight.onfocus = () => { place = now.neuron.place }
  weight.onchange = () => act('set_weight', { place, row, text: weight.value })
  return make('tr', {}, make('th', { scope: 'row' }), make('td', {}, weight), make('td'), make('td'), make('td'))
}

/** @param {Neuron} neuron */
function showNeuron(neuron) {
  write(legend, pointed() ? inShort(neuron) : key)
  write(title, `${neuron.name}, ${neuron.act}`)
  neuron.rows.forEach((row, i) => {
    const tr = rows.children[i] || rows.appendChild(weightRow(i))
    const weight = /** @type {HTMLInputElement} */ (tr.querySelector('input'))
    if (weight !== document.activeElement) weight.value = row.weight
    weight.disabled = now.stage > 0
    set(weight, { 'aria-label': `${neuron.name}, ${row.name}: weight` })
    ;[row.name, , row.before, row.grad, row.new].forEach((text, j) => { if (text !== undefined) write(tr.children[j], text) })
    set(tr, { class: hoveredRow === i && 'at' })
  })
  while (rows.children.length > neuron.rows.length) rows.lastChild?.remove()
  write(heads[4], `New weight: ${neuron.rule}`)
  write(example, neuron.says)
  heads.forEach((head, i) => set(head, { class: i === [1, 3, 3, 4][(now.stage + 3) % 4] && now.says && 'at' }))
  for (const tab of neurons.querySelectorAll('[role=tab]')) {
    const chosen = /** @type {HTMLElement} */ (tab).dataset.place === neuron.place
    set(tab, { 'aria-selected': String(chosen), tabindex: chosen ? 0 : -1 })
  }
}

// ---- what the network says all over the plane

/** @type {Record<string, (z: number) => number>} */
const activations = {
  relu: z => z > 0 ? z : 0,
  tanh: Math.tanh,
  sigmoid: z => 1 / (1 + Math.exp(-z)),
  softplus: z => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
  linear: z => z,
}

/**
 * The output of each neuron on a square grid of places, row after row from the top: the arithmetic of the package, with its weights.
 * @param {number} side places along a side
 * @returns {Float64Array[][]} for the inputs, then for each layer
 */
function everywhere(side) {
  const [left, right, bottom, top] = now.view
  const along = (/** @type {number} */ i) => (i + 0.5) / side
  const xs = new Float64Array(side * side), ys = new Float64Array(side * side)
  for (let i = 0; i < xs.length; i++) {
    xs[i] = left + (right - left) * along(i % side)
    ys[i] = top + (bottom - top) * along(Math.floor(i / side))
  }
  const layers = [[xs, ys]]
  now.weights.forEach((layer, k) => {
    const f = k < now.weights.length - 1 ? activations[now.act] : activations.linear
    layers.push(layer.map(weights => {
      const out = new Float64Array(side * side).fill(weights[weights.length - 1])
      layers[k].forEach((input, j) => { for (let i = 0; i < out.length; i++) out[i] += weights[j] * input[i] })
      for (let i = 0; i < out.length; i++) out[i] = f(out[i])
      return out
    }))
  })
  return layers
}

const inkOf = (/** @type {string} */ name) => getComputedStyle(place).getPropertyValue(name).trim()
const rgb = (/** @type {string} */ hex) => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16))

/**
 * A picture of numbers: blue below 0, orange above, the stronger the further.
 * @param {Float64Array} values
 * @param {number} side
 * @param {number} least the strength is half of the most there
 */
function tinted(values, side, least) {
  const ground = rgb(inkOf('--ground')), blue = rgb(inkOf('--blue')), orange = rgb(inkOf('--orange'))
  const image = new ImageData(side, side)
  for (let i = 0; i < values.length; i++) {
    const strength = 0.62 * Math.tanh(Math.abs(values[i]) / least)
    const colour = values[i] > 0 ? orange : blue
    for (let c = 0; c < 3; c++) image.data[4*i + c] = ground[c] + strength * (colour[c] - ground[c])
    image.data[4*i + 3] = 255
  }
  const picture = new OffscreenCanvas(side, side)
  picture.getContext('2d')?.putImageData(image, 0, 0)
  return picture
}

/**
 * The pieces of the line where `values` cross `level`: marching squares.
 * @param {Float64Array} values
 * @param {number} side
 * @param {number} level
 * @param {(x0: number, y0: number, x1: number, y1: number) => void} piece from here to there, in places
 */
function contour(values, side, level, piece) {
  for (let y = 0; y < side - 1; y++) for (let x = 0; x < side - 1; x++) {
    const at = y*side + x
    const above = values[at] > level
    if (values[at + 1] > level === above && values[at + side] > level === above && values[at + side + 1] > level === above) continue // no line runs through here
    const corners = [values[at] - level, values[at + 1] - level, values[at + side + 1] - level, values[at + side] - level]
    const cuts = /** @type {[number, number][]} */ ([])
    corners.forEach((here, i) => {
      const next = corners[(i + 1) % 4]
      if (here > 0 === next > 0) return
      const part = here / (here - next)
      /** @type {[number, number][]} */
      const edges = [[x + part, y], [x + 1, y + part], [x + 1 - part, y + 1], [x, y + 1 - part]]
      cuts.push(edges[i])
    })
    for (let i = 0; i + 1 < cuts.length; i += 2) piece(...cuts[i], ...cuts[i + 1])
  }
}

/** @param {HTMLCanvasElement} canvas @param {number} size */
function prepared(canvas, size) {
  const dense = devicePixelRatio || 1
  const pixels = Math.round(size * dense)
  if (canvas.width !== pixels) canvas.width = canvas.height = pixels
  const paint = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
  paint.setTransform(dense, 0, 0, dense, 0, 0)
  return paint
}

/** The neuron that is pointed at, or has the focus: the plane shows what it says. */
const pointed = () => hovered || (neurons.contains(document.activeElement) ? now.chosen : '')

function drawPictures() {
  const tabs = neurons.querySelectorAll('canvas')
  const [size, unitSize] = [canvas, tabs[0]].map(({ clientWidth }) => clientWidth) // before anything is drawn, or it is all laid out again for each
  if (!size) return
  const paint = prepared(canvas, size)
  const side = run ? coarse : fine
  const layers = everywhere(side)
  const [layer, unit] = (pointed() || `${now.weights.length - 1}.0`).split('.').map(Number)
  const score = layers[layer + 1][unit]
  paint.imageSmoothingEnabled = true
  paint.drawImage(tinted(score, side, 2), 0, 0, size, size)
  drawLevels(paint, size, score, side)
  drawPoints(paint, size)
  if (cross) drawCross(paint, size, cross)
  for (const tab of tabs) {
    const [k, j] = (tab.dataset.of || '').split('.').map(Number)
    drawNeuron(tab, unitSize, layers[k][j], side)
  }
  drawWeights()
}

/** @param {CanvasRenderingContext2D} paint @param {number} size @param {Float64Array} score @param {number} side */
function drawLevels(paint, size, score, side) {
  const unit = size / side
  const at = (/** @type {number} */ x) => (x + 0.5) * unit
  for (const level of [-4, -2, -1, 1, 2, 4, 0]) {
    paint.beginPath()
    paint.setLineDash(level < 0 ? [4, 3] : [])
    contour(score, side, level, (x0, y0, x1, y1) => {
      paint.moveTo(at(x0), at(y0))
      paint.lineTo(at(x1), at(y1))
    })
    paint.strokeStyle = inkOf(level ? level < 0 ? '--blue' : '--orange' : '--ink')
    paint.globalAlpha = level ? 0.45 : 1
    paint.lineWidth = level ? 1 : 2
    paint.stroke()
  }
  paint.globalAlpha = 1
}

/** Where a place of the plane is on a picture of this size. @param {number} size @param {number} x @param {number} y @returns {[number, number]} */
function onPicture(size, x, y) {
  const [left, right, bottom, top] = now.view
  return [(x - left) / (right - left) * size, (top - y) / (top - bottom) * size]
}

/** @param {CanvasRenderingContext2D} paint @param {number} size */
function drawPoints(paint, size) {
  const inks = [inkOf('--blue'), inkOf('--orange')]
  const r = Math.max(2.6, size / 95)
  paint.strokeStyle = inkOf('--ground')
  paint.lineWidth = 1.2
  for (const [x, y, kind] of now.points) {
    const [u, v] = onPicture(size, x, y)
    paint.fillStyle = inks[kind]
    paint.beginPath()
    if (kind) paint.rect(u - r, v - r, 2*r, 2*r)
    else paint.arc(u, v, 1.1 * r, 0, 7)
    paint.fill()
    paint.stroke()
  }
}

/** @param {CanvasRenderingContext2D} paint @param {number} size @param {[number, number]} at */
function drawCross(paint, size, [x, y]) {
  const [u, v] = onPicture(size, x, y)
  paint.strokeStyle = inkOf('--ink')
  paint.lineWidth = 1.5
  paint.beginPath()
  for (const [du, dv] of [[12, 0], [0, 12]]) {
    paint.moveTo(u - du, v - dv)
    paint.lineTo(u + du, v + dv)
  }
  paint.stroke()
}

/** @param {HTMLCanvasElement} tab @param {number} size @param {Float64Array} values @param {number} side */
function drawNeuron(tab, size, values, side) {
  const paint = prepared(tab, size)
  const step = side / small
  const few = new Float64Array(small * small)
  for (let i = 0; i < few.length; i++) few[i] = values[Math.floor(i / small) * step * side + i % small * step]
  paint.drawImage(tinted(few, small, 1), 0, 0, size, size)
}

// ---- the network

function layNetwork() {
  const columns = [['x', 'y'], ...now.names]
  const most = Math.max(...columns.map(column => column.length))
  network.style.setProperty('--unit', `${Math.min(40, Math.floor(320 / most) - 2)}px`)
  neurons.replaceChildren(...columns.map((column, k) => make('div', { class: 'column', role: 'presentation' }, ...column.map((name, j) => {
    const picture = make('canvas', { 'data-of': `${k}.${j}`, 'aria-hidden': 'true' })
    if (!k) return make('div', { class: 'input', 'aria-hidden': 'true' }, picture, make('i', {}, name))
    const tab = make('button', { type: 'button', role: 'tab', 'aria-controls': 'training-neuron', 'aria-label': name, 'data-place': `${k - 1}.${j}` }, picture)
    tab.onclick = tab.onfocus = () => act('pick', { place: tab.dataset.place })
    tab.onblur = show
    tab.onpointerenter = () => look(tab.dataset.place || '')
    tab.onpointerleave = () => look('')
    return tab
  }))))
  lines.replaceChildren(...now.weights.flatMap((layer, k) => layer.flatMap((weights, j) => weights.slice(0, -1).map((_, i) => {
    const wire = draw('g', {}, draw('path', { class: 'wire' }), draw('path', { class: 'near' }))
    wire.onpointerenter = () => look(`${k}.${j}`, i)
    wire.onpointerleave = () => look('')
    return wire
  }))))
}

function drawWeights() {
  const width = network.clientWidth
  const origin = network.getBoundingClientRect()
  set(lines, { viewBox: `0 0 ${width} ${network.clientHeight}` })
  const columns = [...neurons.children].map(column => [...column.children].map(unit => {
    const box = unit.getBoundingClientRect()
    return { left: box.left - origin.left, right: box.right - origin.left, y: (box.top + box.bottom) / 2 - origin.top }
  }))
  const largest = Math.max(1, ...now.weights.flat(2).map(Math.abs))
  let n = 0
  now.weights.forEach((layer, k) => layer.forEach((weights, j) => weights.slice(0, -1).forEach((w, i) => {
    const from = columns[k][i], to = columns[k + 1][j], wire = lines.children[n++]
    const bend = (to.left - from.right) / 2
    const d = `M${from.right},${from.y}C${from.right + bend},${from.y} ${to.left - bend},${to.y} ${to.left},${to.y}`
    for (const path of wire.children) if (path.getAttribute('d') !== d) set(path, { d })
    set(wire.children[0], { stroke: w > 0 ? 'var(--orange)' : 'var(--blue)', 'stroke-width': (0.4 + 4 * Math.abs(w) / largest).toFixed(2), 'stroke-dasharray': w < 0 && '6 3' })
  })))
}

let hoveredRow = -1
/** @type {Record<string, [number, number]>} */
const arrows = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }

/** The numbers of a neuron that is pointed at; '' for those of the chosen one. @param {string} at @param {number} row */
async function look(at, row = -1) {
  hovered = at
  hoveredRow = row
  const neuron = /** @type {Neuron | undefined} */ (await python.call('training', 'look', { place: at || now.chosen }, patience).catch(() => {}))
  if (!neuron || hovered !== at) return
  now.neuron = neuron
  show()
}

neurons.addEventListener('keydown', event => {
  const by = arrows[event.key]
  if (!by) return
  event.preventDefault()
  const [k, j] = (/** @type {HTMLElement} */ (event.target).dataset.place || '0.0').split('.').map(Number)
  const layer = Math.max(0, Math.min(now.names.length - 1, k + by[0]))
  const unit = Math.max(0, Math.min(now.names[layer].length - 1, j + by[1]))
  const next = /** @type {HTMLElement | null} */ (neurons.querySelector(`[data-place="${layer}.${unit}"]`))
  next?.focus()
})

// ---- the losses

function drawCurve() {
  const width = curve.clientWidth || 200, height = curve.clientHeight || 160
  const left = 50, right = width - 8, top = 8, bottom = height - 20
  const scale = log.checked ? (/** @type {number} */ y) => Math.log10(Math.max(y, 1e-12)) : (/** @type {number} */ y) => y
  const most = losses.reduce((a, b) => Math.max(a, b), losses.length ? -Infinity : 1)
  const least = log.checked ? losses.reduce((a, b) => Math.min(a, b), most) : 0
  const [low, high] = scale(most) > scale(least) ? [scale(least), scale(most)] : [scale(least) - 1, scale(least) + 1]
  const last = Math.max(losses.length - 1, 1)
  const across = (/** @type {number} */ i) => left + (right - left) * i / last
  const up = (/** @type {number} */ y) => bottom - (bottom - top) * ((scale(y) - low) / (high - low))
  set(curve, { viewBox: `0 0 ${width} ${height}` })
  curve.replaceChildren(
    draw('path', { class: 'axis', d: `M${left},${top}V${bottom}H${right}` }),
    draw('text', { x: left - 4, y: top + 8, 'text-anchor': 'end' }, losses.length ? brief(most) : ''),
    draw('text', { x: left - 4, y: bottom, 'text-anchor': 'end' }, !losses.length ? '' : log.checked ? brief(least) : '0'),
    draw('text', { x: left, y: height - 6 }, 'step 1'),
    draw('text', { x: right, y: height - 6, 'text-anchor': 'end' }, String(losses.length || '')),
    ...now.marks.filter(([step]) => step < losses.length).flatMap(([step, text]) => mark(across(step), text, right, top, bottom)),
    draw('path', { class: 'losses', d: trail(across, up) }))
  if (losses.length === 1) curve.append(draw('circle', { cx: left, cy: up(losses[0]), r: 3 }))
}

/** @param {number} x @param {string} text @param {number} right @param {number} top @param {number} bottom */
function mark(x, text, right, top, bottom) {
  const end = x > right / 2
  return [draw('path', { class: 'mark', d: `M${x},${top}V${bottom}` }), draw('text', { x: x + (end ? -3 : 3), y: top + 8, 'text-anchor': end ? 'end' : 'start' }, text)]
}

const brief = (/** @type {number} */ y) => y === 0 || y >= 0.01 && y < 1000 ? String(Number(y.toPrecision(2))) : y.toExponential(0)

/** The line of the losses; of many, the highest and the lowest for each pixel or so. @param {(i: number) => number} across @param {(y: number) => number} up */
function trail(across, up) {
  const each = Math.max(1, Math.ceil(losses.length / 250))
  const parts = []
  for (let i = 0; i < losses.length; i += each) {
    const some = losses.slice(i, i + each)
    for (const y of each === 1 ? some : [Math.max(...some), Math.min(...some)]) parts.push(`${across(i).toFixed(1)},${up(y).toFixed(1)}`)
  }
  return parts.length ? `M${parts.join('L')}` : ''
}

// ---- pointing at the plane

/** @param {MouseEvent} event @returns {[number, number]} */
function placeOf(event) {
  const box = canvas.getBoundingClientRect()
  const [left, right, bottom, top] = now.view
  return [left + (right - left) * (event.clientX - box.left) / box.width, top - (top - bottom) * (event.clientY - box.top) / box.height]
}

/** @param {[number, number]} at @param {boolean} other */
function put([x, y], other) {
  const kind = Number(kinds[1].checked) ^ Number(other)
  act('put', { x, y, label: kind })
}

let asking = false
let asked = /** @type {[number, number] | null} */ (null) // the last place that is pointed at

/** @param {[number, number] | null} at */
async function tell(at) {
  asked = at
  if (!at) write(readout, levels)
  if (asking) return
  asking = true
  for (let told = null; asked && asked !== told;) {
    const [x, y] = told = asked
    const text = await python.call('training', 'score', { x, y }, patience).catch(() => levels)
    if (asked === told) write(readout, text)
  }
  asking = false
}

canvas.addEventListener('click', event => { if (now) put(placeOf(event), event.shiftKey) })
canvas.addEventListener('pointerleave', () => tell(null))
canvas.addEventListener('pointermove', event => { if (now) tell(placeOf(event)) })
plane.addEventListener('blur', () => { cross = null; if (now) show() })
plane.addEventListener('keydown', event => {
  if (!now || event.ctrlKey || event.metaKey || event.altKey) return
  const [left, right, bottom, top] = now.view
  const step = (right - left) / (event.shiftKey ? 200 : 40)
  const by = arrows[event.key]
  const [x, y] = cross || [(left + right) / 2, (bottom + top) / 2]
  if (by) cross = [Math.max(left, Math.min(right, x + by[0] * step)), Math.max(bottom, Math.min(top, y - by[1] * step))]
  else if (event.key === 'Enter' || event.key === ' ') { cross = [x, y]; put(cross, event.shiftKey) }
  else if (event.key === 'Backspace' || event.key === 'Delete') { if (now.own) begin('remove', {}) }
  else return
  event.preventDefault()
  if (cross) tell(cross)
  drawPictures()
})

new ResizeObserver(() => { if (now) show() }).observe(place)
const theme = new MutationObserver(() => { if (now) show() }) // one builder of the site marks the dark theme here, the other there
for (const marked of [document.documentElement, document.body]) theme.observe(marked, { attributes: true, attributeFilter: ['class'] })
