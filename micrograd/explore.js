// An expression to explore: sliders for its leaves, the graph with data and gradients, forward and backward
// one node at a time. In the form that anywidget asks for, so that the same file serves a page and a notebook.

/** @typedef {{ name: string, op: string, prev: number[] }} Value */
/** @typedef {{ key: string, svg: string, about: string, nodes: Value[], widths: Record<string, number> }} Graph */
/** @typedef {{ node: number, says: string[], grads: [number, string][] }} Step */
/** @typedef {{ node: number, name: string, grad: string, nudged: string, agree: boolean }} Check */
/** @typedef {{ data: string[], local: string[][], forward: string[], steps: Step[], check: Check[] }} Numbers */
/** @typedef {{ node: number, name: string, value: number | null, min: number, max: number, step: number }} Leaf */
/** @typedef {{ get: (key: string) => any, set: (key: string, value: any) => void, save_changes: () => void, on: (event: string, f: () => void) => void, off: (event: string, f: () => void) => void }} Model */
/** @typedef {{ graph: Graph, numbers: Numbers, leaves: Leaf[], at: number, forward: number, last: number, computed: number[] }} State */
/** @typedef {{ element: HTMLElement, show: (state: State) => void }} Part */

const keys = ['graph', 'numbers', 'leaves', 'at', 'trouble', 'waiting']

/**
 * @param {{ model: Model, el: HTMLElement }} place
 * @returns {() => void} removes it again
 */
function render({ model, el }) {
  const style = document.createElement('style')
  style.textContent = css
  const root = make('div', { class: 'mg-explore', role: 'group' })
  const trouble = make('div', { class: 'mg-trouble', role: 'alert' })
  const parts = [steps(model, trouble), picture(), inputs(model)]
  root.append(style, ...parts.map(part => part.element))
  el.append(root)
  root.addEventListener('focusin', leaveUsTheKeys)
  const show = () => {
    const state = stateOf(model)
    write(trouble, model.get('trouble') || '')
    root.classList.toggle('mg-stale', trouble.textContent !== '')
    if (!state) return
    root.setAttribute('aria-label', state.graph.about)
    for (const part of parts) part.show(state)
  }
  for (const key of keys) model.on(`change:${key}`, show)
  show()
  return () => {
    for (const key of keys) model.off(`change:${key}`, show)
    root.remove()
  }
}

export default { render }

/**
 * Without this JupyterLab takes an arrow or the Enter key for a command of its own.
 * @param {Event} event
 */
function leaveUsTheKeys({ target }) {
  if (target instanceof Element) target.setAttribute('data-lm-suppress-shortcuts', '')
}

/**
 * All that is shown follows from this. None while the numbers are not those of the graph: they are on their way.
 * @param {Model} model
 * @returns {State | undefined}
 */
function stateOf(model) {
  const graph = /** @type {Graph} */ (model.get('graph'))
  const numbers = /** @type {Numbers} */ (model.get('numbers'))
  const shapes = [graph?.nodes?.map(node => node.prev.length), numbers?.local?.map(slopes => slopes.length)]
  if (!shapes[0] || `${shapes[0]}` !== `${shapes[1]}`) return undefined
  const computed = graph.nodes.flatMap((node, i) => node.prev.length ? [i] : [])
  const last = computed.length + numbers.steps.length - 1
  const at = Math.min(Math.max(model.get('at') || 0, 0), last)
  return { graph, numbers, leaves: model.get('leaves') || [], at, forward: computed.length, last, computed }
}

/**
 * What has happened up to here: which data are known, all gradients, the node at work and the gradients it changed.
 * @param {State} state
 */
function reached({ graph, numbers, at, forward, computed }) {
  const known = graph.nodes.map((node, i) => !node.prev.length || computed.indexOf(i) < at)
  const grads = /** @type {(string | undefined)[]} */ (graph.nodes.map(() => undefined))
  const done = numbers.steps.slice(0, Math.max(at - forward + 1, 0))
  for (const step of done) for (const [i, grad] of step.grads) grads[i] = grad
  const back = at > forward
  const step = numbers.steps[at - forward]
  const node = back ? step.node : at ? computed[at - 1] : -1
  const changed = back ? step.grads.map(([i]) => i) : []
  return { known, grads, node, changed, back, seed: at === forward + 1 }
}

