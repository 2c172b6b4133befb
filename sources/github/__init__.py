"""`github`: repositories at a commit, chosen through GitHub's GraphQL API."""
