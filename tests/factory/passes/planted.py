"""Made-up secrets in the formats that their issuers publish, and the places where people leave
them. Nothing here was ever valid."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM = LOWER + UPPER + DIGITS
URL = ALNUM + "-_"
HEX = DIGITS + "abcdef"
BASE32 = UPPER + "234567"


def some(rng: random.Random, alphabet: str, count: int) -> str:
    return "".join(rng.choice(alphabet) for _ in range(count))


def part(rng: random.Random, **claims: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def jwt(rng: random.Random) -> str:
    head = part(rng, alg="HS256", typ="JWT")
    return f"{head}.{part(rng, sub=some(rng, DIGITS, 9), admin=True)}.{some(rng, URL, 43)}"


KEYS: dict[str, Callable[[random.Random], str]] = {
    "aws": lambda r: r.choice(["AKIA", "ASIA"]) + some(r, BASE32, 16),
    "google api": lambda r: "AIza" + some(r, URL, 35),
    "google oauth secret": lambda r: "GOCSPX-" + some(r, URL, 28),
    "google access token": lambda r: "ya29." + some(r, URL, 120),
    "azure client secret": lambda r: some(r, ALNUM, 3) + "8Q~" + some(r, ALNUM + "_~.-", 34),
    "github personal": lambda r: "ghp_" + some(r, ALNUM, 36),
    "github oauth": lambda r: "gho_" + some(r, ALNUM, 36),
    "github server": lambda r: "ghs_" + some(r, ALNUM, 36),
    "github fine-grained": lambda r: f"github_pat_{some(r, ALNUM, 22)}_{some(r, ALNUM, 59)}",
    "gitlab": lambda r: "glpat-" + some(r, URL, 20),
    "gitlab deploy": lambda r: "gldt-" + some(r, URL, 20),
    "slack bot": lambda r: f"xoxb-{some(r, DIGITS, 12)}-{some(r, DIGITS, 12)}-{some(r, ALNUM, 24)}",
    "slack app": lambda r: f"xapp-1-A{some(r, UPPER, 10)}-{some(r, DIGITS, 13)}-{some(r, HEX, 64)}",
    "slack webhook": lambda r: (
        "https://hooks.slack.com/services/"
        f"T{some(r, UPPER, 8)}/B{some(r, UPPER, 8)}/{some(r, ALNUM, 24)}"
    ),
    "discord webhook": lambda r: (
        f"https://discord.com/api/webhooks/{some(r, DIGITS, 18)}/{some(r, URL, 68)}"
    ),
    "discord bot": lambda r: f"M{some(r, ALNUM, 23)}.{some(r, URL, 6)}.{some(r, ALNUM, 27)}",
    "telegram": lambda r: f"{some(r, '123456789', 10)}:AA{some(r, URL, 32)}x",
    "stripe live": lambda r: "sk_live_" + some(r, ALNUM, 24),
    "stripe restricted": lambda r: "rk_live_" + some(r, ALNUM, 99),
    "stripe webhook": lambda r: "whsec_" + some(r, ALNUM, 32),
    "openai": lambda r: f"sk-{some(r, ALNUM, 20)}T3BlbkFJ{some(r, ALNUM, 20)}",
    "openai project": lambda r: "sk-proj-" + some(r, URL, 124),
    "anthropic": lambda r: f"sk-ant-api03-{some(r, URL, 93)}AA",
    "huggingface": lambda r: "hf_" + some(r, LOWER + UPPER, 34),
    "npm": lambda r: "npm_" + some(r, ALNUM, 36),
    "pypi": lambda r: "pypi-AgEIcHlwaS5vcmc" + some(r, URL, 150),
    "rubygems": lambda r: "rubygems_" + some(r, HEX, 48),
    "sendgrid": lambda r: f"SG.{some(r, URL, 22)}.{some(r, URL, 43)}",
    "twilio": lambda r: "SK" + some(r, HEX, 32),
    "mailgun": lambda r: "key-" + some(r, HEX, 32),
    "mailchimp": lambda r: some(r, HEX, 32) + "-us19",
    "digitalocean": lambda r: "dop_v1_" + some(r, HEX, 64),
    "fly": lambda r: "fo1_" + some(r, URL, 43),
    "shopify": lambda r: "shpat_" + some(r, HEX, 32),
    "databricks": lambda r: "dapi" + some(r, HEX, 32),
    "linear": lambda r: "lin_api_" + some(r, ALNUM, 40),
    "vault": lambda r: "hvs." + some(r, URL, 90),
    "age": lambda r: "AGE-SECRET-KEY-1" + some(r, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    "jwt": jwt,
    "phoenix token": lambda r: f"SFMyNTY.g3QAAAAC{some(r, URL, 40)}.{some(r, URL, 43)}",
}
"""Keys that are known by their format, wherever they stand."""

KEY_PLACES = [
    '  @key "{}"\n',
    '    key = "{}"\n',
    "    # works with {} on my machine\n",
    'config :app, Client, headers: [{{"x-auth", "{}"}}]\n',
    '{{ok, Pid}} = client:start(<<"{}">>),\n',
    'iex> Client.new("{}")\n',
    "export THING={}\n",
    '    |> put_header("authorization", "Bearer {}")\n',
    "curl -H 'Authorization: token {}' https://api.service.dev/v1\n",
    '  "line one\\n{}"\n',
    "- `{}`\n",
    "~s({})\n",
    "https://api.service.dev/v1?x={}&y=1\n",
]

NAMED_VALUES: list[Callable[[random.Random], str]] = [
    lambda r: base64.b64encode(r.randbytes(48)).decode(),
    lambda r: some(r, ALNUM, 40),
    lambda r: some(r, HEX, 32),
    lambda r: some(r, HEX, 64),
    lambda r: some(r, ALNUM + "!$%^&*", 18),
    lambda r: some(r, ALNUM + "/+", 40),
]
"""Values that only their name gives away."""

NAMED_PLACES = [
    'config :app, AppWeb.Endpoint, secret_key_base: "{}"\n',
    '  password: "{}",\n',
    '  api_key = "{}"\n',
    '  @client_secret "{}"\n',
    '  "access_token" => "{}",\n',
    '{{password, <<"{}">>}}.\n',
    '{{secret, "{}"}},\n',
    '#{{api_key => <<"{}">>}}\n',
    'System.get_env("AUTH_TOKEN") || "{}"\n',
    'System.get_env("DB_PASSWORD", "{}")\n',
    "AWS_SECRET_ACCESS_KEY='{}'\n",
    '{{"Authorization", "Bearer {}"}}\n',
    '{{:basic_auth, user: "me", passphrase: "{}"}}\n',
    '{{"token": "{}"}}\n',
    'encryption_salt: "{}"\n',
    'cookie: :"{}"\n',
]
BARE_PLACES = [
    "export HEX_API_KEY={}\n",
    "    SECRET_KEY_BASE={} mix phx.server\n",
    "db_password: {}\n",
    "  -H 'Authorization: Bearer {}'\n",
]


def pem(rng: random.Random) -> tuple[str, str]:
    """A private key block, and a line of its body."""
    kind = rng.choice(["RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", ""])
    body = [some(rng, ALNUM + "/+", 64) for _ in range(rng.randrange(3, 26))]
    body.append(some(rng, ALNUM + "/+", 22) + "==")
    lines = [f"-----BEGIN {kind}PRIVATE KEY-----", *body, f"-----END {kind}PRIVATE KEY-----"]
    form = rng.randrange(3)
    if form == 0:
        text = '  @pem """\n' + "".join(f"  {line}\n" for line in lines) + '  """\n'
    elif form == 1:
        text = '  @pem "' + "\\n".join(lines) + '"\n'
    else:
        text = "pem() -> <<" + "\n".join(f'    "{line}\\n"' for line in lines) + ">>.\n"
    return text, rng.choice(body)


EMAILS = [
    lambda r: f"{some(r, LOWER, 6)}.{some(r, LOWER, 8)}@{some(r, LOWER, 7)}.com",
    lambda r: f"{some(r, LOWER, 4)}+{some(r, LOWER, 3)}@mail.{some(r, LOWER, 7)}.co.uk",
    lambda r: (
        f"{some(r, LOWER, 5)}_{some(r, DIGITS, 2)}@{some(r, LOWER, 5)}-{some(r, LOWER, 3)}.de"
    ),
    lambda r: f"{some(r, LOWER, 9)}@{some(r, LOWER, 6)}.dev",
]
EMAIL_PLACES = [
    "%% @author Jo Doe <{}>\n",
    '  maintainers: ["Jo <{}>"]\n',
    "Write to {}.\n",
    "-author('{}').\n",
    '  from: "mailto:{}"\n',
    "Signed-off-by: Jo Doe <{}>\n",
    '"to:\\n{}"\n',
]
ADDRESSES = [
    lambda r: f"10.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(1, 255)}",
    lambda r: f"192.168.{r.randrange(256)}.{r.randrange(1, 255)}",
    lambda r: f"172.{r.randrange(16, 32)}.{r.randrange(256)}.{r.randrange(1, 255)}",
    lambda r: f"fd{some(r, HEX, 2)}:{some(r, HEX, 4)}:{some(r, HEX, 4)}::{some(r, HEX, 3)}",
]
ADDRESS_PLACES = [
    'config :app, host: "{}"\n',
    "ssh deploy@{}\n",
    "    # {} is the build machine\n",
    'listener = "{}"\n',
    "Nodes: `{}`, others\n",
    'url: "http://[{}]/status"\n',
]