/**
 * @param {State} state
 * @param {number} at
 */
function sentences({ numbers, forward }, at) {
  if (at > forward) return numbers.steps[at - forward].says
  const says = at ? [numbers.forward?.[at - 1] ?? ''] : []
  if (at === forward) return [...says, ...numbers.steps[0].says]
  return at ? says : ['Only the inputs have numbers yet. Next computes one result, Forward all of them.']
}

// ---- forward and backward

/**
 * @param {Model} model
 * @param {HTMLElement} trouble shown in the place of the sentences
 * @returns {Part}
 */
function steps(model, trouble) {
  const element = make('div', { class: 'mg-steps' })
  const bar = make('div', { class: 'mg-bar' })
  const slider = /** @type {HTMLInputElement} */ (make('input', { type: 'range', min: '0', step: '1', 'aria-label': 'Step' }))
  const count = make('span', { class: 'mg-count' })
  const says = make('div', { class: 'mg-says', role: 'group', 'aria-label': 'What happens' })
  const told = make('div', { role: 'status' })
  const room = make('div', { class: 'mg-room', 'aria-hidden': 'true' })
  let last = 0
  let forward = 0
  let key = ''
  let stood = -1
  /** @param {number} at */
  const go = at => {
    model.set('at', Math.min(Math.max(at, 0), last))
    model.save_changes()
  }
  const at = () => Math.min(Math.max(model.get('at') || 0, 0), last)
  const start = button('Start', () => go(0))
  const back = button('‹ Back', () => go(at() - 1))
  const next = button('Next ›', () => go(at() + 1))
  const all = button('Forward', () => go(forward))
  const gradients = button('Backward', () => go(last))
  slider.oninput = () => go(Number(slider.value))
  bar.append(start, back, next, all, gradients, slider, count)
  says.append(told, trouble, room)
  element.append(bar, says)

  return { element, show(state) {
    ({ last, forward } = state)
    slider.max = String(last)
    slider.value = String(state.at)
    const pass = state.at > forward ? 'backward' : state.at ? 'forward' : 'inputs'
    element.className = `mg-steps mg-${pass}`
    slider.setAttribute('aria-valuetext', `${state.at} of ${last}, ${pass}`)
    write(count, `${state.at} / ${last}`)
    for (const [one, end] of /** @type {[HTMLElement, number][]} */ ([[start, 0], [back, 0], [next, last]])) one.setAttribute('aria-disabled', String(state.at === end))
    if (state.graph.key !== key) {
      key = state.graph.key
      lines(room, longest(state))
    }
    told.setAttribute('aria-live', stood === state.at ? 'off' : 'polite') // a slider says what it moves itself
    stood = state.at
    lines(told, sentences(state, state.at))
    says.tabIndex = says.scrollHeight > says.clientHeight ? 0 : -1 // the keyboard scrolls what can have the focus
  } }
}

/**
 * The sentences that take the most room, with wide numbers: their height is kept free.
 * @param {State} state
 */
function longest(state) {
  let most = /** @type {string[]} */ ([])
  let size = 0
  for (let at = 0; at <= state.last; at++) {
    const says = sentences(state, at)
    const lines = says.reduce((sum, line) => sum + Math.ceil(line.length / 40) + line.length / 1000, 0)
    if (lines > size) { size = lines; most = says }
  }
  return most.slice(0, 6).map(line => line.replace(/-?\d+\.\d*(e[+-]\d+)?/g, '-88.888'))
}

// ---- the graph

/** @returns {Part} */
function picture() {
  const element = make('div', { class: 'mg-graph' })
  const box = make('div', { class: 'mg-picture', role: 'group', 'aria-label': 'Graph' })
  const about = make('p', { class: 'mg-about' })
  element.append(box, about)
  let key = ''
  let drawing = /** @type {Drawing | undefined} */ (undefined)
  let state = /** @type {State | undefined} */ (undefined)
  let seen = -1
  let stood = -1

  const look = () => {
    if (!drawing || !state) return
    drawing.highlight(seen, state.graph)
    write(about, seen < 0 ? 'Point at a value, or go through them with the arrow keys.' : describe(state, seen))
  }

  return { element, show(now) {
    state = now
    if (now.graph.key !== key && now.graph.svg) {
      key = now.graph.key
      seen = -1
      drawing = draw(now.graph, i => { seen = i; look() })
      box.replaceChildren(drawing.svg)
    }
    if (now.graph.key !== key || !drawing) return
    drawing.show(now)
    look()
    if (stood !== now.at) drawing.reveal(box)
    box.tabIndex = box.scrollWidth > box.clientWidth ? 0 : -1 // for the keyboard, as with the sentences
    stood = now.at
  } }
}

