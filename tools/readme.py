"Writes README.md from nbs/index.ipynb, its pictures into nbs/images."
import re
from pathlib import Path
from nbconvert import MarkdownExporter
from nbconvert.preprocessors import RegexRemovePreprocessor

here = Path(__file__).parent.parent


def readme(nbs: Path) -> tuple[str, dict[str, bytes]]:
    "The text and the pictures, by file name."
    exporter = MarkdownExporter()
    exporter.register_preprocessor(RegexRemovePreprocessor(patterns=[r'\s*#\|\s*hide']), enabled=True)
    resources = {'output_files_dir': 'nbs/images', 'unique_key': 'index'}
    text, resources = exporter.from_filename(str(nbs/'index.ipynb'), resources=resources)
    text = re.sub(r'\]\((\w+\.ipynb)', r'](nbs/\1', text)
    text = re.sub(r'\n{3,}', '\n\n', text)
    pictures = {Path(name).name: data for name, data in resources['outputs'].items()}
    return text.strip() + '\n', pictures


def write(root: Path) -> None:
    text, pictures = readme(root/'nbs')
    (root/'README.md').write_text(text, encoding='utf-8')
    folder = root/'nbs'/'images'
    folder.mkdir(exist_ok=True)
    for old in folder.glob('index_*'): old.unlink()
    for name, data in pictures.items(): (folder/name).write_bytes(data)


if __name__ == '__main__': write(here)
