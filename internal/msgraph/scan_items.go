package msgraph

// scanUser reads a User; see scan.go.
func scanUser(s *scanner, u *User) {
	*u = User{}
	s.eat('{')
	for first := true; s.more(first, '}'); first = false {
		switch name := s.name(); string(name) {
		case "id":
			s.text(&u.ID)
		case "userPrincipalName":
			s.text(&u.UserPrincipalName)
		case "displayName":
			s.text(&u.DisplayName)
		case "accountEnabled":
			u.AccountEnabled = s.flag()
		case "userType":
			s.shared(&u.UserType)
		default:
			s.unknown(name, "id", "userPrincipalName", "displayName", "accountEnabled", "userType")
		}
	}
}

// scanUserConfiguration reads a UserConfiguration into the slice of an earlier one; see scan.go.
func scanUserConfiguration(s *scanner, c *UserConfiguration) {
	*c = UserConfiguration{Policies: c.Policies[:0]}
	s.eat('{')
	seen := false
	for first := true; s.more(first, '}'); first = false {
		switch name := s.name(); string(name) {
		case "id":
			s.text(&c.ID)
		case "userPrincipalName":
			s.text(&c.UserPrincipalName)
		case "effectivePolicyAssignments":
			s.once(&seen)
			s.eat('[')
			for first := true; s.more(first, ']'); first = false {
				c.Policies = append(c.Policies, scanEffectivePolicy(s))
			}
		default:
			s.unknown(name, "id", "userPrincipalName", "effectivePolicyAssignments")
		}
	}
}

func scanEffectivePolicy(s *scanner) (p EffectivePolicy) {
	s.eat('{')
	for first := true; s.more(first, '}'); first = false {
		switch name := s.name(); string(name) {
		case "policyType":
			s.shared(&p.PolicyType)
		case "policyAssignment":
			scanPolicyAssignment(s, &p.Assignment)
		default:
			s.unknown(name, "policyType", "policyAssignment")
		}
	}
	return p
}

func scanPolicyAssignment(s *scanner, a *PolicyAssignment) {
	s.eat('{')
	for first := true; s.more(first, '}'); first = false {
		switch name := s.name(); string(name) {
		case "displayName":
			s.shared(&a.DisplayName)
		case "assignmentType":
			s.shared(&a.AssignmentType)
		case "policyId":
			s.shared(&a.PolicyID)
		case "groupId":
			s.shared(&a.GroupID)
		default:
			s.unknown(name, "displayName", "assignmentType", "policyId", "groupId")
		}
	}
}
