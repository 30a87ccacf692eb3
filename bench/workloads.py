"""What is measured. A workload sets itself up and returns a function that does one more round.

A round gives its cost (seconds, or bytes) and its answer, a number that every engine must agree on.
Parameters are trained from step to step, so that answers agree only where the gradients did.
"""

import gc, math, random, time, tracemalloc

def moons(n):
    "Two interleaving half circles of n/2 noisy points each, and their labels, -1 and 1."
    rng, half = random.Random(1), n//2
    upper = [(math.cos(t), math.sin(t)) for t in (math.pi*i/(half-1) for i in range(half))]
    lower = [(1 - x, 0.5 - y) for x, y in upper]
    noisy = [[x + rng.gauss(0, 0.1), y + rng.gauss(0, 0.1)] for x, y in upper + lower]
    return noisy, [-1]*half + [1]*half

def timed(step, times=1):
    "A round of a few steps in a row: the time of one, in processor time, which other programs disturb least."
    def one_round():
        start = time.process_time()
        for _ in range(times): answer = step() # drops its graph on return, inside the measured time
        return (time.process_time() - start) / times, answer
    return one_round

# One training step of micrograd's demo: forward, zero the gradients, backward, update

def through_mlp(engine, samples):
    "As the demo's notebook writes it, with the package's own MLP."
    rows, labels = moons(samples)
    random.seed(0)
    model = engine.MLP(2, [16, 16, 1])
    def step():
        inputs = [list(map(engine.number, row)) for row in rows]
        scores = list(map(model, inputs))
        losses = [(1 + -label*score).relu() for label, score in zip(labels, scores)]
        data_loss = sum(losses) * (1.0/len(losses))
        total_loss = data_loss + 1e-4 * sum(p*p for p in model.parameters())
        model.zero_grad()
        total_loss.backward()
        for p in model.parameters(): p.data -= 1.0 * p.grad
        return total_loss.data
    return timed(step, times=3)

def written_out(engine, samples):
    "The same network from the same weights, with + and * only: the same code for every engine."
    rows, labels = moons(samples)
    parameters = engine.parameters(first_weights())
    def loss_of(parameters):
        layers = in_layers(parameters)
        scores = [network(layers, map(engine.number, row), engine.relu) for row in rows]
        losses = [engine.relu(1 + -label*score) for label, score in zip(labels, scores)]
        return sum(losses) * (1.0/len(losses)) + 1e-4 * sum(p*p for p in parameters)
    return timed(lambda: engine.step(loss_of, parameters, lr=1.0), times=3)

SHAPE = (2, 16), (16, 16), (16, 1) # inputs and neurons of each layer

def first_weights():
    "The numbers that MLP(2, [16, 16, 1]) draws after `random.seed(0)`: each neuron's weights, then its bias."
    rng = random.Random(0)
    return [x for nin, nout in SHAPE for _ in range(nout) for x in [*(rng.uniform(-1, 1) for _ in range(nin)), 0.0]]

def in_layers(parameters):
    "The list of parameters as layers of neurons, each a pair of weights and bias."
    numbers = iter(parameters)
    def neuron(nin): return [next(numbers) for _ in range(nin)], next(numbers)
    return [[neuron(nin) for _ in range(nout)] for nin, nout in SHAPE]

def network(layers, inputs, relu):
    *hidden, last = layers
    xs = list(inputs)
    for layer in hidden: xs = [relu(weighted_sum(ws, xs, b)) for ws, b in layer]
    ws, b = last[0]
    return weighted_sum(ws, xs, b)

def weighted_sum(ws, xs, b):
    for w, x in zip(ws, xs): b = b + w*x
    return b

# Long and thin

def chain(engine, nodes):
    "A sum of many terms, added one by one, and its gradients."
    parameters = engine.parameters([0.5, 1e-7])
    def total(parameters):
        y, term = parameters
        for _ in range(nodes): y = y + term
        return y
    return timed(lambda: engine.step(total, parameters, lr=1e-7))

def bytes_a_node(engine, nodes):
    "The memory that graphs of a hundred nodes hold after `backward`, half of them sums, half products."
    def one_round():
        a, b = engine.number(1.0001), engine.number(0.1)
        def graph():
            y = a
            for _ in range(50): y = y*a + b
            return y
        tracemalloc.start()
        graphs = [graph() for _ in range(nodes//100)]
        for y in graphs: y.backward()
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return held/nodes, a.grad
    return one_round

WORKLOADS = {'mlp': through_mlp, 'written out': written_out, 'chain': chain, 'bytes': bytes_a_node}
