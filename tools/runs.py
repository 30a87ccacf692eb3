"""Runs every cell of every page in the page's own Python: `python tools/runs.py [SITE]`, by default the site in _docs.

What a cell lacks there (a library, a program) goes into nbs/live/lacking.json, and from there under the cell. A test
runs the same, and compares.
"""
from __future__ import annotations
import json, re, sys
from pathlib import Path
from typing import Any
from browser import chromium, flags, serving
from pages import cells, notebooks, root

lacking = root/'nbs'/'live'/'lacking.json'
# What an error is about, in a word for the reader.
words = {'matplotlib': 'matplotlib', '[Nn]um[Pp]y': 'NumPy', 'llvmlite': 'LLVM', 'new thread': 'threads', 'processes|OSError': 'other programs', 'call stack|too deep': 'deep recursion'}

everything = '''async shown => {
    const { Notebook, same } = await import('./live/run.js')
    const { startPython } = await import('./live/python.js')
    const python = startPython(document.createElement('p'), () => {}, 'cells')
    const found = {}
    for (const [name, ids] of Object.entries(shown)) {
        const notebook = await Notebook.at(new URL(name, location.href).href, python)
        const rows = found[name] = []
        for (const at of notebook.cells.keys()) {
            const { id, source } = notebook.cells[at]
            if (source.includes('nbdev')) continue
            const told = (cell, answer) => {
                if (cell.id === id && answer) rows.push([id, answer.error, same(answer.outputs, cell.outputs), JSON.stringify(answer.outputs)])
            }
            const ask = () => notebook.run(at, cell => cell.source, told)
            try { await ask().catch(ask) } // how deep Python may go depends on how far the browser has compiled it: once more
            catch (error) { rows.push([id, error.message, false, '']) }
            if (!ids.includes(id)) rows.pop() // nobody sees it
            else if (rows.at(-1)[1]) notebook.left.add(id) // it is not run again as one of those above
        }
    }
    return found }'''


def run(page: Any, names: list[str]) -> dict[str, list[tuple[str, str, bool, str]]]:
    "For each notebook its code cells: id, error, whether it shows what is stored, and what it shows. `page` is the site's home."
    found: dict[str, list[tuple[str, str, bool, str]]] = page.evaluate(everything, {name: [cell.id for cell in cells(root/'nbs'/name) if not cell.hidden()] for name in names})
    return found


def lacks(cells: list[tuple[str, str, bool, str]]) -> dict[str, str]:
    "Those that do not show what is stored, with the word for it; what needs them needs the same."
    found: dict[str, str] = {}
    for cell, error, alike, shown in cells:
        if alike and not error: continue
        found[cell] = next((word for sign, word in words.items() if re.search(sign, error or shown)), '') or next(reversed(found.values()), '') or error or 'another result'
    return found


def names() -> list[str]:
    "The notebooks with cells to run."
    nbs = root/'nbs'
    return [name for path in notebooks(nbs) if not (name := path.relative_to(nbs).as_posix()).startswith('live/')]


if __name__ == '__main__':
    from playwright.sync_api import sync_playwright
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else root/'_docs'
    with serving(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        page = browser.new_page()
        page.goto(address)
        found = {name: here for name, cells in run(page, names()).items() if (here := lacks(cells))}
        browser.close()
    lacking.write_text(json.dumps(found, indent=1, ensure_ascii=False) + '\n', encoding='utf-8')
