"One compiler at one workload in one process: `compiled_worker.py ENGINE [WORKLOAD [SIZE ...]]`. Every line in runs one more round."

import json, platform, sys
from importlib.metadata import PackageNotFoundError, version
from compiled_engines import ENGINES

def say(**message): print(json.dumps(message), flush=True)

def versions(engine):
    if engine == 'c':
        import os, subprocess
        return subprocess.run([os.environ.get('CC', 'cc'), '--version'], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    if engine == 'eager': return ''
    needs = {'ours': ('llvmlite', 'numpy'), 'numpy': ('numpy',), 'scan': ('jax',), 'jax': ('jax',), 'torch': ('torch',)}[engine]
    return ', '.join(f'{name} {version(name)}' for name in needs)

def main(name, workload=None, *sizes):
    try: about, engine = versions(name), ENGINES[name]()
    except (ImportError, PackageNotFoundError, OSError) as error: return say(missing=str(error))
    if not workload: return say(version=about, python=platform.python_version(), workloads=[w for w in ('demo', 'lecture', 'digits', 'wide', 'microgpt') if hasattr(engine, w)])
    one_round = getattr(engine, workload)(*map(int, sizes))
    say(ready=one_round is not None)
    for _ in sys.stdin:
        cost, answer = one_round()
        say(cost=cost, answer=answer)

main(*sys.argv[1:])
