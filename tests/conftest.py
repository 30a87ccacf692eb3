"What all tests share: things that are made once, though two processes test."
import fcntl
import pytest


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
