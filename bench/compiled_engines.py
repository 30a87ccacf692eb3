"The compilers and their peers. Each workload returns a function that runs some steps and gives the time of one and the last loss."

import ctypes, os, subprocess, tempfile, time
from pathlib import Path
from compiled_workloads import (
    DEMO_PENALTY, DEMO_STEPS, DIGIT_RATE, DIGIT_SIZES, GPT_BETAS, GPT_EPS, GPT_RATE, GPT_STEPS, HEADS,
    LECTURE_RATE, LECTURE_SIZES, LECTURE_STEPS, LECTURE_XS, LECTURE_YS, TOKENS, WIDE, demo_rate, digit_steps, digits, gpt_loss,
    gpt_matrices, gpt_weights, in_matrices, names, uniform_weights, wide_steps, wide_weights,
)
from workloads import first_weights, moons

THREADS = int(os.environ.get('BENCH_THREADS', 0)) # on so many processors, by the clock; 0: one thread, processor time
clock = time.perf_counter if THREADS else time.process_time
if THREADS: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])

def timed(run, steps):
    "`run` does all the steps from the first weights on, and returns the last loss. A round is as many runs as take 30 ms."
    def one_round():
        start, runs = clock(), 0
        while runs == 0 or clock() - start < 0.03:
            answer = float(run())
            runs += 1
        return (clock() - start)/(runs*steps), answer
    return one_round

class Compiled:
    "This package: whole steps in the machine, or the same groups with NumPy."
    def __init__(self, executor):
        from micrograd.jit import jit
        self.jit, self.executor = jit, executor

    def trained(self, sizes, weights, xs, ys, loss, rates, penalty=None, reduction='mean', **options):
        from micrograd import MLP
        from micrograd.jit.training import CompiledStep
        from micrograd.train import SGD, EagerStep
        model = MLP(sizes[0], list(sizes[1:]), **options)
        for p, x in zip(model.parameters(), weights): p.data = x
        step = CompiledStep(EagerStep(model, xs, ys, loss, SGD(model.parameters()), penalty), reduction=reduction, executor=self.executor, threads=THREADS or 1)
        batches, first = [range(len(xs))]*len(rates), step.machine.row(0).copy()
        def run():
            step.machine.row(0)[:] = first
            step.machine.run(batches, rates)
            return step.machine.results[-1, 0]
        return timed(run, len(rates))

    def demo(self):
        from micrograd.train import l2, max_margin
        return self.trained((2, 16, 16, 1), first_weights(), *moons(100), max_margin, [demo_rate(k) for k in range(DEMO_STEPS)], l2(DEMO_PENALTY))

    def lecture(self):
        def squares(predictions, targets): return sum((p - t)**2 for p, t in zip(predictions, targets))
        return self.trained(LECTURE_SIZES, uniform_weights(LECTURE_SIZES, 1.0), LECTURE_XS, LECTURE_YS, squares, [LECTURE_RATE]*LECTURE_STEPS, reduction='sum', act='tanh', out='tanh')

    def digits(self, n):
        from micrograd.train import cross_entropy
        return self.trained(DIGIT_SIZES, uniform_weights(DIGIT_SIZES, 1/8), *digits(n), cross_entropy, [DIGIT_RATE]*digit_steps(n))

    def wide(self, n, *sizes):
        from micrograd.train import cross_entropy
        if self.executor == 'numpy': return None # it would do, but hold the tables of places in memory a second time
        return self.trained(sizes, wide_weights(sizes), *digits(n, sizes[0]), cross_entropy, [DIGIT_RATE]*wide_steps(sizes))

    def microgpt(self):
        import numpy as np
        functions = {}
        def function(n):
            if n not in functions:
                W, inputs = [Value(x) for x in gpt_weights()], [Value(0.1 + 0.01*i) for i in range((n + 1)*TOKENS)]
                rows = [inputs[i*TOKENS:(i + 1)*TOKENS] for i in range(n + 1)]
                functions[n] = self.jit(gpt_loss(gpt_matrices(W), rows[:-1], rows[1:], softmax, rms, log), W, inputs, self.executor)
            return functions[n]
        from micrograd import Value, log, maximum, sqrt
        softmax, rms = scalar_softmax(maximum), scalar_rms(sqrt)
        documents, eye = names(GPT_STEPS), np.eye(TOKENS)
        for tokens in documents: function(len(tokens) - 1)
        first, (b1, b2) = np.array(gpt_weights()), GPT_BETAS
        def run():
            P, mean, square, part = first.copy(), np.zeros_like(first), np.zeros_like(first), np.empty_like(first)
            for k, tokens in enumerate(documents):
                loss, g = function(len(tokens) - 1).arrays(P, eye[tokens].ravel())
                scale = (1 - b1**(k + 1))/(GPT_RATE*(1 - b1)) # mean and square are kept without their factors 1 - b1 and 1 - b2
                mean *= b1
                mean += g
                square *= b2
                square += np.multiply(g, g, out=g)
                np.sqrt(square, out=part)
                part *= scale*((1 - b2)/(1 - b2**(k + 1)))**0.5
                part += scale*GPT_EPS
                P -= np.divide(mean, part, out=part)
            return loss
        return timed(run, len(documents))

