"Says which files export, clean, README and CONTRIBUTING would change; there should be none. It works on a copy."
import shutil, subprocess, sys, tempfile
from pathlib import Path
from readme import made_from, write

root = Path(__file__).parent.parent
generated = ('nbs', 'micrograd', *made_from)


def files(folder: Path) -> dict[Path, bytes]:
    paths = [p for name in generated for p in ([folder/name] if (folder/name).is_file() else (folder/name).rglob('*'))]
    return {p.relative_to(folder): p.read_bytes() for p in paths if p.is_file() and not {'__pycache__', '.ipynb_checkpoints'} & set(p.parts)}


with tempfile.TemporaryDirectory() as temporary:
    copy = Path(temporary)/'copy'
    copy.mkdir()
    for name in (*generated, 'settings.ini', '_quarto.yml', 'pyproject.toml'):
        if (root/name).is_dir(): shutil.copytree(root/name, copy/name, symlinks=True)
        else: shutil.copy(root/name, copy/name)
    before = files(copy)
    for command in ('nbdev_export', 'nbdev_clean'): subprocess.run([Path(sys.executable).parent/command], cwd=copy, check=True)
    write(copy)
    after = files(copy)
    changed = sorted(str(p) for p in before.keys() | after.keys() if before.get(p) != after.get(p))
    if changed: sys.exit('out of date, run `make prepare`: ' + ', '.join(changed))
    print('export, clean, README and CONTRIBUTING change nothing')
