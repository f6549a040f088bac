"""Moto's S3 on a free port, which is printed. Ends with the process that started it (when its stdin closes)."""

import os
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

# Moto looks and then writes; S3 decides conditional writes in one step.
lock = threading.Lock()
moto = DomainDispatcherApplication(create_backend_app)


def one_at_a_time(environ, start_response):
    with lock:
        return list(moto(environ, start_response))


class QuietHandler(MotoRequestHandler):
    def log(self, *_):
        pass


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
server = make_server("127.0.0.1", 0, one_at_a_time, threaded=True, request_handler=QuietHandler)
print(server.server_port, flush=True)
server.serve_forever()
