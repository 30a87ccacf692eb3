"""karpathy's microgpt (12 February 2026), compiled once for names of every length.

    python examples/gpt.py names.txt

learns from a file with a name a line, such as https://github.com/karpathy/makemore/blob/master/names.txt, and makes up twenty.
"""
import random, sys, time
import numpy as np
from micrograd import Value, dot, log, maximum, no_grad
from micrograd.jit import jit
from micrograd.recording import collector_paused

WIDE, HEADS, PLACES = 16, 4, 16

def linear(x, rows): return [dot(row, x) for row in rows]

def softmax(scores):
    highest = scores[0]
    for s in scores[1:]: highest = maximum(highest, s)
    exps = [(s - highest).exp() for s in scores]
    total = sum(exps)
    return [e/total for e in exps]

def rmsnorm(x):
    scale = (sum(a*a for a in x)/len(x) + 1e-5)**-0.5
    return [a*scale for a in x]

class GPT:
    "One layer. Tokens are numbered; the last one begins and ends a name."
    def __init__(self, tokens):
        def matrix(nout, nin): return [[Value(random.gauss(0, 0.08)) for _ in range(nin)] for _ in range(nout)]
        self.token, self.place, self.out = matrix(tokens, WIDE), matrix(PLACES, WIDE), matrix(tokens, WIDE)
        self.query, self.key, self.value, self.mix = (matrix(WIDE, WIDE) for _ in range(4))
        self.up, self.down = matrix(4*WIDE, WIDE), matrix(WIDE, 4*WIDE)

    def parameters(self): return [p for rows in vars(self).values() for row in rows for p in row]

    def scores(self, token, keys, values):
        "Of the next token, after a token as its row of numbers, and those before it."
        x = rmsnorm([a + b for a, b in zip(token, self.place[len(keys)])])
        before, x = x, rmsnorm(x)
        query, size, seen = linear(x, self.query), WIDE//HEADS, []
        keys.append(linear(x, self.key))
        values.append(linear(x, self.value))
        for part in (slice(i, i + size) for i in range(0, WIDE, size)):
            weights = softmax([sum(q*k for q, k in zip(query[part], key[part]))/size**0.5 for key in keys])
            seen += [sum(w*v for w, v in zip(weights, column)) for column in zip(*[value[part] for value in values])]
        x = [a + b for a, b in zip(linear(seen, self.mix), before)]
        x = [a + b for a, b in zip(linear([a.relu() for a in linear(rmsnorm(x), self.up)], self.down), x)]
        return linear(x, self.out)

    def loss(self, tokens, targets, masks, share):
        "For rows of numbers with 1 for a token and 0 for the others: the masked losses of all places, added up, times `share`."
        keys, values, total = [], [], 0.0
        for token, target, mask in zip(tokens, targets, masks):
            chances = softmax(self.scores(linear(token, zip(*self.token)), keys, values))
            total = total - mask*log(sum(p*t for p, t in zip(chances, target)))
        return share*total

class Compiled:
    "Loss and gradients for names of every length."
    def __init__(self, model, tokens):
        self.rows, self.masks = np.eye(tokens), np.tri(PLACES + 1, PLACES, -1) # n ones in row n
        *rows, last = [[Value(0.5) for _ in range(n)] for n in [tokens]*2*PLACES + [PLACES + 1]]
        with collector_paused(): loss = model.loss(rows[:PLACES], rows[PLACES:], last[:-1], last[-1]) # there are no cycles to be looked for
        inputs = [x for row in (*rows, last) for x in row]
        self.f = jit(loss, model.parameters(), inputs, masks=range(len(inputs) - PLACES - 1, len(inputs) - 1))

    def __call__(self, weights, name):
        n = min(PLACES, len(name) - 1)
        rows = self.rows[(name + [name[0]]*PLACES)[:PLACES + 1]] # what is masked is some token, too
        numbers = np.concatenate([rows[:-1].ravel(), rows[1:].ravel(), self.masks[n], [1/n]])
        return self.f.arrays(weights, numbers)

def train(model, names, tokens, steps=1000, rate=0.01, beta1=0.85, beta2=0.99):
    "Adam, a name a step, with a rate that falls to 0. The losses."
    f, params = Compiled(model, tokens), model.parameters()
    w, losses = np.array([p.data for p in params]), []
    mean, square = np.zeros_like(w), np.zeros_like(w)
    for k in range(steps):
        loss, g = f(w, names[k % len(names)])
        mean, square = beta1*mean + (1 - beta1)*g, beta2*square + (1 - beta2)*g**2
        w -= rate*(1 - k/steps)*(mean/(1 - beta1**(k + 1)))/((square/(1 - beta2**(k + 1)))**0.5 + 1e-8)
        losses.append(loss)
    for p, x in zip(params, w.tolist()): p.data = x
    return losses

@no_grad()
def made_up(model, ends, temperature=0.5):
    "The tokens of a new name."
    keys, values, found = [], [], [ends]
    while len(keys) < PLACES:
        chances = softmax([s/temperature for s in model.scores(model.token[found[-1]], keys, values)])
        found += random.choices(range(ends + 1), [p.data for p in chances])
        if found[-1] == ends: break
    return [token for token in found if token != ends]

def main(path):
    with open(path, encoding='utf-8') as file: names = [line.strip() for line in file if line.strip()]
    random.seed(42)
    random.shuffle(names)
    letters = sorted(set(''.join(names)))
    ends = len(letters)
    model = GPT(ends + 1)
    began = time.perf_counter()
    losses = train(model, [[ends, *map(letters.index, name), ends] for name in names], ends + 1)
    print(f'{len(losses)} steps in {time.perf_counter() - began:.1f} s, compiling included; the last loss is {losses[-1]:.4f}')
    print(' '.join(''.join(letters[token] for token in made_up(model, ends)) for _ in range(20)))

if __name__ == '__main__': main(*sys.argv[1:])