def scalar_softmax(maximum):
    def softmax(scores):
        highest = scores[0]
        for s in scores[1:]: highest = maximum(highest, s)
        exps = [(s - highest).exp() for s in scores]
        total = exps[0]
        for e in exps[1:]: total = total + e
        return [e/total for e in exps]
    return softmax

def scalar_rms(sqrt):
    def rms(x):
        total = x[0]*x[0]
        for a in x[1:]: total = total + a*a
        root = sqrt(total/len(x) + 1e-5)
        return [a/root for a in x]
    return rms

class Eager:
    "This package, a graph a step."
    def trained(self, sizes, weights, xs, ys, loss, rates, penalty=None, reduction='mean', **options):
        from micrograd import MLP
        from micrograd.train import SGD, fit
        model = MLP(sizes[0], list(sizes[1:]), **options)
        def run():
            for p, x in zip(model.parameters(), weights): p.data = x
            return fit(model, xs, ys, loss, SGD(model.parameters()), steps=len(rates), penalty=penalty, schedule=rates.__getitem__, progress=False).loss[-1]
        return timed(run, len(rates))
    demo, lecture, digits = Compiled.demo, Compiled.lecture, Compiled.digits

    def microgpt(self):
        from micrograd import Value, log, maximum, sqrt
        from micrograd.train import Adam
        softmax, rms, documents, first = scalar_softmax(maximum), scalar_rms(sqrt), names(GPT_STEPS), gpt_weights()
        def run():
            P = [Value(x) for x in first]
            W, adam = gpt_matrices(P), Adam(P, GPT_RATE, GPT_BETAS, GPT_EPS)
            for tokens in documents:
                rows = [[float(i == t) for i in range(TOKENS)] for t in tokens]
                loss = gpt_loss(W, rows[:-1], rows[1:], softmax, rms, log)
                adam.zero_grad()
                loss.backward()
                adam.step()
            return loss.data
        return timed(run, len(documents))

class C:
    "By hand, as a C programmer would write it for this one network."
    def built(self, name):
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder)/f'{name}.so'
            subprocess.run([os.environ.get('CC', 'cc'), '-O3', f"-march={os.environ.get('BENCH_MARCH', 'native')}", '-fno-math-errno',
                            '-shared', '-fPIC', '-o', library, Path(__file__).with_name(f'{name}.c'), '-lm'], check=True)
            return ctypes.CDLL(str(library)).train

    def demo(self):
        train, (xs, ys) = self.built('demo'), moons(100)
        X = doubles([*(x for x, _ in xs), *[0.0]*4, *(y for _, y in xs), *[0.0]*4])
        Y, first, losses = doubles([*ys, *[0.0]*4]), doubles(first_weights()), doubles([0.0]*DEMO_STEPS)
        P = doubles(first_weights())
        def run():
            ctypes.memmove(P, first, ctypes.sizeof(P))
            train(P, X, Y, 100, DEMO_STEPS, losses)
            return losses[-1]
        return timed(run, DEMO_STEPS)

    def microgpt(self):
        train, documents, first = self.built('microgpt'), names(GPT_STEPS), doubles(gpt_weights())
        train.restype = ctypes.c_double
        P, mean, square = type(first)(), type(first)(), type(first)()
        def run():
            ctypes.memmove(P, first, ctypes.sizeof(P))
            for array in mean, square: ctypes.memset(array, 0, ctypes.sizeof(array))
            for k, tokens in enumerate(documents):
                loss = train(P, mean, square, (ctypes.c_int*len(tokens))(*tokens), len(tokens) - 1, k + 1)
            return loss
        return timed(run, len(documents))

