# One organisation with Tokenline in it.
#
#   export GENESYSCLOUD_OAUTHCLIENT_ID=… GENESYSCLOUD_OAUTHCLIENT_SECRET=… GENESYSCLOUD_REGION=us-east-1
#   export TF_VAR_client_secret=…
#   terraform init && terraform plan

terraform {
  # The state has the client's secret in it. Keep it where it is encrypted, and where few can read it.
  # backend "s3" {
  #   bucket       = "example-terraform-state"
  #   key          = "tokenline/genesys.tfstate"
  #   region       = "us-east-1"
  #   encrypt      = true
  # }

  required_providers {
    genesyscloud = {
      source = "mypurecloud/genesyscloud"
    }
  }
}

# Credentials and region come from the environment.
provider "genesyscloud" {}

variable "client_secret" {
  description = "The secret of Tokenline's client for Genesys Cloud."
  type        = string
  sensitive   = true
}

module "tokenline" {
  # From another repository: "git::https://github.com/<owner>/tokenline.git//genesys/terraform?ref=<tag>".
  source = "../.."

  bridge_url    = "https://pay.example.com"
  tokenizer_url = "https://card.example.com"
  client_id     = "genesys"
  client_secret = var.client_secret
  phone_numbers = ["+13175550000"]
}

output "queue_id" {
  description = "Add members to it."
  value       = module.tokenline.queue_id
}

output "flow_ids" {
  value = module.tokenline.flow_ids
}