/** @typedef {ReturnType<typeof draw>} Drawing */

/**
 * The picture with its texts at hand.
 * @param {Graph} graph
 * @param {(i: number) => void} look called with the node that is pointed at or focused, or -1
 */
function draw(graph, look) {
  const page = new DOMParser().parseFromString(graph.svg, 'image/svg+xml')
  const svg = /** @type {SVGSVGElement} */ (/** @type {Element} */ (document.importNode(page.documentElement, true)))
  svg.setAttribute('role', 'group')
  svg.style.minWidth = `${parseFloat(svg.getAttribute('width') || '0') * 0.7}pt`
  const boxes = graph.nodes.map((_, i) => /** @type {SVGGElement} */ (svg.querySelector(`g.v${i}`)))
  const texts = boxes.map(box => [...box.querySelectorAll('text')].slice(-2))
  const labels = graph.nodes.map((node, i) => node.prev.map((_, k) => svg.querySelector(`g.o${i}.a${k} text`)))
  let now = /** @type {Element | undefined} */ (undefined)

  boxes.forEach((box, i) => {
    box.setAttribute('role', 'img')
    box.setAttribute('tabindex', i === boxes.length - 1 ? '0' : '-1')
    box.onmouseenter = () => look(i)
    box.onmouseleave = () => look(boxes.indexOf(/** @type {any} */ (document.activeElement)))
    box.onfocus = () => look(i)
    box.onblur = () => look(-1)
    box.onkeydown = event => {
      const to = { ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1, Home: 0, End: boxes.length - 1 }[event.key]
      if (to === undefined || !boxes[to]) return
      event.preventDefault()
      box.setAttribute('tabindex', '-1')
      boxes[to].setAttribute('tabindex', '0')
      boxes[to].focus()
    }
  })

  /** @param {State} state */
  const show = state => {
    const { known, grads, node, changed, back, seed } = reached(state)
    const { data, local } = state.numbers
    svg.setAttribute('aria-label', graph.about)
    svg.classList.toggle('mg-back', back)
    boxes.forEach((box, i) => {
      const number = known[i] ? data[i] : '–'
      const grad = grads[i] ?? '–'
      fit(texts[i][0], `data ${number}`, graph.widths)
      fit(texts[i][1], `grad ${grad}`, graph.widths)
      texts[i][1].classList.toggle('mg-new', changed.includes(i))
      box.setAttribute('aria-label', `${graph.nodes[i].name}: data ${number}, grad ${grad}`)
      labels[i].forEach((label, k) => fit(label, known[i] ? `× ${local[i]?.[k] ?? ''}` : '', graph.widths))
    })
    mark(svg, 'mg-now', [`.v${node}`, ...(seed ? [] : [`.o${node}`])])
    now = boxes[node]
  }

  /**
   * @param {number} i
   * @param {Graph} graph
   */
  const highlight = (i, graph) => mark(svg, 'mg-fed', i < 0 ? [] : [`.v${i}`, `.o${i}`, ...graph.nodes[i].prev.map(j => `.v${j}`)])

  /** @param {HTMLElement} box */
  const reveal = box => {
    if (!now || box.scrollWidth <= box.clientWidth) return
    const [mine, all] = [now.getBoundingClientRect(), box.getBoundingClientRect()]
    if (mine.left < all.left || mine.right > all.right) box.scrollLeft += (mine.left + mine.right - all.left - all.right) / 2
  }
  return { svg, show, highlight, reveal }
}

/**
 * @param {State} state
 * @param {number} i
 */