def doubles(numbers): return (ctypes.c_double*len(numbers))(*numbers)

class Torch:
    def __init__(self):
        import torch
        self.torch = torch
        torch.set_num_threads(THREADS or 1)
        torch.set_default_dtype(torch.float64)

    def trained(self, sizes, weights, loss_of, rates):
        torch = self.torch
        first = [torch.tensor(m) for m in in_matrices(weights, sizes)]
        def run():
            P = [m.clone().requires_grad_() for m in first]
            for rate in rates:
                loss = loss_of(P)
                for p in P: p.grad = None
                loss.backward()
                with torch.no_grad():
                    for p in P: p -= rate*p.grad
            return loss.item()
        return timed(run, len(rates))

    def network(self, P, x, act, out=lambda z: z):
        for i in range(0, len(P), 2): x = (act if i < len(P) - 2 else out)(self.torch.addmm(P[i + 1], x, P[i].t()))
        return x

    def demo(self):
        torch, (xs, ys) = self.torch, moons(100)
        X, Y = torch.tensor(xs), torch.tensor(ys, dtype=torch.float64)
        def loss(P): return torch.relu(1 - Y*self.network(P, X, torch.relu)[:, 0]).mean() + DEMO_PENALTY*sum((p*p).sum() for p in P)
        return self.trained((2, 16, 16, 1), first_weights(), loss, [demo_rate(k) for k in range(DEMO_STEPS)])

    def lecture(self):
        torch = self.torch
        X, Y = torch.tensor(LECTURE_XS), torch.tensor(LECTURE_YS)
        def loss(P): return ((self.network(P, X, torch.tanh, torch.tanh)[:, 0] - Y)**2).sum()
        return self.trained(LECTURE_SIZES, uniform_weights(LECTURE_SIZES, 1.0), loss, [LECTURE_RATE]*LECTURE_STEPS)

    def pictures(self, sizes, weights, steps, n):
        torch, (xs, ys) = self.torch, digits(n, sizes[0])
        X, Y = torch.tensor(xs), torch.tensor(ys)
        def loss(P): return torch.nn.functional.cross_entropy(self.network(P, X, torch.relu), Y)
        return self.trained(sizes, weights, loss, [DIGIT_RATE]*steps)

    def digits(self, n): return self.pictures(DIGIT_SIZES, uniform_weights(DIGIT_SIZES, 1/8), digit_steps(n), n)
    def wide(self, n, *sizes): return self.pictures(sizes, wide_weights(sizes), wide_steps(sizes), n)

    def microgpt(self):
        torch, documents = self.torch, names(GPT_STEPS)
        F = torch.nn.functional
        def rms(x): return x/((x*x).mean(-1, keepdim=True) + 1e-5).sqrt()
        def loss_of(W, t):
            n = len(t) - 1
            x = rms(W['token'][t[:n]] + W['place'][:n])
            before, x = x, rms(x)
            q, k, v = ((x @ W[name].T).view(n, HEADS, -1).transpose(0, 1) for name in ('query', 'key', 'value'))
            seen = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(0, 1).reshape(n, WIDE)
            x = seen @ W['mix'].T + before
            x = F.relu(rms(x) @ W['up'].T) @ W['down'].T + x
            return F.cross_entropy(x @ W['out'].T, t[1:])
        first = {name: torch.tensor(m) for name, m in gpt_matrices(gpt_weights()).items()}
        def run():
            W = {name: m.clone().requires_grad_() for name, m in first.items()}
            adam = torch.optim.Adam(W.values(), GPT_RATE, GPT_BETAS, GPT_EPS)
            for tokens in documents:
                loss = loss_of(W, torch.tensor(tokens))
                adam.zero_grad()
                loss.backward()
                adam.step()
                told = loss.item()
            return told
        return timed(run, len(documents))

