"""A tiny scalar autograd engine and a neural network library on top of it, generated from a book that runs."""
__version__ = "0.1.0"

from .engine import (Value, atan, atan2, cos, cosh, dot, erf, exp, expm1, gradcheck, log, log1p, log_softmax, maximum, minimum, no_grad,
                     nonfinite, relu, sigmoid, sin, sinh, softmax, softplus, sqrt, tan, tanh, where)
from .nn import MLP, Layer, Module, Neuron

__all__ = ['Value', 'exp', 'log', 'expm1', 'log1p', 'sqrt', 'sin', 'cos', 'tan', 'atan', 'sinh', 'cosh', 'erf', 'tanh', 'sigmoid', 'relu',
           'softplus', 'maximum', 'minimum', 'atan2', 'where', 'softmax', 'log_softmax', 'dot', 'no_grad', 'gradcheck', 'nonfinite',
           'Module', 'Neuron', 'Layer', 'MLP']
