"""A tiny scalar autograd engine and a neural network library on top of it, generated from a book that runs."""
__version__ = "0.1.0"

from .engine import Value, cos, dot, exp, gradcheck, log, maximum, minimum, no_grad, nonfinite, relu, sigmoid, sin, softplus, sqrt, tanh
from .nn import MLP, Layer, Module, Neuron

__all__ = ['Value', 'exp', 'log', 'sqrt', 'sin', 'cos', 'tanh', 'sigmoid', 'relu', 'softplus', 'maximum', 'minimum', 'dot',
           'no_grad', 'gradcheck', 'nonfinite', 'Module', 'Neuron', 'Layer', 'MLP']
