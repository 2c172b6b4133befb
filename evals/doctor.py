"""What works on this machine, what does not, and what to install: `evals doctor`.

Everything is tried, not looked up: an engine is there when a program has run in it. It installs
nothing, and builds no image.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from evals.errors import SandboxError
from evals.sandbox import Engine, Limits, Program, bubblewrap, cgroups, seccomp
from evals.sandbox.engines import NAMES, preferred, tried
from evals.sandbox.image import ESCRIPTS, TOOLS, VARIABLE, Image, available

LIMITS_BY = {
    "cgroups": "control groups limit a program and all it starts, together",
    "systemd": "systemd-run limits a program and all it starts, together (20 ms a start)",
    "rlimits": "memory is limited for each process alone and processor share not at all, since "
    "this user may make no control groups",
}
WITHOUT = {
    "credo": "quality by Credo's categories is not measured",
    "stream_data": "what tests with properties say is not measured",
    "dialyxir": "nothing here needs it: what types say is measured with OTP's own Dialyzer",
    "sobelow": "what is insecure is not measured",
    "dialyzer": "what types say is not measured",
}
"""What follows where a tool is absent."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it is as it should be, what that means, and what to do
    if anything is to be done."""

    name: str
    ok: bool
    meaning: str
    todo: str = ""


def examine() -> list[Finding]:
    """Everything that decides whether and how candidates can be graded here."""
    findings = []
    try:
        image = available()
    except SandboxError as error:
        findings.append(Finding("image", False, "no program can run", str(error)))
        image = None
    if image is not None:
        findings.append(_image(image))
    findings += _kernel()
    working: dict[str, Engine] = {}
    for name in NAMES:
        findings.append(_engine(name, image, working))
    chosen = next((working[name] for name in preferred() if name in working), None)
    findings.append(_choice(chosen))
    if image is not None and chosen is not None:
        findings += _inside(image, chosen)
    findings.append(_inspect())
    return findings


def report() -> str:
    """The findings in words, one paragraph each, and a last line that says whether all is well."""
    findings = examine()
    lines = []
    for finding in findings:
        lines.append(f"{'ok  ' if finding.ok else 'no  '}{finding.name}: {finding.meaning}")
        if finding.todo:
            lines.append(f"      → {finding.todo}")
    can = any(f.name == "sandbox" and f.ok for f in findings)
    lines += ["", "Candidates can be graded here." if can else "Nothing can be graded here yet."]
    return "\n".join(lines)


def _image(image: Image) -> Finding:
    meaning = f"{image.rootfs}, digest {image.digest[:12]}"
    if image.origin:
        built = {"debian": "built from Debian", "registry": "built from a registry's image"}
        meaning += f", {built.get(image.origin, image.origin)}"
    else:
        meaning += ", without a manifest: which tools it holds is not known"
    return Finding("image", True, meaning)


def _kernel() -> Iterator[Finding]:
    by = bubblewrap.governor()
    yield Finding(
        "limits",
        by != "rlimits",
        LIMITS_BY[by] + (f" ({_where()})" if by == "cgroups" else ""),
        "run as root, or in a session of systemd with control groups of version 2 (`systemctl "
        "--user`), or use podman or docker"
        if by == "rlimits"
        else "",
    )
    if os.geteuid() != 0:
        allowed = _runs(["bwrap", "--ro-bind", "/", "/", "--unshare-user", "--", "true"])
        yield Finding(
            "namespaces",
            allowed,
            "this user may make user namespaces"
            if allowed
            else "bubblewrap has no way to isolate anything",
            ""
            if allowed
            else "install bubblewrap, and let users make namespaces: sysctl "
            "kernel.unprivileged_userns_clone=1 (Debian), "
            "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)",
        )
    machine = platform.machine()
    known = seccomp.program(machine) is not None
    yield Finding(
        "system call filter",
        known,
        f"for {machine}" if known else f"none for {machine}: bubblewrap runs without one",
        "" if known else "prefer podman or docker, which bring their own",
    )


def _where() -> str:
    found = cgroups.hierarchies()
    versions = sorted({hierarchy.version for hierarchy in found})
    controllers = sorted({c for hierarchy in found for c in hierarchy.controllers})
    return f"version {' and '.join(map(str, versions))}: {', '.join(controllers)}"


def _engine(name: str, image: Image | None, working: dict[str, Engine]) -> Finding:
    command = "bwrap" if name == "bubblewrap" else name
    if shutil.which(command) is None:
        package = {"docker": "docker.io", "podman": "podman runc"}.get(name, name)
        return Finding(name, False, "is not installed", f"apt-get install {package}")
    if image is None:
        return Finding(name, False, "is installed; without an image it cannot be tried")
    try:
        working[name] = tried(name, image)
    except SandboxError as error:
        return Finding(name, False, str(error), "see what it says above, or use another engine")
    return Finding(name, True, "a program ran in it")


def _choice(chosen: Engine | None) -> Finding:
    if chosen is None:
        return Finding(
            "sandbox",
            False,
            "no engine works, and nothing runs unsandboxed by itself",
            "one of the engines above is enough; bubblewrap needs the least",
        )
    return Finding("sandbox", True, f"{chosen.name} is used unless --engine names another")


def _inside(image: Image, engine: Engine) -> Iterator[Finding]:
    code = "IO.write([System.version(), ?\\s, System.otp_release()])"
    running = engine.start(Program(["elixir", "-e", code], Limits()))
    try:
        said = b""
        while piece := running.stdout.read(1000):
            said += piece
    finally:
        running.kill()
    version, _, otp = said.decode("utf-8", "replace").partition(" ")
    good = _at_least(version, (1, 18)) and _at_least(otp, (27,))
    yield Finding(
        "Elixir",
        good,
        f"{version} on OTP {otp} in the sandbox" if version else "does not run in the sandbox",
        "" if good else f"1.18 on OTP 27 is needed: unset {VARIABLE}, or build the image anew",
    )
    for tool in TOOLS:
        found = image.tools.get(tool)
        yield Finding(
            tool,
            found is not None,
            _present(tool, found) if found else f"absent: {WITHOUT[tool]}",
            "" if found else _how_to_have(tool),
        )


def _present(tool: str, version: str) -> str:
    if tool == "dialyzer":
        return f"{version} in the image, OTP's own, with its table of types"
    return f"{version} in the image"


def _how_to_have(tool: str) -> str:
    everywhere = "build the image where Hex can be reached: docker/build registry"
    if tool in ESCRIPTS:
        return f"give an escript with --{tool} FILE, or {everywhere}"
    if tool == "dialyzer":
        return (
            f"build the image anew: docker/build registry or docker/build debian; unset {VARIABLE}"
        )
    return everywhere


def _inspect() -> Finding:
    there = importlib.util.find_spec("inspect_ai") is not None
    return Finding(
        "inspect_ai",
        there,
        "models can be asked" if there else "absent: candidates can be scored, no model asked",
        "" if there else "pip install 'elixir-factory[evals]'",
    )


def _at_least(version: str, least: tuple[int, ...]) -> bool:
    parts = version.partition("-")[0].split(".")
    return all(p.isdigit() for p in parts) and tuple(map(int, parts)) >= least


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
