"""A tiny scalar autograd engine and a neural network library on top of it, generated from a book that runs."""
__version__ = "0.1.0"

from . import checks, copies as copies, engine, functions # copies gives Value its methods for copying
from .checks import gradcheck, nonfinite
from .engine import Value, dot
from .functions import (atan, atan2, cos, cosh, erf, exp, expm1, log, log1p, log_softmax, maximum, minimum, relu, sigmoid, sin, sinh, softmax,
                        softplus, sqrt, tan, tanh, where)
from .nn import MLP, Layer, Module, Neuron
from .recording import no_grad

for _chapter in (checks, functions): # `from micrograd.engine import tanh` is what readers write, and always worked
    for _name in _chapter.__all__: setattr(engine, _name, getattr(_chapter, _name))

__all__ = ['Value', 'exp', 'log', 'expm1', 'log1p', 'sqrt', 'sin', 'cos', 'tan', 'atan', 'sinh', 'cosh', 'erf', 'tanh', 'sigmoid', 'relu',
           'softplus', 'maximum', 'minimum', 'atan2', 'where', 'softmax', 'log_softmax', 'dot', 'no_grad', 'gradcheck', 'nonfinite',
           'Module', 'Neuron', 'Layer', 'MLP']
