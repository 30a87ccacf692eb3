"Writes the exercises as two notebooks for a class: one to hand out, without answers and outputs, and one for the teacher."
import re, sys
from pathlib import Path
from typing import Any
import nbformat
from nbformat import NotebookNode

root = Path(__file__).parent.parent
page = root/'nbs'/'tutorials'/'exercises.ipynb'


def is_answer(cell: NotebookNode) -> bool: return '#| code-summary: "Answer"' in cell.source


def in_jupyter(cell: NotebookNode) -> Any:
    "A cell without what only the site understands: its directives, and the fences of its hints."
    if cell.cell_type == 'code': source = re.sub(r'(?m)^#\|.*\n', '', cell.source)
    else: source = re.sub(r'(?m)^:::.*title="(.*?)".*$', r'*\1*', cell.source).replace('\n:::', '')
    return nbformat.from_dict({**cell, 'source': source})


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    teacher = nbformat.read(page, as_version=4)
    student = nbformat.read(page, as_version=4)
    student.cells = [cell for cell in student.cells if not is_answer(cell)]
    for cell in student.cells:
        if cell.cell_type == 'code': cell.outputs = []
    for name, notebook in (('exercises', student), ('exercises_with_answers', teacher)):
        notebook.cells = [in_jupyter(cell) for cell in notebook.cells]
        nbformat.write(notebook, folder/f'{name}.ipynb')


if __name__ == '__main__': write(Path(sys.argv[1]))
