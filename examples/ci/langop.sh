#!/bin/sh
# Plan, comment, apply and drift in a pipeline; the GitHub workflow and the GitLab template beside this file call it.
#
#   langop.sh plan [FILES]      save a plan and a page of it; ends with 0, also where changes are pending (see `code`)
#   langop.sh comment NUMBER    put the page under pull request NUMBER, in the place of the one that was there
#   langop.sh apply             do what the saved plan says, and nothing else
#   langop.sh drift [FILES]     2 where something moved away from what was applied
#
# Everything is in $LANGOP_OUT, and none of it has a secret value: plan.json (the objects without values of Secrets, where
# values come from, and slow hashes of them), plan.md, terraform.json, code (the exit code of the plan). Keep it an artifact
# all the same only where those may read it who may read the description: it names everything that the stack has.
#
# comment needs curl, jq, and GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN; LANGOP_COMMENT_BY is who writes it.
set -eu
out=${LANGOP_OUT:-langop-out}

# What people see of the step.
summary() {
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$1" ]; then cat "$1" >> "$GITHUB_STEP_SUMMARY"; fi
}

plan() {
    mkdir -p "$out"
    rm -f "$out/plan.json" "$out/plan.md" "$out/terraform.json"
    code=0
    langop plan --out "$out/plan.json" --detailed-exitcode --report markdown="$out/plan.md" \
        --report gitlab="$out/terraform.json" "$@" || code=$?
    echo "$code" > "$out/code"
    if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "code=$code" >> "$GITHUB_OUTPUT"; fi
    summary "$out/plan.md"
    if [ "$code" -eq 2 ]; then return 0; fi
    return "$code"
}

# The token goes by a pipe: arguments of a process are for everybody to see.
api() {
    method=$1
    path=$2
    shift 2
    printf 'header = "Authorization: Bearer %s"\n' "$GITHUB_TOKEN" |
        curl --config - --silent --show-error --fail --max-time 30 --retry 2 --request "$method" \
            --header "Accept: application/vnd.github+json" "$@" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/$path"
}

# The comment of this stack, whatever page it is on; nothing if there is none. What others wrote is theirs. A description that
# cannot be read has no name of a stack: its comment is that of whichever stack there was, and the next good one takes it.
written() {
    page=1
    while :; do
        found=$(api GET "issues/$1/comments?per_page=100&page=$page")
        id=$(printf '%s' "$found" | jq -r --arg marker "$2" --arg by "${LANGOP_COMMENT_BY:-github-actions[bot]}" '
            "<!-- langop:plan: -->" as $nameless
            | map(select(.user.login == $by))
            | (map(select(.body | startswith($marker)))
                + map(select(.body | startswith($nameless)))
                + map(select($marker == $nameless and (.body | startswith("<!-- langop:plan:")))))[0].id // empty')
        if [ -n "$id" ] || [ "$(printf '%s' "$found" | jq length)" -lt 100 ]; then break; fi
        page=$((page + 1))
    done
    printf '%s' "$id"
}

comment() {
    marker=$(head -n 1 "$out/plan.md" || true)
    case $marker in
    "<!-- langop:plan:"*) ;;
    *) echo "langop.sh: $out/plan.md is no page of a plan" >&2 && return 65 ;;
    esac
    jq -Rs '{body: .}' "$out/plan.md" > "$out/comment.json"
    id=$(written "$1" "$marker")
    if [ -n "$id" ]; then
        api PATCH "issues/comments/$id" --data-binary "@$out/comment.json" > /dev/null
    else
        api POST "issues/$1/comments" --data-binary "@$out/comment.json" > /dev/null
    fi
}

apply() {
    code=0
    rm -f "$out/apply.md"
    langop apply --max-age 24h --report markdown="$out/apply.md" "$out/plan.json" || code=$?
    summary "$out/apply.md"
    return "$code"
}

drift() {
    langop drift "$@"
}

command=${1:-}
case $command in
plan | comment | apply | drift)
    shift
    "$command" "$@"
    ;;
*) echo "usage: langop.sh plan|comment|apply|drift" >&2 && exit 64 ;;
esac
