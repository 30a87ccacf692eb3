"Writes README.md from nbs/index.ipynb, its pictures into nbs/images."
import re
from pathlib import Path
import nbformat
from nbconvert import MarkdownExporter
from nbconvert.preprocessors import RegexRemovePreprocessor


def readme(nbs: Path) -> tuple[str, dict[str, bytes]]:
    "The text, and the pictures by file name."
    notebook = nbformat.read(nbs/'index.ipynb', as_version=4)
    notebook.metadata.language_info = {'name': 'python'}
    exporter = MarkdownExporter()
    exporter.register_preprocessor(RegexRemovePreprocessor(patterns=[r'\s*#\|\s*hide']), enabled=True)
    text, resources = exporter.from_notebook_node(notebook, {'output_files_dir': 'nbs/images', 'unique_key': 'index'})
    pictures = {Path(name).name: data for name, data in resources['outputs'].items()}
    for name, data in pictures.items():
        described = re.search(r'aria-label="([^"]*)"', data.decode())
        text = text.replace(f'![svg](nbs/images/{name})', f'![{described[1]}](nbs/images/{name})')
    text = re.sub(r'\]\((\w+\.ipynb)', r'](nbs/\1', text) # links to other pages
    text = re.sub(r'[ \t]+$', '', text, flags=re.M)
    return re.sub(r'\n{3,}', '\n\n', text).strip() + '\n', pictures


def write(root: Path) -> None:
    "README.md and its pictures, in the project at `root`."
    text, pictures = readme(root/'nbs')
    (root/'README.md').write_text(text, encoding='utf-8')
    folder = root/'nbs'/'images'
    folder.mkdir(exist_ok=True)
    for old in folder.glob('index_*'): old.unlink()
    for name, data in pictures.items(): (folder/name).write_bytes(data)


if __name__ == '__main__': write(Path(__file__).parent.parent)
