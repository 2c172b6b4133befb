"""The report's style sheet. Colours of outcomes are told apart by shape and text too."""

CSS = """
:root { color-scheme: light dark; --ink: #1d2330; --soft: #667085; --line: #d9dee7; --paper: #fff;
  --tint: #f5f7fa; --run-0: #2563a8; --run-1: #c2571a; --good: #2e8b57; --bad: #c8453b;
  --warn: #c98a14; --dull: #8a93a3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ef; --soft: #9aa4b5; --line: #343b48;
  --paper: #14181f; --tint: #1c222c; --run-0: #6ea8e8; --run-1: #eb9560; --good: #57b983;
  --bad: #e5776e; --warn: #dcae4f; --dull: #7c8696; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 80px; }
h1 { font-size: 26px; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 40px 0 10px; }
h3 { font-size: 15px; margin: 18px 0 6px; }
p { margin: 6px 0; max-width: 75ch; }
.soft, figcaption { color: var(--soft); }
code, pre { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
pre { background: var(--tint); border: 1px solid var(--line); border-radius: 6px;
  padding: 10px 12px; margin: 6px 0; overflow: auto; max-height: 480px; white-space: pre; }
pre.wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 600; color: var(--soft); }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 18px; margin: 12px 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; display: block; }
svg text { font: 13px system-ui, sans-serif; fill: var(--ink); }
svg .none, svg .grid + text { fill: var(--soft); }
svg .grid { stroke: var(--line); }
svg g line { stroke-width: 1.6; }
svg g.run-0 { stroke: var(--run-0); } svg g.run-0 circle { fill: var(--run-0); }
svg g.run-1 { stroke: var(--run-1); } svg g.run-1 circle { fill: var(--run-1); }
svg g text { stroke: none; }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 50%; margin-right: 6px; }
.swatch.run-0 { background: var(--run-0); } .swatch.run-1 { background: var(--run-1); }
.cells { line-height: 1; }
.cell { display: inline-block; min-width: 19px; padding: 3px 4px; margin: 1px; border-radius: 3px;
  color: #fff; font: 11px/1.2 ui-monospace, monospace; text-align: center; text-decoration: none; }
.outcome-passed { background: var(--good); fill: var(--good); }
.outcome-failed { background: var(--bad); fill: var(--bad); }
.outcome-compile_error { background: #8e4aa8; fill: #8e4aa8; }
.outcome-timeout, .outcome-out_of_memory, .outcome-too_much_output { background: var(--warn);
  fill: var(--warn); }
.outcome-refused { background: #3d4656; fill: #3d4656; }
.outcome-infrastructure_error, .outcome-none { background: var(--dull); fill: var(--dull); }
details { border-top: 1px solid var(--line); padding: 8px 0; }
details details { margin-left: 14px; }
summary { cursor: pointer; overflow-wrap: anywhere; }
.badge { display: inline-block; border-radius: 3px; padding: 1px 7px; color: #fff;
  font-size: 12px; }
.legend span { margin-right: 14px; white-space: nowrap; }
.columns { display: grid;
  grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 0 32px; }
"""
