#!/bin/sh
# Puts Credo and Sobelow (escripts) and StreamData and Dialyxir (compiled) into a folder, as
# bin/NAME and lib/NAME/ebin. What Hex does not give stays absent, and is said.
set -u
to=$1
mkdir -p "$to/bin" "$to/lib"
absent() { echo "absent from the image: $1 (Hex cannot be reached, or does not have it)" >&2; }

export MIX_ENV=prod HEX_HTTP_TIMEOUT=60
work=$(mktemp -d)
if ! { mix local.hex --force && mix local.rebar --force; } >&2; then
    absent "Credo, StreamData, Dialyxir, Sobelow"
    exit 0
fi
for tool in credo sobelow; do
    if mix escript.install hex "$tool" --force >&2 && [ -f "$HOME/.mix/escripts/$tool" ]; then
        cp "$HOME/.mix/escripts/$tool" "$to/bin/$tool"
    else
        absent "$tool"
    fi
done
for library in stream_data dialyxir; do
    mkdir "$work/$library"
    cd "$work/$library" || exit 1
    cat >mix.exs <<MIX
defmodule Tools.MixProject do
  use Mix.Project
  def project, do: [app: :tools, version: "0.0.0", deps: [{:$library, ">= 0.0.0"}]]
end
MIX
    if { mix deps.get && mix deps.compile; } >&2; then
        for built in _build/prod/lib/*; do
            [ -d "$built/ebin" ] || continue
            mkdir -p "$to/lib/$(basename "$built")"
            cp -R "$built/ebin" "$to/lib/$(basename "$built")/"
        done
    else
        absent "$library"
    fi
done
