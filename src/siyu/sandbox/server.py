"""HTTP servers of the sandbox on loopback, each in a thread of its own."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any, Self

import uvicorn

from siyu.kernel.errors import Broken
from siyu.kernel.sentence import Sentence

_PATIENCE = 10.0


class Served:
    """An ASGI application on a loopback port, from `with` to the end of it."""

    def __init__(self, app: Any, port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError as error:
            self._socket.close()
            raise Broken(
                Sentence(
                    f"port {port} on this machine is taken: {error.strerror}",
                    f"本机端口 {port} 已被占用：{error.strerror}",
                )
            ) from None
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        waited_since = time.monotonic()
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() - waited_since > _PATIENCE:
                self._socket.close()
                raise Broken(
                    Sentence(f"no server came up at {self.url}", f"{self.url} 没有启动服务")
                )
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(_PATIENCE)
        self._socket.close()
