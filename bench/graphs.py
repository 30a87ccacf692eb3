"""Value and gradient of graphs that are no layers, beside other tools for scalar graphs: `python bench/graphs.py`, or with `--save`.

As in compare.py, each cell is measured in a process of its own, and the processes of a row take turns.
"""

import argparse, json, os, platform, random, sys, time
from statistics import median
from compare import HERE, Worker, add_python, check_agreement, processor, told
from compiled import levels

NAMES = {'ours': 'jit', 'straight': 'jit, straight', 'casadi': 'CasADi, its interpreter', 'casadi_c': 'CasADi, C by gcc -O1', 'cppad': 'CppADCodeGen, C by gcc -O1', 'ddx': 'ddx-ad, its interpreter', 'ddx_llvm': 'ddx-ad, LLVM',
         'jax': 'JAX, on arrays', 'torch': 'PyTorch, on arrays'}

# The graphs: each gives the first numbers, and a function of as many variables; `m` has the functions of an engine

def rosenbrock(n):
    def f(x, m):
        total = 0.0
        for a, b in zip(x, x[1:]):
            d, e = b - a*a, 1.0 - a
            total = total + 100.0*(d*d) + e*e
        return total
    return [0.5 + 0.3*(-1)**i + 1e-4*i for i in range(n)], f

def bodies(steps):
    "Five bodies under gravity, leapfrog; how far they have come, from where they began and how fast they were."
    rng = random.Random(0)
    start = [rng.uniform(-1, 1) for _ in range(15)] + [rng.uniform(-0.3, 0.3) for _ in range(15)]
    mass, dt = [1.0, 0.3, 0.2, 0.1, 0.05], 0.001
    def f(x, m):
        p, v = [list(x[3*i:3*i + 3]) for i in range(5)], [list(x[15 + 3*i:18 + 3*i]) for i in range(5)]
        for _ in range(steps):
            force = [[0.0]*3 for _ in range(5)]
            for i in range(5):
                for j in range(i):
                    d = [a - b for a, b in zip(p[i], p[j])]
                    r2 = d[0]*d[0] + d[1]*d[1] + d[2]*d[2] + 0.01
                    share = 1.0/(r2*m.sqrt(r2))
                    for k in range(3):
                        force[i][k] = force[i][k] - mass[j]*share*d[k]
                        force[j][k] = force[j][k] + mass[i]*share*d[k]
            for i in range(5):
                for k in range(3):
                    v[i][k] = v[i][k] + dt*force[i][k]
                    p[i][k] = p[i][k] + dt*v[i][k]
        total = 0.0
        for q in p:
            for c in q: total = total + c*c
        return total
    return start, f

def irregular(n):
    "Each of n nodes is made from two earlier ones, most of them recent, by an operation drawn at random."
    def f(x, m):
        rng, nodes = random.Random(n), list(x)
        def pick(): return nodes[-1 - min(len(nodes) - 1, int(rng.expovariate(1/40)))] if rng.random() < 0.9 else rng.choice(nodes)
        for _ in range(n):
            a, b, kind = pick(), pick(), rng.randrange(8)
            if kind < 3: nodes.append(a*0.6 + b*0.3)
            elif kind < 5: nodes.append(a*b + 0.1)
            elif kind == 5: nodes.append(a - 0.5*b)
            elif kind == 6: nodes.append(m.sqrt(a*a + 1.0))
            else: nodes.append(a/(b*b + 1.0))
        total = 0.0
        for node in nodes[::7]: total = total + node
        return total
    return [0.1*i - 0.7 for i in range(16)], f

# The same as formulas of whole arrays, for those who compute with these; the irregular graph has none

def rosenbrock_on_arrays(x, n, sqrt, repeat, array): return (100.0*(x[1:] - x[:-1]*x[:-1])**2 + (1.0 - x[:-1])**2).sum()

