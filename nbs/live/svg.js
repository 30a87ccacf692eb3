// Pictures from Python, of which only what draws comes into the page: Python may have run a stranger's program.

const elements = new Set(['svg', 'g', 'path', 'polygon', 'polyline', 'ellipse', 'text'])
const attributes = new Set(['class', 'role', 'aria-label', 'width', 'height', 'viewBox', 'transform', 'd', 'points', 'x', 'y', 'cx', 'cy', 'rx', 'ry',
  'fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'text-anchor', 'font-family', 'font-size', 'font-weight', 'textLength', 'lengthAdjust'])

/** @param {string} text @returns {string} the picture, or '' if it is none */
export function cleaned(text) {
  const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement
  if (!(root instanceof SVGSVGElement)) return ''
  for (const element of [root, ...root.querySelectorAll('*')]) {
    if (!(element instanceof SVGElement) || !elements.has(element.localName)) { element.remove(); continue }
    for (const { name, value } of [...element.attributes]) if (!attributes.has(name) || value.includes('url(')) element.removeAttribute(name)
  }
  return new XMLSerializer().serializeToString(root)
}
