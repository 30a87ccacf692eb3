"Says which files export, clean, README and CONTRIBUTING would change; there should be none. It works on a copy."
import shutil, subprocess, sys, tempfile
from pathlib import Path
from readme import write

root = Path(__file__).parent.parent
with tempfile.TemporaryDirectory() as temporary:
    copy = Path(temporary)/'copy'
    shutil.copytree(root, copy, symlinks=True, ignore=shutil.ignore_patterns('.git', '.venv', '.*_cache', '__pycache__', '_docs'))
    def git(*arguments: str) -> str: return subprocess.run(['git', *arguments], cwd=copy, check=True, capture_output=True, text=True).stdout
    git('init')
    git('add', '.')
    for command in ('nbdev_export', 'nbdev_clean'): subprocess.run([Path(sys.executable).parent/command], cwd=copy, check=True)
    write(copy)
    git('add', '--intent-to-add', '.')
    changed = git('diff', '--name-only').splitlines()
if changed: sys.exit('out of date, run `make prepare`: ' + ', '.join(changed))
print('export, clean, README and CONTRIBUTING change nothing')