def bodies_on_arrays(x, steps, sqrt, repeat, array):
    mass = array([1.0, 0.3, 0.2, 0.1, 0.05])
    def step(p, v):
        d = p[:, None] - p[None]
        r2 = (d*d).sum(-1) + 0.01
        v = v - 0.001*((mass/(r2*sqrt(r2)))[:, :, None]*d).sum(1)
        return p + 0.001*v, v
    p, v = repeat(step, steps, x[:15].reshape(5, 3), x[15:].reshape(5, 3))
    return (p*p).sum()

GRAPHS = {'irregular, 10⁴ nodes': (irregular, 10**4), 'irregular, 10⁵ nodes': (irregular, 10**5),
          'Rosenbrock, 10³': (rosenbrock, 10**3), 'Rosenbrock, 10⁴': (rosenbrock, 10**4),
          'five bodies, 10 steps': (bodies, 10), 'five bodies, 100 steps': (bodies, 100), 'five bodies, 1000 steps': (bodies, 1000)}
SLOW = {'straight': 100_000, 'casadi_c': 10_000, 'cppad': 40_000, 'ddx_llvm': 40_000} # nodes up to which these are compiled; above it takes minutes

def spent():
    "Seconds of the processor's time, its compilers' included: on a busy machine the clock says more."
    t = os.times()
    return t.user + t.system + t.children_user + t.children_system

# The engines: from first numbers and a function to a call that gives the value and the gradients; and the number of nodes

def ours(start, f, executor=None):
    import micrograd
    from micrograd.engine import topological
    from micrograd.jit import jit
    x = [micrograd.Value(a) for a in start]
    loss = f(x, micrograd)
    nodes, began = len(topological(loss)), spent()
    import numpy as np
    call, point, none = jit(loss, x, executor=executor).arrays, np.array(start), np.zeros(0)
    return lambda: call(point, none), nodes, began

def casadi(start, f, options=None):
    import casadi as ca
    began = spent()
    x = ca.SX.sym('x', len(start))
    value = f([x[i] for i in range(len(start))], ca)
    call = ca.Function('f', [x], [value, ca.gradient(value, x)], options or {})
    if options: # CasADi writes C, which a compiler reads
        import subprocess, tempfile
        folder = tempfile.mkdtemp()
        os.chdir(folder)
        call.generate('f.c')
        subprocess.run(['gcc', '-O1', '-shared', '-fPIC', 'f.c', '-o', 'f.so', '-lm'], check=True)
        call = ca.external('f', folder + '/f.so')
    import numpy as np
    point, value, gradient = np.array(start), np.zeros(1), np.zeros(len(start))
    buffer, run = call.buffer()
    buffer.set_arg(0, memoryview(point))
    buffer.set_res(0, memoryview(value))
    buffer.set_res(1, memoryview(gradient))
    def once(keep=(call, buffer, point)):
        run()
        return value[0], gradient
    return once, 0, began

class Written:
    "A number that tells what is done with it, for bench/cppad.cpp."
    def __init__(self, lines, *words): self.lines, self.place = lines, len(lines); lines.append(' '.join(map(str, words)))
    def with_(self, op, *others): return Written(self.lines, op, *(other.place for other in map(self.written, others)))
    def written(self, x): return x if isinstance(x, Written) else Written(self.lines, 'constant', repr(x))
    def __add__(self, other): return self.with_('+', self, other)
    def __radd__(self, other): return self.with_('+', other, self)
    def __sub__(self, other): return self.with_('-', self, other)
    def __rsub__(self, other): return self.with_('-', other, self)
    def __mul__(self, other): return self.with_('*', self, other)
    def __rmul__(self, other): return self.with_('*', other, self)
    def __truediv__(self, other): return self.with_('/', self, other)
    def __rtruediv__(self, other): return self.with_('/', other, self)
    def sqrt(self): return self.with_('sqrt', self)

