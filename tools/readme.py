"Writes README.md and CONTRIBUTING.md from their notebooks, the pictures into nbs/images."
import re
from pathlib import Path
import nbformat
from nbconvert import MarkdownExporter
from nbconvert.preprocessors import TagRemovePreprocessor

made_from = {'README.md': 'index', 'CONTRIBUTING.md': 'contributing'}


def as_markdown(nbs: Path, name: str) -> tuple[str, dict[str, bytes]]:
    "The text of the notebook `name`, and the pictures by file name."
    notebook = nbformat.read(nbs/f'{name}.ipynb', as_version=4)
    notebook.metadata.language_info = {'name': 'python'}
    notebook.cells = [cell for cell in notebook.cells if not re.match(r'\s*#\|\s*hide', cell.source)]
    alts = []
    for cell in notebook.cells:
        if cell.cell_type != 'code': continue
        if '#| echo: false' in cell.source: cell.metadata.tags = ['no input']
        for output in cell.outputs:
            svg = output.get('data', {}).get('image/svg+xml')
            described = re.search(r'^#\| fig-alt: "(.*)"', cell.source, re.M) or re.search(r'aria-label="([^"]*)"', svg or '')
            if svg and described: alts.append(described[1])
        cell.source = re.sub(r'^#\|.*\n', '', cell.source, flags=re.M)
    exporter = MarkdownExporter()
    exporter.register_preprocessor(TagRemovePreprocessor(remove_input_tags={'no input'}), enabled=True)
    text, resources = exporter.from_notebook_node(notebook, {'output_files_dir': 'nbs/images', 'unique_key': name})
    pictures = {Path(file).name: data for file, data in resources['outputs'].items()}
    for alt in alts: text = text.replace('![svg](', f'![{alt}](', 1)
    text = re.sub(r'\]\(([\w/]+\.ipynb)', r'](nbs/\1', text) # links to other pages
    text = re.sub(r'(\]\([^)]*\))\{\.btn [^}]*\}', r'\1', text) # which are no buttons here
    text = re.sub(r'[ \t]+$', '', text, flags=re.M)
    return re.sub(r'\n{3,}', '\n\n', text).strip() + '\n', pictures


def write(root: Path) -> None:
    "Both files and their pictures, in the project at `root`."
    folder = root/'nbs'/'images'
    folder.mkdir(exist_ok=True)
    for file, name in made_from.items():
        text, pictures = as_markdown(root/'nbs', name)
        (root/file).write_text(text, encoding='utf-8')
        for old in folder.glob(f'{name}_*'): old.unlink()
        for picture, data in pictures.items(): (folder/picture).write_bytes(data)


if __name__ == '__main__': write(Path(__file__).parent.parent)
