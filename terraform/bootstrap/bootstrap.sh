#!/bin/sh
# Applies the bootstrap root and keeps its state in the bucket that it makes: bootstrap.sh PROJECT REGION ENV
#
# The first time there is no bucket, so the state begins as the file PROJECT.tfstate and is pushed to the bucket as soon as
# Terraform is done; `terraform state push` refuses to put an older state over a newer one. A run that broke off leaves the
# file, and the next run goes on with it. Version 0.1.0 kept only a copy in the bucket, which is taken up here once.
set -eu
cd "$(dirname "$0")"
project=$1 region=$2 env=$3
bucket=gs://$project-earshot-state
state=$project.tfstate

exists() { # of a bucket or an object; anything else than "not there" ends the run
  if gcloud storage "$1" describe "$2" --project="$project" >/dev/null 2>.describe; then return 0; fi
  if grep -qiE 'not found|404|matched no objects|does not exist' .describe; then return 1; fi
  echo "Cannot see whether $2 exists:" >&2; cat .describe >&2; exit 1
}

use_bucket() {
  printf 'terraform {\n  backend "gcs" {}\n}\n' > backend.tf
  terraform init -input=false -reconfigure -backend-config="bucket=$project-earshot-state" -backend-config=prefix=bootstrap
}

push() {
  use_bucket
  terraform state push -lock-timeout=5m "$state" || {
    echo "The bucket has a newer state than terraform/bootstrap/$state, or one of another origin: compare them, and remove the file that is wrong." >&2
    exit 1
  }
  mv "$state" "$state.pushed"
}

apply() {
  extra=../environments/$env.bootstrap.tfvars
  [ -e "$extra" ] || extra=
  terraform apply -lock-timeout=5m "$@" ${extra:+-var-file="$extra"} -var=project="$project" -var=region="$region" -var=env="$env"
}

if exists buckets "$bucket"; then
  if exists objects "$bucket/bootstrap/default.tfstate"; then
    if [ -e "$state" ]; then push; else use_bucket; fi
    apply
    exit 0
  fi
  if [ ! -e "$state" ] && exists objects "$bucket/bootstrap/$project.tfstate"; then
    gcloud storage cp "$bucket/bootstrap/$project.tfstate" "$state" --project="$project"
  fi
fi
rm -f backend.tf
terraform init -input=false -reconfigure
apply -state="$state"
push
