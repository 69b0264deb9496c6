#!/usr/bin/env python3
"""A worker that counts the words of a folder's files, or computes their SHA-256.

    LAZYBOSS_URL=http://127.0.0.1:8080 python3 examples/python/worker.py [NAME]

It needs Python 3.9 and nothing else. Three things are worth copying:
- `call` makes a request until it is answered. All that a worker says may be said twice, so that is safe.
- `Progress` is a conversation on one connection that speaks both ways at once, and goes on after it was cut.
- `perform` stops when the job is cancelled, and goes on from the checkpoint of an attempt that was lost.
"""

import collections
import hashlib
import http.client
import json
import os
import re
import signal
import socket
import sys
import threading
import urllib.parse

URL = urllib.parse.urlsplit(os.environ.get("LAZYBOSS_URL", "http://127.0.0.1:8080"))
NAME = sys.argv[1] if len(sys.argv) > 1 else f"python-{socket.gethostname()}-{os.getpid()}"
HEADERS = {"Authorization": f"Bearer {NAME}"}

# The server says something at least every 15 s, and answers a poll of 20 s within it: longer silence is a cut.
SILENCE = 40

leaving = threading.Event()  # told to stop: the job under way is finished, no other is taken


def say(text):
    print(f"{NAME}: {text}", file=sys.stderr, flush=True)


# ---------------------------------------------------------------------------------------------------- requests

def connect():
    kind = http.client.HTTPSConnection if URL.scheme == "https" else http.client.HTTPConnection
    connection = kind(URL.hostname, URL.port, timeout=SILENCE)
    connection.connect()
    return connection


def call(method, path, value=None):
    """Makes a request until it is answered, and returns the status and the JSON of the answer."""
    body = None if value is None else json.dumps(value)
    headers = {**HEADERS, "Content-Type": "application/json"} if body else HEADERS
    while True:
        try:
            connection = connect()
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                text = answer.read()
            finally:
                connection.close()
            if answer.status < 500:
                return answer.status, json.loads(text) if text else None
            say(f"{method} {path}: {answer.status}, trying again")
        except (OSError, http.client.HTTPException) as error:
            say(f"{method} {path}: {error}, trying again")
        pause(1)


def pause(seconds):
    threading.Event().wait(seconds)


# --------------------------------------------------------------------------------------------------- the claim

class Claims:
    """Asks for jobs. `leave` ends the asking at once: a job that was just being assigned goes to somebody else."""

    def __init__(self, types):
        self.wish = json.dumps({"types": types})
        self.connection = None

    def next(self):
        """The next job, or None when it is time to leave."""
        while not leaving.is_set():
            try:
                self.connection = connect()
                if leaving.is_set():
                    return None
                self.connection.request(
                    "POST", "/jobs/attempt?wait=20s", self.wish, {**HEADERS, "Content-Type": "application/json"}
                )
                answer = self.connection.getresponse()
                text = answer.read()
                if answer.status == 201:
                    return json.loads(text)
                if answer.status == 204:  # nothing to do for the moment
                    continue
                if answer.status < 500:
                    sys.exit(f"{NAME}: the server does not give jobs: {text.decode()}")
            except (OSError, http.client.HTTPException) as error:
                if not leaving.is_set():
                    say(f"asking for a job: {error}, trying again")
            finally:
                if self.connection is not None:
                    self.connection.close()
                self.connection = None
            leaving.wait(1)
        return None

    def leave(self):
        leaving.set()
        connection = self.connection
        if connection is not None and connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


# ------------------------------------------------------------------------------------------------ the progress

class Stopped(Exception):
    """The job is cancelled, or this attempt at it is over."""


