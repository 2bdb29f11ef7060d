setup_policy "trusted" {
  name               = "Trusted uploaders"
  upload_custom_apps = true
}

users "trusted" {
  csv = "trusted.csv"
}

group "it_admins" {
  name = "IT administrators"
}

# These people and nobody else hold the policy directly.
policy_assignment "trusted" {
  policy = setup_policy.trusted
  users  = users.trusted
}

# And the members of a group, unless a group with a lower rank or a policy of
# their own says otherwise.
policy_assignment "trusted_admins" {
  policy = setup_policy.trusted
  group  = group.it_admins
  rank   = 1
}
