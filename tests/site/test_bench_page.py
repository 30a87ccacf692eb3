"The benchmark of the live pages runs on the site; its figures are nobody's test."
import os, subprocess, sys
import pytest
from conftest import missing_live, root

if missing_live() and not os.environ.get('NOTHING_LEFT_OUT'): pytest.skip(missing_live(), allow_module_level=True)


def test_a_quick_run_prints_the_table(folder):
    run = subprocess.run([sys.executable, root/'bench'/'live.py', folder, '--quick'], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert len([line for line in run.stdout.splitlines() if line.startswith('| ') and line.endswith((' s |', ' ms |', 'Python here |'))]) == 3
