output "integration_id" {
  description = "The Web Services integration."
  value       = genesyscloud_integration.tokenline.id
}

output "data_action_ids" {
  description = "Id of each data action, by the name of its file."
  value       = { for key, action in genesyscloud_integration_action.tokenline : key => action.id }
}

output "flow_ids" {
  description = "The inbound flow, and the two secure flows: card_capture is entered by the inbound flow, card_capture_agent by an agent."
  value = {
    recurring_payments = genesyscloud_flow.recurring_payments.id
    card_capture       = genesyscloud_flow.card_capture.id
    card_capture_agent = genesyscloud_flow.card_capture_agent.id
  }
}

output "queue_id" {
  description = "Payment_Support_Group. Add members to it, with the skill of the language that they speak."
  value       = genesyscloud_routing_queue.support.id
}

output "skill_ids" {
  description = "Id of each skill, by its name."
  value       = { for name, skill in genesyscloud_routing_skill.support : name => skill.id }
}

output "call_route_id" {
  description = "The call route, or null where no numbers were given."
  value       = one(genesyscloud_architect_ivr.recurring_payments[*].id)
}
