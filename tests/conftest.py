"What all tests share: things that are made once, though two processes test."
import fcntl
from pathlib import Path
import hypothesis, pytest

hypothesis.settings.load_profile('ci') # the same examples each time, however long a busy machine takes for one

# Of two processes one builds the site and looks at its pages, while the other begins with what takes long without it. Short files come last.
first = [*('site/test_site.py', 'test_many.py', 'test_jit.py', 'test_packaging.py', 'site/test_playground_page.py', 'site/test_training_page.py', 'site/test_run_page.py'),
         *('site/test_browsers.py', 'site/test_wall.py', 'site/test_explore_component.py', 'site/test_bench_page.py', 'test_notebooks.py', 'test_jit_step.py', 'test_docs.py')]


def pytest_collection_modifyitems(items):
    place = {Path(__file__).parent/name: number for number, name in enumerate(first)}
    items.sort(key=lambda item: place.get(item.path, len(first)))


@pytest.fixture(scope='session')
def once(tmp_path_factory, worker_id):
    "once(name, make): the folder that make(folder) has filled, in this process or in another one of this run."
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == 'master' else base.parent
    def made(name, make):
        folder, done = shared/name, shared/f'{name}.done'
        with open(shared/f'{name}.lock', 'w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                make(folder)
                done.touch()
        return folder
    return made
