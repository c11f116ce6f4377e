#!/bin/sh
# Writes terraform/images.auto.tfvars.json: the images that the state says are running, with their commit. Called in this
# folder, after `terraform init`. A state of version 0.1.0 has no commit.
set -eu
images=$(terraform output -json images)
commit=$(terraform output -json commit 2>/dev/null) || commit='"unknown"'
printf '{"images": %s, "commit": %s}\n' "$images" "$commit" > images.auto.tfvars.json