def cppad(start, f):
    if 'CPPAD_DRIVER' not in os.environ: raise ImportError('--cppad says where it is')
    import ctypes, numpy as np, subprocess, tempfile
    began, lines = spent(), []
    f([Written(lines, '') for _ in start], Written)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.environ['CPPAD_DRIVER']], input='\n'.join([str(len(start)), *lines[len(start):]]), text=True, cwd=folder, check=True)
        sources = [name for name in os.listdir(folder) if name.endswith('.c')]
        subprocess.run(['gcc', '-O1', '-shared', '-fPIC', *sources, '-o', 'f.so', '-lm'], cwd=folder, check=True)
        call = ctypes.CDLL(folder + '/f.so').call
    point, results = np.array(start), np.zeros(1 + len(start))
    places = [ctypes.c_void_p(array.ctypes.data) for array in (point, results)]
    def once(keep=(point, results)):
        call(*places)
        return results[0], results[1:]
    return once, 0, began

def cppad_driver(prefix):
    "Builds bench/cppad.cpp, with CppAD and CppADCodeGen."
    import subprocess, tempfile
    program = tempfile.mkdtemp() + '/cppad'
    subprocess.run(['g++', '-O2', '-std=c++17', f'-I{prefix}/include', HERE/'cppad.cpp', '-o', program, f'-L{prefix}/lib', f'-Wl,-rpath,{prefix}/lib', '-lcppad_lib', '-ldl'], check=True)
    return program

def ddx(start, f, llvm=False):
    import ddx as d, numpy as np
    began = spent()
    class functions: sqrt = d.sqrt
    equation = d.equation(lambda: f([d.var(f'x{i:06}') for i in range(len(start))], functions))
    if llvm: equation.compile()
    else: equation.options = d.Options(backend=d.Backend.INTERPRET)
    call = equation.buffer(np.array(start), want=d.Want.JACOBIAN)
    def once():
        call()
        return call.value, call.jacobian
    return once, 0, began

def jax_on_arrays(start, f, on_arrays, size):
    os.environ['XLA_FLAGS'] = '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1'
    import jax, numpy as np
    jax.config.update('jax_enable_x64', True)
    began = spent()
    def repeat(step, steps, p, v): return jax.lax.scan(lambda state, _: (step(*state), None), (p, v), length=steps)[0]
    call = jax.jit(jax.value_and_grad(lambda x: on_arrays(x, size, jax.numpy.sqrt, repeat, jax.numpy.array)))
    point = jax.numpy.array(start)
    def once():
        value, gradient = call(point)
        return value, np.asarray(gradient)
    return once, 0, began

def torch_on_arrays(start, f, on_arrays, size):
    import torch
    began = spent()
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    def repeat(step, steps, p, v):
        for _ in range(steps): p, v = step(p, v)
        return p, v
    x = torch.tensor(start).requires_grad_()
    def once():
        x.grad = None
        value = on_arrays(x, size, torch.sqrt, repeat, torch.tensor)
        value.backward()
        return value.item(), x.grad.numpy()
    return once, 0, began

ON_ARRAYS = {'rosenbrock': rosenbrock_on_arrays, 'bodies': bodies_on_arrays}
ARRAY_ENGINES = {'jax': jax_on_arrays, 'torch': torch_on_arrays}
ENGINES = {'ours': ours, 'straight': lambda s, f: ours(s, f, 'straight'), 'casadi': casadi, 'casadi_c': lambda s, f: casadi(s, f, dict(jit=False, verbose=False)), 'cppad': cppad, 'ddx': ddx,
           'ddx_llvm': lambda s, f: ddx(s, f, True)}

def worker(engine, make, size):
    say = lambda **message: print(json.dumps(message), flush=True)
    graph = {'rosenbrock': rosenbrock, 'bodies': bodies, 'irregular': irregular}[make](int(size))
    try: once, nodes, began = ENGINES[engine](*graph) if engine in ENGINES else ARRAY_ENGINES[engine](*graph, ON_ARRAYS[make], int(size))
    except ImportError as error: return say(missing=str(error))
    value, gradient = once()
    say(ready=spent() - began, nodes=nodes)
    for _ in sys.stdin:
        calls, end = [], time.perf_counter() + 0.1
        while not calls or calls[-1][1] < end:
            began = time.perf_counter()
            value, gradient = once()
            calls.append((began, time.perf_counter()))
        cost = min(b - a for a, b in calls) # the others were interrupted
        say(cost=cost, answer=float(value) + float(sum(abs(g) for g in gradient)))

