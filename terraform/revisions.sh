#!/bin/sh
# New revisions are tried before they serve: revisions.sh VERB PROJECT REGION FOLDER FUNCTION…
#
#   hold   pins the traffic of each service to the revision that serves now, so that the next one gets none
#   tag    gives each new revision the tag `candidate` and writes its service, with its address, to FOLDER/FUNCTION.json
#   shift  sends all traffic to the new revisions
#   back   sends it to the earlier ones again
#
# FOLDER keeps the names of the revisions between the calls. A service that does not exist yet is left out: its first
# revision serves at once.
set -eu
verb=$1 project=$2 region=$3 folder=$4
shift 4
mkdir -p "$folder"

run() { gcloud run services "$@" --project="$project" --region="$region" --quiet; }

for function in "$@"; do
  case $verb in
    hold)
      serving=$(run describe "$function" --format='value(status.traffic.filter("percent:100").extract("revisionName").flatten())' 2>"$folder/error") || {
        grep -qi 'cannot find service\|not found\|could not be found' "$folder/error" && continue
        cat "$folder/error" >&2; exit 1
      }
      [ -n "$serving" ] || { echo "$function: traffic is split; send it to one revision first" >&2; exit 1; }
      printf '%s\n' "$serving" > "$folder/$function.serving"
      run update-traffic "$function" --to-revisions="$serving=100" ;;
    tag)
      [ -e "$folder/$function.serving" ] || continue
      new=$(run describe "$function" --format='value(status.latestReadyRevisionName)')
      [ "$new" != "$(cat "$folder/$function.serving")" ] || continue
      printf '%s\n' "$new" > "$folder/$function.new"
      run update-traffic "$function" --set-tags="candidate=$new"
      run describe "$function" --format=json > "$folder/$function.json" ;;
    shift)
      [ -e "$folder/$function.new" ] || continue
      run update-traffic "$function" --to-revisions="$(cat "$folder/$function.new")=100" --clear-tags ;;
    back)
      [ -e "$folder/$function.serving" ] || continue
      run update-traffic "$function" --to-revisions="$(cat "$folder/$function.serving")=100" --clear-tags ;;
    *) echo "revisions.sh: $verb is none of hold, tag, shift, back" >&2; exit 2 ;;
  esac
done
