"What the compilers are measured on: the same data, first weights and formulas for every engine, all made by rule."

import random

DEMO_STEPS = 100
def demo_rate(k): return 1.0 - 0.9*k/DEMO_STEPS
DEMO_PENALTY = 1e-4

# The lecture's network: 3-4-4-1 with tanh, four samples, the sum of squared differences

LECTURE_XS = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
LECTURE_YS = [1.0, -1.0, -1.0, 1.0]
LECTURE_SIZES = 3, 4, 4, 1
LECTURE_STEPS, LECTURE_RATE = 500, 0.05

# Pictures of 8 by 8 points in ten classes, a network of 64-64-10

DIGIT_SIZES = 64, 64, 10
DIGIT_RATE = 0.1
def digit_steps(n): return 60 if n < 10_000 else 3

def digits(n, points=64):
    "Each class has a pattern of grey levels, and each picture its own noise; of very many there are a thousand, again and again."
    if n > 10_000: return tuple(part*(n//1000) for part in digits(1000, points))
    rng = random.Random(2)
    patterns = [[rng.randrange(17) for _ in range(points)] for _ in range(10)]
    labels = [i % 10 for i in range(n)]
    return [[min(16, max(0, x + rng.randrange(-4, 5)))/16 for x in patterns[y]] for y in labels], labels

def uniform_weights(sizes, scale, seed=0):
    "Neuron by neuron: its weights, then its bias of 0."
    rng = random.Random(seed)
    return [x for nin, nout in zip(sizes, sizes[1:]) for _ in range(nout) for x in [*(rng.uniform(-scale, scale) for _ in range(nin)), 0.0]]

def in_matrices(weights, sizes):
    "That list as a list of rows of weights and a list of biases for each layer."
    found, at = [], 0
    for nin, nout in zip(sizes, sizes[1:]):
        rows = [weights[at + i*(nin + 1):at + (i + 1)*(nin + 1)] for i in range(nout)]
        found += [row[:-1] for row in rows], [row[-1] for row in rows]
        at += nout*(nin + 1)
    return found

# The same kind of pictures for networks of any size

def wide_steps(sizes): return 10 if sum(a*b for a, b in zip(sizes, sizes[1:])) > 50_000 else 100
def wide_weights(sizes): return uniform_weights(sizes, 1/28)

# The smallest transformer, as karpathy's microgpt has it: one layer, 16 wide, 4 heads, trained on one name a step by Adam

WIDE, HEADS, CONTEXT, TOKENS = 16, 4, 16, 27
GPT_SHAPES = dict(token=(TOKENS, WIDE), place=(CONTEXT, WIDE), out=(TOKENS, WIDE), query=(WIDE, WIDE), key=(WIDE, WIDE),
                  value=(WIDE, WIDE), mix=(WIDE, WIDE), up=(4*WIDE, WIDE), down=(WIDE, 4*WIDE))
GPT_STEPS, GPT_RATE, GPT_BETAS, GPT_EPS = 30, 0.01, (0.85, 0.99), 1e-8

def gpt_weights():
    rng = random.Random(0)
    return [rng.gauss(0, 0.08) for rows, columns in GPT_SHAPES.values() for _ in range(rows*columns)]

def names(n):
    "Names of three to nine letters in which vowels and consonants take turns; token 26 begins and ends each."
    rng, found = random.Random(3), []
    for _ in range(n):
        turn = rng.randrange(2)
        letters = [rng.choice('aeiou' if (i + turn) % 2 else 'bcdfghjklmnprstvwz') for i in range(rng.randrange(3, 10))]
        found.append([26, *(ord(c) - 97 for c in letters), 26])
    return found

def gpt_matrices(weights):
    "The list of weights as rows of each matrix."
    found, at = {}, 0
    for name, (rows, columns) in GPT_SHAPES.items():
        found[name] = [weights[at + i*columns:at + (i + 1)*columns] for i in range(rows)]
        at += rows*columns
    return found

def gpt_loss(W, tokens, targets, softmax, rms, log):
    "With any scalars: `tokens` and `targets` are rows of 27 numbers, 1 for the letter and 0 for the others."
    def linear(x, rows): return [weighed(row, x) for row in rows]
    def weighed(a, b):
        total = a[0]*b[0]
        for x, y in zip(a[1:], b[1:]): total = total + x*y
        return total
    columns, size = list(zip(*W['token'])), WIDE//HEADS
    keys, values, losses = [], [], []
    for place, (token, target) in enumerate(zip(tokens, targets)):
        x = rms([weighed(column, token) + p for column, p in zip(columns, W['place'][place])])
        before, x = x, rms(x)
        query = linear(x, W['query'])
        keys.append(linear(x, W['key']))
        values.append(linear(x, W['value']))
        seen = []
        for start in range(0, WIDE, size):
            part = slice(start, start + size)
            weights = softmax([weighed(query[part], key[part])*size**-0.5 for key in keys])
            seen += [weighed(weights, [value[j] for value in values]) for j in range(start, start + size)]
        x = [a + b for a, b in zip(linear(seen, W['mix']), before)]
        x = [a + b for a, b in zip(linear([a.relu() for a in linear(rms(x), W['up'])], W['down']), x)]
        losses.append(-log(weighed(softmax(linear(x, W['out'])), target)))
    total = losses[0]
    for loss in losses[1:]: total = total + loss
    return total/len(losses)