class Progress:
    """Tells the server how a job goes, and hears from it, on one connection for as long as that holds.

    Events are numbered 1, 2, 3, … and kept until the server has acknowledged them. After a cut a new connection says
    with Last-Event-Id what was acknowledged, and sends the rest again; what the server had stored, it skips.
    """

    MOST_PENDING = 1_000

    def __init__(self, job):
        self.path = f"/jobs/{job['id']}/attempts/{job['attempt']}/progress"
        self.last_id = 0
        self.acknowledged = 0
        self.pending = collections.deque()  # (id, bytes), told and not yet acknowledged
        self.change = threading.Condition()  # guards all of this
        self.connection = None
        self.is_complete = False  # no more will be told
        self.stop_reason = None  # "cancelled" or "over"
        self.thread = threading.Thread(target=self._converse_until_complete, daemon=True)
        self.thread.start()
        # Any comment renews the lease, however long there is nothing to tell.
        seconds = (parse_duration(job["lease"])) / 3
        threading.Thread(target=self._keep_alive, args=(seconds,), daemon=True).start()

    def log(self, text):
        self._tell("log_chunk", text)

    def percent(self, percent):
        self._tell("percent", f"{percent:.2f}")

    def message(self, text):
        self._tell("message", text)

    def checkpoint(self, value):
        self._tell("checkpoint", json.dumps(value))

    def check(self):
        """To be called often: raises Stopped when there is no use in going on."""
        if self.stop_reason is not None:
            raise Stopped(self.stop_reason)

    def complete(self):
        """Waits until all is acknowledged, or nobody wants to hear it."""
        with self.change:
            self.change.wait_for(lambda: not self.pending or self.stop_reason == "over")
            self.is_complete = True
            self.change.notify_all()
            if self.connection is not None:
                self._write(b"0\r\n\r\n")  # the end of the request
        self.thread.join()

    def _tell(self, event, text):
        data = "".join(f"data: {line}\n" for line in re.split("\r\n|\r|\n", text))
        with self.change:
            # A server that is away for long holds the work up.
            self.change.wait_for(lambda: len(self.pending) < self.MOST_PENDING or self.stop_reason)
            self.last_id += 1
            message = f"id: {self.last_id}\nevent: {event}\n{data}\n".encode()
            self.pending.append((self.last_id, message))
            self._send(message)

    def _keep_alive(self, seconds):
        with self.change:
            while not self.change.wait_for(lambda: self.is_complete, timeout=seconds):
                self._send(b": still at it\n\n")

    def _send(self, message):
        self._write(b"%x\r\n%s\r\n" % (len(message), message))

    def _write(self, chunk):
        if self.connection is None:
            return  # what is pending is sent when there is a connection
        try:
            self.connection.send(chunk)
        except (OSError, http.client.HTTPException):
            self.connection = None  # the reader notices, too, and connects again

    def _converse_until_complete(self):
        while not self.is_complete and self.stop_reason != "over":
            try:
                self._converse()
            except (OSError, http.client.HTTPException) as error:
                if not self.is_complete:
                    say(f"the progress was cut: {error}, trying again")
            if not self.is_complete and self.stop_reason != "over":
                pause(1)

    def _converse(self):
        connection = connect()
        try:
            connection.putrequest("PUT", self.path)
            for name, value in HEADERS.items():
                connection.putheader(name, value)
            connection.putheader("Content-Type", "text/event-stream")
            connection.putheader("Transfer-Encoding", "chunked")
            connection.putheader("Last-Event-Id", str(self.acknowledged))
            connection.endheaders()
            # The answer begins now, before the request has ended.
            answer = connection.getresponse()
            if answer.status >= 500:
                raise http.client.HTTPException(f"status {answer.status}")
            if answer.status != 202:
                say(f"nobody wants to hear of this attempt: {answer.read().decode()}")
                self._stop("over")
                return
            with self.change:
                self._acknowledge(int(answer.headers["Last-Event-Id"]))
                self.connection = connection
                for _, message in self.pending:
                    self._send(message)
                if self.is_complete:
                    self._write(b"0\r\n\r\n")
            for name, event_id, data in read_events(answer):
                if name == "seen":
                    with self.change:
                        self._acknowledge(int(event_id))
                elif name == "cancel":
                    self._stop("cancelled")
                elif name == "rewind":
                    return  # the next connection begins after what is acknowledged
                elif name == "error":
                    say(f"the server refuses the progress: {data}")
                    self._stop("over")
                    return
        finally:
            with self.change:
                self.connection = None
            connection.close()

    def _acknowledge(self, number):
        self.acknowledged = max(self.acknowledged, number)
        while self.pending and self.pending[0][0] <= self.acknowledged:
            self.pending.popleft()
        self.change.notify_all()

    def _stop(self, reason):
        with self.change:
            self.stop_reason = reason
            self.change.notify_all()


