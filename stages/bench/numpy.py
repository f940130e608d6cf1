# The other side of the comparison with numpy: two products of a matrix with a vector
# in float32. For each line on stdin, a number of repetitions, it times them and answers
# with the seconds for one. Everything it says is a line of JSON.
import json
import sys
import time


def say(**what):
    print(json.dumps(what), flush=True)


try:
    import numpy as np
except ImportError as e:
    say(error=str(e))
    sys.exit()


def blas():
    """The libraries loaded that can be numpy's BLAS, or its configuration."""
    try:
        with open("/proc/self/maps") as f:
            files = {line.split("/")[-1].strip() for line in f if "/" in line}
        return sorted(f for f in files if "blas" in f.lower() or "mkl" in f.lower())
    except OSError:
        import contextlib
        import io

        with contextlib.redirect_stdout(io.StringIO()) as out:
            np.show_config()
        return ["openblas"] if "openblas" in out.getvalue().lower() else []


n, m = int(sys.argv[1]), int(sys.argv[2])
r = np.random.default_rng(1)
X = r.standard_normal((m, n), dtype=np.float32)
w = r.standard_normal(n, dtype=np.float32)
h, g = np.empty(m, np.float32), np.empty(n, np.float32)
np.dot(X, w, out=h)  # loads the library, if that is still to do
say(numpy=np.__version__, blas=blas())
for line in sys.stdin:
    times = int(line)
    start = time.perf_counter()
    for _ in range(times):
        np.dot(X, w, out=h)
        np.dot(h, X, out=g)
    say(seconds=(time.perf_counter() - start) / times)
