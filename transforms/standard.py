"""Modules that a person asking about Elixir or Erlang may take as known.

The standard libraries' documented modules (Elixir 1.18's reference, Erlang/OTP 27's manual). What
stands outside this list is a project's own or a library's, and a request that expects it to be
called has to say so. Undocumented modules (`:elixir_*`, `prim_file`) are left out on purpose.
"""

from __future__ import annotations

import re

_ELIXIR = """
Access Agent Application ArgumentError ArithmeticError Atom BadArityError BadFunctionError
BadMapError BadStructError Base Behaviour Bitwise Calendar CaseClauseError Code Code.Fragment
Code.LoadError Collectable CompileError CondClauseError Config Config.Provider Config.Reader Date
DateTime Dict Duration DynamicSupervisor EEx EEx.Engine EEx.SmartEngine EEx.SyntaxError Enum
Enumerable ErlangError ExUnit ExUnit.Assertions ExUnit.Callbacks ExUnit.CaptureIO
ExUnit.CaptureLog ExUnit.Case ExUnit.CaseTemplate ExUnit.DocTest ExUnit.Filters ExUnit.Formatter
ExUnit.Test ExUnit.TestModule Exception File Float Function FunctionClauseError GenEvent GenServer
HashDict HashSet IEx IEx.Helpers IO Inspect Integer JSON Kernel Kernel.ParallelCompiler
Kernel.SpecialForms KeyError Keyword List Logger Logger.Formatter Logger.Translator Macro
Macro.Env Map MapSet MatchError Mix Mix.Config Mix.Error Mix.Generator Mix.Project Mix.Release
Mix.SCM Mix.Shell Mix.Task Module NaiveDateTime Node OptionParser PartitionSupervisor Path Port
Process Protocol Protocol.UndefinedError Range Record Regex Registry RuntimeError Set Stream
String String.Chars StringIO Supervisor SyntaxError System SystemLimitError Task Time
TokenMissingError TryClauseError Tuple URI UndefinedFunctionError UnicodeConversionError Version
Version.InvalidRequirementError Version.InvalidVersionError Version.Requirement WithClauseError
"""
_ELIXIR_INNER = """
Calendar.ISO Calendar.TimeZoneDatabase Calendar.UTCOnlyTimeZoneDatabase Date.Range Enum.EmptyError
Enum.OutOfBoundsError File.CopyError File.Error File.LinkError File.RenameError File.Stat
File.Stream IO.ANSI IO.Stream IO.StreamError Inspect.Algebra Inspect.Error Inspect.Opts List.Chars
Regex.CompileError Supervisor.Spec Task.Supervisor
"""
_UNDOCUMENTED = """
Calendar.Holocene Stream.Reducers String.Break String.Casing String.Normalizer
String.Tokenizer String.Unicode Supervisor.Default Task.Supervised
"""
_ERLANG = """
application array asn1ct atomics auth base64 beam_lib binary c calendar code compile counters
cover crypto ct dbg dets dict digraph digraph_utils disk_log edlin epp erl_anno erl_eval
erl_expand_records erl_lint erl_parse erl_pp erl_scan erl_syntax erl_syntax_lib erl_tar erlang
erpc error_logger escript ets eunit file filelib filename ftp gb_sets gb_trees gen_event gen_fsm
gen_sctp gen_server gen_statem gen_tcp gen_udp global group heart httpc httpd inet init io io_lib
json lists logger maps math mnesia ms_transform net net_adm net_kernel nodelay observer orddict
ordsets os peer persistent_term pg pool proc_lib proplists public_key qlc queue rand random re rpc
seq_trace sets shell slave snmp socket sofs ssh ssl string supervisor supervisor_bridge sys timer
tls trace unicode uri_string wx xmerl xmerl_scan xmerl_xpath zip zlib zstd
"""
ELIXIR = frozenset(f"{_ELIXIR} {_ELIXIR_INNER}".split())
UNDOCUMENTED = frozenset(_UNDOCUMENTED.split())
ERLANG = frozenset(_ERLANG.split())

# Patterns look back behind their first character, so that a search can skip to the next such one.
_ELIXIR_REMOTE = re.compile(
    r"([A-Z](?:(?<![\w.%&].)|(?<=&.)(?<![\w.%&]&.))[\w.]*)\.([a-z_]\w*[?!]?)(?=\(|/\d)"
)
_ELIXIR_TO_ERLANG = re.compile(r":(?<!\w:)([a-z]\w*)\.([a-z_]\w*)")
_ERLANG_REMOTE = re.compile(r"(?<![\w?#:'])([a-z]\w*):([a-z]\w*)(?=\(|/\d)")


def known(module: str) -> bool:
    """Whether an Elixir module name belongs to the documented standard library."""
    return module in ELIXIR


def unknown_calls(code: str, language: str) -> list[str]:
    """The remote functions that `code` names outside the standard libraries, as written, in order
    of first mention: `Shop.Cart.add`, `:elixir_env.trace`, Erlang `jid:decode`."""
    if language == "erlang":
        pairs = _ERLANG_REMOTE.findall(code)
        found = [f"{module}:{name}" for module, name in pairs if module not in ERLANG]
        return list(dict.fromkeys(found))
    calls = [
        (match.start(), f"{match[1]}.{match[2]}")
        for match in _ELIXIR_REMOTE.finditer(code)
        if not known(match[1]) or match[2].startswith("__")
    ]
    calls += [
        (match.start(), f":{match[1]}.{match[2]}")
        for match in _ELIXIR_TO_ERLANG.finditer(code)
        if match[1] not in ERLANG
    ]
    return list(dict.fromkeys(name for _, name in sorted(calls)))
