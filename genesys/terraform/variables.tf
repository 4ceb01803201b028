variable "bridge_url" {
  description = "Where Genesys Cloud reaches Tokenline's bridge: an https origin without a path, such as https://pay.example.com."
  type        = string

  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?$", var.bridge_url))
    error_message = "Give an https origin without a path or a slash at its end, such as https://pay.example.com."
  }
}

variable "tokenizer_url" {
  description = "Where Genesys Cloud reaches Tokenline's tokenizer, the one process that sees card digits: an https origin without a path."
  type        = string

  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?$", var.tokenizer_url))
    error_message = "Give an https origin without a path or a slash at its end, such as https://card.example.com."
  }
}

variable "login_url" {
  description = "Where the data actions get their access token. Default: /oauth/token of the bridge."
  type        = string
  default     = null

  validation {
    condition     = var.login_url == null || can(regex("^https://", var.login_url))
    error_message = "Give an https address."
  }
}

variable "client_id" {
  description = "The id of Tokenline's client for Genesys Cloud: `clients` in tokenline.yaml."
  type        = string

  validation {
    condition     = length(var.client_id) > 0
    error_message = "Give the id of a client that tokenline.yaml knows."
  }
}

variable "client_secret" {
  description = "The secret of that client. Terraform keeps it in its state, in plain text."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.client_secret) >= 16
    error_message = "Give the client's secret; it has at least 16 characters."
  }
}

variable "phone_numbers" {
  description = "The numbers, in E.164, whose calls go to the inbound flow. They have to be in the organisation already. Without any, no call route is made."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for number in var.phone_numbers : can(regex("^\\+[1-9][0-9]{6,14}$", number))])
    error_message = "Write each number in E.164, such as +13175550000."
  }
}

variable "languages" {
  description = "Languages of the user prompts. Each is the name of a file in the folder of prompts."
  type        = set(string)
  default     = ["en-us", "es-us"]

  validation {
    condition     = length(var.languages) > 0
    error_message = "Give at least one language."
  }
}

variable "prompts_folder" {
  description = "Your own prompts, where you have changed them: a folder with a file for each language. Default: those that come with Tokenline."
  type        = string
  default     = null
}

variable "division_id" {
  description = "The division of the queue and the call route. Default: home. The flows say their division themselves: Home."
  type        = string
  default     = null
}

variable "force_unlock" {
  description = "Publish a flow although somebody has it open in Architect. What that person has not published is published first, by the provider."
  type        = bool
  default     = false
}
