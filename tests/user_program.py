"""What a stranger might write; tests/test_packaging.py asks two type checkers. Each line that ends in `type: ignore` is
wrong, and a checker that knows no type there says that the comment is not needed.
"""
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true
from micrograd import MLP, Value, maximum
from micrograd.jit import jit
from micrograd.train import SGD, fit, mse

a, b = Value(2.0, label='a'), Value(-3.0)
c = maximum(a, 0)*b + 1/a - (a**2).tanh()
c.backward()
print(a.grad, c.data)
maximum(a, 0).nothing # type: ignore
c.nothing # type: ignore
maximum(a, 'b') # type: ignore

model = MLP(2, [4, 1], act='tanh')
score = model([1.0, 2.0])
print(score)
model([1.0]).nothing # type: ignore
model('a') # type: ignore

xs, ys = [[0.0, 1.0], [1.0, 0.0]], [1.0, -1.0]
history = fit(model, xs, ys, mse, SGD(model.parameters(), lr=0.1), steps=3, progress=False, jit=True)
loss: float = history.loss[-1]
history.nothing # type: ignore
fit(model, xs, ys, steps='3') # type: ignore

fast = jit(model)
print(loss, fast(xs))
fast.nothing # type: ignore
fast(xs).nothing # type: ignore
