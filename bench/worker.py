"""One engine at one workload in one process: `worker.py ENGINE [WORKLOAD SIZE COLLECTOR]`.

The first line out is the engine's version, or what is missing. Then every line in runs one more round.
"""

import gc, json, platform, sys, threading
from engines import ENGINES
from workloads import WORKLOADS

def say(**message): print(json.dumps(message), flush=True)

def main(engine, workload=None, size='', collector='on'):
    try: version, engine = ENGINES[engine]()
    except ImportError as error: return say(missing=str(error))
    say(version=version, python=platform.python_version())
    if workload: rounds(WORKLOADS[workload](engine, int(size)), collector)

def rounds(one_round, collector):
    if collector == 'off': gc.disable()
    for _ in sys.stdin:
        if collector == 'off': gc.collect() # not measured: what only the collector can free must not fill the machine
        cost, answer = one_round()
        say(cost=cost, answer=answer)

# Some of the engines recurse once for each node of a chain.
sys.setrecursionlimit(10_000_000)
threading.stack_size(2**30)
thread = threading.Thread(target=main, args=sys.argv[1:])
thread.start()
thread.join()
