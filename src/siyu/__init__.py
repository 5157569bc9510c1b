"""Siyu (私域): orders in, friends made, people served, every minor unit accounted for."""

import os

# Fits of four parameters ask BLAS for tiny products, and its threads spin while they wait for each
# other: beside other work a fit took 1.2 s with them and 0.03 s without. NumPy reads it at loading.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
