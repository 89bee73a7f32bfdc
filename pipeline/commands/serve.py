"""Show the book in a browser, and beside each paragraph what is wrong with it.

The pages are built anew after each change of a file. Only this machine can read them.

  make-book serve                 at http://127.0.0.1:8000
  make-book serve --open          and open the browser
  make-book serve --editor zed    links open the source in another editor; or a pattern such as
                                  'nova://open?path={path}&line={line}'
"""

import argparse
import sys
import threading
import webbrowser
from datetime import UTC, datetime

from pipeline import editors, failures, session
from pipeline.errors import Exit, UserError
from pipeline.preview import server
from pipeline.preview.board import Board, Paper
from pipeline.preview.workshop import Workshop
from pipeline.watching import Watch

NAME = "serve"
HELP = "show the book in a browser as it is written, with what is wrong beside it"
PORT = 8000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book serve`."""
    parser.add_argument("--open", action="store_true", help="open the browser")
    parser.add_argument("--port", type=_port, default=PORT, metavar="N", help=f"else {PORT}")
    parser.add_argument("--edition", default="", metavar="NAME", help="else the first one")
    editors.add_argument(parser)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted; 0 then."""
    editor = editors.pattern(options.editor)
    root = session.root(options)
    watch = Watch(root)
    workshop = Workshop(root, options.edition)
    board = Board(root, editor, workshop.build())
    with server.listen(board, options.port) as listening:
        address = f"http://{server.HOST}:{listening.server_address[1]}/"
        for work in (listening.serve_forever, lambda: _look(watch, board)):
            threading.Thread(target=work, daemon=True).start()
        print(f"{address}  {board.snapshot.summary}; Ctrl-C ends it", flush=True)
        if options.open and not webbrowser.open(address):
            print("no browser could be opened", file=sys.stderr)
        try:
            while True:
                _work(board, workshop)
        except KeyboardInterrupt:
            print("ended", file=sys.stderr)
        finally:
            board.end()
            listening.shutdown()
    return Exit.CLEAN


def _look(watch: Watch, board: Board) -> None:
    while True:
        watch.wait()
        board.put("site")


def _work(board: Board, workshop: Workshop) -> None:
    """Do one job; what goes wrong is shown, and the last good pages stay."""
    job = board.next_job()
    try:
        if job == "pdf":
            board.show_paper(Paper("ready", workshop.pdf().path.read_bytes()))
        else:
            board.show(workshop.build())
            now = datetime.now(UTC).astimezone()
            print(f"{now:%H:%M:%S}  {board.snapshot.summary}", flush=True)
    except UserError as error:
        failures.tell(error)
        _show(board, job, error)
    except Exception as error:
        failures.tell_bug(board.root)
        _show(board, job, UserError(f"this is a bug in make-book: {error!r}"))


def _show(board: Board, job: str, error: UserError) -> None:
    if job == "pdf":
        board.show_paper(Paper("failed", message=f"{error.message}. {error.hint}"))
    else:
        board.show_trouble(error)
