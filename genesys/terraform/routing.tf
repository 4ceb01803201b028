# Where a call goes that wants a person. The names stand in the flows and in the bridge's answers.

resource "genesyscloud_routing_skill" "support" {
  for_each = toset(["Payment_Support_English", "Payment_Support_Spanish"])

  name = each.key
}

# Members are not managed: who answers is for the people who run the contact centre.
resource "genesyscloud_routing_queue" "support" {
  name                    = "Payment_Support_Group"
  description             = "Calls that Tokenline passes to a person."
  division_id             = var.division_id
  skill_evaluation_method = "ALL"
  # A caller who reads a card number aloud while waiting is not kept.
  suppress_in_queue_call_recording = true
  enable_transcription             = false
}
