# Compiles the sources that come as JSON on standard input as Elixir does, past the gates before the
# last one, and answers with what the BEAM gate says of each.

alias ElixirEval.{Allowed, BeamGate, Dispatch}

{:ok, sources} = :stdio |> IO.read(:eof) |> JSON.decode()
Dispatch.harden()
Allowed.reserved()

answers =
  for source <- sources, [{module, beam}] = Code.compile_string(source, "candidate.ex") do
    case BeamGate.check(beam, [module]) do
      :ok -> "ok"
      {:two_vms, why} -> why
    end
  end

IO.puts(JSON.encode!(answers))
