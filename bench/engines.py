"""The engines side by side: how each makes a number, and how its users write a training step."""

from importlib.metadata import version
from pathlib import Path

PEERS = Path(__file__).resolve().with_name('.peers') # see compare.py

class Scalars:
    "An engine whose numbers have `data`, `grad`, `relu()` and `backward()`, as karpathy's have."
    def __init__(self, Value, MLP=None): self.number, self.MLP = Value, MLP
    def parameters(self, numbers): return [self.number(x) for x in numbers]
    def relu(self, x): return x.relu()

    def step(self, loss_of, parameters, lr):
        loss = loss_of(parameters)
        for p in parameters: p.grad = 0.0
        loss.backward()
        for p in parameters: p.data -= lr * p.grad
        return loss.data

class Torch:
    "PyTorch, with a tensor of no dimension for each number."
    def __init__(self, torch):
        self.torch = torch
        torch.set_num_threads(1)

    def number(self, x): return self.torch.tensor(x, dtype=self.torch.float64)
    def parameters(self, numbers): return [self.number(x).requires_grad_() for x in numbers]
    def relu(self, x): return x.relu()

    def step(self, loss_of, parameters, lr):
        loss = loss_of(parameters)
        for p in parameters: p.grad = None
        loss.backward()
        with self.torch.no_grad():
            for p in parameters: p -= lr * p.grad
        return loss.item()

class Autograd:
    "HIPS autograd: one array of parameters, taken apart into its numbers."
    def __init__(self):
        import autograd, autograd.numpy
        self.value_and_grad, self.numpy = autograd.value_and_grad, autograd.numpy

    def number(self, x): return x
    def parameters(self, numbers): return self.numpy.array(numbers)
    def relu(self, x): return self.numpy.maximum(x, 0.0)

    def step(self, loss_of, parameters, lr):
        def loss_of_array(array): return loss_of([array[i] for i in range(len(array))])
        loss, gradient = self.value_and_grad(loss_of_array)(parameters)
        parameters -= lr * gradient
        return float(loss)

# Each of these returns (version, engine), or raises an ImportError that says what is missing.

def ours():
    import micrograd
    from micrograd.nn import MLP
    return micrograd.__version__, Scalars(micrograd.Value, MLP)

def pypi_micrograd():
    import micrograd.engine, micrograd.nn
    if Path(micrograd.__file__).resolve().parent.parent != PEERS: raise ImportError('micrograd 0.1.0 could not be installed from PyPI')
    return version('micrograd'), Scalars(micrograd.engine.Value, micrograd.nn.MLP)

def microgpt_style():
    from microgpt import Value
    return '', Scalars(Value)

def pytorch():
    import torch
    return torch.__version__, Torch(torch)

def hips_autograd():
    return version('autograd'), Autograd()

ENGINES = {'ours': ours, 'micrograd': pypi_micrograd, 'microgpt': microgpt_style, 'torch': pytorch, 'autograd': hips_autograd}
