#!/bin/sh
# Plans a deployment with the images that run now, keeps the plan, and says what it would change: plan.sh PROJECT ENV
# `make apply` applies exactly this plan. In Cloud Build the steps of cloudbuild.deploy.yaml do the same with new images.
set -eu
cd "$(dirname "$0")"
project=$1 env=$2
folder=../.earshot/plan/$env
mkdir -p "$folder"
export USER_PROJECT_OVERRIDE=true GOOGLE_BILLING_PROJECT="$project" # a person's credentials carry no project for quota
terraform init -input=false -reconfigure -backend-config="bucket=$project-earshot-state" -backend-config=prefix=earshot
./running_release.sh
terraform plan -input=false -lock-timeout=5m -var-file="environments/$env.tfvars" -var=env="$env" -out="$folder/plan.tfplan"
terraform show -no-color "$folder/plan.tfplan" > "$folder/plan.txt"
terraform show -json "$folder/plan.tfplan" > "$folder/plan.json"
python3 plan_gate.py "$folder/plan.json" "$folder/summary.md"
