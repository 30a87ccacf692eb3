"The benchmark of the live pages runs on the site; its figures are nobody's test."
import os, subprocess, sys
import pytest
import live
from conftest import missing, root

reason = missing() or live.missing()
if reason and not os.environ.get('NOTHING_LEFT_OUT'): pytest.skip(reason, allow_module_level=True)


def test_a_quick_run_prints_the_table(folder):
    run = subprocess.run([sys.executable, root/'bench'/'live.py', folder, '--quick'], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert len([line for line in run.stdout.splitlines() if line.startswith('| ') and line.endswith((' s |', ' ms |', 'Python here |'))]) == 3