function describe(state, i) {
  const { graph, numbers, computed } = state
  const { known, grads } = reached(state)
  const { name, prev } = graph.nodes[i]
  if (!known[i]) return `${name} is not computed yet.`
  const made = prev.length ? numbers.forward?.[computed.indexOf(i)] ?? '' : `${name} is an input: ${numbers.data[i]}`
  return grads[i] === undefined ? `${made}.` : `${made}. Its gradient: ${grads[i]}.`
}

// ---- the inputs

/**
 * @param {Model} model
 * @returns {Part}
 */
function inputs(model) {
  const element = make('div', { class: 'mg-inputs' })
  const table = make('table')
  const head = make('thead')
  const body = make('tbody')
  const about = make('caption')
  const titles = make('tr')
  for (const title of ['Input', 'Value', 'Gradient', 'By nudging']) titles.append(make('th', { scope: 'col' }, title))
  head.append(titles)
  table.append(about, head, body)
  element.append(table)
  let made = ''
  let shown = /** @type {ReturnType<typeof row>[]} */ ([])

  return { element, show(state) {
    const { graph, leaves, numbers } = state
    const wanted = JSON.stringify([graph.key, leaves.map(leaf => [leaf.node, leaf.name])])
    if (wanted !== made) {
      made = wanted
      shown = leaves.map(leaf => row(leaf, model))
      body.replaceChildren(...shown.map(one => one.element))
    }
    const wait = model.get('waiting') || ''
    table.hidden = !leaves.length
    const result = graph.nodes[graph.nodes.length - 1].name
    const differs = state.at === state.last && numbers.check.some(check => !check.agree)
    write(about, wait || `By nudging: the input goes a little up and a little down, and we see how far ${result} moves.${differs ? ' ≠ where that is something else: at a corner, at a jump, and where numbers end.' : ''}`)
    const { grads } = reached(state)
    const tell = `${result} = ${numbers.data[numbers.data.length - 1]}`
    leaves.forEach((leaf, k) => {
      const check = numbers.check.find(check => check.node === leaf.node)
      shown[k].show(leaf, grads[leaf.node], check, state.at === state.last, Boolean(wait), tell)
    })
  } }
}

/**
 * @param {Leaf} first
 * @param {Model} model
 */
function row(first, model) {
  const id = `mg-${Math.random().toString(36).slice(2)}` // two graphs on a page are two modules in JupyterLab
  const element = make('tr')
  const name = make('th', { scope: 'row' })
  const label = make('label', { for: id }, first.name)
  const value = make('td')
  const both = make('div', { class: 'mg-both' })
  const slider = /** @type {HTMLInputElement} */ (make('input', { type: 'range', id }))
  const exact = /** @type {HTMLInputElement} */ (make('input', { type: 'number', step: 'any', 'aria-label': `${first.name}, exact` }))
  const gradient = make('td', { class: 'mg-grad' })
  const nudged = make('td')
  const number = make('span')
  const verdict = make('span', { class: 'mg-verdict', role: 'img' })
  let held = false
  let leaf = first
  let room = ''

  /** @param {number} moved */
  const send = moved => {
    if (!Number.isFinite(moved)) return
    model.set('moved', { node: leaf.node, value: moved })
    model.save_changes()
  }
  /** @param {number | null} now */
  const range = now => {
    const inside = now !== null && now >= Number(slider.min) && now <= Number(slider.max)
    const fits = Number(slider.max) <= 8 * leaf.max || held || slider.matches(':focus') // a range that is much too wide goes, but not under the reader's hand
    if (room && (now === null || inside && fits)) return
    room = `${leaf.min} ${leaf.max}`
    slider.min = String(leaf.min)
    slider.max = String(leaf.max)
    slider.step = String(leaf.step)
  }
  const settle = () => { // but not what the reader has in hand
    const sliding = held || slider.matches(':focus')
    const text = leaf.value === null ? '' : String(leaf.value)
    if (!sliding) slider.value = String(leaf.value ?? 0)
    if (!sliding && !exact.matches(':focus') && exact.value !== text) exact.value = text
  }
  slider.oninput = () => { exact.value = slider.value; send(Number(slider.value)) }
  slider.onpointerdown = () => { held = true }
  slider.onchange = slider.onpointerup = slider.onpointercancel = () => { held = false }
  exact.oninput = () => { if (exact.value !== '') send(Number(exact.value)) }
  slider.onblur = exact.onblur = settle

  name.append(label)
  both.append(slider, exact)
  value.append(both)
  nudged.append(number, verdict)
  element.append(name, value, gradient, nudged)

  /**
   * @param {Leaf} now
   * @param {string | undefined} grad
   * @param {Check | undefined} check
   * @param {boolean} done
   * @param {boolean} wait
   * @param {string} tell
   */
  const show = (now, grad, check, done, wait, tell) => {
    leaf = now
    range(leaf.value)
    settle()
    slider.disabled = exact.disabled = wait
    slider.setAttribute('aria-valuetext', `${leaf.value ?? 'not a number'}, ${tell}`)
    write(gradient, grad ?? '–')
    write(number, grad === undefined || !check ? '–' : check.nudged) // not before the reader could guess
    write(verdict, !done || !check ? '' : check.agree ? '✓' : '≠')
    if (done && check) verdict.setAttribute('aria-label', check.agree ? 'agrees' : 'differs')
    verdict.hidden = !done
  }
  return { element, show }
}