def measure(row, engines, rounds, missing, pythons):
    make, size = GRAPHS[row]
    def start(engine): return Worker(engine, NAMES[engine], [pythons.get(engine, sys.executable), HERE/'graphs.py', '--worker', engine, make.__name__, str(size)])
    workers, nodes = [], 0
    for engine in engines:
        if nodes > SLOW.get(engine, nodes) or (engine in ARRAY_ENGINES and make.__name__ not in ON_ARRAYS): continue
        worker = start(engine)
        if 'missing' in worker.about:
            missing[engine] = worker.about['missing']
            worker.stop()
            continue
        nodes = nodes or worker.about['nodes']
        workers.append(worker)
    costs = {w.engine: [] for w in workers}
    for i in range(1 + rounds):
        results = {w.engine: w.one_round() for w in workers}
        check_agreement(row, {engine: r['answer'] for engine, r in results.items()}, NAMES, 1e-9)
        if i:
            for engine, r in results.items(): costs[engine].append(r['cost'])
    ready = {w.engine: w.about['ready'] for w in workers}
    for w in workers: w.stop()
    return nodes, ready, costs

def shown(seconds): return f'{1e6*seconds:.0f} µs' if seconds < 1e-3 else f'{1e3*seconds:.1f} ms' if seconds < 1 else f'{seconds:.1f} s'

def report(rounds, only, engines, pythons):
    missing = {}
    yield f'Measured on {processor()}, {platform.system()}, Python {platform.python_version()}, {(levels() or ["no level of x86-64"])[-1]}, one thread; {os.cpu_count()} processors under a load of {os.getloadavg()[1]:.0f}.\n'
    yield '| value and gradient | nodes | jit: ready, a node | ' + ' | '.join(NAMES[e] for e in engines) + ' |'
    yield '|---' * (3 + len(engines)) + '|'
    for row in GRAPHS:
        if only and only not in row: continue
        nodes, ready, costs = measure(row, engines, rounds, missing, pythons)
        cells = []
        for engine in engines:
            if engine not in costs: cells.append('–'); continue
            ratio = median(a/b for a, b in zip(costs[engine], costs['ours']))
            cells.append(shown(median(costs[engine])) + ('' if engine == 'ours' else f', {ratio:.2f}×') + f' ({shown(ready[engine])})')
        yield f"| {row} | {nodes:,} | {1e6*ready['ours']/nodes:.1f} µs | " + ' | '.join(cells) + ' |'
    yield ''
    for engine, why in missing.items(): yield f'Not measured: {NAMES[engine]} ({why}).'
    yield 'A cell is the time of a call (the fastest in a tenth of a second, then the median of five rounds), how many times ours that is, and in brackets how much of the processor\'s time it took to be ready. For ours that is from the graph to the end of the first call, which is compared with the engine; for the others it includes making the graph.'

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--worker', nargs=3)
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--only', default='')
    parser.add_argument('--engines', default=','.join(NAMES))
    parser.add_argument('--save', action='store_true')
    add_python(parser)
    parser.add_argument('--cppad', metavar='PREFIX', help='where CppAD and CppADCodeGen were installed from their sources')
    args = parser.parse_args()
    if args.worker: return worker(*args.worker)
    if args.cppad: os.environ['CPPAD_DRIVER'] = cppad_driver(args.cppad)
    told(report(1 if args.quick else 5, args.only, args.engines.split(','), dict(args.python)), args.save and 'GRAPHS.md', '# Graphs that are no layers\n\n')

if __name__ == '__main__': main()
