"""How gunicorn serves the API; started in this folder it reads this file by itself."""

from sparta.api.server import (  # noqa: F401 - gunicorn takes its settings from the names that stand here
    bind,
    control_socket_disable,
    graceful_timeout,
    keepalive,
    logger_class,
    post_worker_init,
    preload_app,
    threads,
    timeout,
    when_ready,
    worker_class,
    workers,
)