// ---- small things

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {string} text
 */
function make(tag, attributes = {}, text = '') {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.textContent = text
  return element
}

/**
 * @param {string} text
 * @param {() => void} onclick
 */
function button(text, onclick) {
  const element = make('button', { type: 'button', 'aria-label': text.replace(/[‹›]/g, '').trim() }, text)
  element.onclick = onclick
  return element
}

/**
 * @param {Element | null} element
 * @param {string} text
 */
function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text
}

/**
 * Writes into the picture: as wide as there is room for, whatever font is here.
 * @param {Element | null} element
 * @param {string} text
 * @param {Record<string, number>} widths of characters, in parts of the font size
 */
function fit(element, text, widths) {
  if (!element || element.textContent === text) return
  const width = [...text].reduce((sum, character) => sum + (widths[character] ?? 0), 0)
  element.textContent = text
  element.setAttribute('textLength', String(width * Number(element.getAttribute('font-size'))))
}

/**
 * @param {HTMLElement} element
 * @param {string[]} texts
 */
function lines(element, texts) {
  while (element.children.length > texts.length) element.lastElementChild?.remove()
  while (element.children.length < texts.length) element.append(make('div'))
  texts.forEach((text, i) => write(element.children[i], text))
}

/**
 * Exactly what one of the selectors finds gets the class.
 * @param {Element} svg
 * @param {string} name
 * @param {string[]} selectors
 */
function mark(svg, name, selectors) {
  const found = new Set(selectors.flatMap(selector => [...svg.querySelectorAll(selector)]))
  for (const element of svg.querySelectorAll(`.${name}`)) if (!found.has(element)) element.classList.remove(name)
  for (const element of found) element.classList.add(name)
}

const light = '--ink:#1f2933;--edge:#7b8794;--input:#e3effb;--result:#fff;--operation:#fdf0d0;--blue:#176fae;--orange:#ad4b00;--line:#c3cbd3;--quiet:#52606d;--ground:#f4f7fa;--bad:#a61b1b;color-scheme:light'
const dark = '--ink:#e8ecf1;--edge:#9aa5b1;--input:#1c3a56;--result:#252d36;--operation:#4b3c14;--blue:#6db8f0;--orange:#ff9d5c;--line:#4a5560;--quiet:#a9b4bf;--ground:#1d2228;--bad:#ff9b9b;color-scheme:dark'

