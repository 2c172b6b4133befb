#!/bin/sh
# Makes a Debian root file system with Elixir into the sandbox's image; runs inside it, as root.
#
#     finish.sh ORIGIN      ORIGIN is written into the manifest: debian or registry
#
# What was put into /opt/elixireval/bin (escripts: credo, sobelow) and /opt/elixireval/lib
# (NAME/ebin: stream_data, dialyxir) before is kept and named in /opt/elixireval/image.json, with
# its version, or null where it is absent: what needs it is then not measured. Dialyzer is OTP's own;
# where it is there, the table of types that it needs (a PLT) is made here.
set -eu
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
origin=$1
home=/opt/elixireval
mkdir -p $home/bin $home/lib
rm -f $home/bin/.keep
chmod -R u=rwX,go=rX $home
find $home/bin -type f -exec chmod 755 {} +

# --- Out goes what no candidate has a use for, and what says where it was built ------------------
listing=$home/packages.txt
if command -v dpkg-query >/dev/null; then
    dpkg-query -W >$listing
fi
for tool in su mount umount passwd chsh chfn gpasswd newgrp chage expiry nsenter unshare chroot \
    apt apt-get apt-cache apt-cdrom apt-config apt-key apt-mark dpkg dpkg-deb dpkg-query \
    dpkg-split dpkg-divert dpkg-statoverride dpkg-trigger dpkg-maintscript-helper dpkg-realpath \
    debconf sqv gpgv curl wget git ssh scp sftp perl deb-systemd-helper deb-systemd-invoke; do
    rm -f "/usr/bin/$tool" "/usr/sbin/$tool" "/usr/local/bin/$tool"
done
rm -f /usr/bin/perl5* /usr/lib/*/libapt-*
rm -rf /usr/lib/apt /etc/apt /var/lib/apt /var/lib/dpkg /var/cache/* /var/log/* /var/backups \
    /usr/lib/*/perl* /usr/share/perl* /usr/share/doc /usr/share/man /usr/share/info \
    /usr/share/locale /usr/share/bash-completion /usr/share/lintian /usr/share/debconf \
    /root/.??* /home/* /boot/* /media/* /mnt/* /srv/* /dev/shm/*
rm -f /etc/shadow /etc/gshadow /etc/*- /etc/subuid* /etc/subgid* /etc/.pwd.lock
# A container engine hangs files of its own over these while it builds.
rm -f /etc/resolv.conf /etc/hostname /etc/hosts /etc/machine-id 2>/dev/null || true
find / -xdev -type f -perm /6000 -exec chmod a-s {} +

# --- What it holds, found by asking it -----------------------------------------------------------
cd /
version() { # of a library, from its application resource file
    sed -n 's/.*{ *vsn *, *"\([^"]*\)" *}.*/\1/p' "$home/lib/$1/ebin/$1.app" 2>/dev/null | head -n 1
}
escript_version() { # an escript that does not run is worse than none
    [ -f "$home/bin/$1" ] || return 0
    "$home/bin/$1" --version 2>/dev/null </dev/null |
        sed -n 's/^[^0-9]*\([0-9][0-9A-Za-z.+-]*\).*/\1/p' | head -n 1
}
quoted() { if [ -n "$1" ]; then printf '"%s"' "$1"; else printf null; fi; }
elixir=$(elixir -e 'IO.write(System.version())')
otp=$(elixir -e 'IO.write(System.otp_release())')
# The test framework and the formatter, which a Debian package could lack.
elixir -e 'Code.format_string!("1"); true = Enum.all?([ExUnit, Mix, EEx, Logger, :eunit, :cover, :crypto, :mnesia, :ssh, :erl_syntax], &Code.ensure_loaded?/1)'
credo=$(escript_version credo)
sobelow=$(escript_version sobelow)
if [ -f $home/bin/credo ] && [ -z "$credo" ]; then
    echo "the Credo given does not run here: credo --version says nothing" >&2
    exit 1
fi
if [ -f $home/bin/sobelow ] && [ -z "$sobelow" ]; then
    echo "the Sobelow given does not run here: sobelow --version says nothing" >&2
    exit 1
fi

# --- What is known of the types of OTP and Elixir, which takes Dialyzer a minute -------------------
# Without Elixir's compiler, which no program calls and which would double the time.
dialyzer=""
if command -v dialyzer >/dev/null; then
    libraries=$(elixir -e 'IO.write(Path.dirname(to_string(:code.lib_dir(:elixir))))')
    modules=$(find "$libraries/elixir/ebin" "$libraries/logger/ebin" -name '*.beam' \
        ! -name 'elixir_*' ! -name 'Elixir.Code.[A-Z]*' ! -name 'Elixir.Module.[A-Z]*' \
        ! -name 'Elixir.Kernel.[A-Z]*' | LC_ALL=C sort)
    status=0
    # shellcheck disable=SC2086 # one argument a module; their names have no blanks
    HOME=/tmp dialyzer --quiet --build_plt -pa "$libraries/elixir/ebin" --output_plt $home/dialyzer.plt \
        -Wno_unknown --apps erts kernel stdlib crypto $modules >&2 || status=$?
    if [ $status != 0 ] && [ $status != 2 ]; then # 2: warnings, of others' code
        echo "Dialyzer makes no PLT here" >&2
        exit 1
    fi
    chmod 644 $home/dialyzer.plt
    dialyzer=$(elixir -e 'Application.load(:dialyzer); IO.write(Application.spec(:dialyzer, :vsn))')
fi

# --- The digest: every path, its kind, mode, link and content; not its time ----------------------
# Nor the PLT, of which only the order of things varies: it is made from what is in the digest.
listed() {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run \
        -o -path /etc/resolv.conf -o -path /etc/hostname -o -path /etc/hosts \
        -o -path $home/image.json -o -path $home/dialyzer.plt \) -prune -o "$@"
}
digest=$(
    {
        listed -printf '%p %y %m %l\n' | LC_ALL=C sort
        listed -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    } | sha256sum | cut -d ' ' -f 1
)

cat >$home/image.json <<JSON
{
  "origin": "$origin",
  "elixir": "$elixir",
  "otp": "$otp",
  "tools": {
    "credo": $(quoted "$credo"),
    "stream_data": $(quoted "$(version stream_data)"),
    "dialyxir": $(quoted "$(version dialyxir)"),
    "sobelow": $(quoted "$sobelow"),
    "dialyzer": $(quoted "$dialyzer")
  },
  "digest": "$digest"
}
JSON
chmod 644 $home/image.json
