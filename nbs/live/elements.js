// Elements of a page, made in a line.

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean>} attributes those that are false are left out
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  set(element, attributes)
  element.append(...children)
  return element
}

/** @param {Element} element @param {Record<string, string | number | boolean>} attributes */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false) element.removeAttribute(name)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
}

/** @param {string} text @param {() => void} onclick @param {Record<string, string>} attributes */
export function button(text, onclick, attributes = {}) {
  const made = make('button', { type: 'button', class: 'btn btn-sm btn-outline-primary', ...attributes }, text)
  made.onclick = onclick
  return made
}

/**
 * Only what is another text is written: a screen reader reads what is written.
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}
