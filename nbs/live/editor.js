// The editor of a cell, which tools/live.py bundles into one file. It is loaded with the first click on Edit.

import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { pythonLanguage } from '@codemirror/lang-python'
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { tagHighlighter, tags } from '@lezer/highlight'

// The classes that the book's own code has, so that it looks alike, in the dark too.
const colours = tagHighlighter([
  { tag: tags.keyword, class: 'kw' },
  { tag: tags.controlKeyword, class: 'cf' },
  { tag: tags.moduleKeyword, class: 'im' },
  { tag: [tags.bool, tags.null], class: 'cn' },
  { tag: tags.number, class: 'dv' },
  { tag: [tags.string, tags.special(tags.string)], class: 'st' },
  { tag: tags.comment, class: 'co' },
  { tag: tags.operator, class: 'op' },
  { tag: tags.function(tags.definition(tags.variableName)), class: 'fu' },
  { tag: tags.meta, class: 'at' },
])

/**
 * Tab goes on to the next button, as everywhere; Enter indents.
 * @param {Element} place
 * @param {string} text
 * @param {(text: string) => void} changed
 * @param {(event: KeyboardEvent) => void} entered called for Enter with Shift or Ctrl
 */
export function editorIn(place, text, changed, entered) {
  place.replaceChildren()
  const enter = { any: (/** @type {EditorView} */ _, /** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Enter' || !(event.shiftKey || event.ctrlKey || event.metaKey)) return false
    entered(event)
    return true
  } }
  return new EditorView({
    parent: place,
    state: EditorState.create({
      doc: text,
      extensions: [
        pythonLanguage, indentUnit.of('    '), indentOnInput(), bracketMatching(), history(), syntaxHighlighting(colours),
        keymap.of([enter, ...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ 'aria-label': 'Code of this cell' }),
        EditorView.updateListener.of(({ docChanged, state }) => { if (docChanged) changed(state.doc.toString()) }),
      ],
    }),
  })
}
