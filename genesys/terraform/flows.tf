# The dialogue. A flow finds everything by name, and is not published while one of the names is missing.

locals {
  # A flow that is published keeps to the things it was published with. Where one of them is made
  # again, as Genesys does with a data action whose contract changes, the flows have to be published
  # again too.
  published_with = sha256(jsonencode({
    data_actions = { for key, action in genesyscloud_integration_action.tokenline : key => action.id }
    prompts      = { for key, prompt in genesyscloud_architect_user_prompt.tokenline : key => prompt.id }
    skills       = { for key, skill in genesyscloud_routing_skill.support : key => skill.id }
    queue        = genesyscloud_routing_queue.support.id
  }))
}

resource "genesyscloud_flow" "card_capture" {
  filepath            = "${path.module}/../flows/card-capture.yaml"
  force_unlock        = var.force_unlock
  update_trigger_hash = local.published_with
}

resource "genesyscloud_flow" "card_capture_agent" {
  filepath            = "${path.module}/../flows/card-capture-agent.yaml"
  force_unlock        = var.force_unlock
  update_trigger_hash = local.published_with
}

resource "genesyscloud_flow" "recurring_payments" {
  filepath     = "${path.module}/../flows/recurring-payments.yaml"
  force_unlock = var.force_unlock
  # It transfers callers to the flow that takes the card.
  update_trigger_hash = sha256("${local.published_with} ${genesyscloud_flow.card_capture.id}")
}

resource "genesyscloud_architect_ivr" "recurring_payments" {
  count = length(var.phone_numbers) > 0 ? 1 : 0

  name               = "Tokenline Recurring Payments"
  description        = "Leads callers to recurring payments."
  division_id        = var.division_id
  dnis               = var.phone_numbers
  open_hours_flow_id = genesyscloud_flow.recurring_payments.id
}
