"""How gunicorn serves the application: `gunicorn -c deploy/gunicorn.conf.py 'labapp.cli.wsgi:site()'`.

Every value can be set from outside: LABAPP_BIND, LABAPP_PROCESSES, LABAPP_THREADS.
"""

import os

bind = os.environ.get("LABAPP_BIND", "127.0.0.1:8001")
workers = int(os.environ.get("LABAPP_PROCESSES") or os.cpu_count() or 1)
threads = int(os.environ.get("LABAPP_THREADS", "4"))
# A process has as many connections to the database as threads (labapp/config.py).
raw_env = [f"LABAPP_CONNECTIONS={os.environ.get('LABAPP_CONNECTIONS', threads)}"]
worker_class = "gthread"
# The proxy leaves a connection that rests after 15 seconds, so it never sends into one that is just being closed here.
keepalive = 30
# A process that says nothing for so long is ended and begun anew: longer than the longest upload takes to be checked.
timeout = 120
graceful_timeout = 30
# A process is begun anew now and then, not all at one moment.
max_requests = 50_000
max_requests_jitter = 5_000
# Its sign of life is a file; memory is always there, also on a read-only machine.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - not for data
# Nobody steers it but systemd, or whoever began it.
control_socket_disable = True
# The application writes a line for each request itself.
accesslog = None
errorlog = "-"
# Who may say from where a request came: the proxy on this machine, and in a container the network between them.
forwarded_allow_ips = os.environ.get("LABAPP_PROXY_ADDRESSES", "127.0.0.1,::1")
