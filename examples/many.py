"""One training shared by two workers, then six trainings: on this machine's processes, on a Dask cluster, or under MPI. The digits are the same.

    python examples/many.py
    python examples/many.py tcp://SCHEDULER:8786
    mpiexec -n 3 python -m mpi4py.futures examples/many.py mpi
"""
import sys
from concurrent.futures import ProcessPoolExecutor
from micrograd import MLP
from micrograd.many import grid, sweep
from micrograd.train import SGD, fit, l2, make_moons, max_margin

xs, labels = make_moons(200, seed=1)
ys = [2*label - 1 for label in labels]


def train(hidden, seed, steps=5, **sharing):
    model = MLP(2, [hidden, 1], rng=seed)
    return fit(model, xs, ys, max_margin, SGD(model.parameters(), lr=0.5, momentum=0.9), steps=steps, penalty=l2(1e-4), progress=False, **sharing).loss[-1]


def program(executor):
    print('one training, shared: ', train(8, seed=0, steps=20, executor=executor))
    for result in sweep(train, grid(hidden=[4, 8], seed=range(3)), executor, progress=False): print(result.setting, result.value)


if __name__ == '__main__':
    if sys.argv[1:] == ['mpi']:
        from mpi4py.futures import MPIPoolExecutor
        with MPIPoolExecutor() as pool: program(pool)
    elif sys.argv[1:]:
        from dask.distributed import Client
        with Client(sys.argv[1]) as client: program(client.get_executor(pure=False))
    else:
        with ProcessPoolExecutor(2) as processes: program(processes)
