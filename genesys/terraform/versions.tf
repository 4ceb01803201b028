terraform {
  # Variable validation that refers to nothing but the variable, optional nulls, `for_each` over objects.
  required_version = ">= 1.5"

  required_providers {
    genesyscloud = {
      source = "mypurecloud/genesyscloud"
      # The version whose documents this module was checked against. Raise it together with
      # test/doubles/terraform/provider-schema.json.
      version = "1.84.1"
    }
  }
}
