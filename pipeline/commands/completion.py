"""Print what makes a shell complete commands, options, rule codes, identifiers and editions.

  source <(make-book completion bash)     in ~/.bashrc
  source <(make-book completion zsh)      in ~/.zshrc, after compinit
  make-book completion fish | source      in ~/.config/fish/config.fish

With `words` it prints what may follow: `make-book completion words -- check --select L`.
"""

import argparse

from pipeline import completion
from pipeline.clean_text import clean
from pipeline.errors import Exit

NAME = "completion"
HELP = "print the completion of a shell"

BASH = """\
_make_book() {
  local IFS=$'\\n'
  COMPREPLY=($(make-book completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -o bashdefault -F _make_book make-book
"""
ZSH = """\
#compdef make-book
_make_book() {
  local -a found
  local line
  for line in "${(@f)$(make-book completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}")
  done
  if (( $#found )); then _describe make-book found; else _files; fi
}
compdef _make_book make-book
"""
FISH = """\
function __make_book
    set -l typed (commandline -opc)
    make-book completion words -- $typed[2..-1] (commandline -ct) 2>/dev/null
end
complete -c make-book -a '(__make_book)'
"""
SCRIPTS = {"bash": BASH, "fish": FISH, "zsh": ZSH}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `make-book completion`."""
    parser.add_argument("shell", choices=(*SCRIPTS, "words"), help="a shell, or the words for one")
    parser.add_argument("typed", nargs="*", metavar="WORD", help="after --, what was typed so far")


def run(options: argparse.Namespace) -> int:
    """Print the script, or `word<TAB>what it is` for each word that may follow."""
    if options.shell in SCRIPTS:
        print(SCRIPTS[options.shell], end="")
        return Exit.CLEAN
    for word, about in completion.candidates(options.typed):
        print(f"{clean(word)}\t{clean(about)}")
    return Exit.CLEAN
