"""What GitHub is asked, in GraphQL. Each query asks for its own cost, so that the next one can be
afforded before it is sent.

A search gives what costs nothing more to ask (flags, licence, the default branch's commit); what a
commit holds and what came before it is asked for once a commit, several repositories at a time, by
aliases (`r0`, `r1`, …) with a variable for each value: no value is ever written into a query.

GitHub refuses a query with a connection that has no `first` or `last`, with one of more than 100,
or with more than 500,000 nodes; it charges (connections to open) / 100, at least 1 point.
"""

from __future__ import annotations

RATE = "rateLimit { cost remaining resetAt }"

FACTS = """
fragment Facts on Repository {
  id
  nameWithOwner
  createdAt
  pushedAt
  stargazerCount
  forkCount
  diskUsage
  isArchived
  isDisabled
  isEmpty
  isFork
  isMirror
  isPrivate
  isTemplate
  licenseInfo { spdxId }
  parent { nameWithOwner parent { nameWithOwner } }
  primaryLanguage { name }
  languages(first: 20, orderBy: {field: SIZE, direction: DESC}) { edges { size node { name } } }
  repositoryTopics(first: 20) { nodes { topic { name } } }
  defaultBranchRef { name target { ...Target } }
}

fragment Target on GitObject {
  __typename
  oid
  ... on Commit { committedDate }
  ... on Tag { target { __typename oid ... on Commit { committedDate } } }
}
"""

SEARCH = (
    f"""
query Search($query: String!, $first: Int!, $after: String) {{
  {RATE}
  search(type: REPOSITORY, query: $query, first: $first, after: $after) {{
    repositoryCount
    pageInfo {{ hasNextPage }}
    edges {{ cursor node {{ ...Facts }} }}
  }}
}}
"""
    + FACTS
)

VIEWER = "query Viewer { viewer { login } rateLimit { cost limit remaining resetAt } }"

ENTRIES = """
fragment Entries on GitObject {
  __typename
  ... on Tree { entries { name type } }
}
"""

HISTORY = """
fragment History on Commit {
  oid
  history(first: $sample) {
    totalCount
    nodes { messageHeadline committedDate author { name email user { login } } }
  }
}
"""

NAMES = """
fragment Names on Repository {
  id
  tags: refs(
    refPrefix: "refs/tags/", first: 10, orderBy: {field: TAG_COMMIT_DATE, direction: DESC}
  ) {
    totalCount
    nodes { name }
  }
  releases(first: 10, orderBy: {field: CREATED_AT, direction: DESC}) {
    totalCount
    nodes { tagName isDraft isPrerelease publishedAt }
  }
}
"""

PARTS = """
fragment Parts on GitObject {
  __typename
  ... on Tree {
    entries {
      name
      object { __typename ... on Tree { entries { name type } } }
    }
  }
}
"""


def lookup(count: int) -> str:
    """So many repositories by owner (`$o0`) and name (`$n0`), each at a revision (`$e0`)."""
    each = range(count)
    variables = ", ".join(f"$o{n}: String!, $n{n}: String!, $e{n}: String!" for n in each)
    fields = "\n".join(
        f"  r{n}: repository(owner: $o{n}, name: $n{n}) "
        f"{{ ...Facts at: object(expression: $e{n}) {{ ...Target }} }}"
        for n in each
    )
    return f"query Lookup({variables}) {{\n  {RATE}\n{fields}\n}}\n{FACTS}"


def details(count: int) -> str:
    """So many repositories by id (`$i0`): the commit `$c0` with the newest `$sample` commits
    before it, the names in its root (`$t0`) and in its folder of workflows (`$w0`), and the newest
    tags and releases."""
    each = range(count)
    variables = ", ".join(
        f"$i{n}: ID!, $c{n}: String!, $t{n}: String!, $w{n}: String!" for n in each
    )
    fields = "\n".join(
        f"  r{n}: node(id: $i{n}) {{ ... on Repository {{ ...Names "
        f"commit: object(expression: $c{n}) {{ __typename ...History }} "
        f"root: object(expression: $t{n}) {{ ...Entries }} "
        f"workflows: object(expression: $w{n}) {{ ...Entries }} }} }}"
        for n in each
    )
    return (
        f"query Details($sample: Int!, {variables}) {{\n  {RATE}\n{fields}\n}}\n"
        f"{NAMES}{HISTORY}{ENTRIES}"
    )


def parts(count: int) -> str:
    """So many repositories by id (`$i0`): what lies in the folders of two folders (`$a0`, `$l0`),
    where an umbrella keeps its applications."""
    each = range(count)
    variables = ", ".join(f"$i{n}: ID!, $a{n}: String!, $l{n}: String!" for n in each)
    fields = "\n".join(
        f"  r{n}: node(id: $i{n}) {{ ... on Repository {{ "
        f"apps: object(expression: $a{n}) {{ ...Parts }} "
        f"lib: object(expression: $l{n}) {{ ...Parts }} }} }}"
        for n in each
    )
    return f"query Parts({variables}) {{\n  {RATE}\n{fields}\n}}\n{PARTS}"


def tags(counts: tuple[int, ...]) -> str:
    """Repositories by owner (`$o0`) and name (`$n0`), and of each so many references by full name
    (`$r0_0`, `$r0_1`, …)."""
    variables = ", ".join(
        f"$o{n}: String!, $n{n}: String!" + "".join(f", $r{n}_{m}: String!" for m in range(count))
        for n, count in enumerate(counts)
    )
    fields = "\n".join(
        f"  r{n}: repository(owner: $o{n}, name: $n{n}) {{ nameWithOwner "
        + " ".join(
            f"t{m}: ref(qualifiedName: $r{n}_{m}) {{ target {{ ...Peeled }} }}"
            for m in range(count)
        )
        + " }"
        for n, count in enumerate(counts)
    )
    return (
        f"query Tags({variables}) {{\n  {RATE}\n{fields}\n}}\n"
        "fragment Peeled on GitObject {\n  __typename\n  oid\n"
        "  ... on Tag { target { __typename oid ... on Tag { target { __typename oid } } } }\n}\n"
    )
