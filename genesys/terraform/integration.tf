# What the flows call: Tokenline's own addresses, by way of a Web Services integration.

locals {
  data_actions_folder = "${path.module}/../data-actions"

  # The files are read and not written here as templates, so nothing of them needs escaping: `$${` is
  # how Terraform's own strings would have to write what Genesys fills in.
  data_actions = {
    for name in fileset(local.data_actions_folder, "*.custom.json") :
    trimsuffix(name, ".custom.json") => jsondecode(file("${local.data_actions_folder}/${name}"))
  }

  access_token = jsondecode(file("${local.data_actions_folder}/tokenline-access-token.custom-auth.json"))

  # The category of a data action is what a flow finds it by.
  category = "Tokenline"
}

resource "genesyscloud_integration_credential" "tokenline" {
  name                 = "Tokenline"
  credential_type_name = "userDefinedOAuth"

  fields = {
    clientId     = var.client_id
    clientSecret = var.client_secret
    loginUrl     = coalesce(var.login_url, "${var.bridge_url}/oauth/token")
  }
}

resource "genesyscloud_integration" "tokenline" {
  integration_type = "custom-rest-actions"
  intended_state   = "ENABLED"

  config {
    name  = "Tokenline"
    notes = "Data actions of Tokenline."

    # Called basicAuth whatever the type of the credential: so are the provider's own examples.
    credentials = {
      basicAuth = genesyscloud_integration_credential.tokenline.id
    }
  }
}

resource "genesyscloud_integration_custom_auth_action" "access_token" {
  integration_id = genesyscloud_integration.tokenline.id
  name           = local.access_token.name

  config_request {
    request_url_template = local.access_token.config.request.requestUrlTemplate
    request_type         = local.access_token.config.request.requestType
    request_template     = local.access_token.config.request.requestTemplate
    headers              = local.access_token.config.request.headers
  }

  config_response {
    translation_map          = local.access_token.config.response.translationMap
    translation_map_defaults = local.access_token.config.response.translationMapDefaults
    success_template         = local.access_token.config.response.successTemplate
  }
}

resource "genesyscloud_integration_action" "tokenline" {
  for_each = local.data_actions

  name                   = each.value.name
  category               = local.category
  integration_id         = genesyscloud_integration.tokenline.id
  secure                 = each.value.secure
  config_timeout_seconds = each.value.config.timeoutSeconds
  contract_input         = jsonencode(each.value.contract.input.inputSchema)
  contract_output        = jsonencode(each.value.contract.output.successSchema)

  config_request {
    request_url_template = replace(
      replace(each.value.config.request.requestUrlTemplate, "{{TOKENLINE_BRIDGE_URL}}", var.bridge_url),
      "{{TOKENLINE_TOKENIZER_URL}}", var.tokenizer_url
    )
    request_type     = each.value.config.request.requestType
    request_template = each.value.config.request.requestTemplate
    headers          = each.value.config.request.headers
  }

  config_response {
    translation_map          = each.value.config.response.translationMap
    translation_map_defaults = each.value.config.response.translationMapDefaults
    success_template         = each.value.config.response.successTemplate
  }

  # Without it a data action has no access token to send.
  depends_on = [genesyscloud_integration_custom_auth_action.access_token]
}
