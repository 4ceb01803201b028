# The sentences that the flows play by name: section `flow` of each language's file.

locals {
  prompts_folder = coalesce(var.prompts_folder, "${path.module}/../prompts")

  sentences = {
    for language in var.languages :
    language => yamldecode(file("${local.prompts_folder}/${language}.yaml")).flow
  }

  # A key that one language lacks is an error here, and not silence on the telephone.
  prompt_keys = toset(flatten([for language, flow in local.sentences : keys(flow)]))
}

resource "genesyscloud_architect_user_prompt" "tokenline" {
  for_each = local.prompt_keys

  name        = "tokenline_${each.key}"
  description = "A sentence of Tokenline."

  # The provider has this as a value and not as blocks, so every member is given.
  resources = [
    for language, flow in local.sentences : {
      language          = language
      text              = flow[each.key]
      tts_string        = flow[each.key]
      filename          = null
      file_content_hash = null
    }
  ]
}