class Jax:
    "JAX, all steps in one `scan`, or a call of a compiled step for each."
    def __init__(self, scan):
        import jax
        jax.config.update('jax_enable_x64', True)
        self.jax, self.np, self.scan = jax, jax.numpy, scan

    def trained(self, sizes, weights, loss_of, rates):
        jax, np = self.jax, self.np
        first, rates = [np.array(m) for m in in_matrices(weights, sizes)], np.array(rates)
        def step(P, rate):
            loss, gradients = jax.value_and_grad(loss_of)(P)
            return [p - rate*g for p, g in zip(P, gradients)], loss
        if self.scan:
            whole = jax.jit(lambda P: jax.lax.scan(step, P, rates))
            def run(): return whole(first)[1][-1].block_until_ready()
        else:
            one, each = jax.jit(step), list(rates)
            def run():
                P = first
                for rate in each: P, loss = one(P, rate)
                return loss.block_until_ready()
        return timed(run, len(rates))

    def network(self, P, x, act, out=lambda z: z):
        for i in range(0, len(P), 2): x = (act if i < len(P) - 2 else out)(x @ P[i].T + P[i + 1])
        return x

    def demo(self):
        jax, np, (xs, ys) = self.jax, self.np, moons(100)
        X, Y = np.array(xs), np.array(ys, float)
        def loss(P): return jax.nn.relu(1 - Y*self.network(P, X, jax.nn.relu)[:, 0]).mean() + DEMO_PENALTY*sum((p*p).sum() for p in P)
        return self.trained((2, 16, 16, 1), first_weights(), loss, [demo_rate(k) for k in range(DEMO_STEPS)])

    def lecture(self):
        np = self.np
        X, Y = np.array(LECTURE_XS), np.array(LECTURE_YS)
        def loss(P): return ((self.network(P, X, np.tanh, np.tanh)[:, 0] - Y)**2).sum()
        return self.trained(LECTURE_SIZES, uniform_weights(LECTURE_SIZES, 1.0), loss, [LECTURE_RATE]*LECTURE_STEPS)

    def pictures(self, sizes, weights, steps, n):
        jax, np, (xs, ys) = self.jax, self.np, digits(n, sizes[0])
        X, Y = np.array(xs), np.eye(10)[np.array(ys)]
        def loss(P): return -(jax.nn.log_softmax(self.network(P, X, jax.nn.relu))*Y).sum(1).mean()
        return self.trained(sizes, weights, loss, [DIGIT_RATE]*steps)

    digits, wide = Torch.digits, Torch.wide

    def microgpt(self):
        if self.scan: return None # names have different lengths
        import numpy
        jax, np, documents = self.jax, self.np, names(GPT_STEPS)
        def rms(x): return x/np.sqrt((x*x).mean(-1, keepdims=True) + 1e-5)
        def loss_of(W, t):
            n = t.shape[0] - 1
            x = rms(W['token'][t[:n]] + W['place'][:n])
            before, x = x, rms(x)
            q, k, v = ((x @ W[name].T).reshape(n, HEADS, -1).transpose(1, 0, 2) for name in ('query', 'key', 'value'))
            scores = np.where(np.tril(np.ones((n, n))) > 0, q @ k.transpose(0, 2, 1)*(WIDE//HEADS)**-0.5, -np.inf)
            x = (jax.nn.softmax(scores) @ v).transpose(1, 0, 2).reshape(n, WIDE) @ W['mix'].T + before
            x = jax.nn.relu(rms(x) @ W['up'].T) @ W['down'].T + x
            return -np.take_along_axis(jax.nn.log_softmax(x @ W['out'].T), t[1:, None], 1).mean()
        b1, b2 = GPT_BETAS
        @jax.jit
        def step(W, mean, square, t, k):
            loss, g = jax.value_and_grad(loss_of)(W, t)
            mean = jax.tree.map(lambda m, x: b1*m + (1 - b1)*x, mean, g)
            square = jax.tree.map(lambda s, x: b2*s + (1 - b2)*x*x, square, g)
            W = jax.tree.map(lambda p, m, s: p - GPT_RATE*(m/(1 - b1**k))/(np.sqrt(s/(1 - b2**k)) + GPT_EPS), W, mean, square)
            return W, mean, square, loss
        first = {name: np.array(m) for name, m in gpt_matrices(gpt_weights()).items()}
        zeros = {name: np.zeros_like(m) for name, m in first.items()}
        def run():
            W, mean, square = first, zeros, zeros
            for k, tokens in enumerate(documents):
                W, mean, square, loss = step(W, mean, square, numpy.array(tokens), k + 1.0)
                told = float(loss)
            return told
        return timed(run, len(documents))

ENGINES = {'ours': lambda: Compiled('llvm'), 'c': C, 'scan': lambda: Jax(True), 'jax': lambda: Jax(False), 'torch': Torch,
           'numpy': lambda: Compiled('numpy'), 'eager': Eager}