def read_events(answer):
    """The events of an event stream, as they come: name, id, data."""
    name, event_id, data = "message", "", []
    for line in answer:
        line = line.decode().rstrip("\r\n")
        if line == "":
            if data:
                yield name, event_id, "\n".join(data)
            name, event_id, data = "message", "", []
        elif not line.startswith(":"):
            field, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if field == "event":
                name = value
            elif field == "id":
                event_id = value
            elif field == "data":
                data.append(value)


def parse_duration(text):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h|d)", text).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400}[unit]


# ---------------------------------------------------------------------------------------------------- the work

def count_words(path, progress):
    words = 0
    with open(path, "rb") as file:
        for line in file:
            progress.check()
            words += len(line.split())
    return words


def checksum(path, progress):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            progress.check()
            digest.update(block)
    return digest.hexdigest()


def checksum_of_all(figures):
    """Like `sha256sum * | sha256sum`."""
    return hashlib.sha256("".join(f"{figures[file]}  {file}\n" for file in figures).encode()).hexdigest()


# What is done with each file, how that is shown, and what it amounts to.
KINDS = {
    "word-count": (count_words, "{} words".format, lambda figures: sum(figures.values())),
    "checksum": (checksum, str, checksum_of_all),
}


def files_of(folder):
    def fail(error):
        raise error

    found = [
        os.path.relpath(os.path.join(directory, name), folder)
        for directory, _, names in os.walk(folder, onerror=fail)
        for name in names
    ]
    return sorted(found)


def work(job, progress):
    measure, show, total = KINDS[job["type"]]
    folder = job["parameters"]["folder"]
    files = files_of(folder)
    figures = (job["checkpoint"] or {"files": {}})["files"]
    for number, file in enumerate(files, start=1):
        if file in figures:
            continue
        progress.check()
        figures[file] = measure(os.path.join(folder, file), progress)
        progress.log(f"{file}: {show(figures[file])}\n")
        progress.percent(100 * number / len(files))
        progress.message(f"{number} of {len(files)} files")
        progress.checkpoint({"files": figures})
    return {"files": figures, "total": total(figures)}


def perform(job):
    attempt = f"/jobs/{job['id']}/attempts/{job['attempt']}"
    progress = Progress(job)
    try:
        kind, outcome = "result", work(job, progress)
    except Stopped as stopped:
        kind, outcome = "error", {"message": f"stopped: {stopped}"}
    except KeyError as error:
        kind, outcome = "error", {"message": f"the parameters lack {error}", "retryable": False}
    except Exception as error:  # whatever it is, the server is to know
        kind, outcome = "error", {"message": f"{type(error).__name__}: {error}"}
    progress.complete()
    if progress.stop_reason == "over":
        return
    # 201, or 200 if it was handed in before and the answer got lost. 409: somebody else has the job by now.
    status, problem = call("PUT", f"{attempt}/{kind}", outcome)
    if status >= 400:
        say(f"the {kind} of job {job['id']} was not taken: {problem}")


def main():
    claims = Claims(list(KINDS))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: claims.leave())
    while (job := claims.next()) is not None:
        perform(job)


if __name__ == "__main__":
    main()
