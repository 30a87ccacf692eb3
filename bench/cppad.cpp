// CppADCodeGen at the graph that comes in, a line a node: writes C for its value and gradient into this folder.
#include <cppad/cg.hpp>
#include <fstream>
#include <iostream>
using namespace CppAD::cg;
typedef CG<double> Code; // writes itself down
typedef CppAD::AD<Code> Number; // and this is differentiated before

int main() {
  size_t inputs, a, b;
  double constant;
  std::cin >> inputs;
  std::vector<Number> nodes(inputs, Number(0.0));
  CppAD::Independent(nodes);
  const std::vector<Number> x = nodes;
  for (std::string op; std::cin >> op;) {
    if (op == "constant") { std::cin >> constant; nodes.push_back(Number(constant)); continue; }
    std::cin >> a;
    if (op == "sqrt") { nodes.push_back(sqrt(nodes[a])); continue; }
    std::cin >> b;
    if (op == "+") nodes.push_back(nodes[a] + nodes[b]);
    if (op == "-") nodes.push_back(nodes[a] - nodes[b]);
    if (op == "*") nodes.push_back(nodes[a]*nodes[b]);
    if (op == "/") nodes.push_back(nodes[a]/nodes[b]);
  }
  CppAD::ADFun<Code> f(x, std::vector<Number>{nodes.back()});

  CodeHandler<double> handler;
  std::vector<Code> variables(inputs);
  handler.makeVariables(variables);
  std::vector<Code> results = f.Forward(0, variables);
  for (const Code &slope : f.Reverse(1, std::vector<Code>{1.0})) results.push_back(slope);

  std::map<std::string, std::string> files;
  std::ostringstream unused;
  LanguageC<double> language("double");
  LangCDefaultVariableNameGenerator<double> names;
  language.setGenerateFunction("f");
  language.setMaxAssignmentsPerFunction(2000, &files);
  handler.generateCode(unused, language, results, names);
  files["f.c"] += "void call(double const *x, double *y) { struct LangCAtomicFun none = {0}; f(&x, &y, none); }\n";
  for (const auto &file : files) std::ofstream(file.first) << file.second;
}