const css = `
.mg-explore{${light};container-type:inline-size;width:100%;font-size:.95rem;line-height:1.45;color:var(--ink);font-variant-numeric:tabular-nums;text-align:left}
@media screen and (prefers-color-scheme:dark){.mg-explore{${dark}}}
:is(.quarto-light,[data-jp-theme-light=true]) .mg-explore{${light}}
@media screen{:is(.quarto-dark,[data-jp-theme-light=false]) .mg-explore{${dark}}}
.mg-explore :is(p,table){margin:0;color:inherit}
.mg-bar{display:flex;flex-wrap:wrap;gap:.4rem;align-items:center}
.mg-bar button{min-height:2rem;padding:0 .7rem;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--edge);border-radius:.4rem;cursor:pointer}
.mg-bar button:hover{border-color:var(--ink)}
.mg-bar button[aria-disabled=true]{color:var(--quiet);border-style:dashed;cursor:default}
.mg-bar input{flex:1 1 8rem;min-width:6rem;height:2rem;margin:0;accent-color:var(--orange)}
.mg-count{min-width:4.5em;text-align:right;color:var(--quiet)}
.mg-explore :focus-visible{outline:3px solid var(--blue);outline-offset:2px}
.mg-says{display:grid;margin:.6rem 0;padding:.3rem .8rem;border-left:3px solid var(--edge);max-height:9.4em;overflow-y:auto}
.mg-says>*{grid-area:1/1;overflow-wrap:anywhere;min-width:0}
.mg-forward .mg-says{border-color:var(--blue)}
.mg-backward .mg-says{border-color:var(--orange)}
.mg-room{visibility:hidden}
.mg-trouble{color:var(--bad);font-weight:600}
.mg-stale [role=status]{visibility:hidden}
.mg-stale .mg-graph{opacity:.45}
.mg-picture{overflow-x:auto;padding:3px}
.mg-picture svg{display:block;margin:0 auto;max-width:100%;height:auto}
.mg-explore svg [fill="#1f2933"]{fill:var(--ink)}
.mg-explore svg [fill="#7b8794"]{fill:var(--edge)}
.mg-explore svg [fill="#e3effb"]{fill:var(--input)}
.mg-explore svg [fill="#ffffff"]{fill:var(--result)}
.mg-explore svg [fill="#fdf0d0"]{fill:var(--operation)}
.mg-explore svg [fill="#1c7ec2"]{fill:var(--blue)}
.mg-explore svg [fill="#d55e00"]{fill:var(--orange)}
.mg-explore svg [stroke="#7b8794"]{stroke:var(--edge)}
.mg-explore svg .mg-fed>:is(path,ellipse){stroke:var(--ink);stroke-width:2}
.mg-explore svg .mg-now>:is(path,ellipse){stroke:var(--blue);stroke-width:2.5}
.mg-explore svg.mg-back .mg-now>:is(path,ellipse){stroke:var(--orange)}
.mg-explore svg .mg-new{font-weight:bold}
.mg-explore .mg-about{min-height:1.5em;margin:.2rem 0 .8rem;color:var(--quiet);font-size:.9em}
.mg-explore table{border-collapse:collapse;width:100%;table-layout:fixed;background:none}
.mg-explore caption{caption-side:bottom;padding:.4rem 0;color:var(--quiet);font-size:.9em;text-align:left}
.mg-explore :is(th,td){padding:.2rem .6rem .2rem 0;text-align:left;vertical-align:middle;border:0;border-bottom:1px solid var(--line);background:none;overflow-wrap:anywhere;font-size:1em}
.mg-explore thead th{color:var(--quiet);font-weight:400;font-size:.9em}
.mg-explore th:nth-child(1){width:12%}
.mg-explore th:nth-child(n+3){width:17%}
.mg-explore td:nth-child(n+3){white-space:nowrap}
.mg-explore label{font-weight:700;display:block;line-height:1.6rem;margin:0}
.mg-explore .mg-grad{color:var(--orange)}
.mg-both{display:flex;flex-wrap:wrap;gap:.2rem .8rem;align-items:center}
.mg-both input{min-width:0;margin:0;height:2rem;accent-color:var(--blue)}
.mg-both [type=range]{flex:1 1 8rem}
.mg-both [type=number]{flex:0 1 10.5rem;width:10.5rem;font:inherit;padding:0 .4rem;color:inherit;background:var(--result);border:1px solid var(--edge);border-radius:.3rem}
.mg-verdict{margin-left:.5em;font-weight:700}
@container (max-width:34rem){
.mg-explore .mg-about{min-height:3em}
.mg-explore :is(th,td){padding-right:.4rem}
.mg-explore th:nth-child(1){width:14%}
.mg-explore th:nth-child(3){width:24%}
.mg-explore th:nth-child(4){width:27%}
.mg-explore :is(td,thead th){font-size:.87em}
.mg-both [type=range]{flex-basis:100%}
.mg-both [type=number]{flex:1 1 100%;width:100%}
}
`
